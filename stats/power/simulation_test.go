package power

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// achieved counts the runs that end significant and compares them with the power
// that the design promises.
func achieved(t *testing.T, what string, runs int, power float64, significant func(*rand.Rand) bool) {
	t.Helper()
	random := rand.New(rand.NewPCG(2026, uint64(len(what))))
	hits := 0
	for range runs {
		if significant(random) {
			hits++
		}
	}
	assert.Binomial(t, what, hits, runs, power)
}

// moments are the mean and variance of n draws.
func moments(n int, draw func() float64) (mean, variance float64) {
	sum, squares := 0.0, 0.0
	for range n {
		x := draw()
		sum, squares = sum+x, squares+x*x
	}
	mean = sum / float64(n)
	return mean, (squares - sum*mean) / float64(n-1)
}

func TestMeansAchieveTheirPower(t *testing.T) {
	assert.Long(t)
	// Exponential users: as skewed as revenue among payers. Arms of equal size cancel
	// the skewness; the lift test squares an arm's mean and does not need to.
	d := Design{Metric: Mean{Mean: 1, SD: 1}, MDE: 0.1, Relative: true, Reference: StudentT}
	n := assert.Must(d.SampleSize()).ControlUsers
	s := assert.Must(d.PowerAt(float64(n)))
	achieved(t, "exponential", 10_000, s.Power, func(r *rand.Rand) bool {
		c, v := moments(n, r.ExpFloat64)
		x, w := moments(n, func() float64 { return 0.1 + r.ExpFloat64() })
		return (x-c)/math.Sqrt((v+w)/float64(n)) > s.Critical
	})
	lift := Design{Metric: Mean{Mean: 2, SD: 3, TreatmentSD: 3.3}, MDE: 0.01, Relative: true, Test: Lift, Allocation: 0.5}
	n = 2 * assert.Must(lift.SampleSize()).TreatmentUsers
	s = assert.Must(lift.PowerAt(float64(n)))
	achieved(t, "lift", 100_000, s.Power, func(r *rand.Rand) bool {
		// Normal users, through their means and known variances.
		vc, vt := 9/float64(n), 3.3*3.3/float64(n/2)
		c, x := 2+math.Sqrt(vc)*r.NormFloat64(), 2.02+math.Sqrt(vt)*r.NormFloat64()
		return (x/c-1)/math.Sqrt(vt/(c*c)+vc*x*x/(c*c*c*c)) > s.Critical
	})
	margin := Design{Metric: Mean{SD: 1}, Margin: 0.2, MDE: 0.05, LowerIsBetter: true, Reference: StudentT}
	n = assert.Must(margin.SampleSize()).ControlUsers
	s = assert.Must(margin.PowerAt(float64(n)))
	for truth, power := range map[float64]float64{0.05: s.Power, 0.2: 0.025} {
		achieved(t, "non-inferiority", 10_000, power, func(r *rand.Rand) bool {
			c, v := moments(n, r.NormFloat64)
			x, w := moments(n, func() float64 { return truth + r.NormFloat64() })
			return (x-c-0.2)/math.Sqrt((v+w)/float64(n)) < -s.Critical
		})
	}
}

// analyst is the statistic of two estimated rates, c of n users of control and x of kn
// of treatment, written without the code under test, whose restricted rates another
// test holds to the likelihood. A rate has the variance v(rate) per user, and
// 2·scale(rate) has the variance steady.
type analyst struct {
	n, k       float64
	v          func(rate float64) float64
	restricted func(c, x, boundary, k float64) float64
	scale      func(rate float64) float64
	steady     float64
}

func (a analyst) statistic(test Test, c, x, boundary float64) float64 {
	v, variance := a.v, a.v(c)+a.v(x)/a.k
	switch test {
	case Score:
		control := (c + a.k*x) / (1 + a.k)
		if boundary != 0 {
			control = a.restricted(c, x, boundary, a.k)
		}
		variance = v(control) + v(control+boundary)/a.k
	case Lift:
		return (x/c - 1) / math.Sqrt((v(x)/a.k/(c*c)+v(c)*x*x/(c*c*c*c))/a.n)
	case Stabilised:
		return 2 * (a.scale(x) - a.scale(c)) / math.Sqrt(a.steady*(1+1/a.k)/a.n)
	}
	return (x - c - boundary) / math.Sqrt(variance/a.n)
}

