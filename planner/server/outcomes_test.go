package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-planner/assay/history"
)

// reader is an importer that reads what it gets and refuses what is "bad".
type reader struct{ got map[string]string }

func (r *reader) ImportOutcomes(_ context.Context, o Outcomes) (any, error) {
	r.got = map[string]string{"mapping": string(o.Mapping), "dir": ""}
	for _, path := range o.Files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		r.got[filepath.Base(path)] += string(text)
		r.got["dir"] = filepath.Dir(filepath.Dir(path))
		if string(text) == "bad" {
			return nil, &RejectedError{"1 bad row; nothing was imported", json.RawMessage(`{"problems":[{"line":1}]}`)}
		}
	}
	return map[string]int{"files": len(o.Files), "max_errors": o.MaxErrors}, nil
}

func TestImportThroughTheServer(t *testing.T) {
	r := &reader{}
	h := newHouse(t, func(c *Config) { c.Importer, c.Token = r, testToken })
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, b := write("a.csv", strings.Repeat("x", 1<<20)), write("sub/a.csv", "y") // two files of one name
	report, err := h.client().ImportOutcomes(t.Context(), Outcomes{Mapping: []byte("m: 1\n"), Files: []string{a, b}, MaxErrors: 3})
	if err != nil || string(report) != `{"files":2,"max_errors":3}` {
		t.Errorf("report %s, %v", report, err)
	}
	if r.got["mapping"] != "m: 1\n" || len(r.got["a.csv"]) != 1<<20+1 {
		t.Errorf("the importer got a mapping %q and %d bytes", r.got["mapping"], len(r.got["a.csv"]))
	}
	if _, err := os.Stat(r.got["dir"]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the uploaded files are still there: %v", err)
	}
	_, err = h.client().ImportOutcomes(t.Context(), Outcomes{Mapping: []byte("m"), Files: []string{write("b.csv", "bad")}})
	rejected, ok := errors.AsType[*RejectedError](err)
	if !ok || rejected.Message != "1 bad row; nothing was imported" || string(rejected.Report) != `{"problems":[{"line":1}]}` {
		t.Errorf("bad rows give %v", err)
	}
	if _, err := h.client().ImportOutcomes(t.Context(), Outcomes{Files: []string{filepath.Join(dir, "none")}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}

// busy is an importer whose database another process imports into.
type busy struct{}

func (busy) ImportOutcomes(context.Context, Outcomes) (any, error) {
	return nil, fmt.Errorf("import: %w", history.ErrImporting)
}

func TestImportBesideAnother(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Importer = busy{} })
	file := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := h.client().ImportOutcomes(t.Context(), Outcomes{Mapping: []byte("m: 1\n"), Files: []string{file}})
	e, ok := errors.AsType[*APIError](err)
	if !errors.Is(err, history.ErrImporting) || !ok || e.Status != 409 || e.Code != "importing" {
		t.Errorf("got %v", err)
	}
}

func TestImportRefuses(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Importer = &reader{} })
	form := func(fields ...string) (string, string) { // name, file name, content
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for i := 0; i < len(fields); i += 3 {
			part, err := w.CreateFormFile(fields[i], fields[i+1])
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write([]byte(fields[i+2]))
		}
		w.Close()
		return body.String(), w.FormDataContentType()
	}
	for _, c := range []struct {
		status int
		code   string
		fields []string
	}{
		{400, "bad_form", nil},
		{400, "bad_form", []string{"mapping", "m", "x"}},
		{400, "bad_form", []string{"file", "a.csv", "x"}},
		{400, "bad_form", []string{"mapping", "m", "x", "files", "a.csv", "x"}},
		{400, "bad_form", []string{"mapping", "m", "x", "max_errors", "n", "-1"}},
		{400, "bad_form", []string{"mapping", "m", "x", "file", "..", "x"}},
		{400, "bad_form", []string{"mapping", "m", "x", "file", strings.Repeat("a", 201), "x"}},
		{413, "too_large", []string{"mapping", "m", strings.Repeat("x", maxMapping+1)}},
		{422, "invalid_outcomes", []string{"mapping", "m", "x", "file", "a.csv", "bad"}},
	} {
		body, kind := form(c.fields...)
		h.refused(c.status, c.code, "POST", "/v1/outcomes", body, "Content-Type", kind)
	}
	// A file name is a name, never a way out of the directory.
	body, kind := form("mapping", "m", "x", "file", "../../etc/evil.csv", "y")
	if status, text, _ := h.call("POST", "/v1/outcomes", body, "Content-Type", kind); status != 200 {
		t.Errorf("a name with a path gives %d %s", status, text)
	}
	h.refused(400, "bad_form", "POST", "/v1/outcomes", "--x\r\nbroken", "Content-Type", "multipart/form-data; boundary=x")
	h.refused(400, "bad_form", "POST", "/v1/outcomes", "x", "Content-Type", "multipart/form-data")
	h.refused(415, "content_type", "POST", "/v1/outcomes", "{}")
	newHouse(t).refused(501, "no_importer", "POST", "/v1/outcomes", "x", "Content-Type", "multipart/form-data; boundary=x")
}
