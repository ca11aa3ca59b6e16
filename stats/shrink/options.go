package shrink

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Options of an adaptive-shrinkage fit. The zero value is the usual analysis:
// effects pile up at 0 and thin out on both sides, and no effect at all is
// favoured a little.
type Options struct {
	// Mode is where effects pile up, in their unit: the mean of all components.
	Mode float64
	// EstimateMode chooses the mode by likelihood instead; a Mode other than 0 is
	// then refused. The point mass stands at the estimated mode, and no effect is
	// exactly 0.
	EstimateMode bool
	// SDs are the standard deviations of the components around the mode, above 0
	// and rising, in the unit of effects. None means min(se)/10 to
	// 2√max((δ̂ − mode)² − se²) in steps of √2, counted from the top; where no
	// estimate exceeds its standard error, up to 8·min(se)/10.
	SDs []float64
	// NullWeight λ₀ ≥ 1 is the Dirichlet weight of the null component, which is
	// the point mass at the mode or, without one, the narrowest: the fit pays
	// (λ₀ − 1) log π₀, as if λ₀ − 1 more estimates had been seen that are surely
	// null. Zero means 10, ash's "nullbiased"; 1 is no penalty, its "uniform".
	NullWeight float64
	// NoPointMass leaves out the point mass at the mode: then no effect is
	// exactly there.
	NoPointMass bool
}

func (o Options) check() error {
	errs := []error{
		input.Finite("Mode", o.Mode),
		input.Check(!o.EstimateMode || o.Mode == 0, "Mode", o.Mode, "cannot be given and estimated"),
		input.Check(o.NullWeight == 0 || o.NullWeight >= 1 && o.NullWeight <= input.Max, "NullWeight", o.NullWeight, "must be 1 or above, at most 1e40"),
	}
	for i, sd := range o.SDs {
		errs = append(errs, input.Positive(fmt.Sprintf("SDs[%d]", i), sd), rising("SDs", o.SDs, i))
	}
	return input.First(errs...)
}

// rising reports the element of a list that is not above the one before.
func rising(list string, xs []float64, i int) error {
	return input.Check(i == 0 || xs[i] > xs[i-1], fmt.Sprintf("%s[%d]", list, i), xs[i], "must be above the one before")
}

// checkEstimates names the first estimate that cannot be used.
func checkEstimates(es []stats.Estimate) error {
	for i, e := range es {
		if err := input.Estimate("es", i, e.Value, e.SE); err != nil {
			return err
		}
	}
	return input.Check(len(es) > 0, "es", 0, "at least one estimate is needed")
}

// spreads are the candidate components for estimates around a mode.
func (o Options) spreads(es []stats.Estimate, mode float64) spreads {
	sds := o.SDs
	if len(sds) == 0 {
		sds = defaultSDs(es, mode)
	}
	if !o.NoPointMass {
		sds = append([]float64{0}, sds...)
	}
	return spreads{mode, sds}
}

// penalty is λ_k − 1 of each component.
func (o Options) penalty(f family) []float64 {
	c := make([]float64, f.size())
	c[0] = cmp.Or(o.NullWeight, 10) - 1
	return c
}

// defaultSDs is the grid of ashr 2.2 (see also Stephens 2017, §2): from noise that
// no estimate could tell from 0 to twice what the largest effect can be, or the
// largest number taken.
func defaultSDs(es []stats.Estimate, mode float64) []float64 {
	least, excess := math.Inf(1), 0.0
	for _, e := range es {
		r := math.Abs(e.Value - mode)
		// (r − se)(r + se) keeps digits that r² − se² would lose.
		least, excess = min(least, e.SE), max(excess, (r-e.SE)*(r+e.SE))
	}
	low := least / 10
	high := 8 * low
	if excess > 0 {
		high = min(2*math.Sqrt(excess), input.Max)
	}
	steps := max(0, int(math.Ceil(2*math.Log2(high/low))))
	sds := make([]float64, steps+1)
	for k := range sds {
		sds[k] = high * math.Exp2(float64(k-steps)/2)
	}
	return sds
}
