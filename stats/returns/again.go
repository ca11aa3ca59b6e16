package returns

import (
	"math"
	"math/rand/v2"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// A rule that has shipped little may do so because it ships little, or by chance: the
// spread between experiments does not tell, and where none shipped it is next to nothing.
// Student's interval of what a significance rule returned on 12 experiments, of which it
// ships one in two programmes, misses in half of them. So up to fewShip experiments that
// ship, the variance is at least that of the return were every experiment run again around
// what it measured,
//
//	v = Σᵢ Var(rᵢ(L̂ᵢ + e)),   e ~ N(0, Σᵢ)
//
// with the rule as it is. Estimates are spread more widely than truths, so that v is too
// large rather than too small: from fewShip to manyShip it counts less and less, and then
// the spread between experiments is enough. Its source is a simulation
// (TestIntervalsOfFewExperimentsHold), not a theorem.
const (
	fewShip  = 20
	manyShip = 2 * fewShip
)

const (
	reruns     = 24 // of each experiment
	rerunDraws = 40 // of the thinning noise in each, where it is not integrated
)

// runAgain is what a rule returns on experiments with new errors, by experiment and rerun.
// All rules see the same errors.
func runAgain(es []Experiment, rules []Rule, o Options) ([][]float64, error) {
	o.Draws = min(o.Draws, rerunDraws)
	again := make([][]float64, len(es))
	for i, e := range es {
		again[i] = make([]float64, reruns)
		for k, moved := range e.runAgain(rand.New(rand.NewPCG(^o.Seed, uint64(i)))) {
			value, _, _, err := scoreOne(moved, rules[i%len(rules)], o, i)
			if err != nil {
				return nil, err
			}
			again[i][k] = value * e.worth()
		}
	}
	return again, nil
}

// runAgain is the experiment with new errors: of one arm at the middles of equal shares of
// their distribution, of several in pairs of opposite draws.
func (e Experiment) runAgain(rng *rand.Rand) []Experiment {
	all, noise := make([]Experiment, reruns), e.noise()
	var u float64
	v := make([]float64, len(e.Arms))
	for k := range all {
		if k%2 == 0 {
			u = rng.NormFloat64()
		} else {
			u = -u
		}
		all[k] = Experiment{ControlSE: e.ControlSE, Worth: e.Worth, Arms: make([]stats.Estimate, len(e.Arms))}
		for j, arm := range e.Arms {
			switch {
			case len(e.Arms) == 1:
				v[j] = norm.Quantile((float64(k) + 0.5) / reruns)
			case k%2 == 0:
				v[j] = rng.NormFloat64()
			default:
				v[j] = -v[j]
			}
			all[k].Arms[j] = stats.Estimate{Value: arm.Value + noise.control[j]*u + noise.own[j]*v[j], SE: arm.SE}
			if shared := math.Abs(1+all[k].Arms[j].Value) * all[k].ControlSE; shared >= arm.SE { // no arm may have less than its part
				all[k].ControlSE *= arm.SE / shared * (1 - 1e-6)
			}
		}
	}
	return all
}

// shipped is how many experiments ship an arm, in expectation.
func (s scores) shipped() (n float64) {
	for _, p := range s.ships {
		n += p
	}
	return n
}

// rerun is the variance of the scores less those of base, were the experiments run again;
// 0 where enough ship by either. The zero base ships nothing.
func (s scores) rerun(base scores) (variance float64) {
	counts := min(1, (manyShip-max(s.shipped(), base.shipped()))/(manyShip-fewShip))
	if s.again == nil || base.values != nil && base.again == nil || counts <= 0 {
		return 0
	}
	for i, values := range s.again {
		var mean, square float64
		for k, x := range values {
			if base.values != nil {
				x -= base.again[i][k]
			}
			d := x - mean
			mean += d / float64(k+1)
			square += d * (x - mean)
		}
		variance += square / reruns
	}
	return counts * variance
}
