package backtest

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/assay-planner/assay/stats"
)

// less is x − y of two independent estimates.
func less(x, y stats.Estimate) stats.Estimate {
	return stats.Estimate{Value: x.Value - y.Value, SE: math.Hypot(x.SE, y.SE)}
}

// statistic is a number that depends on how often each experiment counts.
type statistic func(weights []float64) float64

// ratio is Σ w num/Σ w den over experiments, times scale plus offset.
func ratio(num, den []float64, scale, offset float64) statistic {
	return func(w []float64) float64 {
		var n, d float64
		for c := range num {
			n += w[c] * num[c]
			d += w[c] * den[c]
		}
		return offset + scale*n/d
	}
}

// projected is a mean over pairs of different experiments, each counted on both
// sides. A pair is drawn as often as the product of its experiments' draws; to first
// order the mean then moves twice as far as the ratio of sums by experiment does.
// Source: Hoeffding (1948), Annals of Mathematical Statistics 19:293–325, §7.
func projected(num, den []float64) statistic {
	all := make([]float64, len(num))
	for c := range all {
		all[c] = 1
	}
	plain := ratio(num, den, 1, 0)
	centre := plain(all)
	return func(w []float64) float64 { return centre + 2*(plain(w)-centre) }
}

// rankCorrelation is Spearman's ρ of x and y, each row counting as often as its
// experiment; ties share the mean of their ranks. It is 0 where x or y are all equal.
func rankCorrelation(x, y []float64, cluster []int) statistic {
	orderX, orderY := order(x), order(y)
	rx, ry := make([]float64, len(x)), make([]float64, len(y))
	return func(w []float64) float64 {
		rank(rx, x, orderX, cluster, w)
		rank(ry, y, orderY, cluster, w)
		return correlation(rx, ry, cluster, w)
	}
}

func order(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	return order
}

func rank(to, x []float64, order, cluster []int, w []float64) {
	before := 0.0
	for from := 0; from < len(order); {
		end, tied := from, 0.0
		for end < len(order) && x[order[end]] == x[order[from]] {
			tied += w[cluster[order[end]]]
			end++
		}
		for _, i := range order[from:end] {
			to[i] = before + (tied+1)/2
		}
		before += tied
		from = end
	}
}

func correlation(x, y []float64, cluster []int, w []float64) float64 {
	var n, mx, my, xx, yy, xy float64
	for i := range x {
		n += w[cluster[i]]
		mx += w[cluster[i]] * x[i]
		my += w[cluster[i]] * y[i]
	}
	mx, my = mx/n, my/n
	for i := range x {
		wi := w[cluster[i]]
		xx += wi * (x[i] - mx) * (x[i] - mx)
		yy += wi * (y[i] - my) * (y[i] - my)
		xy += wi * (x[i] - mx) * (y[i] - my)
	}
	if xx <= 1e-12*n*n || yy <= 1e-12*n*n {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// slope is the weighted least-squares slope of y on x, through the origin or with an
// intercept; NaN where x does not vary, or by less than a millionth of y.
func slope(x, y, weight []float64, cluster []int, intercept bool) statistic {
	clusters := 0
	for _, c := range cluster {
		clusters = max(clusters, c+1)
	}
	sums := make([][6]float64, clusters) // w, wx, wy, wxx, wxy, wyy
	for i, c := range cluster {
		w := weight[i]
		for k, v := range [6]float64{w, w * x[i], w * y[i], w * x[i] * x[i], w * x[i] * y[i], w * y[i] * y[i]} {
			sums[c][k] += v
		}
	}
	return func(w []float64) float64 {
		var s [6]float64
		for c := range sums {
			for k := range s {
				s[k] += w[c] * sums[c][k]
			}
		}
		xx, xy := s[3], s[4]
		if intercept {
			xx, xy = xx-s[1]*s[1]/s[0], xy-s[1]*s[2]/s[0]
		}
		if !(xx > 1e-12*math.Max(s[3], s[5])) {
			return math.NaN()
		}
		return xy / xx
	}
}

// bootstrap draws experiments with replacement. All statistics see the same draws,
// so that differences of two are paired.
type bootstrap struct{ draws [][]float64 }

func newBootstrap(clusters, replicates int) bootstrap {
	rng := rand.New(rand.NewPCG(1729, uint64(clusters)))
	b := bootstrap{draws: make([][]float64, replicates+1)}
	for r := range b.draws {
		b.draws[r] = make([]float64, clusters)
		for c := range clusters {
			if r == 0 { // the data as they are
				b.draws[0][c] = 1
			} else {
				b.draws[r][rng.IntN(clusters)]++
			}
		}
	}
	return b
}

// of returns the statistic of the data, and of every draw.
func (b bootstrap) of(s statistic) []float64 {
	all := make([]float64, len(b.draws))
	for r, w := range b.draws {
		all[r] = s(w)
	}
	return all
}

// measure is the value with the percentile interval of its draws; nil if the data give
// no number. Draws that give none are left out.
func measure(all []float64) *Measure {
	if len(all) == 0 || math.IsNaN(all[0]) || math.IsInf(all[0], 0) {
		return nil
	}
	draws := slices.DeleteFunc(slices.Clone(all[1:]), func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) })
	m := &Measure{Value: all[0], Low: all[0], High: all[0], Level: level}
	if len(draws) > 0 {
		slices.Sort(draws)
		m.Low, m.High = quantile(draws, (1-level)/2), quantile(draws, (1+level)/2)
	}
	return m
}

// level of all intervals of a report.
const level = 0.95

// quantile interpolates between the values of a sorted list.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// standardDeviation of a statistic's draws.
func standardDeviation(all []float64) float64 {
	var n, mean, squares float64
	for _, x := range all[1:] {
		n++
		d := x - mean
		mean += d / n
		squares += d * (x - mean)
	}
	return math.Sqrt(squares / math.Max(1, n-1))
}
