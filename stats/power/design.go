package power

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Design is a test with one control and one or more treatment arms, stated before
// anyone is exposed. Metric and MDE are all that most tests need.
type Design struct {
	Metric Metric // what is compared, with its value in control: Mean, Proportion, Ratio or Count

	MDE      float64     // effect to detect, not 0; below 0 for a decrease; with a Margin the true effect, which may be 0
	Relative bool        // MDE and Margin are fractions of |baseline| instead of the metric's unit
	Alpha    float64     // type I error, both sides and all arms together (each arm if Correction is none); zero means 0.05
	Power    float64     // 1 − type II error, of what Goal says; zero means 0.80
	Sides    stats.Sides // empty means TwoSided
	Test     Test        // empty means Score
	Strict   bool        // two-sided: significant results of the wrong sign count as power too

	// Margin above 0 makes it a test of non-inferiority, as for a guardrail: it
	// succeeds if the treatment is shown not to be worse than control by Margin or
	// more. TwoSided then says that the interval of level 1 − Alpha is what lies
	// inside the margin, so that Alpha/2 is the error: 0.025 unless set.
	Margin float64
	// LowerIsBetter makes increases the harm that Margin guards against (latency,
	// crashes), and decreases what MDEAt looks for.
	LowerIsBetter bool

	Allocation float64    // users of each treatment arm per user of control; zero means 1
	Treatments int        // treatment arms, at most 50; zero means 1
	Correction Correction // for several arms; empty means Dunnett
	Goal       Goal       // for several arms: which power; empty means OneArm

	Cluster     Cluster   // zero means that users are randomised one by one
	Correlation float64   // ρ of the metric with the covariate that adjusts it (CUPED), in (−1, 1)
	Reference   Reference // distribution of the statistic; empty means Normal
	// Population is the number of users there are at all, N; zero means any number. It
	// takes (σ_c + σₜ)²/(N − 1) off the variance of the difference, the most there can
	// be: exact if whoever gains by treatment had the less without it, so that the two
	// outcomes of a user mirror each other. With two equal arms and T users in both, it
	// leaves (N − T)/(N − 1) of the variance. For an effect that is the same for all
	// users there is no such gain, however small the population.
	Population float64
}

// Test says by which statistic a treatment is compared with control. All of them
// are normal for many users; Δ̂ is the difference of the arms.
type Test string

const (
	// Score is Δ̂ over its standard error under the null hypothesis: for a
	// Proportion the z-test with pooled variance, with a Margin that of Farrington
	// & Manning; for a Count their Poisson analogues. For a Mean or a Ratio, whose
	// variances do not depend on the hypothesis, it is the same as Wald.
	Score Test = "score"
	// Wald is Δ̂ over its standard error with separate variances. A relative MDE is
	// then, as with Score, an absolute one of known size: the control mean's own
	// error plays no part.
	Wald Test = "wald"
	// Lift is the relative lift Δ̂/|control| over its standard error by the delta
	// method, in which the control mean's error counts. Needs a baseline other than 0,
	// and is a fair approximation for lifts within ±0.1: towards −1 and beyond it, power
	// need not rise with the effect.
	Lift Test = "lift"
	// Stabilised is the difference on a scale where the variance is constant: the
	// arcsine for a Proportion (Cohen's h), the square root for a Count. No other
	// metric has one.
	Stabilised Test = "stabilised"
)

// Correction says how the type I error of several arms against one control is kept
// to Alpha together: the probability to reject any true null hypothesis.
type Correction string

const (
	Dunnett     Correction = "dunnett"    // the exact critical value of the largest of the correlated statistics
	Holm        Correction = "holm"       // step-down Bonferroni, for any dependence
	Bonferroni  Correction = "bonferroni" // α/k for each arm, for any dependence
	Uncorrected Correction = "none"       // α for each arm
)

// Goal says which power a design with several arms is sized for. Every arm is
// taken to have the effect MDE.
type Goal string

const (
	OneArm  Goal = "one" // a given arm is significant: marginal power
	AnyArm  Goal = "any" // at least one is: disjunctive power
	AllArms Goal = "all" // all are: conjunctive power
)

// Reference is the distribution that gives critical values and power.
type Reference string

