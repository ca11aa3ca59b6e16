package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Importer takes the outcomes of past experiments in. The report it returns
// is passed on as JSON; for files that it refuses it returns a RejectedError.
type Importer interface {
	ImportOutcomes(ctx context.Context, o Outcomes) (report any, err error)
}

// Outcomes are files of past outcomes, on this machine's disk.
type Outcomes struct {
	Mapping   []byte   // YAML: which column means what
	Files     []string // paths; the last element is the name it has for its owner
	MaxErrors int      // bad rows to put up with; 0: nothing is imported if anything is bad
}

// RejectedError says that nothing was imported, and why, row by row.
type RejectedError struct {
	Message string
	Report  json.RawMessage // the importer's own list of problems
}

func (e *RejectedError) Error() string { return e.Message }

const (
	maxUpload  = 8 << 30 // all files of one import together
	maxMapping = 1 << 20
	maxFiles   = 1000
)

// importOutcomes takes a multipart form: mapping, file (one or more),
// max_errors. Files go to disk first: Parquet is read from its end.
func (s *server) importOutcomes(w http.ResponseWriter, r *http.Request) error {
	if s.Importer == nil {
		return refuse(http.StatusNotImplemented, "no_importer", "this server takes no outcomes")
	}
	dir, err := os.MkdirTemp("", "assay-upload-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	parts, err := r.MultipartReader()
	if err != nil {
		return refuse(http.StatusBadRequest, "bad_form", "%s", err)
	}
	o, err := receive(parts, dir)
	if err != nil {
		return err
	}
	report, err := s.Importer.ImportOutcomes(s.as(r, "api"), o)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"report": report})
}

func receive(parts *multipart.Reader, dir string) (Outcomes, error) {
	var o Outcomes
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return o, badForm(err)
		}
		if err := o.take(part, dir); err != nil {
			return o, badForm(err)
		}
	}
	if len(o.Mapping) == 0 || len(o.Files) == 0 {
		return o, refuse(http.StatusBadRequest, "bad_form", "the form needs a mapping and at least one file")
	}
	return o, nil
}

func (o *Outcomes) take(part *multipart.Part, dir string) (err error) {
	switch name := part.FormName(); name {
	case "mapping":
		o.Mapping, err = atMost(part, maxMapping)
		return err
	case "max_errors":
		text, err := atMost(part, 20)
		if err != nil {
			return err
		}
		if o.MaxErrors, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil || o.MaxErrors < 0 {
			return refuse(http.StatusBadRequest, "bad_form", "max_errors is %q; it must be a number from 0", text)
		}
		return nil
	case "file":
		if len(o.Files) == maxFiles {
			return refuse(http.StatusRequestEntityTooLarge, "too_large", "more than %d files at once", maxFiles)
		}
		path, err := spool(part, filepath.Join(dir, strconv.Itoa(len(o.Files))))
		o.Files = append(o.Files, path)
		return err
	default:
		return refuse(http.StatusBadRequest, "bad_form", "unknown field %q: use mapping, file, max_errors", name)
	}
}

// spool writes a part below dir, which is its own, so that two files may have
// one name. FileName has no path elements; it still decides the format.
func spool(part *multipart.Part, dir string) (string, error) {
	name := filepath.Base(part.FileName())
	if name == "." || name == ".." || name == string(filepath.Separator) || len(name) > 200 {
		return "", refuse(http.StatusBadRequest, "bad_form", "a file needs a file name of up to 200 bytes")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, part)
	return path, errors.Join(err, f.Close())
}

func atMost(r io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = refuse(http.StatusRequestEntityTooLarge, "too_large", "a field of the form is larger than %d bytes", limit)
	}
	return text, err
}

// badForm leaves what has an answer as it is; the rest is a broken form.
func badForm(err error) error {
	_, answered := errors.AsType[*APIError](err)
	_, large := errors.AsType[*http.MaxBytesError](err)
	_, disk := errors.AsType[*os.PathError](err)
	if answered || large || disk {
		return err
	}
	return &APIError{Status: http.StatusBadRequest, Code: "bad_form", Message: fmt.Sprintf("the form is broken: %s", err)}
}
