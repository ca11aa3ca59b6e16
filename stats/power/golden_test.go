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
	if strings.HasPrefix(r.Text("alternative"), "two") {
		d.Sides, d.Strict = stats.TwoSided, true
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

func checkPower(c *golden.Check, r golden.Row, d Design, tolerance float64) {
	c.Helper()
	var s Sizing
	var err error
	switch n := r.Num("n2"); r.Text("solve_for") {
	case "n":
		if s, err = d.SampleSize(); err == nil {
			c.Equal("n", s.Control, n, tolerance)
		}
	case "mde":
		if s, err = d.MDEAt(n); err == nil {
			// Its root finder stops within 1e-5, absolute: at n1 = n2 = 20000, two-sided, it
			// says 0.0280155870 where 30 digits of arithmetic give 0.0280164906.
			c.Within("mde", s.MDE, math.Abs(r.Num("effect")), 1, 1e-5)
		}
	default:
		d.Power = 0
		if s, err = d.PowerAt(n); err == nil {
			c.Equal("power", s.Power, r.Num("power"), 1e-9)
		}
	}
	if err != nil {
		c.Fatalf("%s: %v", r.Text("row_id"), err)
	}
}
