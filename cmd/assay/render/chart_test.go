package render

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func power() Chart {
	return Chart{Title: "Power by week", XLabel: "week", YLabel: "power", Y: Scale{Percent: true}, X: []float64{1, 2, 3, 4, 5, 6},
		Lines: []Line{{Name: "power", Y: []float64{math.NaN(), 0.41, 0.62, 0.75, 0.83, 0.88}}, {Name: "aim", Y: []float64{0.8, 0.8, 0.8, 0.8, 0.8, 0.8}, Aim: true}}}
}

func TestChartText(t *testing.T) {
	var out bytes.Buffer
	if err := power().Text(&out, Styles{}, 80); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	for line := range strings.Lines(out.String()) {
		if n := Len(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, want := range []string{"Power by week", "88.0%", "41.0%", "week", "aim"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("colour in plain text")
	}
}

// A line lies in the row of the nearest label: 80% at 81.1%, not at 76.5%.
func TestChartLineBesideItsLabel(t *testing.T) {
	c := Chart{X: []float64{1, 2}, Y: Scale{Percent: true}, Lines: []Line{{Name: "aim", Y: []float64{0.8, 0.8}}, {Name: "power", Y: []float64{0.489, 0.949}}}}
	var out bytes.Buffer
	if err := c.Text(&out, Styles{}, 80); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if got, want := strings.HasSuffix(line, "──────────\n") && strings.Contains(line, "┼"), strings.Contains(line, "81.1%"); got != want {
			t.Errorf("line of 80%% is %t, want %t: %s", got, want, line)
		}
	}
}

func TestChartTicks(t *testing.T) {
	for _, c := range []struct{ points, across, want int }{{2, 90, 2}, {6, 90, 6}, {12, 90, 12}, {14, 90, 14}, {14, 30, 2}, {25, 90, 13}, {24, 90, 24}, {24, 60, 2}, {27, 90, 14}} {
		chart := Chart{}
		for i := range c.points {
			chart.X = append(chart.X, float64(i+1))
		}
		if got := chart.tickCount(c.across); got != c.want {
			t.Errorf("%d points in %d columns: %d ticks, want %d", c.points, c.across, got, c.want)
		}
	}
}

// However long the numbers below the axis are, no line is wider than asked for.
func TestChartFitsItsWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.Float64Range(0, 5000).Draw(t, "first")
		step := rapid.Float64Range(1e-3, 5000).Draw(t, "step")
		width := rapid.IntRange(60, 100).Draw(t, "width")
		c := Chart{Y: Scale{Percent: true}, Lines: []Line{{Name: "power"}}}
		for i := range rapid.IntRange(2, 30).Draw(t, "points") {
			c.X = append(c.X, first+step*float64(i))
			c.Lines[0].Y = append(c.Lines[0].Y, float64(i)/30)
		}
		var out bytes.Buffer
		if err := c.Text(&out, Styles{}, width); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := Len(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("%d columns: %q", n, line)
			}
		}
	})
}

// Numbers on either side of 1,000 are written alike.
func TestChartNumbersBelow(t *testing.T) {
	c := Chart{X: []float64{280, 560, 840, 1120, 1400}, Lines: []Line{{Name: "power", Y: []float64{1, 2, 3, 4, 5}}}}
	var out bytes.Buffer
	if err := c.Text(&out, Styles{}, 100); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if got, want := strings.Join(strings.Fields(lines[len(lines)-3]), " "), "280 560 840 1120 1400"; got != want {
		t.Errorf("below the axis: %q, want %q", got, want)
	}
}

func TestChartOfOnePointIsNothing(t *testing.T) {
	var out bytes.Buffer
	if err := (Chart{X: []float64{1}, Lines: []Line{{Name: "a", Y: []float64{1}}}}).Text(&out, Styles{}, 80); err != nil || out.Len() > 0 {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestChartFiles(t *testing.T) {
	for ending, start := range map[string]string{".svg": "<?xml", ".png": "\x89PNG", ".pdf": "%PDF"} {
		path := filepath.Join(t.TempDir(), "power"+ending)
		if err := power().Save(path); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(got), start) {
			t.Errorf("%s starts with %q (%v)", path, got[:min(8, len(got))], err)
		}
	}
	if err := power().Save("power.jpg"); err == nil || !strings.Contains(err.Error(), ".svg") {
		t.Errorf("got %v", err)
	}
}

// The names of lines stand below the axis, where no line goes.
func TestChartLegendIsBelow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "power.svg")
	if err := power().Save(path); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	heights := map[string]float64{} // above the bottom of the page
	for _, found := range regexp.MustCompile(`y="-([\d.]+)"[^>]*>([^<]*)</text>`).FindAllSubmatch(svg, -1) {
		heights[string(found[2])], _ = strconv.ParseFloat(string(found[1]), 64)
	}
	if h := heights["aim"]; h <= 0 || h >= heights["week"] {
		t.Errorf("the legend is %g points up, the axis %g", h, heights["week"])
	}
}