func TestProportionsAchieveTheirPower(t *testing.T) {
	assert.Long(t)
	for _, d := range []Design{
		{Metric: Proportion{0.3}, MDE: 0.02},
		{Metric: Proportion{0.3}, MDE: 0.02, Test: Wald, Allocation: 3},
		{Metric: Proportion{0.05}, MDE: -0.005, Test: Stabilised, Sides: stats.OneSided},
		{Metric: Proportion{0.2}, Margin: 0.02, Allocation: 0.5},
		{Metric: Proportion{0.1}, MDE: -0.002, Margin: 0.01, LowerIsBetter: true},
		{Metric: Proportion{0.3}, MDE: 0.01, Relative: true, Test: Lift},
	} {
		k := d.filled().Allocation
		n := 2 * math.Ceil(assert.Must(d.SampleSize()).Control/2)
		s := assert.Must(d.PowerAt(n))
		p := d.Metric.baseline()
		direction := math.Copysign(1, s.MDE)
		if s.Margin > 0 && d.LowerIsBetter {
			direction = -1
		}
		a := analyst{n, k, func(p float64) float64 { return p * (1 - p) }, restrictedRate, func(p float64) float64 { return math.Asin(math.Sqrt(p)) }, 1}
		test := func(truth float64) func(*rand.Rand) bool {
			return func(r *rand.Rand) bool {
				c := distuv.Binomial{N: n, P: p, Src: r}.Rand() / n
				x := distuv.Binomial{N: n * k, P: p + truth, Src: r}.Rand() / (n * k)
				return direction*a.statistic(d.filled().Test, c, x, -direction*s.Margin) > s.Critical
			}
		}
		achieved(t, "proportion", 100_000, s.Power, test(s.MDE))
		if s.Margin > 0 {
			achieved(t, "type I error at the margin", 100_000, 0.025, test(-direction*s.Margin))
		}
	}
}

func TestCountsAchieveTheirPower(t *testing.T) {
	assert.Long(t)
	// Negative binomial users, whose variance is 2.5 times their mean in both arms.
	m := Count{Rate: 1.5, Exposure: 2, Dispersion: 2.5}
	for _, d := range []Design{
		{Metric: m, MDE: 0.04, Relative: true},
		{Metric: m, MDE: -0.1, Test: Wald, Allocation: 2},
		{Metric: m, MDE: 0.1, Test: Stabilised},
		{Metric: m, Margin: 0.05, Relative: true},
	} {
		k := d.filled().Allocation
		n := math.Ceil(assert.Must(d.SampleSize()).Control)
		s := assert.Must(d.PowerAt(n))
		direction := math.Copysign(1, s.MDE)
		rate := func(r *rand.Rand, users, rate float64) float64 {
			mean := distuv.Gamma{Alpha: users * rate * 2 / 1.5, Beta: 1 / 1.5, Src: r}.Rand()
			return distuv.Poisson{Lambda: mean, Src: r}.Rand() / users / 2
		}
		a := analyst{n, k, func(rate float64) float64 { return 2.5 * rate / 2 }, restrictedCount, math.Sqrt, 2.5 / 2}
		achieved(t, "count", 200_000, s.Power, func(r *rand.Rand) bool {
			c, x := rate(r, n, m.Rate), rate(r, n*k, m.Rate+s.MDE)
			return direction*a.statistic(d.filled().Test, c, x, -direction*s.Margin) > s.Critical
		})
	}
}

func TestRatiosAchieveTheirPower(t *testing.T) {
	assert.Long(t)
	// Views y = 1 + Poisson(4) per user, each clicked with the user's own rate p ~
	// uniform(0.1, 0.3) (+ effect): clicks per view, where a user's views correlate.
	// Given y and p the clicks are drawn as normal, which the test cannot tell.
	const effect = 0.006
	user := func(r *rand.Rand, poisson distuv.Poisson, shift float64) (x, y float64) {
		y = 1 + poisson.Rand()
		p := 0.1 + 0.2*r.Float64() + shift
		return y*p + math.Sqrt(y*p*(1-p))*r.NormFloat64(), y
	}
	// E x = 0.2·5, var x = E(y)E(p(1 − p)) + E(y²)var(p) + var(y)·0.2², cov = 0.2 var(y).
	varP := 0.04 / 12
	d := Design{Metric: Ratio{1, 5, 5*(0.16-varP) + 29*varP + 4*0.04, 4, 0.8}, MDE: effect}
	n := assert.Must(d.SampleSize()).ControlUsers
	s := assert.Must(d.PowerAt(float64(n)))
	achieved(t, "ratio", 4_000, s.Power, func(r *rand.Rand) bool {
		poisson := distuv.Poisson{Lambda: 4, Src: r}
		arm := func(shift float64) (ratio, variance float64) {
			var x, y, xx, xy, yy float64
			for range n {
				a, b := user(r, poisson, shift)
				x, y, xx, xy, yy = x+a, y+b, xx+a*a, xy+a*b, yy+b*b
			}
			ratio = x / y
			return ratio, (xx - 2*ratio*xy + ratio*ratio*yy) / (y * y)
		}
		c, v := arm(0)
		x, w := arm(effect)
		return (x-c)/math.Sqrt(v+w) > s.Critical
	})
}

