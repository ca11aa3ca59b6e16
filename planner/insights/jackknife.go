package insights

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
)

// jackknife returns the variances of numbers that are learned from experiments. With x₍b₎
// what is learned without block b of B,
//
//	v = (B − 1)/B Σ_b (x₍b₎ − x̄)²
//
// It assumes no form of the true effects: those of real programmes have fat tails, under
// which intervals by a normal likelihood are far too narrow (TestNorthStarCovers).
//
// Source: Shao & Tu (1995), The Jackknife and Bootstrap, §2.3, the grouped jackknife.
func jackknife(blocks int, without func(block int) ([]float64, error)) (variance []float64, err error) {
	all := make([][]float64, blocks)
	for b := range all {
		if all[b], err = without(b); err != nil {
			return nil, err
		}
	}
	variance = make([]float64, len(all[0]))
	n := float64(blocks)
	for k := range variance {
		var mean float64
		for _, x := range all {
			mean += x[k] / n
		}
		for _, x := range all {
			variance[k] += (x[k] - mean) * (x[k] - mean) * (n - 1) / n
		}
	}
	return variance, nil
}

// blocks of experiments, every twentieth one in a block, for what the north star says.
const blocks = 20

// numbers are estimates with their standard errors.
type numbers struct{ value, se []float64 }

// numbersOf asks of for numbers from the experiments that it is to keep, under correlations
// of users that are each known to a standard error. What the experiments leave open is the
// jackknife's; what the correlations do is the change from one standard error below to
// one above, halved. The two add up as if independent: as a correlation that is told
// too large makes for true lifts that seem to covary less, that is rather too wide.
func numbersOf(users []Correlation, of func(keep func(i int) bool, rho []float64) ([]float64, error)) (l numbers, err error) {
	rho := make([]float64, len(users))
	for i, u := range users {
		rho[i] = u.Value
	}
	all := func(int) bool { return true }
	if l.value, err = of(all, rho); err != nil {
		return l, err
	}
	variance, err := jackknife(blocks, func(b int) ([]float64, error) {
		return of(func(i int) bool { return i%blocks != b }, rho)
	})
	if err != nil {
		return l, err
	}
	for i, u := range users {
		if u.SE == 0 {
			continue
		}
		moved := func(by float64) ([]float64, error) {
			rho[i] = max(-surest, min(surest, u.Value+by))
			defer func() { rho[i] = u.Value }()
			return of(all, rho)
		}
		low, errLow := moved(-u.SE)
		high, errHigh := moved(u.SE)
		switch { // one that does not fit the others says nothing
		case errLow != nil && errHigh != nil:
			return l, errors.Join(errLow, errHigh)
		case errLow != nil:
			low = mirrored(high, l.value)
		case errHigh != nil:
			high = mirrored(low, l.value)
		}
		for k := range variance {
			half := (high[k] - low[k]) / 2
			variance[k] += half * half
		}
	}
	l.se = make([]float64, len(variance))
	for k, v := range variance {
		l.se[k] = math.Sqrt(v)
	}
	return l, nil
}

func mirrored(x, about []float64) []float64 {
	y := make([]float64, len(x))
	for k := range x {
		y[k] = 2*about[k] - x[k]
	}
	return y
}

// interval is Student's, with the blocks' degrees of freedom, on the scale on which
// number k was learned; back takes its ends to the scale that is reported.
func (l numbers) interval(k int, level float64, back func(float64) float64) stats.Interval {
	t := distuv.StudentsT{Sigma: 1, Nu: blocks - 1}.Quantile((1 + level) / 2)
	return stats.Interval{Low: back(l.value[k] - t*l.se[k]), High: back(l.value[k] + t*l.se[k]), Level: level}
}

func same(x float64) float64 { return x }

// arc takes a correlation to an angle, the scale of its interval, and chord back. Errors
// there depend less on the correlation than they do on its own scale, and unlike Fisher's z
// it has ends: what is learned without a block is often a correlation of 1.
func arc(r float64) float64   { return math.Asin(max(-1, min(1, r))) }
func chord(x float64) float64 { return math.Sin(max(-math.Pi/2, min(math.Pi/2, x))) }

// arcOfShare is the same for a share from 0 to 1.
func arcOfShare(p float64) float64   { return arc(2*p - 1) }
func chordOfShare(x float64) float64 { return (1 + chord(x)) / 2 }
