package render

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/guptarohit/asciigraph"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Chart is a line chart, in a terminal (Text) or in a file (Save). What it shows
// also stands in a table: it is for the eye, and never the only place.
type Chart struct {
	Title, XLabel, YLabel string
	X                     []float64 // at equal steps, such as weeks
	Lines                 []Line
	Y                     Scale
}

// Line is one series of a chart; a NaN leaves a gap.
type Line struct {
	Name string
	Y    []float64 // as many as the chart's X
	Aim  bool      // what the others should reach: in a file dashed, without points
}

const chartHeight = 10

// hues tell lines apart, for readers who see no red or green too: the first four
// of Okabe & Ito (2008), "Color Universal Design", and their nearest ANSI colours.
var hues = []struct {
	file     color.RGBA
	terminal asciigraph.AnsiColor
}{
	{color.RGBA{0x00, 0x72, 0xB2, 0xFF}, asciigraph.Blue},
	{color.RGBA{0xE6, 0x9F, 0x00, 0xFF}, asciigraph.Orange},
	{color.RGBA{0x00, 0x9E, 0x73, 0xFF}, asciigraph.Green},
	{color.RGBA{0xCC, 0x79, 0xA7, 0xFF}, asciigraph.Violet},
}

// Text draws the chart in at most width columns. Without two numbers to join it
// draws nothing.
func (c Chart) Text(w io.Writer, s Styles, width int) error {
	low, high, points := math.Inf(1), math.Inf(-1), 0
	var lines [][]float64
	var names []string
	var colours []asciigraph.AnsiColor
	for i, l := range c.Lines {
		for _, y := range l.Y {
			if !math.IsNaN(y) {
				low, high, points = min(low, y), max(high, y), points+1
			}
		}
		name := l.Name
		if hue := hues[i%len(hues)].terminal; s.Colour {
			name = hue.String() + name + asciigraph.Default.String()
			colours = append(colours, hue)
		}
		lines, names = append(lines, slices.Clone(l.Y)), append(names, name)
	}
	if points < 2 || len(c.X) < 2 {
		return nil
	}
	if high-low < 1e-12*math.Abs(high) || high == low {
		low, high = low-0.5*math.Abs(low)-1e-9, high+0.5*math.Abs(high)+1e-9
	}
	ticks := make([]float64, chartHeight+1)
	for i := range ticks {
		ticks[i] = low + (high-low)*float64(i)/chartHeight
	}
	text, margin := c.Y.text(ticks, (high-low)/chartHeight), 0
	for _, y := range ticks {
		margin = max(margin, Len(text(y)))
	}
	// Heights above the lowest number: a row is found by rounding the lowest and each
	// height by itself, which would draw a line up to one row off its label.
	for _, line := range lines {
		for i := range line {
			line[i] -= low
		}
	}
	across := max(20, width-margin-max(4, 2+(c.widestX()+1)/2)) // the last label stands half beyond its tick
	options := []asciigraph.Option{
		asciigraph.Height(chartHeight), asciigraph.Width(across),
		asciigraph.LowerBound(0), asciigraph.UpperBound(high - low),
		asciigraph.YAxisValueFormatter(func(height float64) string { return text(low + height) }),
		asciigraph.XAxisRange(c.X[0], c.X[len(c.X)-1]), asciigraph.XAxisTickCount(c.tickCount(across)),
		asciigraph.XAxisValueFormatter(c.xText()),
		asciigraph.SeriesColors(colours...),
	}
	drawn := asciigraph.PlotMany(lines, options...)
	if _, err := fmt.Fprintln(w, s.Paint(Bold, c.Title)); err != nil {
		return err
	}
	for line := range strings.Lines(drawn + "\n") {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s%s   %s\n", strings.Repeat(" ", margin+2), s.Paint(Dim, c.XLabel), strings.Join(names, ", "))
	return err
}

// xText writes places on the axis, all with the same decimals.
func (c Chart) xText() func(float64) string {
	return Scale{}.text(c.X, (c.X[len(c.X)-1]-c.X[0])/float64(len(c.X)-1))
}

// widestX is the width of the longest number below the axis.
func (c Chart) widestX() (widest int) {
	text := c.xText()
	for _, x := range c.X {
		widest = max(widest, Len(text(x)))
	}
	return widest
}

// tickCount puts ticks on points: the most that divide the axis evenly and leave room
// for what stands below them. Of many points, a prime number of steps, that is the ends.
func (c Chart) tickCount(across int) int {
	widest, steps := c.widestX(), len(c.X)-1
	for n := min(13, steps, across/(widest+1)); n > 1; n-- {
		if steps%n == 0 {
			return n + 1
		}
	}
	if steps*(widest+1) <= across {
		return steps + 1
	}
	return 2
}

// FileKinds are the endings that Save knows.
var FileKinds = []string{".svg", ".png", ".pdf"}

// Save writes the chart to a file, of the kind that its name says.
func (c Chart) Save(path string) error {
	if !slices.Contains(FileKinds, strings.ToLower(filepath.Ext(path))) {
		return fmt.Errorf("%s: a chart is written as %s", path, strings.Join(FileKinds, ", "))
	}
	plot.DefaultFont.Variant = "Sans" // as the pages are set
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, c.XLabel, c.YLabel
	p.Title.Padding, p.Y.Tick.Marker = vg.Points(8), c.Y
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal.Color = color.Gray{0xDD}
	p.Add(grid)
	var entries []plot.Legend
	for i, l := range c.Lines {
		for j, part := range c.parts(l) {
			drawn, points, err := plotter.NewLinePoints(part)
			if err != nil {
				return fmt.Errorf("draw %s: %w", l.Name, err)
			}
			drawn.Color, drawn.Width = hues[i%len(hues)].file, vg.Points(1.6)
			points.Color, points.Shape, points.Radius = drawn.Color, draw.CircleGlyph{}, vg.Points(2)
			if p.Add(drawn); l.Aim {
				drawn.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
			} else {
				p.Add(points)
			}
			if j == 0 {
				entry := plot.NewLegend()
				entry.Add(l.Name, drawn)
				entry.Left = true
				entries = append(entries, entry)
			}
		}
	}
	return save(path, 7*vg.Inch, 4*vg.Inch, func(page draw.Canvas) {
		p.Draw(draw.Crop(page, 0, 0, legends(page, entries), 0))
	})
}

// legends writes the names of lines in a row along the bottom of a page, where no line
// can cross them, and returns the height that they take. One line needs no name.
func legends(page draw.Canvas, entries []plot.Legend) vg.Length {
	if len(entries) < 2 {
		return 0
	}
	gap := vg.Points(18)
	right := page.Max.X - gap
	var height vg.Length
	for _, entry := range slices.Backward(entries) {
		size := entry.Rectangle(page).Size()
		height = max(height, size.Y)
		entry.Draw(draw.Crop(page, right-size.X-page.Min.X, right-page.Max.X, 0, 0))
		right -= size.X + gap
	}
	return height + vg.Points(6)
}

// save draws a page and writes it to a file, of the kind that its name says.
func save(path string, width, height vg.Length, drawOn func(draw.Canvas)) (err error) {
	page, err := draw.NewFormattedCanvas(width, height, strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")))
	if err != nil {
		return err
	}
	whole, edge := draw.New(page), vg.Points(6)
	whole.SetColor(color.White) // also in the margin, which SVG and PDF leave transparent
	whole.Fill(whole.Rectangle.Path())
	drawOn(draw.Crop(whole, edge, -edge, edge, -edge))
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = page.WriteTo(file)
	return err
}

// parts are the unbroken stretches of a line.
func (c Chart) parts(l Line) (parts []plotter.XYs) {
	var part plotter.XYs
	for i, y := range l.Y {
		if !math.IsNaN(y) {
			part = append(part, plotter.XY{X: c.X[i], Y: y})
		}
		if len(part) > 0 && (math.IsNaN(y) || i == len(l.Y)-1) {
			parts, part = append(parts, part), nil
		}
	}
	return parts
}
