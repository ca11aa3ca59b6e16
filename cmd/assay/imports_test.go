package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/assay-planner/assay"

// arrows says what each package may import of this module: the arrows of the
// house, pointing from the edges inward. A package that is not listed may
// import nothing of ours, so a new one must be placed here on purpose.
var arrows = map[string][]string{
	"stats":            {},
	"stats/power":      {"stats"},
	"stats/effect":     {"stats"},
	"stats/sequential": {"stats", "stats/effect"},
	"stats/anytime":    {"stats"},
	"stats/multiple":   {"stats"},
	"stats/health":     {"stats", "stats/effect", "stats/anytime"},
	"stats/bayes":      {"stats"},
	"stats/value":      {"stats", "stats/bayes"},
	"stats/returns":    {"stats", "stats/bayes", "stats/shrink"},
	"stats/meta":       {"stats"},
	"stats/mixed":      {"stats", "stats/bayes", "stats/shrink"},
	"stats/proxy":      {"stats"},
	"stats/shrink":     {"stats", "stats/bayes"},
	"stats/quantile":   {"stats", "stats/effect"},
	"stats/reach":      {"stats"},
	"stats/duration":   {"stats", "stats/power", "stats/reach", "stats/sequential", "stats/anytime"},
	"stats/analysis":   {"stats", "stats/effect", "stats/quantile", "stats/multiple", "stats/health", "stats/anytime", "stats/sequential", "stats/bayes"},
	// Only its tests: what is timed against other programs.
	"allocator/internal/peers": {"allocator/knapsack"},
	"stats/internal/peers":     {"stats", "stats/power", "stats/effect", "stats/sequential", "stats/meta", "stats/multiple"},
	"allocator":                {"allocator/cohort", "allocator/mip"},
	"allocator/form":           {"allocator", "allocator/knapsack"},
	"allocator/knapsack":       {"allocator/mip"},
	"allocator/cohort":         {},
	"allocator/mip":            {},
	"allocator/mip/highs":      {"allocator/mip"},
	// Only tests: what every solver is held against.
	"allocator/internal/smallmip": {"allocator/mip"},
	"history":                     {"stats", "stats/effect", "history/importer", "history/mapping"},
	"history/embedded":            {},
	"history/importer":            {"history/mapping", "history/mapping/document"},
	"history/mapping":             {"history/mapping/document"},
	"history/mapping/document":    {},
	"history/source":              {"history/mapping", "history/mapping/document"},
	"planner":                     {"history", "allocator", "allocator/cohort", "allocator/mip", "stats", "stats/power", "stats/bayes", "stats/value", "planner/similar", "planner/forecast"},
	"planner/forecast":            {"stats", "stats/bayes", "stats/mixed", "stats/shrink", "stats/proxy"},
	"planner/similar":             {},
	"planner/backtest":            {"planner/forecast", "history", "stats", "stats/bayes", "stats/shrink"},
	"planner/insights":            {"history", "stats", "stats/bayes", "stats/effect", "stats/shrink", "stats/value", "stats/proxy", "stats/returns"},
	"planner/registry":            {"planner", "allocator", "allocator/cohort", "stats"},
	"planner/sample":              {"planner", "history", "stats", "stats/bayes", "stats/effect", "stats/health"},
	"planner/dashboard":           {"planner", "planner/insights", "allocator", "allocator/cohort", "stats", "stats/returns"},
	"planner/server":              {"planner", "planner/dashboard", "planner/insights", "history"},
	"cmd/assay/render":            {},
	"cmd/assay": {"planner", "planner/backtest", "planner/registry", "planner/sample", "planner/server", "history", "history/embedded", "history/source",
		"history/mapping", "history/mapping/document", "allocator", "allocator/cohort", "allocator/form", "allocator/knapsack", "allocator/mip", "allocator/mip/highs", "cmd/assay/render", "stats", "stats/power", "stats/reach", "stats/sequential", "stats/anytime",
		"stats/duration",
		"history/importer", "stats/analysis", "stats/effect", "stats/health", "stats/multiple", "stats/bayes", "stats/quantile", "stats/returns", "planner/insights"},
}

// testOnly is what a package's tests may use beyond its arrows: the engine,
// a registry and the sample, so that tests run on a real ClickHouse and real
// shapes. The two cores stay pure in their tests too.
var testOnly = []string{"history", "history/embedded", "history/mapping", "planner/registry", "planner/sample"}

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImportsPointInward(t *testing.T) {
	for _, p := range packages(t) {
		name := inModule(p.ImportPath)
		allowed, known := arrows[name]
		if !known && !strings.Contains(name, "/internal/") {
			t.Errorf("package %s has no place in the arrows of this test", name)
		}
		for _, imported := range p.Imports {
			if !within(name, imported, allowed) {
				t.Errorf("%s imports %s; it may import of this module only: %s", name, inModule(imported), strings.Join(allowed, ", "))
			}
		}
		if top(name) != "stats" && top(name) != "allocator" {
			allowed = slices.Concat(allowed, testOnly)
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if !within(name, imported, allowed) {
				t.Errorf("tests of %s import %s; they may import of this module only: %s", name, inModule(imported), strings.Join(allowed, ", "))
			}
		}
	}
}

// within reports whether the package may import what it does: anything that
// is not ours, itself (external tests), its own internal packages, and what
// its arrows allow. Nobody imports cmd, whatever the arrows say.
func within(name, imported string, allowed []string) bool {
	target := inModule(imported)
	if target == "" || target == name || strings.HasPrefix(target, top(name)+"/internal/") {
		return true
	}
	if strings.HasPrefix(target, "cmd/") && !strings.HasPrefix(name, "cmd/") {
		return false
	}
	return slices.Contains(allowed, target)
}

// top is the part of the house that a package belongs to.
func top(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

// inModule returns a package's path below the module; empty: it is not ours.
func inModule(path string) string {
	rest, _ := strings.CutPrefix(path, module+"/")
	if rest == path {
		return ""
	}
	return rest
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderrOf(err))
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func stderrOf(err error) string {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(exit.Stderr)
	}
	return ""
}

// The test is only worth something if it can fail.
func TestImportRuleCanFail(t *testing.T) {
	for _, c := range []struct {
		name, imported string
		want           bool
	}{
		{"stats", "math", true},
		{"stats", module + "/allocator", false},
		{"planner", module + "/planner/registry", false},
		{"planner", module + "/history", true},
		{"history", module + "/planner", false},
		{"history", module + "/history/internal/load", true},
		{"planner/server", module + "/cmd/assay", false},
	} {
		if got := within(c.name, c.imported, arrows[c.name]); got != c.want {
			t.Errorf("%s imports %s: got %v, want %v", c.name, c.imported, got, c.want)
		}
	}
}

// Every direct dependency has its line in docs/dependencies.md: why it is
// here, under which licence, and what leaves with it.
func TestDependenciesAreExplained(t *testing.T) {
	doc, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mod)) {
		path, _, isRequired := strings.Cut(strings.TrimSpace(line), " v")
		if isRequired && !strings.Contains(line, "// indirect") && !strings.Contains(string(doc), "`"+strings.TrimPrefix(path, "require ")+"`") {
			t.Errorf("docs/dependencies.md says nothing about %s", path)
		}
	}
}
