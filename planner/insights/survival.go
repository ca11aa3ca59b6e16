package insights

import (
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// Survival is the share of lifts that lie farther than Lift from the middle of the
// fitted t, on either side. With both on logarithmic axes a tail of index ν falls along a
// straight line of slope −ν, and a normal bends away from any.
type Survival struct {
	Lift     float64 `json:"lift"`
	Measured float64 `json:"measured"` // of estimates, with their noise
	Expected float64 `json:"expected"` // of estimates by the fit: near Measured where the fit is good
	True     float64 `json:"true"`     // of true lifts, by the fit
	// Low and High are True under the likeliest t at either end of the interval of DF.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// survivalPoints are taken from the median distance to the second largest, with equal
// steps of its logarithm.
const survivalPoints = 16

func survival(es []stats.Estimate, fit bayes.StudentTFit) []Survival {
	distance := make([]float64, len(es))
	for i, e := range es {
		distance[i] = math.Abs(e.Value - fit.Prior.Location)
	}
	slices.Sort(distance)
	from, to := median(distance), distance[len(distance)-2]
	if !(fit.Prior.Scale > 0 && from > 0 && to > from) {
		return []Survival{}
	}
	estimates := withNoise(es, fit.Prior)
	all := make([]Survival, survivalPoints)
	for k := range all {
		x := from * math.Pow(to/from, float64(k)/(survivalPoints-1))
		beyond, _ := slices.BinarySearch(distance, x)
		s := Survival{Lift: x, Measured: float64(len(es)-beyond) / float64(len(es)), Expected: estimates.beyond(x), True: outside(fit.Prior, fit.Prior.Location, x)}
		s.Low, s.High = s.True, s.True
		for _, end := range fit.Ends {
			at := outside(end, fit.Prior.Location, x)
			s.Low, s.High = min(s.Low, at), max(s.High, at)
		}
		all[k] = s
	}
	return all
}

// outside is P(|δ − middle| > x).
func outside(p bayes.StudentT, middle, x float64) float64 {
	return p.ProbAbove(middle+x) + p.CDF(middle-x)
}

// noisy is a t with the noise of estimates, for P(|δ + e − M| > x), where δ is from the t
// around M and e ~ N(0, σ²). With Q the quantiles of |δ − M| it is, averaged over the σ,
//
//	∫₀¹ Φ((Q(1 − p) − x)/σ) + Φ((−Q(1 − p) − x)/σ) dp,   p = exp(−s)
//
// summed over steps of s up to 20, so that the far tail has its share of them.
type noisy struct {
	distances, shares []float64
	ses               []float64 // 20 quantiles of those of the estimates
}

func withNoise(es []stats.Estimate, p bayes.StudentT) noisy {
	const steps, end, noises = 400, 20.0, 20
	var n noisy
	for k := range steps {
		tail := math.Exp(-(float64(k) + 0.5) * end / steps)
		n.distances, n.shares = append(n.distances, p.Quantile(1-tail/2)-p.Location), append(n.shares, tail*end/steps)
	}
	var ses []float64
	for _, e := range es {
		ses = append(ses, e.SE)
	}
	slices.Sort(ses)
	for j := range noises {
		n.ses = append(n.ses, ses[(2*j+1)*len(ses)/(2*noises)])
	}
	return n
}

func (n noisy) beyond(x float64) (sum float64) {
	for k, q := range n.distances {
		for _, se := range n.ses {
			sum += n.shares[k] * (upper((x-q)/se) + upper((x+q)/se))
		}
	}
	return sum / float64(len(n.ses))
}
