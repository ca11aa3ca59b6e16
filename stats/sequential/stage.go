package sequential

import (
	"encoding/json"
	"math"

	"github.com/assay-planner/assay/stats/internal/norm"
)

// Stage is one look of a plan.
type Stage struct {
	Information float64 `json:"information"` // fraction of the maximum, in (0, 1]
	// Efficacy is the critical z-value: reject at or above it, or, two-sided, at or
	// beyond it in either direction. +Inf (null in JSON) if nothing is spent here.
	Efficacy float64 `json:"efficacy"`
	// Futility is the z-value at or below which (two-sided: |z| at or below which)
	// the test stops without rejecting; −Inf (null in JSON) if it never does. At the
	// last look of a plan with futility it is the efficacy boundary.
	Futility float64 `json:"futility"`
	// NominalP is the one-sided p-value of z = Efficacy, as if it were the only look.
	NominalP  float64 `json:"nominal_p"`
	Spent     float64 `json:"spent"`      // cumulative α up to this look, both sides together
	BetaSpent float64 `json:"beta_spent"` // cumulative type II error of stopping for futility up to this look
	Power     float64 `json:"power"`      // cumulative power up to this look, at the plan's drift
}

type plainStage Stage

// stageJSON has pointers in place of the numbers that may be infinite.
type stageJSON struct {
	*plainStage
	Efficacy *float64 `json:"efficacy"`
	Futility *float64 `json:"futility"`
}

// MarshalJSON writes a boundary that is never crossed as null.
func (s Stage) MarshalJSON() ([]byte, error) {
	return json.Marshal(stageJSON{(*plainStage)(&s), finite(s.Efficacy), finite(s.Futility)})
}

// UnmarshalJSON reads what MarshalJSON wrote: null is a boundary that is never crossed.
func (s *Stage) UnmarshalJSON(data []byte) error {
	read := *s
	j := stageJSON{(*plainStage)(&read), finite(s.Efficacy), finite(s.Futility)}
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	read.Efficacy, read.Futility = orInf(j.Efficacy, 1), orInf(j.Futility, -1)
	*s = read
	return nil
}

// finite is nil for an infinite number, which JSON does not have.
func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// orInf is the reverse of finite.
func orInf(x *float64, sign int) float64 {
	if x == nil {
		return math.Inf(sign)
	}
	return *x
}

// stages lists a course's looks, from how it ends without an effect and with it.
func (d Design) stages(c course, null, h1 endings) []Stage {
	all := make([]Stage, len(c.t))
	var spent, beta, power float64
	for k := range all {
		spent += null[k].up + null[k].down
		power += endings(h1[k : k+1]).power(d.both())
		all[k] = Stage{Information: c.t[k], Efficacy: c.efficacy[k], Futility: c.futility[k],
			NominalP: norm.CDF(-c.efficacy[k]), Spent: spent, Power: power}
		if c.hasFutility() {
			beta += h1[k].futile
			all[k].BetaSpent = beta
		}
	}
	if last := &all[len(all)-1]; c.hasFutility() {
		last.Futility = last.Efficacy
	}
	return all
}
