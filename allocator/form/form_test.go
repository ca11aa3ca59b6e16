package form_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator/form"
	"github.com/assay-planner/assay/allocator/knapsack"
)

const mmkpText = `2 3
5 5.5 7
2
1e1 1 0 3
12.5 2 1.25 4
1
7 0 0 0
`

const mknapText = ` 2
 3 2 0
 10 20 30
 1 2 3
 4 5 6.5
 4 9
 1 1 5
 5
 2
 2
`

const portfolioText = `mmkp 1
name small
seed 1
variant full
size 2 7 2 1
res 0 a 10
res 1 b 10
res 2 c 10
res 3 d 10
res 4 e 10
res 5 f 10
res 6 users 20
team 0 1 4
team 1 2 0
h 0 0 2
9 0:3 6:5
11 0:3 1:4 6:6
h 1 1 1
8 6:20
x 0 1
end
`

const nightText = `{"weeks": 1,
 "pools": [{"name": "h100", "gpu_hours": [10]}],
 "layers": [],
 "candidates": [{"id": "a", "options": [{"design": "d",
  "start": 0, "weeks": 1, "value": 2.5, "cool": null,
  "compute": [{"pool": "h100", "gpu_hours": [4]}]}]
 }]
}
`

func read(t *testing.T, text string, kind form.Kind) form.File {
	t.Helper()
	f, err := form.Read(strings.NewReader(text), kind)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMMKP(t *testing.T) {
	f := read(t, mmkpText, form.Unknown)
	want := &knapsack.Problem{Rows: []knapsack.Row{{Most: 5}, {Most: 550, Places: 2}, {Most: 7}}}
	want.AddClass(true)
	want.AddItem(10, knapsack.Use{Row: 0, Units: 1}, knapsack.Use{Row: 2, Units: 3})
	want.AddItem(12.5, knapsack.Use{Row: 0, Units: 2}, knapsack.Use{Row: 1, Units: 125}, knapsack.Use{Row: 2, Units: 4})
	want.AddClass(true)
	want.AddItem(7)
	if d := cmp.Diff(form.File{Kind: form.MMKP, Problems: []*knapsack.Problem{want}}, f); d != "" {
		t.Error(d)
	}
}

func TestMKnap(t *testing.T) {
	f := read(t, mknapText, form.Unknown)
	if f.Kind != form.MKnap || len(f.Problems) != 2 {
		t.Fatalf("%s with %d problems", f.Kind, len(f.Problems))
	}
	p := f.Problems[0]
	if d := cmp.Diff([]knapsack.Row{{Most: 4}, {Most: 90, Places: 1}}, p.Rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]knapsack.Use{{Row: 0, Units: 1}, {Row: 1, Units: 40}, {Row: 0, Units: 2}, {Row: 1, Units: 50}, {Row: 0, Units: 3}, {Row: 1, Units: 65}}, p.Uses); d != "" {
		t.Error(d)
	}
	value, err := knapsack.Check(p, []int{0, knapsack.None, 0})
	if err == nil {
		t.Errorf("weights 4 of 4 and 10.5 of 9 passed as %g", value)
	}
}

func TestPortfolio(t *testing.T) {
	p := read(t, portfolioText, form.Unknown).Problems[0]
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(p.Rows) != 10 || p.Rows[7].Most != 1 || p.Rows[8].Least != 4 || p.Rows[8].Most != knapsack.Unlimited || p.Rows[9].Most != 2 {
		t.Errorf("rows %+v", p.Rows)
	}
	for _, c := range []struct {
		choice []int
		value  float64
		rule   string
	}{
		{[]int{1, -1}, 11, ""},
		{[]int{0, -1}, 0, "row"}, // 3 of at least 4 GPU
		{[]int{-1, 0}, 0, "row"},
		{[]int{1, 0}, 0, "row"}, // users
	} {
		value, err := knapsack.Check(p, c.choice)
		rule := ""
		if e := (*knapsack.PlanError)(nil); errors.As(err, &e) {
			rule = e.Rule
		}
		if value != c.value || rule != c.rule {
			t.Errorf("%v: %g, %v", c.choice, value, err)
		}
	}
}

// Uses and conflicts are sets: their order in the text is not one of the problem.
func TestPortfolioOfAnyOrder(t *testing.T) {
	text := strings.NewReplacer("size 2 7 2 1", "size 3 7 2 2", "x 0 1\n", "h 2 1 0\nx 0 1\nx 1 2\n").Replace(portfolioText)
	mixed := strings.NewReplacer("0:3 1:4 6:6", "6:6 0:3 1:4", "x 0 1\nx 1 2\n", "x 2 1\nx 1 0\n").Replace(text)
	if d := cmp.Diff(read(t, text, form.Unknown), read(t, mixed, form.Unknown)); d != "" || mixed == text {
		t.Error(d)
	}
}

