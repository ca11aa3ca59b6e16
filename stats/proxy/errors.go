package proxy

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// priorErrors is the standard deviation of what is believed of a correlation of errors
// before tests say anything: most lie within ±0.8, and 0 is as good a guess as any.
const priorErrors = 0.4

// ErrorCorrelation tells from two metrics' estimates a and b of the same tests, relative
// lifts as fractions, how the errors of one test go together: by ρ, which is the
// correlation of the metrics over users and one for all tests. True lifts covary alike in
// every test, errors by the product of their standard errors,
//
//	Cov(δ̂ᵢₐ, δ̂ᵢ_b) = κ τₐτ_b + ρ SEᵢₐ SEᵢ_b      Var(δ̂ᵢₐ) = τₐ² + SEᵢₐ²
//
// so that tests of different sizes tell ρ from κ, those hardly larger than an A/A test
// most of all. The means and τ are those of each metric alone (stats.FitNormal); κ and ρ,
// both within ±0.99, maximise the bivariate normal likelihood times N(ρ; 0, 0.4²) by
// Fisher's scoring. SE, in (0, 0.4], is the standard error of ρ: the root of
// J⁻¹SJ⁻¹ + J⁻¹PJ⁻¹ with J the information and the prior's precision P, and S the sum of
// squared scores, which fat tails of true lifts do not deceive. Where all tests are of
// one size nothing tells ρ: it is then near 0 and SE near 0.4.
//
// It assumes that the spread of true lifts does not depend on the size of the test: where
// small tests are those of large effects, part of κ is taken for ρ.
//
// The error is an *InputError: for fewer than 2 tests, a and b of different lengths, or
// estimates that cannot be used.
//
// Source: the two-level model as at Fit; White (1982), "Maximum Likelihood Estimation of
// Misspecified Models", Econometrica 50:1–25, for J⁻¹SJ⁻¹.
func ErrorCorrelation(a, b []stats.Estimate) (stats.Estimate, error) {
	if err := input.Check(len(a) == len(b) && len(a) > 1, "b", float64(len(b)), "must be as many as a, 2 or more: estimates of the same tests"); err != nil {
		return stats.Estimate{}, err
	}
	fa, err := stats.FitNormal(a)
	if err != nil {
		return stats.Estimate{}, err
	}
	fb, err := stats.FitNormal(b)
	if err != nil {
		return stats.Estimate{}, err
	}
	e := errorsFit{both: fa.Prior.SD * fb.Prior.SD}
	for i := range a {
		va, vb := fa.Prior.SD*fa.Prior.SD+a[i].SE*a[i].SE, fb.Prior.SD*fb.Prior.SD+b[i].SE*b[i].SE
		unit := math.Sqrt(va) * math.Sqrt(vb)
		e.tests = append(e.tests, errorsOf{(a[i].Value - fa.Prior.Mean) / math.Sqrt(va), (b[i].Value - fb.Prior.Mean) / math.Sqrt(vb),
			e.both / unit, a[i].SE / math.Sqrt(va) * (b[i].SE / math.Sqrt(vb))})
	}
	return e.fit(), nil
}

// errorsFit is the likelihood of κ and ρ, in units in which every estimate's variance is 1.
type errorsFit struct {
	both  float64 // τₐτ_b
	tests []errorsOf
}

// errorsOf is one test: standardised estimates, and what κ and ρ count for in their
// correlation.
type errorsOf struct{ x, y, effect, noise float64 }

// bound of κ and ρ.
const bound = 0.99

func (e errorsFit) fit() stats.Estimate {
	at := [2]float64{}
	now := e.at(at)
	for range 100 {
		step := now.step(at, e.both > 0)
		next, to := now, at
		for size := 1.0; size > 1e-6; size /= 2 {
			for k := range to {
				to[k] = max(-bound, min(bound, at[k]+size*step[k]))
			}
			if next = e.at(to); next.value > now.value {
				break
			}
		}
		if !(next.value > now.value+1e-9) {
			break
		}
		at, now = to, next
	}
	return stats.Estimate{Value: at[1], SE: min(priorErrors, now.se(e.both > 0))}
}

// errorsSlope is the log likelihood with its derivatives by κ and ρ.
type errorsSlope struct {
	value          float64
	by             [2]float64
	info, squares  [2][2]float64
	priorPrecision float64
}

// at is one pass over the tests. With r the correlation of x and y, of variance 1,
//
//	∂ log N/∂r = (r(1 − r²) + (1 + r²)xy − r(x² + y²))/(1 − r²)²      information (1 + r²)/(1 − r²)²
func (e errorsFit) at(p [2]float64) errorsSlope {
	s := errorsSlope{priorPrecision: 1 / (priorErrors * priorErrors)}
	for _, t := range e.tests {
		r := p[0]*t.effect + p[1]*t.noise
		left := 1 - r*r
		s.value -= (math.Log(left) + (t.x*t.x-2*r*t.x*t.y+t.y*t.y)/left) / 2
		slope := (r*left + (1+r*r)*t.x*t.y - r*(t.x*t.x+t.y*t.y)) / (left * left)
		info := (1 + r*r) / (left * left)
		for i, zi := range [2]float64{t.effect, t.noise} {
			s.by[i] += slope * zi
			for j, zj := range [2]float64{t.effect, t.noise} {
				s.info[i][j] += info * zi * zj
				s.squares[i][j] += slope * slope * zi * zj
			}
		}
	}
	s.value -= p[1] * p[1] * s.priorPrecision / 2
	s.by[1] -= p[1] * s.priorPrecision
	s.info[1][1] += s.priorPrecision
	s.squares[1][1] += s.priorPrecision
	return s
}

// step is J⁻¹ times the slope; of ρ alone where κ does not matter, or would leave its range.
func (s errorsSlope) step(at [2]float64, both bool) [2]float64 {
	for k := range at {
		if !both && k == 0 || math.Abs(at[k]) == bound && s.by[k]*at[k] > 0 {
			return s.alone(1 - k)
		}
	}
	d := s.info[0][0]*s.info[1][1] - s.info[0][1]*s.info[1][0]
	if !(d > 1e-12*s.info[0][0]*s.info[1][1]) {
		return s.alone(1)
	}
	return [2]float64{(s.info[1][1]*s.by[0] - s.info[0][1]*s.by[1]) / d, (s.info[0][0]*s.by[1] - s.info[1][0]*s.by[0]) / d}
}

func (s errorsSlope) alone(k int) (step [2]float64) {
	if s.info[k][k] > 0 {
		step[k] = s.by[k] / s.info[k][k]
	}
	return step
}

// se is that of ρ.
func (s errorsSlope) se(both bool) float64 {
	d := s.info[0][0]*s.info[1][1] - s.info[0][1]*s.info[1][0]
	row := [2]float64{0, 1 / s.info[1][1]} // of J⁻¹
	if both && d > 1e-12*s.info[0][0]*s.info[1][1] {
		row = [2]float64{-s.info[1][0] / d, s.info[0][0] / d}
	}
	variance := 0.0
	for i := range row {
		for j := range row {
			variance += row[i] * s.squares[i][j] * row[j]
		}
	}
	return math.Sqrt(variance)
}