const (
	Normal Reference = "normal" // variances known, or many users
	// StudentT is the noncentral t with the degrees of freedom of the units that are
	// randomised, users or clusters, less one for each arm (and one for a
	// covariate); those of Welch for a Mean with two standard deviations, where
	// several arms are taken to share the error of one estimated variance.
	StudentT Reference = "t"
)

// Cluster describes units, such as shops or teams, that are randomised whole.
type Cluster struct {
	Size float64 // mean users per cluster, at least 1
	ICC  float64 // intraclass correlation: between clusters' share of the variance, 0 to 1
	CV   float64 // coefficient of variation of the cluster sizes: SD/mean; zero means equal sizes
}

// designEffect is 1 + ((CV² + 1)Size − 1)·ICC: Eldridge, Ashby & Kerry (2006),
// International Journal of Epidemiology 35:1292–1300.
func (c Cluster) designEffect() float64 {
	if c == (Cluster{}) {
		return 1
	}
	return 1 + ((c.CV*c.CV+1)*c.Size-1)*c.ICC
}

func (c Cluster) check() error {
	if c == (Cluster{}) {
		return nil
	}
	return input.First(
		input.Check(c.Size >= 1 && c.Size <= 1e12, "Cluster.Size", c.Size, "a cluster has from 1 to 1e12 users"),
		input.Check(c.ICC >= 0 && c.ICC <= 1, "Cluster.ICC", c.ICC, "must lie in 0 to 1"),
		input.Check(c.CV >= 0 && c.CV <= 1e3, "Cluster.CV", c.CV, "must lie in 0 to 1000"))
}

// filled is the design with its defaults.
func (d Design) filled() Design {
	d.Alpha, d.Power, d.Allocation = cmp.Or(d.Alpha, 0.05), cmp.Or(d.Power, 0.8), cmp.Or(d.Allocation, 1)
	d.Sides, d.Test, d.Correction = cmp.Or(d.Sides, stats.TwoSided), cmp.Or(d.Test, Score), cmp.Or(d.Correction, Dunnett)
	d.Goal, d.Reference = cmp.Or(d.Goal, OneArm), cmp.Or(d.Reference, Normal)
	if d.Treatments == 0 {
		d.Treatments = 1
	}
	d.Strict = d.Strict && d.Sides == stats.TwoSided && d.Margin == 0
	return d
}

// check reports the first field that has no answer, whatever is solved for.
func (d Design) check() error {
	if d.Metric == nil {
		return input.Check(false, "Metric", 0, "must be a Mean, Proportion, Ratio or Count")
	}
	b := d.Metric.baseline()
	return input.First(d.Metric.check(d.Test),
		input.Fraction("Alpha", d.Alpha), input.Fraction("Power", d.Power),
		// Below 1e-100 squares and tails underflow; nobody tests there.
		input.Check(d.Alpha >= 1e-100, "Alpha", d.Alpha, "must be at least 1e-100"),
		input.OneOf("Sides", d.Sides, stats.TwoSided, stats.OneSided),
		input.OneOf("Test", d.Test, Score, Wald, Lift, Stabilised),
		input.OneOf("Correction", d.Correction, Dunnett, Holm, Bonferroni, Uncorrected),
		input.OneOf("Goal", d.Goal, OneArm, AnyArm, AllArms),
		input.OneOf("Reference", d.Reference, Normal, StudentT),
		input.Check(d.Allocation >= 1e-3 && d.Allocation <= 1e3, "Allocation", d.Allocation, "must lie in 0.001 to 1000"),
		input.Check(d.Treatments >= 1 && d.Treatments <= 50, "Treatments", float64(d.Treatments), "must be 1 to 50"),
		d.Cluster.check(),
		input.Check(math.Abs(d.Correlation) < 1, "Correlation", d.Correlation, "must lie strictly between −1 and 1"),
		input.NonNegative("Margin", d.Margin),
		input.Check(d.Population == 0 || d.Population >= 2 && d.Population <= input.Max, "Population", d.Population, "must be at least 2 users"),
		input.Check(!d.Relative && d.Test != Lift || b != 0, "Metric."+baselineField(d.Metric), b, "a relative MDE or test needs a baseline other than 0"))
}
