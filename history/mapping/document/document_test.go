package document

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"impresions": "impressions", "clikcs": "clicks", "Clicks": "clicks", "revenue": "", "x": "", strings.Repeat("long", 40): "",
	} {
		if got := Nearest(word, []string{"impressions", "clicks", "headline", "e"}); got != want {
			t.Errorf("nearest to %.20q is %q, want %q", word, got, want)
		}
	}
}

// All mistakes of one run, each with its line.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []Mistake
	}{
		"good":         {"name: a\nrows: [1, 2]", nil},
		"slip":         {"name: a\nrosw: [1]", []Mistake{{2, `unknown key "rosw" in the test: did you mean "rows"?`}}},
		"far off":      {"zzzzzz: a", []Mistake{{1, `unknown key "zzzzzz" in the test: known are name, rows`}}},
		"twice":        {"name: a\nname: b", []Mistake{{2, "is not YAML: mapping key \"name\" already defined at [1:1]"}}},
		"two wrong":    {"name: {a: 1}\nrows: 3", []Mistake{{1, "name must be a plain, non-empty value"}, {2, "rows must be a list, each item after a dash"}}},
		"a list":       {"- 1", []Mistake{{1, "the test must be a list of keys and values"}}},
		"two":          {"a: 1\n---\nb: 1", []Mistake{{1, "holds 2 YAML documents, a test is one"}}},
		"nothing":      {"", []Mistake{{1, "holds 0 YAML documents, a test is one"}}},
		"no YAML":      {"a: [", []Mistake{{1, "is not YAML: sequence end token ']' not found"}}},
		"far too deep": {strings.Repeat("[", 31), []Mistake{{1, "nests deeper than 30 levels, a test does not"}}},
	} {
		var r Reader
		var title string
		var rows int
		r.Parse([]byte(c.text), "a test", func(n ast.Node) {
			r.Section(n, "the test", Keys{"name": r.Text("name", &title), "rows": r.List("rows", func(ast.Node) { rows++ })})
		})
		if d := cmp.Diff(c.want, r.Mistakes); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if err := r.Err("t.yaml"); (err == nil) != (len(c.want) == 0) {
			t.Errorf("%s: %v", name, err)
		}
		if name == "good" && (title != "a" || rows != 2) {
			t.Errorf("read %q and %d rows", title, rows)
		}
	}
}

// An error has the mistakes in the order of the file, not of their finding.
func TestErr(t *testing.T) {
	var r Reader
	r.Note(3, "b")
	r.Note(2, "c")
	r.Note(3, "a")
	if got, want := r.Err("t.yaml").Error(), "t.yaml:2: c\nt.yaml:3: a\nt.yaml:3: b"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
