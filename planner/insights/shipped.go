package insights

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/shrink"
)

// Amount is a number with its interval.
type Amount struct {
	Value    float64        `json:"value"`
	SE       float64        `json:"se"`
	Interval stats.Interval `json:"interval"`
}

// Shipped is what everything that shipped brought together: a sum of relative lifts
// as fractions. Whoever ships what looked good ships what was lucky.
type Shipped struct {
	By          string  `json:"by"`          // "decision", as imported, or "rule"
	Count       int     `json:"count"`       // experiments that shipped an arm
	Experiments int     `json:"experiments"` // that could have
	Measured    float64 `json:"measured"`    // Σ estimates of what shipped: too high
	// Posterior is Σ posterior means under the distribution of true effects that all
	// experiments show (shrink.Adaptive, with its mode estimated). It does not ask how
	// the choice was made, as long as it was made on these estimates.
	Posterior Amount `json:"posterior"`
	// LeeShen is Measured less its expected excess over all experiments, shipped or not
	// (Lee & Shen 2018); nil where decisions say what shipped, for it needs a rule.
	LeeShen *Amount `json:"lee_shen,omitempty"`
}

// belief is what all experiments together say of each effect.
type belief struct {
	prior bayes.Mixture
	after [][]bayes.Mixture // by trial and arm
}

func (l *learner) believe() error {
	fit, err := shrink.Adaptive(estimates(l.trials), adaptive)
	if err != nil {
		return err
	}
	l.prior = fit.Prior()
	l.after = make([][]bayes.Mixture, len(l.trials))
	for i, t := range l.trials {
		for _, a := range t.arms {
			l.after[i] = append(l.after[i], l.prior.Posterior(a.Value, a.SE))
		}
	}
	return nil
}

// adaptive lets effects pile up anywhere, not at 0 alone: whole programmes may hurt
// more often than they help. Nulls are not favoured.
var adaptive = shrink.Options{EstimateMode: true, NullWeight: 1}

// total adds up what shipped. choose returns the arm of an experiment, or −1.
func (l *learner) total() *Shipped {
	s := &Shipped{By: "rule", Experiments: len(l.trials)}
	choose := func(t trial) int { return t.significant(l.z) }
	if l.decided() {
		s.By, choose = "decision", func(t trial) int { return t.decided(l.o.Shipped) }
	}
	var mean, variance float64
	for i, t := range l.trials {
		ship := choose(t)
		if ship < 0 {
			continue
		}
		s.Count++
		s.Measured += t.arms[ship].Value
		mean += l.after[i][ship].Mean()
		sd := l.after[i][ship].SD()
		variance += sd * sd
	}
	s.Posterior = l.amount(mean, math.Sqrt(variance+l.refitted(choose)))
	if n := float64(len(l.trials)); n > 1 { // the spread of few experiments is itself hardly known
		margin := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile((1+l.o.Level)/2) * s.Posterior.SE
		s.Posterior.Interval.Low, s.Posterior.Interval.High = mean-margin, mean+margin
	}
	if s.By == "rule" {
		excess, v := l.excess()
		corrected := l.amount(s.Measured-excess, math.Sqrt(v))
		s.LeeShen = &corrected
	}
	return s
}

// refitted is the variance of the posterior total for not knowing the prior, by a
// jackknife over ten blocks of experiments, every tenth one in a block; of fewer than ten
// experiments each is one. Where few show no spread the prior is a point, and without this
// its total would seem to be known exactly.
func (l *learner) refitted(choose func(trial) int) float64 {
	blocks := min(10, len(l.trials))
	if blocks < 2 {
		return 0
	}
	variance, err := jackknife(blocks, func(b int) ([]float64, error) {
		var others []stats.Estimate
		for i, t := range l.trials {
			if i%blocks != b {
				others = append(others, estimates([]trial{t})...)
			}
		}
		prior, err := l.adaptivePrior(others)
		if err != nil {
			return nil, err
		}
		total := 0.0
		for _, t := range l.trials {
			if ship := choose(t); ship >= 0 {
				total += prior.PosteriorMean(t.arms[ship].Value, t.arms[ship].SE)
			}
		}
		return []float64{total}, nil
	})
	if err != nil {
		return 0
	}
	return variance[0].v
}

// excess is how far the estimates of what a rule ships lie above the truth, and its
// variance. An arm ships if its estimate is above a cut, z standard errors or the
// other arms' estimates, whichever is higher. With the cut b in standard errors and a
// the true effect in them,
//
//	E[(δ̂ − δ) 1{ships}] = σ φ(b − a)
//	Var[…]              = σ² (Φ(a − b) + (b − a) φ(b − a) − φ(b − a)²)
//
// averaged over the posterior of a, over all experiments. Errors of arms of one
// experiment are taken as independent.
//
// Source: Lee & Shen (2018), "Winner's Curse: Bias Estimation for Total Effects of
// Features in Online Controlled Experiments", KDD, for the expectation; the variance is
// that of a normal variable times the indicator of its tail.
func (l *learner) excess() (mean, variance float64) {
	for i, t := range l.trials {
		for k, a := range t.arms {
			cut := l.z * a.SE
			for j, other := range t.arms {
				if j != k {
					cut = max(cut, other.Value)
				}
			}
			m, v := excessOf(l.after[i][k], cut, a.SE)
			mean, variance = mean+m, variance+v
		}
	}
	return mean, variance
}

// excessOf averages over a posterior by its components: for δ ~ N(m, s²) the density of
// the cut is that of N(m, s² + σ²), and the rest follows by 15 points of its quantiles.
func excessOf(after bayes.Mixture, cut, se float64) (mean, variance float64) {
	var all float64
	for _, w := range after.Weights {
		all += w
	}
	for k, c := range after.Components {
		w := after.Weights[k] / all
		sd := math.Hypot(se, c.SD)
		mean += w * se * se / sd * phi((cut-c.Mean)/sd)
		for _, q := range quantiles {
			u := (cut - c.Mean - c.SD*q) / se
			p := phi(u)
			variance += w / float64(len(quantiles)) * se * se * (upper(u) + u*p - p*p)
		}
	}
	return mean, variance
}

var quantiles = func() (q [15]float64) {
	for i := range q {
		q[i] = math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/float64(len(q))-1)
	}
	return q
}()

func phi(x float64) float64   { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
func upper(x float64) float64 { return 0.5 * math.Erfc(x/math.Sqrt2) }

func (l *learner) amount(value, se float64) Amount {
	return Amount{value, se, stats.Interval{Low: value - l.half*se, High: value + l.half*se, Level: l.o.Level}}
}
