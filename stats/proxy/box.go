package proxy

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/quad"
)

// Region is a range of the true effect on one metric. Ends may be infinite.
type Region struct {
	Metric    int
	Low, High float64
}

// Above is the region of effects on a metric above x.
func Above(metric int, x float64) Region { return Region{metric, x, math.Inf(1)} }

// Below is the region of effects on a metric below x.
func Below(metric int, x float64) Region { return Region{metric, math.Inf(-1), x} }

// Probability is that of all regions at once: P(Below(guardrail, −margin)) is the
// chance of a breach; together with Above(target, 0), that of a win which breaches,
// and divided by that of Above(target, 0) alone, the chance of a breach given a win.
// 1 less that of Above(g, −margin) for all guardrails is the chance of any breach.
//
// One region is exact. Two and three are integrated by Gauss–Legendre panels, to 1e-7,
// and more, or those that nearly follow from each other, over a fixed lattice of 16,381
// points, to about 1e-4; where effects follow from each other
// without a residual, to 1e-3. Ends do not matter but for an effect without spread,
// which counts in if it lies on one.
//
// The error is an *InputError.
//
// Source: Genz (1992), "Numerical Computation of Multivariate Normal Probabilities",
// J. Computational and Graphical Statistics 1:141–149.
func (p Posterior) Probability(regions ...Region) (float64, error) {
	if err := checkJoint(p.Mean, p.Cov); err != nil {
		return 0, err
	}
	var metrics []int
	var low, high [most]float64
	for i, r := range regions {
		field := fmt.Sprintf("regions[%d]", i)
		if err := input.First(p.has(field+".Metric", r.Metric),
			input.Check(!math.IsNaN(r.Low), field+".Low", r.Low, "must be a number"),
			input.Check(r.Low <= r.High, field+".High", r.High, "must be Low or above")); err != nil {
			return 0, err
		}
		if !slices.Contains(metrics, r.Metric) {
			metrics = append(metrics, r.Metric)
			low[r.Metric], high[r.Metric] = math.Inf(-1), math.Inf(1)
		}
		low[r.Metric], high[r.Metric] = max(low[r.Metric], r.Low), min(high[r.Metric], r.High)
	}
	return p.inside(metrics, low, high), nil
}

// inside standardises what has spread; what has none is in its region or not.
func (p Posterior) inside(metrics []int, low, high [most]float64) float64 {
	slices.Sort(metrics)
	var spread []int
	var from, to []float64
	for _, k := range metrics {
		if low[k] > high[k] {
			return 0
		}
		sd := math.Sqrt(p.Cov[k][k])
		if sd == 0 {
			if p.Mean[k] < low[k] || p.Mean[k] > high[k] {
				return 0
			}
			continue
		}
		spread = append(spread, k)
		from, to = append(from, (low[k]-p.Mean[k])/sd), append(to, (high[k]-p.Mean[k])/sd)
	}
	n := len(spread)
	correlation := make([]float64, n*n)
	for i, a := range spread {
		for j, b := range spread {
			correlation[i*n+j] = p.Cov[a][b] / math.Sqrt(p.Cov[a][a]) / math.Sqrt(p.Cov[b][b])
		}
	}
	return box(correlation, from, to)
}

// between is Φ(b) − Φ(a), in the tail that keeps its digits, for a ≤ b.
func between(a, b float64) float64 {
	if a > 0 {
		a, b = -b, -a
	}
	return norm.CDF(b) - norm.CDF(a)
}

// lattice is the number of points, a prime.
const lattice = 16381