func TestClustersAchieveTheirPower(t *testing.T) {
	assert.Long(t)
	// Gamma sizes with mean 30 and CV 0.6; an arm's estimate is its users' mean.
	cluster := Cluster{Size: 30, ICC: 0.04, CV: 0.6}
	d := Design{Metric: Mean{SD: 1}, MDE: 0.08, Cluster: cluster, Reference: StudentT}
	size := assert.Must(d.SampleSize())
	n := size.ControlClusters
	s := assert.Must(d.PowerAt(float64(n) * cluster.Size))
	achieved(t, "clusters", 15_000, s.Power, func(r *rand.Rand) bool {
		sizes := distuv.Gamma{Alpha: 1 / 0.36, Beta: 1 / 0.36 / 30, Src: r}
		arm := func(effect float64) (mean, variance float64) {
			var users, total, mm, my, yy float64
			for range n {
				m := math.Max(1, sizes.Rand())
				y := m * (effect + math.Sqrt(0.04)*r.NormFloat64() + math.Sqrt(0.96/m)*r.NormFloat64())
				users, total, mm, my, yy = users+m, total+y, mm+m*m, my+m*y, yy+y*y
			}
			mean = total / users
			return mean, (yy - 2*mean*my + mean*mean*mm) / (users * users) * float64(n) / float64(n-1)
		}
		c, v := arm(0)
		x, w := arm(0.08)
		return (x-c)/math.Sqrt(v+w) > s.Critical
	})
}

func TestCovariateAchievesItsPower(t *testing.T) {
	assert.Long(t)
	d := Design{Metric: Mean{SD: 1}, MDE: 0.15, Correlation: 0.8}
	n := assert.Must(d.SampleSize()).ControlUsers
	s := assert.Must(d.PowerAt(float64(n)))
	achieved(t, "CUPED", 30_000, s.Power, func(r *rand.Rand) bool {
		type sums struct{ x, y, xx, xy, yy float64 }
		arm := func(effect float64) (s sums) {
			for range n {
				x := r.NormFloat64()
				y := effect + 0.8*x + 0.6*r.NormFloat64()
				s = sums{s.x + x, s.y + y, s.xx + x*x, s.xy + x*y, s.yy + y*y}
			}
			return s
		}
		c, x, m := arm(0), arm(0.15), float64(n)
		within := func(a, b, ab float64) float64 { return ab - a*b/m }
		sxx := within(c.x, c.x, c.xx) + within(x.x, x.x, x.xx)
		sxy := within(c.x, c.y, c.xy) + within(x.x, x.y, x.xy)
		syy := within(c.y, c.y, c.yy) + within(x.y, x.y, x.yy)
		theta := sxy / sxx
		difference := (x.y - c.y - theta*(x.x-c.x)) / m
		return difference/math.Sqrt((syy-theta*sxy)/(2*m-3)*2/m) > s.Critical
	})
}

