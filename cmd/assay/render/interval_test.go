package render

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAxisDrawsIntervals(t *testing.T) {
	a := Axis{Low: -2, High: 2, Columns: 9}
	for _, c := range []struct {
		low, value, high float64
		want             string
	}{
		{0.5, 1, 1.5, "    │├●┤ "},
		{-1, -0.5, 1, "  ├●┼─┤  "},
		{-2, 0, 2, "├───●───┤"},
		{-5, -1, 0.5, "◂─●─┼┤   "},
		{-1, 5, 9, "  ├─┼───▸"},
		{math.Inf(-1), 0, math.Inf(1), "◂───●───▸"},
		{3, 4, 5, "    │   ▸"},
		{1, 1, 1, "    │ ●  "},
	} {
		if got := a.Interval(c.low, c.value, c.high); got != c.want {
			t.Errorf("%v %v %v: got %q, want %q", c.low, c.value, c.high, got, c.want)
		}
	}
}

func TestAxisFor(t *testing.T) {
	if a := AxisFor(20, 0.01, 0.03, -0.01, 0.02); a.Low != -0.01 || a.High != 0.03 {
		t.Errorf("got %+v", a)
	}
	if a := AxisFor(20, 0.01, 0.02, 0.01, 0.02, 0.01, 0.02, 0.01, 0.02, 0.01, 5); a.High != 0.06 || a.Low != 0 {
		t.Errorf("one wide interval hides the others: %+v", a)
	}
	for _, a := range []Axis{AxisFor(20), AxisFor(20, 0, 0), AxisFor(20, math.Inf(1), math.NaN())} {
		if !(a.Low < a.High) {
			t.Errorf("got %+v", a)
		}
	}
	if got := (Axis{Low: -0.01, High: 0.03, Columns: 21}).Ruler(Percent); got != "-1%  0             3%"+" " && !strings.HasSuffix(got, "3%") {
		t.Errorf("got %q", got)
	}
}

func TestForestFiles(t *testing.T) {
	f := Forest{Title: "lifts", XLabel: "lift", X: Scale{Percent: true}, Rows: []ForestRow{{"a", -0.01, 0.02, 0.05, false}, {"b", math.Inf(-1), 0.01, math.Inf(1), true}}}
	for ending, start := range map[string]string{".svg": "<?xml", ".png": "\x89PNG", ".pdf": "%PDF"} {
		path := filepath.Join(t.TempDir(), "forest"+ending)
		if err := f.Save(path); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(got), start) {
			t.Errorf("%s starts with %q (%v)", path, got[:min(8, len(got))], err)
		}
	}
	if err := f.Save("forest.jpg"); err == nil || !strings.Contains(err.Error(), ".svg") {
		t.Errorf("got %v", err)
	}
}

func TestForestLabelsZero(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{-0.035, 0.19, "0% +5% +10% +15%"},
		{-0.0007, 0.0004, "-0.06% -0.04% -0.02% 0.00% +0.02% +0.04%"},
		{-3, 8, "-200% 0% +200% +400% +600% +800%"},
		{-1, 1, "-100% -50% 0% +50% +100%"},
	} {
		var got []string
		for _, tick := range fromZero(Scale{Percent: true, Signed: true}).Ticks(c.low, c.high) {
			got = append(got, tick.Label)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%v to %v: %s, want %s", c.low, c.high, text, c.want)
		}
	}
}
