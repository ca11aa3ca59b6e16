package value

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/quad"
)

// Rollout is a test of two treatments on part of a finite population, after which
// the one with the higher posterior mean goes to all the rest ("test and roll"). The
// tested users' own response counts, so that a test has a cost without any fee.
//
// Source: Feit & Berman (2019), "Test & Roll: Profit-Maximizing A/B Tests",
// Marketing Science 38(6):1038–1058.
type Rollout struct {
	Population float64       `json:"population"` // N users in all, above 0
	Arms       [2]RolloutArm `json:"arms"`
}

// RolloutArm is one treatment before the test.
type RolloutArm struct {
	Prior stats.Normal `json:"prior"` // of the mean response per user, in units of profit
	SD    float64      `json:"sd"`    // of one user's response around that mean, above 0
}

// RolloutPlan is what a test of some size is expected to bring.
type RolloutPlan struct {
	Users     [2]float64 `json:"users"`      // tested in each arm
	Profit    float64    `json:"profit"`     // expected, of the whole population
	Perfect   float64    `json:"perfect"`    // N·E[max(m₁, m₂)], expected if the better arm were known
	Regret    float64    `json:"regret"`     // 1 − Profit/Perfect, a fraction; 0 if Perfect is not above 0
	ErrorRate float64    `json:"error_rate"` // probability that the worse arm is rolled out
}

// Check reports, as an *InputError, a population or response SD that is not above
// 0, or an invalid prior.
func (r Rollout) Check() error {
	err := input.Positive("Population", r.Population)
	for i, a := range r.Arms {
		field := fmt.Sprintf("Arms[%d].", i)
		err = input.First(err, input.Finite(field+"Prior.Mean", a.Prior.Mean), input.NonNegative(field+"Prior.SD", a.Prior.SD), input.Positive(field+"SD", a.SD))
	}
	return err
}

// Plan returns what testing n1 and n2 users, 0 or more and N at most together, is
// expected to bring. With e = μ₁ − μ₂ and v² = Σ σᵢ⁴/(σᵢ² + sᵢ²/nᵢ), the variance of
// the difference of the posterior means before the test,
//
//	profit = μ₁n₁ + μ₂n₂ + (N − n₁ − n₂) [μ₂ + e Φ(e/v) + v φ(e/v)]
//
// where the prior of arm i is N(μᵢ, σᵢ²) and its response has SD sᵢ.
//
// All is in closed form, but for the error rate of arms with different prior means:
// that is to 1e-11, by adaptive quadrature.
//
// Source: Feit & Berman (2019), §3.
func (r Rollout) Plan(n1, n2 float64) (RolloutPlan, error) {
	if err := input.First(r.Check(), input.NonNegative("n1", n1), input.NonNegative("n2", n2),
		input.Check(n1+n2 <= r.Population*(1+1e-12), "n1 + n2", n1+n2, "must not exceed the population")); err != nil {
		return RolloutPlan{}, err
	}
	added, most := r.added(n1, n2), r.Population*r.choice(r.difference())
	plan := RolloutPlan{Users: [2]float64{n1, n2}, Profit: r.untested() + added, Perfect: r.untested() + most}
	if plan.Perfect > 0 {
		plan.Regret = (most - added) / plan.Perfect
	}
	plan.ErrorRate = r.errorRate(r.learnt(n1, n2))
	return plan, nil
}

// Optimum returns the test with the highest expected profit. Where both arms have
// the same prior and response it is, for each arm,
//
//	n* = (−3s² + √(9s⁴ + 4Ns²σ²))/(4σ²)
//
// and otherwise found numerically, to about 1e-6 of the sizes. It may be no test at
// all. With multiple > 0 the sizes are multiples of it (2 for even numbers), the best
// of those around the optimum.
//
// Source: Feit & Berman (2019), §3.1 and §3.2.
func (r Rollout) Optimum(multiple float64) (RolloutPlan, error) {
	if err := input.First(r.Check(), input.NonNegative("multiple", multiple)); err != nil {
		return RolloutPlan{}, err
	}
	var n1, n2 float64
	if r.Arms[0] == r.Arms[1] {
		n1 = r.symmetric()
		n2 = n1
	} else {
		n1, n2 = r.search()
	}
	if multiple > 0 {
		n1, n2 = r.round(n1, n2, multiple)
	}
	return r.Plan(n1, n2)
}

