package sequential

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
	"github.com/assay-planner/assay/stats/internal/norm"
)

func TestGoldenGroupSequential(t *testing.T) {
	golden.Groups(t, "group_sequential.csv", []string{"design_id"}, func(c *golden.Check, rows []golden.Row) {
		d := designOf(rows)
		p, err := d.Plan()
		if err != nil {
			c.Fatalf("%s: %v", rows[0].Text("design_id"), err)
		}
		whole := func(column string, got, tolerance float64) {
			if rows[0].Has(column) {
				c.Equal(column, got, rows[0].Num(column), tolerance)
			}
		}
		whole("inflation", p.Inflation, 1e-6)
		whole("expected_n_h1", p.ExpectedH1, 1e-6)
		whole("expected_n_h0", p.ExpectedH0, 1e-6)
		for k, r := range rows {
			checkStage(c, p, p.Stages[k], r)
		}
	})
}

// checkStage compares one look. rpact finds each critical value so that its
// probability is right to 1e-8 (C_DESIGN_TOLERANCE_DEFAULT), both sides together: z
// is compared to 1e-5, or to what 5e-9 of probability move it where that is
// more, far out, and so is the futility boundary under its drift; it reports +Inf
// where less than about 1e-8 is to be spent. What is right there stands in
// TestFarBoundaries. Its drift, "shift", is good to 1e-6. Its grid is fixed: with 15
// looks, or with looks 1% apart, it is off by more than that (up to 2e-5 in
// inflation), where ours still agrees with twice as many nodes to 1e-12.
func checkStage(c *golden.Check, p Plan, s Stage, r golden.Row) {
	const precision = 5e-9
	compare := func(column string, got, tolerance float64) {
		if r.Has(column) {
			c.Within(column, got, r.Num(column), 1, tolerance)
		}
	}
	compare("info", s.Information, 1e-12)
	if want := r.Num("z_crit"); math.IsInf(want, 1) {
		c.Within("z_crit is +Inf: its p", s.NominalP, 0, 1, precision)
	} else {
		c.Within("z_crit", s.Efficacy, want, math.Max(1, precision/1e-5/norm.Density(want)), 1e-5)
	}
	compare("nominal_p_one_sided", s.NominalP, 1e-7)
	compare("alpha_spent", s.Spent, 2e-8)
	if r.Has("z_futility") { // −6 is rpact's for "nothing to spend"
		density := norm.Density(s.Futility - p.Drift*math.Sqrt(s.Information))
		c.Within("z_futility", math.Max(s.Futility, -6), r.Num("z_futility"), math.Max(1, precision/1e-5/density), 1e-5)
	}
	compare("power_reached", s.Power, 1e-6)
}

func designOf(rows []golden.Row) Design {
	r := rows[0]
	d := Design{Alpha: r.Num("alpha"), Power: 0.8, Efficacy: familyOf(r), Futility: map[string]Boundary{
		"bsOF": OBFSpending(), "bsP": PocockSpending()}[r.Text("futility")]}
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

func familyOf(r golden.Row) Boundary {
	switch r.Text("type") {
	case "OF":
		return OBrienFleming()
	case "P":
		return Pocock()
	case "WT":
		return WangTsiatis(r.Num("deltaWT"))
	case "asP":
		return PocockSpending()
	case "asKD":
		return KimDeMets(r.Num("gammaA"))
	case "asHSD":
		return HwangShihDeCani(r.Num("gammaA"))
	}
	return OBFSpending()
}

func TestGoldenGroupSequentialCheck(t *testing.T) {
	golden.Table(t, "group_sequential_check.csv", func(c *golden.Check, r golden.Row) {
		d := Design{Looks: int(r.Num("K")), Alpha: r.Num("alpha_two_sided"), Power: r.Num("power"), Efficacy: familyOf(r)}
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
