package power

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// SampleSize returns the users needed to detect MDE with the given power:
//
//	n_c = D (z r + z_power)² σ₁² / distance²      nₜ = k n_c for each treatment
//
// where k = Allocation, σ₁²/n_c is the metric's variance of the difference, σ₀²/n_c
// what the test takes it for and r = σ₀/σ₁; distance is |MDE|, or the distance of
// MDE from the Margin; D = (1 + ((CV² + 1)m − 1)·ICC)(1 − ρ²) is the design effect
// of clusters and covariate; and z is z₁₋α/₂ (two-sided), z₁₋α or that of several
// arms. A Population of N users needs N n/(N − 1 + gn), g = (σ_c + σₜ)²/σ₁²: 2 for
// two equal arms.
//
// Where there is no closed form (Strict, StudentT, Holm, a Goal of any or all
// arms) n is where PowerAt has the power asked for. The t distribution needs
// enough users for one degree of freedom, and the size is not below that.
//
// Sources: at the metrics; Deng et al. (2013), WSDM, for ρ; Eldridge, Ashby &
// Kerry (2006) for clusters; Dunnett (1964) and Holm (1979), Scandinavian Journal of
// Statistics 6:65–70, for several arms; Feit & Berman (2019) for a population.
func (d Design) SampleSize() (Sizing, error) {
	p, err := newPlan(d)
	if err != nil {
		return Sizing{}, err
	}
	if p, err = p.stated(); err != nil {
		return Sizing{}, err
	}
	if err := p.solvable(); err != nil {
		return Sizing{}, err
	}
	n, err := p.size()
	if err != nil {
		return Sizing{}, err
	}
	return p.sized(n).sizing()
}

// PowerAt returns the power to detect MDE with the given users in control, above 0
// and not necessarily whole: for one arm or threshold
//
//	power = Φ(distance/SE − z r) [+ Φ(−distance/SE − z r) if Strict]
//
// in the notation of SampleSize, or the same of the noncentral t. The field Power
// is not used.
//
// Source: that of SampleSize, solved for another of its numbers.
func (d Design) PowerAt(control float64) (Sizing, error) {
	d.Power = 0
	p, err := newPlan(d)
	if err != nil {
		return Sizing{}, err
	}
	if p, err = p.stated(); err != nil {
		return Sizing{}, err
	}
	if err := p.sized(control).answerable(); err != nil {
		return Sizing{}, err
	}
	return p.sized(control).sizing()
}

// MDEAt returns the smallest increase (decrease, if LowerIsBetter) that the given
// users in control detect with the given power:
//
//	MDE = (z r + z_power) SE
//
// if SE does not depend on the effect, and otherwise where PowerAt has the
// power asked for; with a Margin, the least favourable true effect at which
// non-inferiority is shown, which may be below 0. The field MDE is not used. It is an error
// if no effect that the metric can have would be detected.
//
// Source: that of SampleSize, solved for another of its numbers.
func (d Design) MDEAt(control float64) (Sizing, error) {
	d.MDE = 0
	p, err := newPlan(d)
	if err == nil {
		p = p.sized(control).at(0)
		err = input.First(p.answerable(), p.solvable(), p.reachable("Margin", p.Margin, -p.direction*p.margin))
	}
	if err != nil {
		return Sizing{}, err
	}
	if p.closed() && p.fixed() {
		distance := p.needed() * (p.contrast.truth.unit(p.Allocation) * p.inflation) / math.Sqrt(p.information())
		return p.at(p.direction * (distance - p.margin)).sizing()
	}
	effect, ok := p.smallest(-p.margin, math.Min(p.Metric.room(p.direction), p.clearest()), func(x float64) plan { return p.at(p.direction * x) })
	if !ok {
		return Sizing{}, input.Check(false, "control", control, "too few users: no effect has the power asked for")
	}
	p = p.at(p.direction * effect)
	if err := p.distant(); err != nil {
		return Sizing{}, err
	}
	return p.sizing()
}

// MarginAt returns the smallest margin that the given users in control show with the
// given power not to be exceeded, if the true effect is MDE (often 0):
//
//	margin = (z r + z_power) SE − MDE      (+ MDE if LowerIsBetter)
//
// or where PowerAt has the power asked for. The field Margin is not used.
// It is an error if the effect is detected without a margin.
//
// Source: that of SampleSize, solved for another of its numbers.
func (d Design) MarginAt(control float64) (Sizing, error) {
	d.Margin = 1 // any: that it is a test of non-inferiority is what counts
	p, err := newPlan(d)
	if err == nil {
		p.margin = 0
		p = p.sized(control).at(d.MDE * p.unit())
		err = input.First(input.Finite("MDE", d.MDE), p.reachable("MDE", d.MDE, p.effect), p.answerable(), p.solvable())
	}
	if err != nil {
		return Sizing{}, err
	}
	gain := p.direction * p.effect
	with := func(margin float64) plan {
		q := p
		q.margin = margin
		return q.at(p.effect)
	}
	var margin float64
	ok := true
	if p.closed() && p.fixed() {
		margin = p.needed()*(p.contrast.truth.unit(p.Allocation)*p.inflation)/math.Sqrt(p.information()) - gain
	} else if margin, ok = p.smallest(math.Max(0, -gain), p.Metric.room(-p.direction), with); !ok {
		return Sizing{}, input.Check(false, "control", control, "too few users: no margin has the power asked for")
	}
	if err := input.Check(margin > 0, "MDE", d.MDE, "is detected without a margin"); err != nil {
		return Sizing{}, err
	}
	if err := with(margin).distant(); err != nil {
		return Sizing{}, err
	}
	return with(margin).sizing()
}

// AlphaAt returns the type I error at which the given users in control detect MDE with
// the given power: α of the threshold
//
//	z = (distance/SE − z_power)/r
//
// or where PowerAt has the power asked for, but not below 1e-100. The field Alpha is not
// used. It is an error if no Alpha has that power.
//
// Source: that of SampleSize, solved for another of its numbers.
func (d Design) AlphaAt(control float64) (Sizing, error) {
	d.Alpha = 0
	p, err := newPlan(d)
	if err != nil {
		return Sizing{}, err
	}
	if p, err = p.stated(); err != nil {
		return Sizing{}, err
	}
	p = p.sized(control)
	if err := p.answerable(); err != nil {
		return Sizing{}, err
	}
	alpha, ok := p.alpha()
	if !ok || !(alpha < 1) {
		return Sizing{}, input.Check(false, "control", control, "too few users: no Alpha gives the power asked for")
	}
	p.Alpha = math.Max(alpha, 1e-100)
	return p.sizing()
}
