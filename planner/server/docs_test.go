package server

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const reference = "../../docs/api.md"

// example is a command of the reference and the answer that it shows.
var example = regexp.MustCompile("(?s)```sh\n(curl .*?)\n```\n(?:```json\n(.*?)\n```)?")

func readReference(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The reference has a section for every route of the API, and for no other.
func TestReferenceIsComplete(t *testing.T) {
	s, err := newServer(newHouse(t).c.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	text := readReference(t)
	routes := map[string]bool{}
	for _, r := range s.routes() {
		if !r.kind.people() {
			routes["## "+r.method+" "+r.path] = true
		}
	}
	for heading := range routes {
		if !strings.Contains(text, "\n"+heading+"\n") {
			t.Errorf("no section %q", heading)
		}
	}
	for _, heading := range regexp.MustCompile(`(?m)^## [A-Z]+ /.*$`).FindAllString(text, -1) {
		if !routes[heading] {
			t.Errorf("section %q describes no route", heading)
		}
	}
	for _, s := range sentinels {
		if !strings.Contains(text, "`"+s.code+"`") {
			t.Errorf("the code %s is not described", s.code)
		}
	}
}

// Every example of the reference runs and answers what it says.
func TestReferenceExamples(t *testing.T) {
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here: the examples of %s cannot be run", tool, reference)
		}
	}
	h := newHouse(t, func(c *Config) { c.Importer, c.Nightly = &reader{}, "0 2 * * *" })
	dir := t.TempDir()
	var backlog strings.Builder
	for _, idea := range ideas(20) {
		backlog.WriteString(asJSON(t, idea) + "\n")
	}
	for name, text := range map[string]string{"backlog.ndjson": backlog.String(), "mapping.yaml": "m: 1\n", "results.csv": "a,b\n", "broken.csv": "bad"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	examples := example.FindAllStringSubmatch(readReference(t), -1)
	if len(examples) < 15 {
		t.Fatalf("only %d examples were found", len(examples))
	}
	for _, x := range examples {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", x[1])
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "ASSAY="+h.URL, "ASSAY_TOKEN="+testToken, "no_proxy=*")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", x[1], err, out)
			continue
		}
		if x[2] == "" {
			continue
		}
		var want, got any
		if err := json.Unmarshal([]byte(x[2]), &want); err != nil {
			t.Errorf("the answer shown to %s is not JSON: %v", x[1], err)
			continue
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Errorf("%s answers %s: %v", x[1], out, err)
			continue
		}
		if wrong := shows(want, got, ""); wrong != "" {
			t.Errorf("%s\n%s\nin the answer %.2000s", x[1], wrong, out)
		}
	}
}

// shows compares what the reference shows of an answer with the answer: it may
// leave out members and the rest of a list, and "…" is anything.
func shows(want, got any, path string) string {
	switch want := want.(type) {
	case string:
		if want == "…" && got != nil {
			return ""
		}
	case map[string]any:
		members, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is not an object but %v", path, got)
		}
		for name, value := range want {
			if wrong := shows(value, members[name], path+"."+name); wrong != "" {
				return wrong
			}
		}
		return ""
	case []any:
		items, ok := got.([]any)
		if !ok || len(items) < len(want) {
			return fmt.Sprintf("%s has not the %d items shown, but %v", path, len(want), got)
		}
		for i, value := range want {
			if wrong := shows(value, items[i], fmt.Sprintf("%s[%d]", path, i)); wrong != "" {
				return wrong
			}
		}
		return ""
	}
	if want != got {
		return fmt.Sprintf("%s is %v, not %v as shown", path, got, want)
	}
	return ""
}
