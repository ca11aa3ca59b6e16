package value

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Shape is how the value of a test grows with its users.
type Shape struct {
	// Efficient is the size with the largest value per user, argmax v(n)/n. It is 0
	// if the first users are worth most ("lean": run many small tests), as for a
	// prior of mean 0 or of tails fatter than 3 degrees of freedom.
	Efficient float64 `json:"efficient"`
	// Inflection is the size with the largest slope, argmax f′(n): below it the
	// next user is worth more than the last. 0 if there is none such.
	Inflection float64 `json:"inflection"`
}

// doublings of the users, down and up from where the noise is as wide as the
// prior, are searched for the shape's sizes.
const doublings = 30

// Shape finds the efficient size and the inflection, each to 1e-9 relative, among
// sizes from 1e-9 to 1e9 of (σ/prior's spread)². It is S-shaped value, with both
// above 0, that makes testing everything wasteful. The error is that of Check, or
// names Prior if it is a point mass: no test of it has any value.
func (p Production) Shape() (Shape, error) {
	spread, err := p.spread()
	if err != nil {
		return Shape{}, err
	}
	unit := p.Sigma / spread * (p.Sigma / spread)
	var values [2*doublings + 1]TestValue
	for i := range values {
		values[i] = p.at(unit * math.Ldexp(1, i-doublings))
	}
	return Shape{
		Efficient:  p.argmax(values[:], func(v TestValue) float64 { return v.Value / v.Users }, func(v TestValue) float64 { return v.Users*v.Slope - v.Value }),
		Inflection: p.argmax(values[:], func(v TestValue) float64 { return v.Slope }, p.bend),
	}, nil
}

// bend has the sign of f″: the derivative of the slope by log n, of fourth order, so
// that its zero is right to 1e-10.
func (p Production) bend(v TestValue) float64 {
	rise := func(step float64) float64 {
		return p.at(v.Users*math.Exp(step)).Slope - p.at(v.Users*math.Exp(-step)).Slope
	}
	const step = 2e-3
	return 8*rise(step) - rise(2*step)
}

// argmax is where height is largest: 0 at the least size, and otherwise refined to
// where rising, which has the sign of the derivative, is 0.
func (p Production) argmax(values []TestValue, height, rising func(TestValue) float64) float64 {
	best := 0
	for i, v := range values {
		if height(v) > height(values[best]) {
			best = i
		}
	}
	if best == 0 || best == len(values)-1 {
		return values[best].Users * float64(min(best, 1))
	}
	lo, hi := math.Log(values[best-1].Users), math.Log(values[best+1].Users)
	n := math.Exp(solve.Root(lo, hi, 1e-10, func(x float64) float64 { return rising(p.at(math.Exp(x))) }))
	if math.IsNaN(n) { // flat: nothing to refine
		return values[best].Users
	}
	return n
}

// spread is a robust standard deviation of the prior.
func (p Production) spread() (float64, error) {
	if err := p.Check(); err != nil {
		return 0, err
	}
	spread := (p.Prior.Quantile(0.975) - p.Prior.Quantile(0.025)) / 4
	if spread == 0 {
		spread = p.Prior.SD()
	}
	unit := p.Sigma / spread * (p.Sigma / spread)
	return spread, input.Check(unit > 1/input.Max && unit < input.Max/1e10, "Prior.SD", spread, "must be above 0, and of Sigma's order (a ratio of 1e±15)")
}

// Portfolio is an equal split of users over tests of ideas of one kind.
type Portfolio struct {
	Tests     int     `json:"tests"`
	UsersEach float64 `json:"users_each"`
	Value     float64 `json:"value"` // of all tests together, beyond what ships untested
}

// Portfolio chooses how many of some ideas to test with users > 0 in all, each
// with as many: the K ≤ ideas that maximises K·v(users/K). The efficient size
// decides; a lean kind takes all ideas.
//
// Source: v(n)/n has one maximum for normal priors, Azevedo, Mao, Montiel Olea &
// Velez (2023), J. Economic Theory 210; the best K is beside users over its place.
func (p Production) Portfolio(users float64, ideas int) (Portfolio, error) {
	if err := input.First(input.Positive("users", users), input.Check(ideas >= 1, "ideas", float64(ideas), "must be at least 1")); err != nil {
		return Portfolio{}, err
	}
	shape, err := p.Shape()
	if err != nil {
		return Portfolio{}, err
	}
	fit := float64(ideas)
	if shape.Efficient > 0 {
		fit = min(fit, users/shape.Efficient)
	}
	var best Portfolio
	for k := max(1, int(fit)); k <= min(ideas, int(fit)+1); k++ {
		each := users / float64(k)
		if err := input.First(input.Positive("users", each), input.Positive("SE", p.Sigma/math.Sqrt(each))); err != nil {
			return Portfolio{}, err
		}
		if value := float64(k) * p.at(each).Value; best.Tests == 0 || value > best.Value {
			best = Portfolio{Tests: k, UsersEach: each, Value: value}
		}
	}
	return best, nil
}