// box is the probability that standard normals with this correlation, overwritten by
// its factor, lie within bounds: one after the other, given those before it. The
// points are kᵢ√primeᵢ mod 1, folded so that the integrand has no jump at the ends.
func box(correlation, low, high []float64) float64 {
	n := len(low)
	l := semifactor(correlation, n)
	if n == 0 {
		return 1
	}
	if n == 1 {
		return between(low[0], high[0])
	}
	if n <= 3 && spread(l, n) {
		return min(1, nested(l, low, high, 0, make([]float64, n)))
	}
	total := 0.0
	z := make([]float64, n)
	for point := range lattice {
		weight := 1.0
		for i := range n {
			sum := 0.0
			for j := range i {
				sum += l[i*n+j] * z[j]
			}
			if l[i*n+i] == 0 { // it follows from those before it
				if sum < low[i] || sum > high[i] {
					weight = 0
				}
				z[i] = 0
				continue
			}
			a, b := (low[i]-sum)/l[i*n+i], (high[i]-sum)/l[i*n+i]
			share := between(a, b)
			weight *= share
			if weight == 0 {
				break
			}
			if i < n-1 {
				z[i] = within(a, b, share, turn(point, i))
			}
		}
		total += weight / lattice
	}
	return min(1, total)
}

// spread tells whether every variable keeps a tenth of its SD given those before it, so
// that the integrand of nested is smooth on panels.
func spread(l []float64, n int) bool {
	for i := range n {
		if l[i*n+i] < 0.1 {
			return false
		}
	}
	return true
}

// panel is the rule by which two or three variables are integrated, one within the other:
// to 1e-8, in a hundredth of the lattice's time.
var panel = quad.Legendre(8)

// nested integrates over the variables from i on, given z of those before it.
func nested(l, low, high []float64, i int, z []float64) (sum float64) {
	n := len(low)
	mean := 0.0
	for j := range i {
		mean += l[i*n+j] * z[j]
	}
	a, b := (low[i]-mean)/l[i*n+i], (high[i]-mean)/l[i*n+i]
	if i == n-1 {
		return between(a, b)
	}
	const far = 7 // of 1e-12 of a normal is beyond
	a, b = max(a, -far), min(b, max(far, a+3))
	if a >= b {
		return 0
	}
	steepest := 1.0
	for k := i + 1; k < n; k++ {
		steepest = max(steepest, math.Abs(l[k*n+i])/l[k*n+k])
	}
	panels := math.Ceil((b - a) * math.Sqrt(steepest) / 2)
	half := (b - a) / panels / 2
	for p := range int(panels) {
		middle := a + (2*float64(p)+1)*half
		for k, x := range panel.Nodes {
			z[i] = middle + half*x
			sum += half * panel.Weights[k] * norm.Density(z[i]) * nested(l, low, high, i+1, z)
		}
	}
	return sum
}

// within is the quantile u of a standard normal between a and b.
func within(a, b, share, u float64) float64 {
	z := 0.0
	if a > 0 {
		z = -norm.Quantile(norm.CDF(-a) - u*share)
	} else {
		z = norm.Quantile(norm.CDF(a) + u*share)
	}
	return min(max(z, a), b) // also where rounding led out of them
}

var steps = func() (roots [most]float64) {
	found := 0
	for n := 2; found < most; n++ {
		if prime(n) {
			roots[found] = math.Sqrt(float64(n))
			found++
		}
	}
	return roots
}()

func prime(n int) bool {
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return true
}

// turn is coordinate i of a point, in (0, 1).
func turn(point, i int) float64 {
	_, x := math.Modf((float64(point) + 0.5) * steps[i])
	return min(max(math.Abs(2*x-1), 1e-16), 1-1e-16)
}

// semifactor is the Cholesky factor of a positive semi-definite correlation; a row of
// which less than 1e-12 is its own has 0 on its diagonal.
func semifactor(a []float64, n int) []float64 {
	l := append([]float64(nil), a...)
	for i := range n {
		own := l[i*n+i]
		for j := range i {
			sum := l[i*n+j]
			for m := range j {
				sum -= l[i*n+m] * l[j*n+m]
			}
			l[i*n+j] = 0
			if l[j*n+j] > 0 {
				l[i*n+j] = sum / l[j*n+j]
			}
			own -= l[i*n+j] * l[i*n+j]
		}
		l[i*n+i] = 0
		if own > 1e-12 {
			l[i*n+i] = math.Sqrt(own)
		}
	}
	return l
}
