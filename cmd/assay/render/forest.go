package render

import (
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Forest is a forest plot: intervals with their estimates, one below the other,
// around 0.
type Forest struct {
	Title, XLabel string
	Rows          []ForestRow
	X             Scale
}

// ForestRow is one interval; an infinite end runs to the edge.
type ForestRow struct {
	Name             string
	Low, Value, High float64
	Minor            bool // part of the row above: thin and grey
}

// fromZero labels 0 and even steps to both sides of it.
type fromZero Scale

// Ticks implements plot.Ticker.
func (s fromZero) Ticks(low, high float64) []plot.Tick {
	step := math.Pow10(int(math.Floor(math.Log10((high - low) / 2))))
	for _, times := range []float64{0.2, 0.5, 1, 2, 5} {
		if (high-low)/(times*step) <= 7 {
			step *= times
			break
		}
	}
	var at []float64
	for i := math.Ceil(low / step); i*step <= high; i++ {
		at = append(at, i*step)
	}
	text := Scale(s).text(at, step)
	var all []plot.Tick
	for _, x := range at {
		all = append(all, plot.Tick{Value: x, Label: text(x)})
	}
	return all
}

// Save writes the plot to a file, of the kind that its name says.
func (f Forest) Save(path string) error {
	if !slices.Contains(FileKinds, strings.ToLower(filepath.Ext(path))) {
		return fmt.Errorf("%s: a chart is written as %s", path, strings.Join(FileKinds, ", "))
	}
	plot.DefaultFont.Variant = "Sans"
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Title.Padding, p.X.Tick.Marker = f.Title, f.XLabel, vg.Points(8), fromZero(f.X)
	var ends []float64
	for _, r := range f.Rows {
		ends = append(ends, r.Low, r.High)
	}
	axis := AxisFor(2, ends...)
	pad := 0.04 * (axis.High - axis.Low)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = axis.Low-pad, axis.High+pad, -0.6, float64(len(f.Rows))-0.4
	zero, err := plotter.NewLine(plotter.XYs{{X: 0, Y: p.Y.Min}, {X: 0, Y: p.Y.Max}})
	if err != nil {
		return err
	}
	zero.Color, zero.Width = color.Gray{0x99}, vg.Points(1)
	p.Add(zero)
	var names []plot.Tick
	for i, r := range f.Rows {
		y := float64(len(f.Rows) - 1 - i)
		names = append(names, plot.Tick{Value: y, Label: r.Name})
		hue, width := color.Color(hues[0].file), vg.Points(2)
		if r.Minor {
			hue, width = color.Gray{0x66}, vg.Points(1.2)
		}
		line, err := plotter.NewLine(plotter.XYs{{X: math.Max(p.X.Min, math.Min(p.X.Max, r.Low)), Y: y}, {X: math.Min(p.X.Max, math.Max(p.X.Min, r.High)), Y: y}})
		if err != nil {
			return fmt.Errorf("draw %s: %w", r.Name, err)
		}
		line.Color, line.Width = hue, width
		p.Add(line)
		if r.Value < p.X.Min || r.Value > p.X.Max {
			continue
		}
		dot, err := plotter.NewScatter(plotter.XYs{{X: r.Value, Y: y}})
		if err != nil {
			return fmt.Errorf("draw %s: %w", r.Name, err)
		}
		dot.Color, dot.Shape, dot.Radius = hue, draw.CircleGlyph{}, vg.Points(3)
		p.Add(dot)
	}
	p.Y.Tick.Marker, p.Y.LineStyle.Width, p.Y.Tick.Length = plot.ConstantTicks(names), 0, 0
	return save(path, 7*vg.Inch, vg.Length(1.3+0.3*float64(len(f.Rows)))*vg.Inch, p.Draw)
}
