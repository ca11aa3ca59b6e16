package importer

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history/mapping"
)

// recorder writes down what it is given, a line per row.
type recorder struct{ lines []string }

func (r *recorder) Outcomes(o *Outcomes) error {
	for i := range o.Line {
		r.lines = append(r.lines, fmt.Sprintf("%d: %s/%s/%s/%s at %d, n %g y %g yy %g d %g dd %g yd %g x %g xx %g xy %g", o.Line[i], o.Experiment[i],
			o.Arm[i], o.Metric[i], o.Segment[i], o.At[i], o.N[i], o.Y[i], o.YY[i], o.D[i], o.DD[i], o.YD[i], o.X[i], o.XX[i], o.XY[i]))
	}
	return nil
}

func (r *recorder) Assignments(a *Assignments) error {
	for i := range a.Line {
		r.lines = append(r.lines, fmt.Sprintf("%d: %s/%s/%s/%s since %d", a.Line[i], a.Experiment[i], a.Unit[i], a.Arm[i], a.Segment[i], a.ExposedAt[i]))
	}
	return nil
}

func (r *recorder) Facts(f *Facts) error {
	for i := range f.Line {
		r.lines = append(r.lines, fmt.Sprintf("%d: %s/%s did %s %g/%g (before %g)", f.Line[i], f.Experiment[i], f.Unit[i], f.Metric[i], f.Value[i], f.Denominator[i], f.Pre[i]))
	}
	return nil
}

