package power

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// solvable reports a power that asks for no users at all.
func (p plan) solvable() error {
	return input.Check(p.Power > p.Alpha, "Power", p.Power, "must exceed Alpha, the power of a test without users")
}

// distant reports a solution on the null hypothesis itself: any of several arms is
// found there often enough.
func (p plan) distant() error {
	return input.Check(p.contrast.distance > 0, "Power", p.Power, "is reached without any effect")
}

// answerable reports a number of users that the plan has no answer for.
func (p plan) answerable() error {
	return input.First(input.Positive("control", p.control),
		input.Check(p.Population == 0 || p.control*p.arms() <= p.Population, "control", p.control, "all arms together are more users than Population"),
		input.Check(p.df() >= 1, "control", p.control, "too few users or clusters for a t-test"))
}

// closed reports whether one formula gives the power.
func (p plan) closed() bool {
	return p.Reference == Normal && (p.Treatments == 1 || p.Goal == OneArm && p.Correction != Holm)
}

// fixed reports whether the standard error is the same for all effects.
func (p plan) fixed() bool {
	switch p.Metric.(type) {
	case Mean, Ratio:
		return p.Test != Lift
	}
	return false
}

// needed is the distance in standard errors that has the power asked for, if closed.
func (p plan) needed() float64 {
	c := p.thresholds()[0] * p.nullRatio()
	upper := c + norm.Quantile(p.Power)
	if !p.Strict || upper <= 0 {
		return upper
	}
	lacking := func(shift float64) float64 { return p.exceeding(c, shift, math.Inf(1)) - p.Power }
	if lacking(0) >= 0 {
		return 0
	}
	return solve.Root(0, upper, 0, lacking)
}

// size is the users in control that the power asked for takes.
func (p plan) size() (float64, error) {
	perUser := p.contrast.distance / (p.contrast.truth.unit(p.Allocation) * p.inflation)
	if p.Reference == StudentT && p.Population > 0 && p.fewest()*p.arms() > p.Population {
		return 0, input.Check(false, "Population", p.Population, "too few users or clusters for a t-test")
	}
	n, err := p.unlimited(perUser)
	if err == nil && p.Population > 0 && n*p.arms() > p.Population*(1+1e-12) {
		return 0, input.Check(false, "Population", p.Population, "all of its users do not have the power asked for")
	}
	return n, err
}

// unlimited is size, whether or not the population has so many users.
func (p plan) unlimited(perUser float64) (float64, error) {
	if p.closed() {
		shift := p.needed()
		root := shift / perUser
		return p.fromInformation(root * root), input.Check(shift > 0, "Power", p.Power, "is reached without any user at this MDE")
	}
	if p.Reference == StudentT && p.Treatments > 1 && p.Correction == Dunnett {
		return p.sizeBySteps()
	}
	return p.search(p.usual()/perUser, func(q plan) float64 { return q.power() })
}

// usual is about the distance in standard errors that one arm needs: that of a
// normal test, or 3 where that is none.
func (p plan) usual() float64 {
	if shift := critical(p.Sides, p.Alpha, math.Inf(1))*p.nullRatio() + norm.Quantile(p.Power); shift > 1 {
		return shift
	}
	return 3
}

// sizeBySteps solves for the size with the critical value of Dunnett's t held, which is
// costly and hardly depends on the size, then finds that again for the new size,
// until they agree.
func (p plan) sizeBySteps() (float64, error) {
	normal := p
	normal.Reference = Normal
	n, err := normal.size()
	for range 8 {
		if err != nil {
			return n, err
		}
		n = math.Max(n, p.fewest())
		if p.Population > 0 && n*p.arms() > p.Population {
			n = p.Population / p.arms()
		}
		held := p.sized(n).thresholds()
		before := n
		n, err = p.search(math.Sqrt(p.sized(n).information()), func(q plan) float64 { return q.goal(held) })
		if err == nil && math.Abs(n-before) <= 1e-11*n {
			return n, nil
		}
	}
	// Of a few units the critical value does depend on the size.
	return p.search(math.Sqrt(p.sized(math.Max(n, p.fewest())).information()), func(q plan) float64 { return q.power() })
}

// search finds the size at which power is what is asked for, starting from about
// the square of root.
func (p plan) search(root float64, power func(plan) float64) (float64, error) {
	excess := func(logInformation float64) float64 {
		return power(p.sized(p.fromInformation(math.Exp(logInformation)))) - p.Power
	}
	const widest = 190 // e¹⁹⁰ users are beyond any range of the fields
	floor := -float64(widest)
	if p.Reference == StudentT {
		floor = math.Log(p.sized(p.fewest()).information())
	}
	slope := p.contrast.distance / (p.contrast.truth.unit(p.Allocation) * p.inflation)
	if x, ok := p.bySecant(root, slope, math.Exp(floor/2), func(root float64) float64 {
		return power(p.sized(p.fromInformation(root * root)))
	}); ok {
		return p.fromInformation(x * x), nil
	}
	start := 2 * math.Log(root)
	lo, hi := math.Max(start-0.5, floor), math.Max(start, floor)+0.5
	for excess(hi) < 0 {
		if lo, hi = hi, hi+2; hi > widest {
			return 0, input.Check(false, "MDE", p.MDE, "no population is that large: raise MDE or lower Power")
		}
	}
	for excess(lo) >= 0 {
		if lo == floor {
			return p.fromInformation(math.Exp(floor)), input.Check(p.Reference == StudentT, "Power", p.Power, "is reached without any user at this MDE")
		}
		lo, hi = math.Max(lo-2, floor), lo
	}
	return p.fromInformation(math.Exp(solve.Root(lo, hi, 1e-14, excess))), nil
}

// fewest are the users in control that a t-test needs at least.
func (p plan) fewest() float64 {
	units := float64(p.Treatments+2) / p.arms()
	if p.welch() {
		units = 2 * max(1, 1/p.Allocation)
		if p.Correlation != 0 {
			units = 3 * max(1, 1/p.Allocation)
		}
	} else if p.Correlation != 0 {
		units = float64(p.Treatments+3) / p.arms()
	}
	// A hair more, so that rounding does not leave df below 1.
	return units * max(1, p.Cluster.Size) * (1 + 1e-9)
}
