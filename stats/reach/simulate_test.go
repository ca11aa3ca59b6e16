package reach

import (
	"math"
	"math/rand/v2"
)

// visits simulates users day by day, each of whom visits on a day with an own
// probability, and returns the different users by the end of each day. week multiplies the odds
// of a visit by the day of the week (nil: all days alike).
func visits(r *rand.Rand, users, days int, probability func(*rand.Rand) float64, week []float64) []Point {
	first := make([]int, days)
	for range users {
		p := probability(r)
		for d := range days {
			today := p
			if week != nil {
				today = p * week[d%7] / (1 - p + p*week[d%7])
			}
			if r.Float64() < today {
				first[d]++
				break
			}
		}
	}
	points, seen := make([]Point, days), 0
	for d, n := range first {
		seen += n
		points[d] = Point{Day: float64(d + 1), Users: float64(seen)}
	}
	return points
}

// beta draws from Beta(a, b) by two gammas.
func beta(a, b float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 {
		x, y := gamma(r, a), gamma(r, b)
		return x / (x + y)
	}
}

// gamma draws by Marsaglia & Tsang (2000), with a power of a uniform below shape 1.
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		if v := 1 + c*x; v > 0 {
			v = v * v * v
			if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
				return d * v
			}
		}
	}
}

var workWeek = []float64{1, 1, 1, 1, 0.9, 0.6, 0.6}
