package peers

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"
)

// growthGap is the gap to which larger and larger portfolios are solved.
const growthGap = 0.0005

// grown is a portfolio's size and what it took.
type grown struct {
	hypotheses int
	seconds    float64
}

func TestGrowth(t *testing.T) {
	if os.Getenv("ASSAY_PEERS") == "" {
		t.Skip("takes minutes and 3 GB: run by make bench-solvers (ASSAY_PEERS=1)")
	}
	var all []grown
	var table strings.Builder
	table.WriteString("| hypotheses | seconds to 0.05% | for each thousand hypotheses |\n| ---: | ---: | ---: |\n")
	for _, n := range []int{10_000, 30_000, 100_000, 300_000, 1_000_000} {
		p := portfolio(n, 1)
		runtime.GC()
		g := grown{n, here(t, p, growthGap).seconds}
		all = append(all, g)
		fmt.Fprintf(&table, "| %d | %.2f | %.4f |\n", n, g.seconds, g.seconds/float64(n)*1000)
	}
	t.Log("\n" + table.String())
	if first, last := all[0], all[len(all)-1]; last.seconds/first.seconds > 3*float64(last.hypotheses/first.hypotheses) {
		t.Errorf("%d times the hypotheses take %.0f times as long", last.hypotheses/first.hypotheses, last.seconds/first.seconds)
	}
	if *update {
		rewrite(t, "growth", table.String())
		if err := os.WriteFile("../../../docs/img/allocation-growth.svg", []byte(plot(all)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// plot draws seconds over hypotheses, both logarithmic, with the line of linear growth
// through the first point.
func plot(all []grown) string {
	const width, height, left, right, top, bottom = 640, 380, 64, 20, 20, 52
	x := func(n float64) float64 { return left + (math.Log10(n)-4)/2*(width-left-right) }
	low, high := math.Floor(math.Log10(all[0].seconds)), math.Ceil(math.Log10(all[len(all)-1].seconds))
	y := func(s float64) float64 {
		return height - bottom - (math.Log10(s)-low)/(high-low)*(height-top-bottom)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" role="img">`+"\n", width, height)
	b.WriteString(`<title>Seconds to a gap of 0.05%, by number of hypotheses</title><rect width="100%" height="100%" fill="#fff"/>` + "\n")
	for k := low; k <= high; k++ {
		v := y(math.Pow(10, k))
		fmt.Fprintf(&b, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end" fill="#444">%g s</text>`+"\n", left, v, width-right, left-8, v+4, math.Pow(10, k))
	}
	for _, n := range []struct {
		at   float64
		name string
	}{{1e4, "10,000"}, {1e5, "100,000"}, {1e6, "1,000,000"}} {
		anchor := map[float64]string{1e4: "start", 1e5: "middle", 1e6: "end"}[n.at]
		fmt.Fprintf(&b, `<path d="M%.1f %dV%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="%s" fill="#444">%s</text>`+"\n", x(n.at), top, height-bottom, x(n.at), height-bottom+18, anchor, n.name)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle" fill="#444">hypotheses, of eight designs each</text>`+"\n", (left+width-right)/2, height-12)
	from := all[0]
	to := 1e6
	fmt.Fprintf(&b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="#999" stroke-dasharray="5 4"/><text x="%.1f" y="%.1f" fill="#666" text-anchor="end">linear growth</text>`+"\n",
		x(float64(from.hypotheses)), y(from.seconds), x(to), y(from.seconds*to/float64(from.hypotheses)), x(7e5), y(from.seconds*to/float64(from.hypotheses))+4)
	var line strings.Builder
	for i, g := range all {
		fmt.Fprintf(&line, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], x(float64(g.hypotheses)), y(g.seconds))
	}
	fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="#1f5fbf" stroke-width="2"/>`+"\n", line.String())
	for _, g := range all {
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="4" fill="#1f5fbf"/>`+"\n", x(float64(g.hypotheses)), y(g.seconds))
	}
	b.WriteString("</svg>\n")
	return b.String()
}
