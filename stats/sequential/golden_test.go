package sequential

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// TestGoldenGroupSequential compares with rpact, whose quadrature has a fixed grid.
// For looks less than 10% apart it is off by up to 1.4e-5 in z and 5e-6 in
// inflation, for those less than 5% apart by up to 0.02 and 1e-3, where ours agrees
// to 1e-11 with 20 panels of 40 Gauss–Legendre nodes (TestFarBoundaries): the former
// are compared ten times as loosely, of the latter only what needs no grid.
func TestGoldenGroupSequential(t *testing.T) {
	golden.Groups(t, "group_sequential.csv", []string{"design_id"}, "stage", func(c *golden.Check, rows []golden.Row) {
		d := designOf(c, rows)
		p, err := d.Plan()
		if err != nil {
			c.Fatalf("%s: %v", rows[0].Text("design_id"), err)
		}
		loose := looseness(d.Information)
		whole := func(column string, got float64) {
			if rows[0].Has(column) && !math.IsInf(loose, 1) {
				c.Equal(column, got, rows[0].Num(column), 5e-6*loose)
			}
		}
		whole("inflation", p.Inflation)
		whole("expected_n_h1", p.ExpectedH1)
		whole("expected_n_h0", p.ExpectedH0)
		drifted := 0.0
		for k, r := range rows {
			c.At(r)
			s := p.Stages[k]
			c.Within("info", s.Information, r.Num("info"), 1, 1e-12)
			if r.Has("alpha_spent") {
				c.Within("alpha_spent", s.Spent, r.Num("alpha_spent"), 1, spentPrecision(r, loose))
			}
			if math.IsInf(loose, 1) {
				c.Leave("boundaries and power of looks less than 5% apart, too close for the reference's grid")
				continue
			}
			// What an error of z adds to the power: its probability, times what it is
			// likelier under the drift, but no more than all beyond z.
			mean := p.Drift * math.Sqrt(s.Information)
			drifted += 2 * min(precision*math.Exp(mean*s.Efficacy-mean*mean/2), norm.CDF(mean-s.Efficacy))
			if r.Has("power_reached") {
				c.Within("power_reached", s.Power, r.Num("power_reached"), 1, 1e-6*loose+drifted)
			}
			checkStage(c, p, s, r, loose)
		}
	})
}

// precision is that of the probability of rpact's critical values on one side: it
// finds each so that both sides are right to 1e-8 (C_DESIGN_TOLERANCE_DEFAULT).
const precision = 5e-9

// looseness is 1, or more where a look adds too small a share of its information.
func looseness(information []float64) float64 {
	least, last := 1.0, 0.0
	for _, t := range information {
		least, last = min(least, 1-last/t), t
	}
	switch {
	case least >= 0.0999:
		return 1
	case least >= 0.0499:
		return 10
	}
	return math.Inf(1)
}

// spentPrecision is that of the spending column: a formula for spending functions,
// the reference's grid and root for the classical boundaries.
func spentPrecision(r golden.Row, loose float64) float64 {
	if strings.HasPrefix(r.Text("type"), "as") {
		return 2e-8
	}
	return min(1e-3, 2e-7*loose)
}

// checkStage compares one look: z to 1e-5, or to what the reference's precision
// of probability moves it where that is more, far out, and so the futility boundary
// under its drift. It reports +Inf where less than about 1e-8 is to be spent. What
// is right there stands in TestFarBoundaries. Its drift, "shift", is good to 1e-6.
func checkStage(c *golden.Check, p Plan, s Stage, r golden.Row, loose float64) {
	if want := r.Num("z_crit"); math.IsInf(want, 1) {
		c.Within("z_crit is +Inf: its p", s.NominalP, 0, 1, precision)
	} else {
		c.Within("z_crit", s.Efficacy, want, math.Max(1, precision/1e-5/norm.Density(want)), 1e-5*loose)
	}
	c.Within("nominal_p_one_sided", s.NominalP, r.Num("nominal_p_one_sided"), 1, 1e-7*loose)
	if r.Has("z_futility") { // −6 is rpact's for "nothing to spend"
		density := norm.Density(s.Futility - p.Drift*math.Sqrt(s.Information))
		c.Within("z_futility", math.Max(s.Futility, -6), math.Max(-6, r.Num("z_futility")), math.Max(1, precision/1e-5/density), 1e-5*loose)
	}
}

func designOf(c *golden.Check, rows []golden.Row) Design {
	r := rows[0]
	futility, ok := map[string]Boundary{"none": {}, "": {}, "bsOF": OBFSpending(), "bsP": PocockSpending()}[r.Text("futility")]
	if !ok {
		c.Fatalf("unknown futility %q", r.Text("futility"))
	}
	d := Design{Alpha: r.Num("alpha"), Power: 0.8, Efficacy: familyOf(c, r), Futility: futility}
	if r.Has("power") {
		d.Power = r.Num("power")
	}
	if r.Num("sided") == 1 {
		d.Sides = stats.OneSided
	}
	for _, r := range rows {
		d.Information = append(d.Information, r.Num("info"))
	}
	return d
}

func familyOf(c *golden.Check, r golden.Row) Boundary {
	switch r.Text("type") {
	case "OF":
		return OBrienFleming()
	case "P":
		return Pocock()
	case "WT":
		return WangTsiatis(r.Num("deltaWT"))
	case "asOF":
		return OBFSpending()
	case "asP":
		return PocockSpending()
	case "asKD":
		return KimDeMets(r.Num("gammaA"))
	case "asHSD":
		return HwangShihDeCani(r.Num("gammaA"))
	}
	c.Fatalf("unknown type %q", r.Text("type"))
	return Boundary{}
}

func TestGoldenGroupSequentialCheck(t *testing.T) {
	golden.Table(t, "group_sequential_check.csv", func(c *golden.Check, r golden.Row) {
		d := Design{Looks: int(r.Num("K")), Alpha: r.Num("alpha_two_sided"), Power: r.Num("power"), Efficacy: familyOf(c, r)}
		up := assert.Must(d.Plan())
		d.BothDirections = true
		both := assert.Must(d.Plan())
		last := up.Stages[len(up.Stages)-1].Efficacy
		c.Equal("z_final", last, r.Num("z_final"), 1e-10)
		c.Equal("drift_both_directions", both.Drift, r.Num("drift_both_directions"), 1e-10)
		c.Equal("inflation_both_directions", both.Inflation, r.Num("inflation_both_directions"), 1e-10)
		c.Equal("drift_upper_only", up.Drift, r.Num("drift_upper_only"), 1e-10)
		c.Equal("inflation_upper_only", up.Inflation, r.Num("inflation_upper_only"), 1e-10)
	})
}
