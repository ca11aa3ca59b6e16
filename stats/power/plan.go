package power

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// plan is a checked design at one effect, margin and size, in the metric's unit.
type plan struct {
	Design
	effect, margin float64
	direction      float64 // +1 where a larger treatment is the success, else −1
	control        float64 // users
	inflation      float64 // of the standard error, by clusters and covariate
	contrast       contrast
	last           *lastCritical // the last critical value of several arms, costly to find again
}

// lastCritical is a critical value and what it was found for.
type lastCritical struct{ df, share, alpha, critical float64 }

// newPlan checks the fields that all solvers share.
func newPlan(d Design) (plan, error) {
	d = d.filled()
	if err := d.check(); err != nil {
		return plan{}, err
	}
	p := plan{Design: d, direction: 1, last: &lastCritical{}, inflation: math.Sqrt(d.Cluster.designEffect() * (1 - d.Correlation*d.Correlation))}
	if d.LowerIsBetter {
		p.direction = -1
	}
	p.margin = d.Margin * p.unit()
	return p, nil
}

// unit is what MDE and Margin are multiples of.
func (p plan) unit() float64 {
	if p.Relative {
		return math.Abs(p.Metric.baseline())
	}
	return 1
}

// stated is the plan at the effect that MDE states.
func (p plan) stated() (plan, error) {
	if err := input.Finite("MDE", p.MDE); err != nil {
		return p, err
	}
	effect := p.MDE * p.unit()
	if p.Margin == 0 {
		if err := input.Check(effect != 0, "MDE", p.MDE, "must not be 0"); err != nil {
			return p, err
		}
		p.direction = math.Copysign(1, effect)
	}
	if err := input.First(p.reachable("MDE", p.MDE, effect), p.reachable("Margin", p.Margin, -p.direction*p.margin)); err != nil {
		return p, err
	}
	p = p.at(effect)
	return p, input.Check(p.contrast.distance > 0, "MDE", p.MDE, "lies where the treatment is worse by Margin or more")
}

// reachable reports an effect that would put the treatment outside its range.
func (p plan) reachable(field string, value, effect float64) error {
	return input.Check(math.Abs(effect) <= input.Max && math.Abs(effect) < p.Metric.room(effect), field, value, "puts the treatment outside the range of the metric")
}

// at is the plan at an effect, with its distance in the direction of success.
func (p plan) at(effect float64) plan {
	p.effect = effect
	p.contrast = p.Metric.contrast(question{p.Test, effect, -p.direction * p.margin, p.Allocation})
	p.contrast.distance *= p.direction
	return p
}

// sized is the plan with a number of users in control.
func (p plan) sized(control float64) plan {
	p.control = control
	return p
}

// information is the users of control that would tell as much in an endless
// population: n(N − 1)/(N − g n), with g = mirrored.
//
// Sources: Imbens & Rubin (2015), Causal Inference, §6.4: the variance is s_c²/n_c +
// sₜ²/nₜ − s_τ²/N, where s_τ, the SD of users' effects, is at most s_c + sₜ, and s² =
// σ²N/(N − 1). For two arms of equal size and SD that is the (N − T)/(N − 1) of T
// users in Cochran (1977), Sampling Techniques, 3rd ed., §2.6, and, for tests, Feit
// & Berman (2019), Marketing Science 38:1038–1058.
func (p plan) information() float64 {
	if p.Population == 0 {
		return p.control
	}
	// The least leaves a census a finite standard error.
	return p.control * (p.Population - 1) / math.Max(p.Population-p.control*p.mirrored(), 1e-9*p.Population)
}

// mirrored is what the largest spread of effects takes off the variance of the
// difference, in shares of that of N users in control:
//
//	g = (σ_c + σₜ)²/(σ_c² + σₜ²/k) ≤ 1 + k
//
// with equality if k = σₜ/σ_c.
func (p plan) mirrored() float64 {
	s := p.contrast.truth
	root := (s.control + s.treatment) / s.unit(p.Allocation)
	return root * root
}

// fromInformation is the inverse of information.
func (p plan) fromInformation(n float64) float64 {
	if p.Population == 0 {
		return n
	}
	return p.Population * n / (p.Population - 1 + n*p.mirrored())
}

// arms are the users of all arms per user of control.
func (p plan) arms() float64 { return 1 + float64(p.Treatments)*p.Allocation }

// df is the degrees of freedom of the statistic; +Inf if it is normal.
func (p plan) df() float64 {
	if p.Reference == Normal {
		return math.Inf(1)
	}
	control := p.control
	if p.Cluster.Size > 0 {
		control /= p.Cluster.Size
	}
	treatment := control * p.Allocation
	df := control*p.arms() - float64(p.Treatments) - 1
	if p.welch() {
		// Welch & Satterthwaite, as the test of two such arms will do.
		share := p.contrast.truth.share(p.Allocation)
		df = 1 / (share*share/(control-1) + (1-share)*(1-share)/(treatment-1))
		if min(control, treatment) <= 1 {
			df = 0
		}
	}
	if p.Correlation != 0 {
		df--
	}
	return df
}

// welch reports whether the arms have two standard deviations, to be estimated
// apart from each other.
func (p plan) welch() bool {
	m, ok := p.Metric.(Mean)
	return ok && m.spread().control != m.spread().treatment
}

// shift is the distance in standard errors under the truth.
func (p plan) shift() float64 {
	return p.contrast.distance / (p.contrast.truth.unit(p.Allocation) * p.inflation) * math.Sqrt(p.information())
}

// nullRatio is the standard error that the statistic is divided by over the one
// under the truth.
func (p plan) nullRatio() float64 {
	return p.contrast.null.unit(p.Allocation) / p.contrast.truth.unit(p.Allocation)
}

// power is what Goal asks for.
func (p plan) power() float64 { return p.goal(p.thresholds()) }

// goal is power with the thresholds given, without the integrals that it does not need.
func (p plan) goal(thresholds []float64) float64 {
	switch {
	case p.Goal == OneArm && len(thresholds) == 1 || p.Treatments == 1:
		return p.single(thresholds[0])
	case p.Goal == OneArm:
		return p.powers(thresholds).one
	case p.Goal == AnyArm:
		return p.powers(thresholds).any
	}
	return p.powers(thresholds).all
}