// read imports a text of the named file by a mapping.
func read(t testing.TB, yaml, name, text string) (Result, []string) {
	t.Helper()
	m, err := mapping.Parse("m.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	sink := &recorder{}
	result, err := Read(context.Background(), path, m, sink, Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return result, sink.lines
}

func problems(result Result) []string {
	var lines []string
	for _, p := range result.Problems {
		lines = append(lines, p.String())
	}
	return lines
}

const about = "experiment: {id: e, started: {value: 2026-01-01}, ended: {value: 2026-02-01}}\narm: {id: a}\n"

func TestPairs(t *testing.T) {
	result, lines := read(t, "layout: pairs\n"+about+`
control: {name: base}
snapshot: {column: days, after_start: days}
null: [NA]
metrics:
  - name: {column: m, rename: {1: revenue}}
    control: {mean: {n: nc, mean: mc, variance: vc}}
    treatment: {mean: {n: nt, mean: mt, variance: vt}}
skip: [{column: nc, equals: "0", reason: nobody yet}]
`, "pairs.csv", "e,a,m,days,nc,nt,mc,mt,vc,vt\nx,blue,1,0,0,0,0,0,0,0\nx,blue,1,1.5,10,20,2,3,4,5\nx,blue,2,1.5,10,20,2,3,NA,5\nx,base,2,1.5,10,20,2,3,4,5\n")
	const at = 1767225600 + 129600
	want := []string{
		fmt.Sprintf("3: x/blue/revenue/ at %d, n 20 y 60 yy 275 d 20 dd 20 yd 60 x 0 xx 0 xy 0", at),
		fmt.Sprintf("4: x/blue/2/ at %d, n 20 y 60 yy 275 d 20 dd 20 yd 60 x 0 xx 0 xy 0", at),
		fmt.Sprintf("3: x/base/revenue/ at %d, n 10 y 20 yy 76 d 10 dd 10 yd 20 x 0 xx 0 xy 0", at),
		fmt.Sprintf("4: x/base/2/ at %d, n 10 y 20 yy NaN d 10 dd 10 yd 20 x 0 xx 0 xy 0", at),
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`pairs.csv:5: column a: "base" is the name of the control arm: control.name gives it another`}, problems(result)); diff != "" {
		t.Error(diff)
	}
	if result.Skipped != 1 || result.Bad != 1 || result.Rows != 4 || len(result.Experiments[0].Arms) != 2 || result.Experiments[0].Control != "base" {
		t.Errorf("%+v", result)
	}
}

func TestUsers(t *testing.T) {
	result, lines := read(t, "layout: users\nunit: u\nsegment: country\nexposed_at: at\n"+about+`
metrics:
  - {name: ctr, value: clicks, denominator: views}
  - {name: spend, value: spend, pre: before}
`, "users.ndjson", `{"e":"x","a":"blue","u":7,"country":"DE","at":"2026-01-02T03:04:05+01:00","clicks":1,"views":4,"spend":2.5,"before":9}
{"e":"x","a":"blue","u":8,"country":null,"at":"2026-01-02","clicks":1,"views":-4,"spend":"","before":9}
not JSON
{"e":"x","a":"control","u":"9","at":"1969-01-02","clicks":true,"views":1e999,"spend":0,"before":0}
`)
	want := []string{
		"1: x/7/blue/DE since 1767319445",
		"1: x/7 did ctr 1/4 (before 0)",
		"1: x/7 did spend 2.5/1 (before 9)",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	wrong := []string{
		`users.ndjson:3: "not JSON" is not a JSON object`,
		`users.ndjson:4: column at: "1969-01-02" lies outside the years 1970 to 2105`,
		`users.ndjson:4: column clicks: "true" is not a number`,
		`users.ndjson:2: column views: "-4" is a negative denominator`,
		`users.ndjson:4: column views: "1e999" is not a number`,
		`users.ndjson:2: column spend: is empty`,
	}
	got := problems(result)
	for _, p := range wrong {
		if !strings.Contains(strings.Join(got, "\n"), p) {
			t.Errorf("not told: %s", p)
		}
	}
	if len(got) != len(wrong) || result.Bad != 3 {
		t.Errorf("%d bad rows: %q", result.Bad, got)
	}
}

func TestSumsMustBePossible(t *testing.T) {
	text := "e,a,n,y,yy,d,dd,yd,x,xx,xy\n" +
		"x,1,4,8,20,8,20,18,4,6,9\n" + // fine
		"x,2,4,8,15,8,20,18,4,6,9\n" + // Σy² < 64/4
		"x,3,4,8,20,8,20,99,4,6,9\n" + // Σyd too large
		"x,4,4,8,20,8,20,18,4,3,9\n" + // Σx² < 16/4
		"x,5,4,8,20,8,20,18,4,6,-9\n" + // Σxy too small
		"x,6,4.5,8,20,8,20,18,4,6,9\n" +
		"x,7,-4,8,20,8,20,18,4,6,9\n" +
		"x,8,4,8,16,8,16,16,4,4,8\n" // no variance at all, yet possible
	result, lines := read(t, "layout: outcomes\n"+about+"metrics: [{name: m, sums: {n: n, y: y, yy: yy, d: d, dd: dd, yd: yd, x: x, xx: xx, xy: xy}}]\n", "s.csv", text)
	want := []string{
		`s.csv:7: column n: "4.5" is not a whole number of users`,
		`s.csv:8: column n: "-4" is not a positive number of users`,
		`s.csv:3: column yy: "15" Σy² is less than (Σy)²/n`,
		`s.csv:4: column yd: "99" Σyd is more than Σy² and Σd² allow`,
		`s.csv:5: column xx: "3" Σx² is less than (Σx)²/n`,
		`s.csv:6: column xy: "-9" Σxy is more than Σx² and Σy² allow`,
	}
	got := problems(result)
	for _, p := range want {
		if !strings.Contains(strings.Join(got, "\n"), p) {
			t.Errorf("not told: %s", p)
		}
	}
	if result.Bad != 6 || len(lines) != 2 {
		t.Errorf("%d bad rows: %q", result.Bad, got)
	}
}

// TestProductOfPreAndDenominator: with x 0 0 2 2 and d 1 1 3 3, Σxd is at most 12.
func TestProductOfPreAndDenominator(t *testing.T) {
	result, lines := read(t, "layout: outcomes\n"+about+"metrics: [{name: m, sums: {n: n, y: y, yy: yy, d: d, dd: dd, yd: yd, x: x, xx: xx, xy: xy, xd: xd}}]\n",
		"s.csv", "e,a,n,y,yy,d,dd,yd,x,xx,xy,xd\nx,1,4,8,20,8,20,18,4,8,10,12\nx,2,4,8,20,8,20,18,4,8,10,13\n")
	want := []string{`s.csv:3: column xd: "13" Σxd is more than Σx² and Σd² allow`}
	if diff := cmp.Diff(want, problems(result)); diff != "" || len(lines) != 1 {
		t.Error(diff, lines)
	}
}

func TestMissingColumns(t *testing.T) {
	result, lines := read(t, "layout: outcomes\n"+about+"metrics: [{name: m, proportion: {trials: impressions, successes: clicks}}]\n",
		"c.csv", "e,a,impresions,klicks\nx,blue,10,1\n")
	want := []string{
		`c.csv: column clicks: the file has no such column, did you mean "klicks"? It has e, a, impresions, klicks`,
		`c.csv: column impressions: the file has no such column, did you mean "impresions"? It has e, a, impresions, klicks`,
	}
	if diff := cmp.Diff(want, problems(result)); diff != "" {
		t.Error(diff)
	}
	if len(lines) != 0 || !result.Missing || result.Bad != 0 { // a column is no row
		t.Errorf("missing %v, %d bad, lines %v", result.Missing, result.Bad, lines)
	}
}

// TestLinesOfQuotedCells has a cell that spans lines: problems name the line at
// which their row begins.
func TestLinesOfQuotedCells(t *testing.T) {
	result, _ := read(t, "layout: outcomes\n"+about+"metrics: [{name: m, proportion: {trials: n, successes: y}}]\n",
		"q.csv", "\xef\xbb\xbfe,a,text,n,y\r\nx,blue,\"two\r\nlines\",10,1\r\nx,\"red,1,10,1\r\n\r\nx,green,,10,11\n")
	if got := problems(result); len(got) != 1 || !strings.HasPrefix(got[0], "q.csv:4: ") {
		t.Errorf("%q", got)
	}
	if result.Experiments[0].Arms[0].ID != "blue" {
		t.Errorf("%+v", result.Experiments[0])
	}
}

// FuzzRead holds for any file: no panic, and whatever passes the checks is a
// possible sum over users.
func FuzzRead(f *testing.F) {
	f.Add("c.csv", "e,a,n,y,d\nx,blue,10,1,2026-01-01\n\"x\",\"b\"\"l\",1e3,5,2026-01-02T00:00:00Z\n")
	f.Add("c.tsv", "e\ta\tn\ty\td\nx\tblue\t10\t1\t2026-01-01\n")
	f.Add("c.ndjson", `{"e":"x","a":"blue","n":10,"y":1,"d":"2026-01-01"}`+"\n"+`{"e":{"f":[]}}`)
	f.Add("c.parquet", "PAR1\x00\x00PAR1")
	f.Add("c.arrow", "ARROW1\x00\x00\xff\xff\xff\xff\x10\x00\x00\x00ARROW1")
	f.Add("c.csv.gz", "\x1f\x8b\x08\x00")
	f.Add("c.csv", "e,a,n,y,d\nx,blue,10,1,2026-01-01\nx,blue,11,,2026-01-01\n,blue,11,2,soon\n")
	var mappings []*mapping.Mapping
	for _, text := range []string{`layout: outcomes
experiment: {id: e, started: d}
arm: {id: a, weight: {column: n}}
control: {lowest: a}
day: d
null: [NA]
metrics:
  - {name: p, proportion: {trials: n, successes: y}}
  - {name: {column: a}, mean: {n: n, mean: y, se: y}}
`, `layout: exposures
experiment: {id: e, ended: {column: d, plus: 7d}}
arm: {id: a}
control: {first: true}
unit: n
exposed_at: d
segment: y
`, `layout: events
unit: e
at: d
event: n
null: [NA]
skip: [{column: e, equals: robot, reason: no user}]
metrics:
  - {name: rows, value: {value: 1}, cap: 1}
  - {name: {column: a}, value: y, denominator: n, window: 7d, look_back: 1d}
`} {
		m, err := mapping.Parse("m.yaml", []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		mappings = append(mappings, m)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if strings.ContainsAny(name, "/\x00") || len(name) > 50 || name == "" || name == "." || name == ".." {
			t.Skip()
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Skip()
		}
		for _, m := range mappings {
			result, err := Read(context.Background(), path, m, checker{t}, Options{})
			if err == nil && (result.Bad > 0 || result.Missing) != (len(result.Problems) > 0) {
				t.Fatalf("layout %s: %d bad rows with %d problems", m.Layout, result.Bad, len(result.Problems))
			}
			if len(result.Reckonings) > 0 && (m.Layout != mapping.Events || len(result.Metrics) != len(result.Reckonings)) {
				t.Fatalf("layout %s: rules of %v, metrics %q", m.Layout, result.Reckonings, result.Metrics)
			}
		}
	})
}

type checker struct{ t *testing.T }

func (c checker) Outcomes(o *Outcomes) error {
	for i := range o.Line {
		if !(o.N[i] > 0) || math.IsInf(o.Y[i], 0) || o.Experiment[i] == "" || o.Arm[i] == "" || o.YY[i] < 0 {
			c.t.Fatalf("row %d: %v", i, o)
		}
	}
	return nil
}

func (c checker) Assignments(a *Assignments) error {
	for i := range a.Line {
		if a.Experiment[i] == "" || a.Unit[i] == "" || a.Arm[i] == "" || a.ExposedAt[i] <= 0 || !a.Logged {
			c.t.Errorf("line %d: %+v", a.Line[i], a)
		}
	}
	return nil
}

func (c checker) Facts(f *Facts) error {
	for i := range f.Line {
		if f.Experiment[i] != "" || f.Unit[i] == "" || f.Metric[i] == "" || f.At[i] <= 0 || f.Value[i]-f.Value[i] != 0 || !(f.Denominator[i] >= 0) {
			c.t.Errorf("line %d: %+v", f.Line[i], f)
		}
	}
	return nil
}
