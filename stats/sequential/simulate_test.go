package sequential

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// A trial draws the score at each look: independent normal increments.
func trial(r *rand.Rand, t []float64, drift float64, score []float64) {
	s, before := 0.0, 0.0
	for k := range t {
		s += drift*(t[k]-before) + r.NormFloat64()*math.Sqrt(t[k]-before)
		score[k], before = s, t[k]
	}
}

// end is the look at which a trial stops under a course, and whether it rejects
// upwards (1), downwards (−1) or not.
func (c course) end(score []float64, obey bool) (k, direction int) {
	for k := range c.t {
		z := score[k] / math.Sqrt(c.t[k])
		size := z
		if c.twoSided {
			size = math.Abs(z)
		}
		switch {
		case size >= c.efficacy[k] && z > 0:
			return k, 1
		case size >= c.efficacy[k]:
			return k, -1
		case obey && size <= c.futility[k]:
			return k, 0
		}
	}
	return len(c.t) - 1, 0
}

const trials = 100_000

// rejections counts trials that reject in either direction, and upwards.
func rejections(r *rand.Rand, c course, drift float64, obey bool) (any, up int) {
	score := make([]float64, len(c.t))
	for range trials {
		trial(r, c.t, drift, score)
		if _, direction := c.end(score, obey); direction != 0 {
			any++
			if direction > 0 {
				up++
			}
		}
	}
	return any, up
}

func TestErrorRatesHold(t *testing.T) {
	assert.Long(t)
	r := rand.New(rand.NewPCG(1, 1))
	for _, b := range []Boundary{OBrienFleming(), Pocock(), WangTsiatis(0.25), OBFSpending(), PocockSpending(), KimDeMets(2), HwangShihDeCani(-4)} {
		for _, d := range []Design{{Alpha: 0.05}, {Alpha: 0.025, Sides: stats.OneSided, Power: 0.9, Information: []float64{0.1, 0.5, 0.6, 1}}} {
			d.Efficacy = b
			p := plan(t, d)
			any, _ := rejections(r, p.course(), 0, false)
			assert.Binomial(t, b.String()+": type I errors", any, trials, d.Alpha)
			_, up := rejections(r, p.course(), p.Drift, false)
			assert.Binomial(t, b.String()+": power", up, trials, p.Design.Power)
		}
	}
}

func TestFutilityHoldsItsRates(t *testing.T) {
	assert.Long(t)
	r := rand.New(rand.NewPCG(2, 2))
	for _, d := range []Design{
		{Looks: 4, Alpha: 0.025, Power: 0.9, Sides: stats.OneSided, Futility: PocockSpending()},
		{Looks: 4, Alpha: 0.025, Power: 0.9, Sides: stats.OneSided, Futility: OBFSpending(), Efficacy: Pocock()},
		{Looks: 4, Alpha: 0.05, Power: 0.9, Futility: HwangShihDeCani(-2)},
	} {
		p := plan(t, d)
		ignored, _ := rejections(r, p.course(), 0, false)
		assert.Binomial(t, "advice that is ignored: type I errors", ignored, trials, d.Alpha)
		obeyed, _ := rejections(r, p.course(), 0, true)
		assert.AtMost(t, "advice that is followed: type I errors", obeyed, trials, d.Alpha)
		_, up := rejections(r, p.course(), p.Drift, true)
		assert.Binomial(t, "power with futility followed", up, trials, 0.9)
		if d.Sides == stats.OneSided {
			d.Binding = true
			p = plan(t, d)
			obeyed, _ = rejections(r, p.course(), 0, true)
			assert.Binomial(t, "binding: type I errors", obeyed, trials, d.Alpha)
			_, up = rejections(r, p.course(), p.Drift, true)
			assert.Binomial(t, "binding: power", up, trials, 0.9)
		}
	}
}

// Looks at random times, more or fewer than planned, under- and over-running.
func TestErrorRateHoldsAtRandomTimes(t *testing.T) {
	assert.Long(t)
	r := rand.New(rand.NewPCG(3, 3))
	for _, b := range []Boundary{OBFSpending(), KimDeMets(1), Pocock(), OBrienFleming()} {
		p := plan(t, Design{Looks: 4, Efficacy: b})
		rejected := 0
		for range 200 {
			times := make([]float64, 1+r.IntN(6))
			sum := 0.0
			for k := range times {
				sum += 0.05 + 0.4*r.Float64()
				times[k] = sum
				if sum >= 1 {
					times = times[:k+1]
					break
				}
			}
			c := assert.Must(p.boundaries(times, true))
			score := make([]float64, len(times))
			for range trials / 200 {
				trial(r, times, 0, score)
				if _, direction := c.end(score, true); direction != 0 {
					rejected++
				}
			}
		}
		assert.Binomial(t, b.String()+": type I errors", rejected, trials, 0.05)
	}
}