// symmetric is n*, in the form that does not cancel: with t = s²/σ²,
// n* = N/(3 + √(9 + 4N/t)).
func (r Rollout) symmetric() float64 {
	a := r.Arms[0]
	if a.Prior.SD == 0 {
		return 0
	}
	ratio := a.Prior.SD / a.SD
	return r.Population / (3 + math.Sqrt(9+4*r.Population*ratio*ratio))
}

// untested is the profit of giving all the arm with the better prior mean. The others
// are told by what they add to it, which does not cancel where means are large.
func (r Rollout) untested() float64 {
	return r.Population * max(r.Arms[0].Prior.Mean, r.Arms[1].Prior.Mean)
}

// added is what a test adds to the profit: the rest gain by the choice, and those who
// were tested in the worse arm lose.
func (r Rollout) added(n1, n2 float64) float64 {
	e := r.Arms[0].Prior.Mean - r.Arms[1].Prior.Mean
	lost := e * n2
	if e < 0 {
		lost = -e * n1
	}
	return max(0, r.Population-n1-n2)*r.choice(r.learnt(n1, n2)) - lost
}

// choice is E[max(m₁, m₂)] − max(μ₁, μ₂), of means whose difference has SD v.
func (r Rollout) choice(v float64) float64 {
	return gradient(math.Abs(r.Arms[0].Prior.Mean-r.Arms[1].Prior.Mean), v)
}

// difference is the prior SD of m₁ − m₂, and learnt that of its posterior mean.
func (r Rollout) difference() float64 { return math.Hypot(r.Arms[0].Prior.SD, r.Arms[1].Prior.SD) }

func (r Rollout) learnt(n1, n2 float64) float64 {
	part := func(a RolloutArm, n float64) float64 {
		if n <= 0 || a.Prior.SD < exact {
			return 0
		}
		return a.Prior.SD * (a.Prior.SD / math.Hypot(a.Prior.SD, a.SD/math.Sqrt(n)))
	}
	return math.Hypot(part(r.Arms[0], n1), part(r.Arms[1], n2))
}

// exact is the standard deviation below which a belief counts as certain, and reach
// the distance in SDs beyond which a normal has a mass of 1e-17.
const exact, reach = 1e-100, 8.5

// errorRate is P(m₁ − m₂ and its posterior mean, of SD v, differ in sign). Given
// the posterior mean x the truth is N(x, σ² − v²).
func (r Rollout) errorRate(v float64) float64 {
	e, sd := r.Arms[0].Prior.Mean-r.Arms[1].Prior.Mean, r.difference()
	switch {
	case sd < exact:
		return 0
	case v < 1e-9*sd && e == 0: // a coin
		return 0.5
	case v < 1e-9*sd:
		return norm.CDF(-math.Abs(e) / sd)
	}
	left := math.Sqrt(max(0, (sd-v)*(sd+v)))
	if left < 1e-12*sd {
		return 0
	}
	if e == 0 {
		return math.Atan2(left, v) / math.Pi
	}
	// By the distance of x from 0 in units of v, split there.
	wrong := func(z float64) float64 { return norm.Density(z) * norm.CDF(-math.Abs(e+v*z)/left) }
	turn := min(max(-e/v, -reach), reach)
	lower, _ := quad.Integrate(-reach, turn, 1e-12, wrong)
	upper, _ := quad.Integrate(turn, reach, 1e-12, wrong)
	return lower + upper
}
