package mixed

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// Fit is a learned model.
type Fit struct {
	Blocks     []BlockFit
	Tail       bayes.Mixture // distribution of ε, what no feature explains, in the effects' unit
	Next       bayes.Mixture // the same of an idea that was never tested: Tail, averaged over how large it may be
	Iterations int
	Converged  bool
	Warnings   []string

	effects   *Effects
	posterior known
}

// BlockFit says how much one kind of feature matters.
type BlockFit struct {
	Name    string
	SD      float64 // σ_b, in the effects' unit per unit of the feature; +Inf for a fixed block, 0 for one that explains nothing
	Seen    int     // columns that occur
	Freedom float64 // γ_b: how many coefficients the effects determine, from 0 to Seen
}

// Forecast is what the model says of an idea that was never tested.
type Forecast struct {
	Mean   float64       // zᵀu, without the level of any group
	SE     float64       // its posterior standard deviation
	Effect bayes.Mixture // of the idea's true effect: N(Mean, SE²) plus ε, whose size is not known either
}

// Predict returns the distribution of the true effect of an idea with these
// features: mean zᵀu, and the variance of that, zᵀA⁻¹z, added to each component of Next.
// A column that no effect had counts with its block's σ_b², so that a new author, or a
// word never seen, is as uncertain as one drawn at random.
//
// Source: Henderson (1975), Biometrics 31:423–447, for prediction and its variance.
func (f Fit) Predict(features ...Feature) (Forecast, error) {
	if err := f.effects.check(features); err != nil {
		return Forecast{}, err
	}
	known, news := f.effects.split(features)
	mean, variance := f.posterior.of(known)
	for _, x := range news {
		sd := f.Blocks[x.Block].SD
		variance += x.Value * x.Value * sd * sd
	}
	effect, next := bayes.Mixture{}, f.Next
	if len(next.Weights) == 0 { // stored before there was one
		next = f.Tail
	}
	for k, component := range next.Components {
		effect.Weights = append(effect.Weights, next.Weights[k])
		effect.Components = append(effect.Components, stats.Normal{Mean: mean, SD: math.Sqrt(component.SD*component.SD + variance)})
	}
	return Forecast{mean, math.Sqrt(variance), effect}, nil
}

// Coefficient returns the posterior mean and standard deviation of one column's
// coefficient: those of Predict for the feature alone with value 1.
func (f Fit) Coefficient(block, column int) (mean, sd float64, err error) {
	forecast, err := f.Predict(Feature{block, column, 1})
	return forecast.Mean, forecast.SE, err
}

// describe puts what was learned into the fit.
func (m *model) describe(f *Fit, p posterior) {
	f.Blocks, f.posterior = m.blocks, p.known()
	f.Tail, f.Next = m.tail.mixture(), m.next(m.left(p, nil))
	if !f.Converged {
		f.Warnings = append(f.Warnings, fmt.Sprintf("the variances still moved after %d iterations", f.Iterations))
	}
}