func TestInferenceHoldsItsPromises(t *testing.T) {
	assert.Long(t)
	r := rand.New(rand.NewPCG(4, 4))
	const runs = 6000
	for name, d := range map[string]Design{
		"two-sided": {Looks: 3, Efficacy: Pocock()},
		"binding":   {Looks: 3, Alpha: 0.025, Sides: stats.OneSided, Futility: PocockSpending(), Binding: true, Efficacy: PocockSpending()},
	} {
		p := plan(t, d)
		c := p.course()
		score := make([]float64, len(c.t))
		for _, drift := range []float64{0, 1.5, p.Drift} {
			var below, covered, repeated, lowMissed, small int
			bias, squares := 0.0, 0.0
			for range runs {
				trial(r, c.t, drift, score)
				k, _ := c.end(score, true)
				z := make([]float64, k+1)
				for j := range z {
					z[j] = score[j] / math.Sqrt(c.t[j])
				}
				f := assert.Must(p.Infer(looksAt(p, z)...))
				below += count(f.MedianUnbiased < drift)
				covered += count(f.Interval.Contains(drift))
				lowMissed += count(f.Interval.Low > drift)
				repeated += count(f.Repeated.Contains(drift))
				small += count(f.PValue < 0.1)
				bias += f.Naive.Value - drift
				squares += (f.Naive.Value - drift) * (f.Naive.Value - drift)
			}
			at := fmt.Sprintf("%s, drift %.2f: ", name, drift)
			assert.Binomial(t, at+"estimates below the truth", below, runs, 0.5)
			assert.Binomial(t, at+"intervals that cover", covered, runs, 0.95)
			assert.Binomial(t, at+"intervals above the truth", lowMissed, runs, 0.025)
			assert.AtLeast(t, at+"repeated intervals that cover", repeated, runs, 0.95)
			if drift == 0 {
				assert.Binomial(t, at+"p-values below 0.1", small, runs, 0.1)
			}
			mean := bias / runs
			assert.Near(t, at+"bias", mean, c.bias(drift), 4.9*math.Sqrt(squares/runs-mean*mean)/math.Sqrt(runs))
		}
	}
}

// Futility as advice: the interval covers whether it is followed or not.
func TestAdviceCovers(t *testing.T) {
	assert.Long(t)
	r := rand.New(rand.NewPCG(5, 5))
	const runs = 6000
	p := plan(t, Design{Looks: 3, Alpha: 0.025, Sides: stats.OneSided, Futility: PocockSpending()})
	c := p.course()
	score := make([]float64, len(c.t))
	for _, obey := range []bool{false, true} {
		for _, drift := range []float64{0, 2} {
			covered := 0
			for range runs {
				trial(r, c.t, drift, score)
				k, _ := c.end(score, obey)
				z := make([]float64, k+1)
				for j := range z {
					z[j] = score[j] / math.Sqrt(c.t[j])
				}
				covered += count(assert.Must(p.Infer(looksAt(p, z)...)).Interval.Contains(drift))
			}
			assert.AtLeast(t, fmt.Sprintf("followed %v, drift %g: intervals that cover", obey, drift), covered, runs, 0.95)
		}
	}
}

func TestOutlookComesTrue(t *testing.T) {
	assert.Long(t)
	r := rand.New(rand.NewPCG(6, 6))
	p := plan(t, Design{Looks: 5, Alpha: 0.025, Sides: stats.OneSided, Futility: OBFSpending()})
	c := p.course()
	const z, k = 1.6, 2
	o := *assert.Must(p.Monitor(looksAt(p, []float64{0.5, 1, z})...)).Outlook
	now := z * math.Sqrt(c.t[k])
	run := func(drift float64) int {
		s, score := now, make([]float64, len(c.t))
		for j := k + 1; j < len(c.t); j++ {
			dt := c.t[j] - c.t[j-1]
			s += drift*dt + r.NormFloat64()*math.Sqrt(dt)
			score[j] = s
		}
		rest := course{c.t[k+1:], c.efficacy[k+1:], c.futility[k+1:], false}
		_, direction := rest.end(score[k+1:], true)
		return direction
	}
	var trend, design, predicted int
	for range trials {
		trend += run(now / c.t[k])
		design += run(p.Drift)
		predicted += run(now/c.t[k] + r.NormFloat64()/math.Sqrt(c.t[k]))
	}
	assert.Binomial(t, "trend", trend, trials, o.Trend)
	assert.Binomial(t, "design", design, trials, o.Design)
	assert.Binomial(t, "predictive", predicted, trials, o.Predictive)
}

// An A/A test on users who convert or not: 2,000 in each arm a look.
func TestUsersWhoConvert(t *testing.T) {
	assert.Long(t)
	r := rand.New(rand.NewPCG(7, 7))
	const runs, users, rate = 10_000, 2000, 0.1
	p := plan(t, Design{Looks: 5, Efficacy: OBFSpending()})
	peeking, rejected := 0, 0
	for range runs {
		var converted [2]float64
		var looks []Look
		peeked := false
		for k := range 5 {
			for range users {
				converted[0] += float64(count(r.Float64() < rate))
				converted[1] += float64(count(r.Float64() < rate))
			}
			n := float64(users * (k + 1))
			pooled := (converted[0] + converted[1]) / (2 * n)
			z := (converted[0] - converted[1]) / math.Sqrt(2*n*pooled*(1-pooled))
			peeked = peeked || math.Abs(z) > 1.959964
			looks = append(looks, Look{Information: n / (5 * users), Z: z})
		}
		peeking += count(peeked)
		for _, s := range looks {
			if math.Abs(s.Z) >= p.Stages[int(math.Round(5*s.Information))-1].Efficacy {
				rejected++
				break
			}
		}
	}
	assert.Binomial(t, "type I errors", rejected, runs, 0.05)
	assert.Binomial(t, "type I errors of peeking", peeking, runs, assert.Must(Peeking(5, 0.05)))
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
