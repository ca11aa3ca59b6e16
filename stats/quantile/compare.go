package quantile

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// Change is how far a quantile moved.
type Change struct {
	stats.Estimate
	Interval stats.Interval `json:"interval"`
}

// Comparison is the change of one quantile from control to treatment.
type Comparison struct {
	Treatment  Estimate `json:"treatment"`
	Control    Estimate `json:"control"`
	Difference Change   `json:"difference"`         // in the metric's unit
	Relative   *Change  `json:"relative,omitempty"` // as a fraction of the control's quantile; nil where that is 0
	P          float64  `json:"p"`                  // two-sided, of no difference
}

// Compare tests whether the q-quantiles of two independent arms differ:
//
//	D = Qₜ − Q_c          SE² = SEₜ² + SE_c²                     P = 2Φ(−|D|/SE)
//	R = Qₜ/Q_c − 1        SE  = √(SEₜ² + (Qₜ/Q_c)² SE_c²)/|Q_c|
//
// with intervals of ± z₁₋α/₂ SE. P belongs to the difference. If neither quantile
// varies (both are point masses), there is no test: an error.
//
// Sources: Sample.Quantile's; Deng, Knoblich & Lu (2018), KDD, §2 and §4.
func Compare(treatment, control Sample, q float64, o Options) (Comparison, error) {
	t, err := treatment.quantile("treatment.", q, o)
	if err != nil {
		return Comparison{}, err
	}
	c, err := control.quantile("control.", q, o)
	if err != nil {
		return Comparison{}, err
	}
	se := math.Hypot(t.SE, c.SE)
	if err := input.Check(se > 0, "treatment.Sketch", t.Value, "neither arm's quantile varies: both are point masses"); err != nil {
		return Comparison{}, err
	}
	level := cmp.Or(o.Level, 0.95)
	result := Comparison{Treatment: t, Control: c, Difference: change(t.Value-c.Value, se, level), P: 2 * norm.CDF(-math.Abs(t.Value-c.Value)/se)}
	if ratio := t.Value / c.Value; math.Abs(ratio) <= input.Max {
		if se := math.Hypot(t.SE, ratio*c.SE) / math.Abs(c.Value); se <= input.Max {
			relative := change(ratio-1, se, level)
			result.Relative = &relative
		}
	}
	return result, nil
}

func change(value, se, level float64) Change {
	z := -norm.Quantile((1 - level) / 2)
	return Change{stats.Estimate{Value: value, SE: se}, stats.Interval{Low: value - z*se, High: value + z*se, Level: level}}
}
