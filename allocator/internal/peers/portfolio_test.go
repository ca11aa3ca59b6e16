package peers

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"github.com/assay-planner/assay/allocator/knapsack"
)

// portfolio draws a night's problem: hypotheses of fat-tailed worth with eight designs
// each, of small or large samples, one period or two, and one of two pools of machines.
// Six limits are GPU-hours by pool and period, four are users by segment; each is 5 to
// 10% of what all hypotheses would take.
func portfolio(hypotheses int, seed uint64) *knapsack.Problem {
	r := rand.New(rand.NewPCG(seed, 20))
	logNormal := func(mean, sd float64) float64 { return mean * math.Exp(sd*r.NormFloat64()) }
	p := &knapsack.Problem{Name: fmt.Sprintf("portfolio %d", hypotheses)}
	demand := make([]float64, 10)
	for range hypotheses {
		p.AddClass(false)
		scale := 0.2 + math.Abs(r.NormFloat64())/math.Sqrt(0.1+r.ExpFloat64()) // of what might be gained
		worth, gpu, users := logNormal(1e5, 0.8), logNormal(250, 1), logNormal(400, 0.5)
		pool, period, from, segments := r.IntN(3), r.IntN(2), r.IntN(4), 1+r.IntN(3)
		for design := range 8 {
			large, long, other := design&1, design>>1&1, design>>2&1
			sample := users * []float64{1, 3.5}[large]
			weeks := float64(1 + long)
			noise := 2 / math.Sqrt(sample*weeks/400)
			gain := scale * (1 + 0.3*float64(other)*r.Float64())
			value := math.Round(worth * gain * gain / math.Hypot(gain, noise))
			hours := gpu * (1 + 0.12*float64(large)) * (1 + 1.8*float64(other))
			var uses []knapsack.Use
			use := func(row int, amount float64) {
				units := int32(max(1, math.Round(amount)))
				uses = append(uses, knapsack.Use{Row: int32(row), Units: units})
				demand[row] += float64(units) / 8
			}
			machines := 2 * ((pool + other) % 3)
			if long == 0 {
				use(machines+period, hours)
			} else {
				use(machines, 0.75*hours)
				use(machines+1, 0.75*hours)
			}
			for k := range segments {
				use(6+(from+k)%4, sample*weeks/float64(segments))
			}
			p.AddItem(value, uses...)
		}
	}
	for row, all := range demand {
		p.Rows = append(p.Rows, knapsack.Row{Name: fmt.Sprint("r", row), Most: int64(all * (0.05 + 0.05*r.Float64()))})
	}
	return p
}

// writeLP writes a problem in the form that HiGHS and CBC read.
func writeLP(w io.Writer, p *knapsack.Problem) error {
	out := bufio.NewWriter(w)
	terms := 0
	term := func(coefficient float64, item int32) {
		if terms++; terms%10 == 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(out, " + %v x%d", coefficient, item)
	}
	out.WriteString("Maximize\n value:")
	for i, item := range p.Items {
		term(item.Value, int32(i))
	}
	out.WriteString("\nSubject To\n")
	uses := make([][]knapsack.Use, len(p.Rows)) // by row: items, and what they take
	for i, item := range p.Items {
		for _, u := range p.Uses[item.First:item.Last] {
			uses[u.Row] = append(uses[u.Row], knapsack.Use{Row: int32(i), Units: u.Units})
		}
	}
	for k, row := range p.Rows {
		fmt.Fprintf(out, " %s:", row.Name)
		for _, u := range uses[k] {
			term(float64(u.Units), u.Row)
		}
		fmt.Fprintf(out, " <= %d\n", row.Most)
	}
	for c, class := range p.Classes {
		fmt.Fprintf(out, " c%d:", c)
		for i := class.First; i < class.Last; i++ {
			term(1, i)
		}
		out.WriteString(" <= 1\n")
	}
	out.WriteString("Binary\n")
	for i := range p.Items {
		fmt.Fprintf(out, " x%d\n", i)
	}
	out.WriteString("End\n")
	return out.Flush()
}
