package power

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/golden"
)

func TestGoldenPowerR(t *testing.T) {
	golden.Table(t, "power_r.csv", func(c *golden.Check, r golden.Row) {
		d := designOf(c, r)
		switch method := r.Text("method"); {
		case method == "t_two_sample", method == "prop_z_pooled_null":
			d.Allocation, d.Strict = 1, false // arm 1 is control there, of equal size
			if method == "prop_z_pooled_null" {
				d.Metric, d.MDE = Proportion{r.Num("p1")}, r.Num("p2")-r.Num("p1")
			}
		}
		checkPower(c, r, d, 1e-6)
	})
}

func TestGoldenPowerStatsmodels(t *testing.T) {
	golden.Table(t, "power_statsmodels.csv", func(c *golden.Check, r golden.Row) {
		checkPower(c, r, designOf(c, r), 1e-5)
	})
}

// designOf reads a row; arm 1 is the treatment.
func designOf(c *golden.Check, r golden.Row) Design {
	d := Design{MDE: r.Num("effect"), Alpha: r.Num("alpha"), Sides: stats.OneSided, Allocation: r.Num("n1") / r.Num("n2")}
	if r.Has("power") {
		d.Power = r.Num("power")
	}
	if r.Has("margin") {
		d.Margin = r.Num("margin")
	}
	switch alternative := r.Text("alternative"); alternative {
	case "two.sided", "two-sided":
		d.Sides, d.Strict = stats.TwoSided, true
	case "one.sided", "larger", "greater":
	default:
		c.Fatalf("unknown alternative %q", alternative)
	}
	method := r.Text("method")
	switch {
	case strings.HasPrefix(method, "prop_"), strings.HasPrefix(method, "rates_"):
		d.Metric, d.MDE = Proportion{r.Num("p2")}, r.Num("p1")-r.Num("p2")
		if method == "prop_arcsine" {
			d.Test = Stabilised
		}
	case strings.HasPrefix(method, "t_"), strings.HasPrefix(method, "z_"):
		m := Mean{SD: 1}
		if r.Column("sd") && r.Has("sd") {
			m.SD = r.Num("sd")
		}
		d.Metric = m
		if method[0] == 't' {
			d.Reference = StudentT
		}
	default:
		c.Fatalf("unknown method %s", method)
	}
	return d
}

// checkPower solves a row. References say no more than this:
//   - statsmodels returns its starting value of 10 where it does not converge, and
//     finds effects within 1e-5, absolute: at n1 = n2 = 20000, two-sided, it says
//     0.0280155870 where 30 digits of arithmetic give 0.0280164906;
//   - rpact finds the n of a t-test within 5e-4 users of both arms together;
//   - R's and scipy's noncentral t end their series at 1e-12, absolute, and scipy's
//     critical values of t are exact to 4.2e-9 only (see TestGoldenWelch), which moves
//     the power of t_ind by up to 1e-8 of itself.
func checkPower(c *golden.Check, r golden.Row, d Design, tolerance float64) {
	c.Helper()
	if reason := outside(r); reason != "" {
		c.Leave(reason)
		return
	}
	var s Sizing
	var err error
	n, method, source := r.Num("n2"), r.Text("method"), r.Text("source")
	switch r.Text("solve_for") {
	case "n":
		scale := n
		switch {
		case strings.HasPrefix(source, "statsmodels") && r.Num("n1") == 10:
			c.Leave("the reference did not converge")
			return
		case strings.HasPrefix(source, "rpact") && method[0] == 't':
			scale = max(n, 500/(1+d.Allocation)) // 5e-4 of both arms at 1e-6
		case method[0] == 't' && n*(1+d.Allocation) < 3:
			c.Leave("less than one degree of freedom, where ours has no test")
			return
		}
		if s, err = d.SampleSize(); err == nil {
			c.Within("n", s.Control, n, scale, tolerance)
		}
	case "mde":
		if s, err = d.MDEAt(n); err == nil {
			c.Within("mde", s.MDE, math.Abs(r.Num("effect")), 1, 1e-5)
		}
	case "power":
		precision := 1e-9
		if method == "t_ind" {
			precision = 2e-8
		}
		d.Power = 0
		if s, err = d.PowerAt(n); err == nil {
			c.Within("power", s.Power, r.Num("power"), max(r.Num("power"), 2e-3), precision)
		}
	default:
		c.Fatalf("unknown solve_for %q", r.Text("solve_for"))
	}
	if err != nil {
		c.Fatalf("%s: %v", r.Text("row_id"), err)
	}
}

// outside names a question that Design refuses.
func outside(r golden.Row) string {
	margin := 0.0
	if r.Has("margin") {
		margin = r.Num("margin")
	}
	distance := r.Num("effect") + margin
	switch twoSided := strings.HasPrefix(r.Text("alternative"), "two"); {
	case distance == 0 || distance < 0 && !twoSided:
		return "no effect in the direction of the test"
	case r.Has("p2") && r.Num("p2") <= margin:
		return "a margin as large as the rate"
	}
	return ""
}