// TestPopulationAchievesItsPower: outcomes with and without treatment that mirror
// each other, drawn without replacement.
func TestPopulationAchievesItsPower(t *testing.T) {
	assert.Long(t)
	const users = 1000
	for _, d := range []Design{
		{MDE: 0.18},
		{MDE: 0.18, Allocation: 3},
		{MDE: 0.25, Treatments: 2, Correction: Bonferroni},
	} {
		d.Metric, d.Population = Mean{SD: 1}, users
		n := assert.Must(d.SampleSize()).ControlUsers
		k := int(d.filled().Allocation)
		s := assert.Must(d.PowerAt(float64(n)))
		achieved(t, "population", 30_000, s.Power, func(r *rand.Rand) bool {
			c, x := 0.0, 0.0
			for i, user := range r.Perm(users)[:n+k*n] {
				// Equally spaced quantiles of a uniform: mean 0, SD 1.
				y := (2*float64(user) + 1 - users) / users * math.Sqrt(3)
				if i < n {
					c += y
				} else {
					x += d.MDE - y
				}
			}
			return (x/float64(k)-c)/float64(n)/s.SE > s.Critical
		})
	}
}

func TestArmsAchieveTheirPower(t *testing.T) {
	assert.Long(t)
	for _, correction := range []Correction{Dunnett, Holm, Bonferroni, Uncorrected} {
		for _, d := range []Design{
			{Treatments: 3, Allocation: 0.5},
			{Treatments: 4, Sides: stats.OneSided},
			{Treatments: 2, Strict: true, Reference: StudentT},
		} {
			d.Metric, d.Correction = Mean{SD: 1}, correction
			n := 8.0
			d.MDE = 0.9
			if d.Strict {
				d.MDE = 0.3 // the wrong sign happens
			}
			s := assert.Must(d.PowerAt(n))
			checkArms(t, d.filled(), s, n)
		}
	}
}

// checkArms simulates normal arms under the truth and under the null hypothesis.
func checkArms(t *testing.T, d Design, s Sizing, n float64) {
	t.Helper()
	p, _ := newPlan(d)
	p, _ = p.stated()
	steps := p.sized(n).thresholds()
	random := rand.New(rand.NewPCG(7, 7))
	const runs = 60_000
	var first, any, all, false1 int
	for range runs {
		for _, effect := range []float64{d.MDE, 0} {
			statistics := draw(random, d, n, effect, s.DF)
			right, wrong := reject(statistics, steps, d.Sides)
			hits, firstHit := 0, false
			for i := range right {
				if hit := right[i] || d.Strict && wrong[i]; hit {
					hits++
					firstHit = firstHit || i == 0
				}
			}
			switch {
			case effect == 0:
				for i := range right {
					if right[i] || wrong[i] {
						false1++
						break
					}
				}
				continue
			case firstHit:
				first++
			}
			if hits > 0 {
				any++
			}
			if hits == d.Treatments {
				all++
			}
		}
	}
	assert.Binomial(t, string(d.Correction)+": one", first, runs, s.Power)
	assert.Binomial(t, string(d.Correction)+": any", any, runs, s.AnyPower)
	assert.Binomial(t, string(d.Correction)+": all", all, runs, s.AllPower)
	switch d.Correction {
	case Dunnett:
		assert.Binomial(t, "Dunnett: any false rejection", false1, runs, d.Alpha)
	case Holm, Bonferroni:
		assert.AtMost(t, string(d.Correction)+": any false rejection", false1, runs, d.Alpha)
	}
}

// draw is the statistics of all arms with unit variance, estimated with df if above 0.
func draw(r *rand.Rand, d Design, n, effect, df float64) []float64 {
	s := 1.0
	if df > 0 {
		s = math.Sqrt(distuv.ChiSquared{K: df, Src: r}.Rand() / df)
	}
	control := r.NormFloat64() / math.Sqrt(n)
	statistics := make([]float64, d.Treatments)
	for i := range statistics {
		x := effect + r.NormFloat64()/math.Sqrt(n*d.Allocation)
		statistics[i] = (x - control) / math.Sqrt(1/n+1/(n*d.Allocation)) / s
	}
	return statistics
}

// reject is Holm's procedure, or a single step if there is one threshold.
func reject(statistics, steps []float64, sides stats.Sides) (right, wrong []bool) {
	k := len(statistics)
	right, wrong = make([]bool, k), make([]bool, k)
	size := func(x float64) float64 {
		if sides == stats.TwoSided {
			return math.Abs(x)
		}
		return x
	}
	for step := range k {
		best := -1
		for i, x := range statistics {
			if !right[i] && !wrong[i] && (best < 0 || size(x) > size(statistics[best])) {
				best = i
			}
		}
		if size(statistics[best]) <= steps[min(step, len(steps)-1)] {
			break
		}
		right[best], wrong[best] = statistics[best] > 0, statistics[best] <= 0
	}
	return right, wrong
}
