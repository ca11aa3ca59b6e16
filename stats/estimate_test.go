package stats

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func TestIntervalJSON(t *testing.T) {
	for text, want := range map[string]Interval{
		`{"low":-0.5,"high":0.25,"level":0.95}`: {-0.5, 0.25, 0.95},
		`{"low":null,"high":0,"level":0.9}`:     {math.Inf(-1), 0, 0.9},
		`{"low":1e-300,"high":null,"level":0}`:  {1e-300, math.Inf(1), 0},
		`{"low":null,"high":null,"level":0.5}`:  {math.Inf(-1), math.Inf(1), 0.5},
	} {
		if got := string(assert.Must(json.Marshal(want))); got != text {
			t.Errorf("%v is written as %s, want %s", want, got, text)
		}
		got := Interval{7, 7, 7} // whatever was there before
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read as %v (%v), want %v", text, got, err, want)
		}
	}
	for _, i := range []Interval{{Low: math.NaN()}, {High: math.NaN()}, {Level: math.NaN()}, {Low: math.Inf(1)}, {High: math.Inf(-1)}} {
		if text, err := json.Marshal(i); err == nil {
			t.Errorf("%v is written as %s", i, text)
		}
	}
}

// TestIntervalJSONInStructs: pointers, slices and named fields need nothing more;
// what is missing or wrong leaves the value alone, as it does for any other struct.
func TestIntervalJSONInStructs(t *testing.T) {
	type holder struct {
		Name    string     `json:"name"`
		Own     Interval   `json:"own"`
		Pointer *Interval  `json:"pointer"`
		None    *Interval  `json:"none"`
		List    []Interval `json:"list"`
	}
	up := Interval{1, math.Inf(1), 0.9}
	text := assert.Must(json.Marshal(holder{"a", up, &up, nil, []Interval{up, {1, 2, 0.5}}}))
	const ray = `{"low":1,"high":null,"level":0.9}`
	if want := `{"name":"a","own":` + ray + `,"pointer":` + ray + `,"none":null,"list":[` + ray + `,{"low":1,"high":2,"level":0.5}]}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var back holder
	if err := json.Unmarshal(text, &back); err != nil || back.Name != "a" || back.Own != up || *back.Pointer != up || back.None != nil || back.List[0] != up {
		t.Errorf("%s is read as %+v (%v)", text, back, err)
	}
	for _, partial := range []string{`null`, `{}`, `{"low":"much"}`, `{"low":null,"level":"high"}`, `[]`} {
		got := Interval{1, 2, 0.9}
		if err := json.Unmarshal([]byte(partial), &got); got != (Interval{1, 2, 0.9}) || (err == nil) != (partial == "null" || partial == "{}") {
			t.Errorf("%s over an interval: %v, %v", partial, got, err)
		}
	}
}

// TestEmbeddedIntervals: the methods of an embedded Interval are those of the
// struct around it, whose other fields JSON would then drop without a word. Below
// stats, a struct that embeds one beside other fields has its own MarshalJSON.
func TestEmbeddedIntervals(t *testing.T) {
	found := 0
	for _, dir := range packages(t) {
		files := assert.Must(filepath.Glob(filepath.Join(dir, "*.go")))
		embedding, writing := []string{}, []string{}
		for _, file := range files {
			parsed := assert.Must(parser.ParseFile(token.NewFileSet(), file, nil, 0))
			ast.Inspect(parsed, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if name, _ := nameOf(n); strings.HasSuffix(name, ".MarshalJSON") {
						writing = append(writing, strings.TrimSuffix(name, ".MarshalJSON"))
					}
				case *ast.TypeSpec:
					if s, ok := n.Type.(*ast.StructType); ok && s.Fields.NumFields() > 1 && embedsInterval(s) {
						embedding = append(embedding, n.Name.Name)
					}
				}
				return true
			})
		}
		for _, name := range embedding {
			found++
			if !slices.Contains(writing, name) {
				t.Errorf("%s: %s embeds an Interval beside other fields and has no MarshalJSON of its own", dir, name)
			}
		}
	}
	if found == 0 {
		t.Error("no struct embeds an Interval: has effect.Interval lost its name?")
	}
}

func embedsInterval(s *ast.StructType) bool {
	return slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool {
		kind := f.Type
		if star, ok := kind.(*ast.StarExpr); ok {
			kind = star.X
		}
		switch kind := kind.(type) {
		case *ast.SelectorExpr:
			return len(f.Names) == 0 && kind.Sel.Name == "Interval"
		case *ast.Ident:
			return len(f.Names) == 0 && kind.Name == "Interval"
		}
		return false
	})
}
