package dashboard

import (
	"fmt"
	"math"
	"strings"
)

// chart is a drawing with two axes. It is as wide as a phone, so that its words can be
// read on one; wider screens show several beside each other.
type chart struct {
	Width, Height            float64
	Left, Right, Top, Bottom float64 // edges of what is drawn between the axes
	XName, YName             string
	XTicks, YTicks           []tick
	Areas, Lines             []curve
	Ellipses                 []ellipse
	Bars                     []bar
	Dots                     []dot
	Text                     string // the drawing in words

	x, y scale
}

// curve is a line or an area by its path; Class says how it looks.
type curve struct{ Class, D string }

// ellipse is turned by Turn degrees around its middle.
type ellipse struct{ X, Y, RX, RY, Turn float64 }

// bar is a vertical interval.
type bar struct{ X, Low, High float64 }

type dot struct {
	X, Y float64
	Text string
}

// scale places values from low to high; of a logarithmic one both are above 0.
type scale struct {
	low, high float64
	log       bool
}

// share is where x lies, 0 at low and 1 at high.
func (s scale) share(x float64) float64 {
	if s.log {
		return math.Log(x/s.low) / math.Log(s.high/s.low)
	}
	return (x - s.low) / (s.high - s.low)
}

// newChart has its ticks printed by xLabel and yLabel; without xLabel its caller places
// those across.
func newChart(x, y scale, xLabel, yLabel func(at, step float64) string) *chart {
	c := &chart{Width: 380, Height: 262, Left: 50, Right: 372, Top: 22, Bottom: 220, x: x, y: y}
	if xLabel != nil {
		for _, at := range x.ticks(5) {
			t := tick{X: c.at(at.value), Label: xLabel(at.value, at.step), Anchor: "middle", Zero: at.value == 0}
			if t.X > c.Right-12 { // the middle of a word there would be cut off
				t.Anchor = "end"
			}
			c.XTicks = append(c.XTicks, t)
		}
	}
	for _, at := range y.ticks(5) {
		c.YTicks = append(c.YTicks, tick{X: c.up(at.value), Label: yLabel(at.value, at.step), Zero: at.value == 0})
	}
	return c
}

// InnerWidth and InnerHeight are those of what is drawn between the axes; Under, Beside,
// Last and Above are where words stand around it.
func (c *chart) InnerWidth() float64  { return c.Right - c.Left }
func (c *chart) InnerHeight() float64 { return c.Bottom - c.Top }
func (c *chart) Under() float64       { return c.Bottom + 15 }
func (c *chart) Beside() float64      { return c.Left - 6 }
func (c *chart) Last() float64        { return c.Height - 6 }
func (c *chart) Above() float64       { return c.Top - 8 }

// at and up place a value across and upward; what lies outside is held a little beyond
// the edge, where it is cut off.
func (c *chart) at(x float64) float64 { return tenths(c.Left + bounded(c.x.share(x))*(c.Right-c.Left)) }
func (c *chart) up(y float64) float64 {
	return tenths(c.Bottom - bounded(c.y.share(y))*(c.Bottom-c.Top))
}

func bounded(share float64) float64 {
	if math.IsNaN(share) { // the logarithm of 0 less
		return -0.2
	}
	return math.Max(-0.2, math.Min(1.2, share))
}

func tenths(x float64) float64 { return math.Round(10*x) / 10 }

// line runs through the points.
func (c *chart) line(class string, points [][2]float64) {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%c%g %g", "ML"[min(i, 1)], c.at(p[0]), c.up(p[1]))
	}
	c.Lines = append(c.Lines, curve{class, d.String()})
}

// area lies between the points there and the points back.
func (c *chart) area(class string, there, back [][2]float64) {
	var d strings.Builder
	for i, p := range there {
		fmt.Fprintf(&d, "%c%g %g", "ML"[min(i, 1)], c.at(p[0]), c.up(p[1]))
	}
	for i := range back {
		p := back[len(back)-1-i]
		fmt.Fprintf(&d, "L%g %g", c.at(p[0]), c.up(p[1]))
	}
	c.Areas = append(c.Areas, curve{class, d.String() + "Z"})
}

// spread is the ellipse of one standard error around a point with errors sx and sy that
// correlate by rho. Its axes on the drawing are the eigenvectors of the covariance there,
// where up is down.
func (c *chart) spread(x, y, sx, sy, rho float64) {
	sx *= (c.Right - c.Left) / (c.x.high - c.x.low)
	sy *= (c.Bottom - c.Top) / (c.y.high - c.y.low)
	a, b, both := sx*sx, sy*sy, -rho*sx*sy
	half, middle := math.Hypot((a-b)/2, both), (a+b)/2
	turn := 0.5 * math.Atan2(2*both, a-b) * 180 / math.Pi
	c.Ellipses = append(c.Ellipses, ellipse{c.at(x), c.up(y), tenths(math.Sqrt(middle + half)), tenths(math.Sqrt(math.Max(0, middle-half))), tenths(turn)})
}

// gridLine is where a tick stands, and the step to the next.
type gridLine struct{ value, step float64 }

// ticks are about so many round numbers; on a logarithmic scale powers of ten, and 2 and
// 5 times these where there are few.
func (s scale) ticks(about float64) (all []gridLine) {
	if !s.log {
		step := roundStep((s.high - s.low) / about)
		for k := math.Ceil(s.low/step-1e-9) + 0; /* −0 is 0 */ k*step <= s.high*(1+1e-9); k++ {
			all = append(all, gridLine{k * step, step})
		}
		return all
	}
	parts := []float64{1}
	if math.Log10(s.high/s.low) < 2.5 {
		parts = []float64{1, 2, 5}
	}
	for power := math.Pow(10, math.Floor(math.Log10(s.low))); power <= s.high; power *= 10 {
		for _, p := range parts {
			if at := p * power; at >= s.low*(1-1e-9) && at <= s.high*(1+1e-9) {
				all = append(all, gridLine{at, at})
			}
		}
	}
	return all
}