func TestPackedIsTheSame(t *testing.T) {
	for _, text := range []string{mmkpText, mknapText, portfolioText} {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(read(t, text, form.Unknown), read(t, packed.String(), form.Unknown)); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(read(t, text, form.Unknown), read(t, strings.ReplaceAll(text, "\n", "\r\n"), form.Unknown)); d != "" {
			t.Error(d)
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	swap := func(text, old, new string) string { return strings.Replace(text, old, new, 1) }
	for _, c := range []struct{ text, want string }{
		{"", "line 1: the beginning is missing"},
		{"hello\n", `line 1: the beginning is "hello"; must be {`},
		{"2 0\n", `line 1: the number of resources is "0"; must be a whole number from 1`},
		{swap(mmkpText, "5.5", "-5.5"), `line 2: the capacity of resource 1 is "-5.5"; must not be negative`},
		{swap(mmkpText, "12.5", "NaN"), `line 5: class 0, item 1: value is "NaN"; must be a number of magnitude at most 1e+100`},
		{swap(mmkpText, "12.5", "1e400"), `line 5: class 0, item 1: value is "1e400"; must be a number of magnitude at most 1e+100`},
		{swap(mmkpText, "12.5", "-Inf"), `value is "-Inf"; must be a number`},
		{swap(mmkpText, "7 0 0 0\n", "7 0 0"), `line 7: class 1, item 0: weight of resource 2 is missing`},
		{mmkpText + "4\n", `line 8: one more word is "4"; nothing may follow the last class`},
		{swap(mmkpText, "\n1\n", "\n0\n"), `line 6: class 1: the number of items is "0"; must be a whole number from 1`},
		{swap(mmkpText, "1 0 3", "1 0 9999999999"), `class 0, item 0: weight of resource 2 is "9999999999"; must be at most 2147483647`},
		{swap(mmkpText, "7 0 0 0", "7 0 0 9007199254740993"), `line 7: class 1, item 0: weight of resource 2 is "9007199254740993"; must be at most 2147483647`},
		{swap(mmkpText, "7 0 0 0", "7 0 0 12.123456789"), `line 7: class 1, item 0: weight of resource 2 is "12.123456789"; must be at most 2.147483647 with 9 decimals`},
		{swap(mmkpText, "12.5 2 1.25 4", "12.5 2 1.25 1.123456789"), `line 5: class 0, item 0: weight of resource 2 is "3"; must be at most 2.147483647 with 9 decimals`},
		{swap(mknapText, " 1 2 3", " 1 2 x"), `line 4: problem 1: the weight of item 2 in row 0 is "x"; must be a number`},
		{mknapText + "1", "line 11: one more word"},
		{swap(portfolioText, "size 2 7 2 1\n", ""), `line 5: the line is "res"; must stand below the line size`},
		{swap(portfolioText, "res 1", "res 2"), `line 7: res: the resource is "2"; must be 1`},
		{swap(portfolioText, "team 1 2 0\n", ""), `line 14: h: the hypothesis is "0"; must stand after none or all of 2 teams, and 1 are there`},
		{swap(portfolioText, "res 6 users 20\nteam 0 1 4\nteam 1 2 0\n", ""), `line 12: h: the hypothesis is "0"; must stand after all 7 resources, and 6 are there`},
		{swap(portfolioText, "h 1 1 1", "h 1 9 1"), `line 18: h 1: the team is "9"; must be a whole number from 0 to 1`},
		{swap(portfolioText, "9 0:3 6:5", "9 0:3 8:5"), `line 16: h 0, design 0: a use is "8:5"; must be resource:units`},
		{swap(portfolioText, "9 0:3 6:5", "9 0:3 0:5"), `must not repeat a resource`},
		{swap(portfolioText, "9 0:3 6:5\n", "9 0:3 6:5 "), `must be resource:units`},
		{swap(portfolioText, "x 0 1\n", ""), `line 20: the number of conflicts is "0"; must be 1`},
		{swap(portfolioText, "x 0 1", "x 1 1"), "must be another hypothesis"},
		{swap(portfolioText, "end\n", ""), `the first word of the line is missing`},
		{`{"weeks": 1, "pool": []}`, `line 1: a field is "pool"; must be one of weeks, pools, layers, candidates, quotas`},
		{"{\"weeks\": 1,\n\"pools\": [{\"name\": 3}]}", `line 2: pools[0].name is "3"; must be a text in quotes`},
		{"{\"weeks\": 1}\n{}", `line 2: one more value`},
		{swap(nightText, "2.5", "NaN"), `line 5: candidate "a": options[0].value is "NaN"; must be a finite number`},
		{swap(nightText, "2.5", "-Infinity"), `line 5: candidate "a": options[0].value is "-Infinity"; must be a finite number`},
		{swap(nightText, "2.5", "1e400"), `line 5: candidate "a": options[0].value is "1e400"; must be a finite number`},
		{swap(nightText, "2.5", `"2.5"`), `line 5: candidate "a": options[0].value is "\"2.5\""; must be a finite number`},
		{swap(nightText, "2.5", "[2.5]"), `line 5: candidate "a": options[0].value is "[2.5"; must be a finite number`},
		{swap(nightText, `"start"`, `"begin"`), `line 5: candidate "a": options[0]: a field is "begin"; must be one of design, start, weeks, value`},
		{swap(nightText, "[4]", "[4.5]"), `line 6: candidate "a": options[0].compute[0].gpu_hours[0] is "4.5"; must be a whole number`},
		{swap(nightText, "[4]", "[4,]"), `line 6: candidate "a": options[0].compute[0].gpu_hours[1] is "]"; must be a whole number`},
		{swap(nightText, "[4]", "4"), `gpu_hours is "4"; must be a list in brackets`},
		{swap(nightText, "[10]", "[99999999999999999999]"), `line 2: pools[0].gpu_hours[0] is "99999999999999999999"; must be a whole number`},
		{swap(swap(nightText, `"id": "a", `, ""), "2.5", "x"), `line 5: candidates[0].options[0].value is "x"; must be a finite number`},
		{swap(nightText, `"weeks": 1,`, `"weeks": 1`), "line 2: the night: invalid character '\"' after object key:value pair"},
		{nightText[:len(nightText)-6], `line 6: the end of candidate "a" is missing; the file ends in the middle of it`},
	} {
		_, err := form.Read(strings.NewReader(c.text), form.Unknown)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestChoiceComesBack(t *testing.T) {
	choice := []int{0, -1, 12}
	var b bytes.Buffer
	if err := form.WriteChoice(&b, choice); err != nil {
		t.Fatal(err)
	}
	back, err := form.ReadChoice(bytes.NewReader(b.Bytes()), 3)
	if err != nil || cmp.Diff(choice, back) != "" {
		t.Error(back, err)
	}
	for _, n := range []int{2, 4} {
		if _, err := form.ReadChoice(bytes.NewReader(b.Bytes()), n); err == nil {
			t.Errorf("3 lines passed for %d classes", n)
		}
	}
}

// Every public instance that lies beside the repository is read to its end.
func TestPublicInstances(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/m*/*.gz")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no instances beside the repository")
	}
	for i, name := range files {
		if testing.Short() && i%5 > 0 {
			continue
		}
		in, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := form.Read(in, form.Unknown)
		in.Close()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, p := range f.Problems {
			if err := p.Validate(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Quotas and demands beside scarce capacities make choices that no exchange of four improves.
// A search that lands on better ones only stays at the first of them, 0.62% below the bound.
func TestPortfolioOfQuotasIsNear(t *testing.T) {
	const name = "../../../shared/data/mmkp-synthetic/full-n1000-s2.mmkp.gz"
	in, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not on this machine", name)
	} else if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	file, err := form.Read(in, form.Unknown)
	if err != nil {
		t.Fatal(err)
	}
	s, err := knapsack.Solve(context.Background(), file.Problems[0], knapsack.Options{Effort: 2_000_000_000})
	if err != nil || !s.Feasible {
		t.Fatal(s.Feasible, err)
	}
	if s.Gap() > 0.005 {
		t.Errorf("gap %g", s.Gap())
	}
}

// FuzzRead feeds any text. It must come out as problems that are valid and whose counts
// fit, or as an error.
func FuzzRead(f *testing.F) {
	for _, text := range []string{mmkpText, mknapText, portfolioText, `{"weeks": 1, "pools": [], "layers": [], "candidates": []}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := form.Read(bytes.NewReader(text), form.Unknown)
		if err != nil {
			return
		}
		for _, p := range file.Problems {
			if err := p.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		if (file.Night != nil) != (file.Kind == form.Night) {
			t.Fatal("a night of another kind")
		}
	})
}

// FuzzReadChoice: what is read is written as it was, but for white space.
func FuzzReadChoice(f *testing.F) {
	f.Add([]byte("0\n-1\n3\n"), 3)
	f.Fuzz(func(t *testing.T, text []byte, classes int) {
		choice, err := form.ReadChoice(bytes.NewReader(text), classes)
		if err != nil || classes <= 0 {
			return
		}
		var b bytes.Buffer
		if err := form.WriteChoice(&b, choice); err != nil {
			t.Fatal(err)
		}
		back, err := form.ReadChoice(&b, classes)
		if err != nil || cmp.Diff(choice, back) != "" {
			t.Fatalf("%v came back as %v, %v", choice, back, err)
		}
	})
}
