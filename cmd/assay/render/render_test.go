package render

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNumbersForPeople(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Lift(0.0031), "+0.31%"},
		{Lift(-0.0031), "-0.31%"},
		{Lift(0), "+0.00%"},
		{Lift(0.123), "+12.3%"},
		{Lift(0.00001), "+0.0010%"},
		{Percent(0.984), "98.4%"},
		{Percent(1), "100%"},
		{Percent(0), "0%"},
		{Percent(0.0000123), "0.0012%"},
		{Count(2_100_000), "2.1 M"},
		{Count(9812), "9,812"},
		{Count(3), "3"},
		{Count(3.25), "3.2"},
		{Count(999_700), "1 M"},
		{Thousands(-1234567), "-1,234,567"},
		{Plural(1, "hypothesis", "hypotheses"), "1 hypothesis"},
		{Plural(2000, "hypothesis", "hypotheses"), "2,000 hypotheses"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

type row struct {
	Title string
	Lift  float64
}

var rowColumns = []Column[row]{
	{Name: "title", Title: "TITLE", Value: func(r row) any { return r.Title }, Grow: true},
	{Name: "lift", Title: "LIFT", Right: true, Value: func(r row) any { return r.Lift }, Text: func(r row) string { return Lift(r.Lift) }},
}

func TestTableFitsAndCuts(t *testing.T) {
	rows := []row{{strings.Repeat("long ", 40), 0.01}, {"évènement\x1b[31m\nred", -0.2}, {"日本語の題名", 0}}
	var out bytes.Buffer
	if err := Table(&out, Styles{}, 60, rowColumns, rows); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := Len(strings.TrimSuffix(line, "\n")); n > 60 {
			t.Errorf("%d columns: %q", n, line)
		}
		if strings.Contains(line, "\x1b") {
			t.Errorf("an escape sequence got through: %q", line)
		}
	}
	if !strings.Contains(out.String(), "…") {
		t.Errorf("no cut is marked:\n%s", out.String())
	}
}

func TestCSVIsExactAndDefused(t *testing.T) {
	var out bytes.Buffer
	rows := []row{{"=HYPERLINK(1)", -0.1}, {"a,\"b\"", 1e-17}}
	if err := CSV(&out, rowColumns, rows); err != nil {
		t.Fatal(err)
	}
	want := "title,lift\n'=HYPERLINK(1),-0.1\n\"a,\"\"b\"\"\",1e-17\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestColourOnlyWhenAsked(t *testing.T) {
	if got := (Styles{}).Paint(Bad, "x"); got != "x" {
		t.Errorf("painted without colour: %q", got)
	}
	if got := (Styles{Colour: true}).Paint(Bad, "x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("got %q", got)
	}
}

func TestWrap(t *testing.T) {
	got := strings.Join(Wrap("needs 2.1 M users of layer feed-1; at tonight's price", 20), "|")
	if want := "needs 2.1 M users of|layer feed-1; at|tonight's price"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A file or a pipe has no width of its own: COLUMNS says it, if it can be used.
func TestTermWidth(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for columns, want := range map[string]int{"": Width, "72": 72, "20": Width, "1000": Width, "wide": Width} {
		t.Setenv("COLUMNS", columns)
		if got := TermWidth(f); got != want {
			t.Errorf("COLUMNS=%q: %d, want %d", columns, got, want)
		}
	}
	if got := TermWidth(&strings.Builder{}); got != Width {
		t.Errorf("no file: %d", got)
	}
}

// What is drawn keeps its place: an interval in the middle of its axis stays there.
func TestTableKeepsDrawings(t *testing.T) {
	var out bytes.Buffer
	axis := Axis{Low: -1, High: 1, Columns: 9}
	rows := [][2]float64{{-1, -0.5}, {0.25, 0.75}}
	if err := Table(&out, Styles{}, Width, []Column[[2]float64]{{Title: axis.Ruler(Lift), Drawn: true, Text: func(r [2]float64) string { return axis.Interval(r[0], (r[0]+r[1])/2, r[1]) }}}, rows); err != nil {
		t.Fatal(err)
	}
	if want := "    0\n├●┤ │\n    │├●┤\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
