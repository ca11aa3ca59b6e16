package multiple

import (
	"cmp"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Programme is a run of tests, of which a share finds something that is there.
type Programme struct {
	Success float64 `json:"success"` // share π of tested ideas that truly work, in (0, 1)
	Power   float64 `json:"power"`   // chance that an idea that works is found, in (0, 1]; zero means 0.8
	// Alpha is the chance that an idea without effect counts as found, in (0, 1);
	// zero means 0.025: a two-sided test at 5% of which only wins count.
	Alpha float64 `json:"alpha"`
}

// FalsePositiveRisk returns the share of the programme's discoveries that are
// false:
//
//	α(1 − π) / (α(1 − π) + power π)
//
// At α = 0.025 and power 0.8 it is 26% where 8% of ideas work.
//
// Source: Kohavi, Deng & Vermeer (2022), "A/B Testing Intuition Busters", KDD, §3.
func (p Programme) FalsePositiveRisk() (float64, error) {
	power, alpha := cmp.Or(p.Power, 0.8), cmp.Or(p.Alpha, 0.025)
	if err := input.First(input.Fraction("Success", p.Success), input.Fraction("Alpha", alpha),
		input.Check(power > 0 && power <= 1, "Power", power, "must lie above 0, at most 1")); err != nil {
		return 0, err
	}
	// Ratios first: products of tiny shares could both round to 0.
	return 1 / (1 + power/alpha*(p.Success/(1-p.Success))), nil
}

// ImpliedPower returns the power that tests must have had if a share risk in (0, 1)
// of their discoveries is false: FalsePositiveRisk solved for power,
//
//	α (1 − π)(1 − risk) / (π · risk)
//
// success and alpha are as in Programme (alpha zero means 0.025). An answer above 1
// has no meaning and is an error: so few false discoveries cannot be.
//
// Source: Berman & Van den Bulte (2022), "False Discovery in A/B Testing",
// Management Science 68(9), whose α counts both directions.
func ImpliedPower(success, alpha, risk float64) (float64, error) {
	alpha = cmp.Or(alpha, 0.025)
	if err := input.First(input.Fraction("success", success), input.Fraction("alpha", alpha), input.Fraction("risk", risk)); err != nil {
		return 0, err
	}
	power := alpha * ((1 - success) / success) * ((1 - risk) / risk)
	if err := input.Check(power <= 1, "risk", risk, "is lower than even full power gives"); err != nil {
		return 0, err
	}
	return power, nil
}
