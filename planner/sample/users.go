package sample

import "math"

// What one user does in the weeks of a test, over the control arm: the
// standard deviation over the mean of each quantity, and the correlations
// between them. Most users buy nothing, a few buy much.
var (
	relativeSD = [quantities]float64{impressions: 1.5, clicks: 2.6, conversions: 4.6, revenue: 4.6, hides: 8.0, minutes: 0.9}
	// kurtosis of a quantity says how well its variance can be estimated.
	kurtosis  = [quantities]float64{impressions: 12, clicks: 30, conversions: 120, revenue: 150, hides: 300, minutes: 8}
	userRoots = cholesky(userCorrelation)
)

var userCorrelation = [][]float64{
	{1, 0.75, 0.35, 0.45, 0.25, 0.60},
	{0.75, 1, 0.55, 0.60, 0.20, 0.45},
	{0.35, 0.55, 1, 0.60, 0.08, 0.22},
	{0.45, 0.60, 0.60, 1, 0.10, 0.28},
	{0.25, 0.20, 0.08, 0.10, 1, 0.15},
	{0.60, 0.45, 0.22, 0.28, 0.15, 1},
}

// sums are what a history keeps of one arm: Σx of every quantity x, and their
// centred second moments Σ(x−x̄)² and Σ(x−x̄)(w−w̄).
type sums struct {
	users  float64
	total  [quantities]float64
	moment [quantities][quantities]float64
}

// plus adds the sums of other users.
func (a sums) plus(b sums) sums {
	if a.users == 0 {
		return b
	}
	c := sums{users: a.users + b.users}
	w := a.users * b.users / c.users
	var gap [quantities]float64
	for i := range quantities {
		c.total[i] = a.total[i] + b.total[i]
		gap[i] = a.total[i]/a.users - b.total[i]/b.users
	}
	for i := range quantities {
		for j := range quantities {
			c.moment[i][j] = a.moment[i][j] + b.moment[i][j] + w*gap[i]*gap[j]
		}
	}
	return c
}

// observe draws the sums over n users of an arm with the given lifts.
//
// The sum of n independent values with mean μ and standard deviation cμ is
// gamma with shape n/c² and mean nμ; a variance estimated from n values of
// kurtosis κ is gamma with shape n/(κ−1). Sums of one arm are correlated like
// their summands.
func (g generator) observe(n float64, s surface, lifts []float64) sums {
	mean, sd := perUser(s, lifts)
	out := sums{users: n}
	z := g.normals(userRoots)
	var spread [quantities]float64
	for i := range quantities {
		c := sd[i] / mean[i]
		out.total[i] = n * mean[i] * gamma(n/(c*c), z[i])
		spread[i] = sd[i] * math.Sqrt(n*gamma(n/(kurtosis[i]-1), g.NormFloat64()))
	}
	for i := range quantities {
		for j := range quantities {
			out.moment[i][j] = userCorrelation[i][j] * spread[i] * spread[j]
		}
	}
	return out
}

// perUser returns mean and standard deviation per user of every quantity. A
// treatment changes what impressions lead to, not how many there are.
func perUser(s surface, lifts []float64) (mean, sd [quantities]float64) {
	mean[impressions] = 160
	for i, m := range metrics {
		of := 1.0
		if m.d != users {
			of = mean[m.d]
		}
		if m.name == "rpm" {
			of /= 1000
		}
		mean[m.y] = of * m.base * (1 + lifts[i])
	}
	for i := range quantities {
		sd[i] = relativeSD[i] * mean[i]
	}
	sd[revenue] *= s.money
	sd[conversions] *= s.money
	return mean, sd
}

// gamma turns a standard normal z into a gamma variable of the shape, over its
// mean, by Wilson and Hilferty's cube: exact to three digits for a shape above
// 10, positive for any. Plain normal sums would be negative for small arms.
func gamma(shape, z float64) float64 {
	x := 1 - 1/(9*shape) + z/(3*math.Sqrt(shape))
	return math.Pow(max(x, 0.05), 3)
}
