package insights

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/proxy"
)

// variance is an estimated variance, and the degrees of freedom with which it is known.
type variance struct{ v, df float64 }

// jackknife returns the variances of numbers that are learned from experiments. With x₍b₎
// what is learned without block b of B, and q_b = (x₍b₎ − x̄)²,
//
//	v = (B − 1)/B Σ_b q_b      df = 2v²/Var(v) = 2(Σ q_b)²/(B/(B − 1) Σ (q_b − q̄)²)
//
// but df at most B − 1, about what it is for normal x₍b₎. It assumes no form of the true
// effects: those of real programmes have fat tails, under which intervals by a normal
// likelihood are far too narrow (TestNorthStarCovers), and where a few huge effects make
// most of v, so are those by B − 1 degrees of freedom.
//
// Sources: Shao & Tu (1995), The Jackknife and Bootstrap, §2.3, the grouped jackknife; Pan &
// Wall (2002), Statistics in Medicine 21:1429–1441, for df as Satterthwaite's with the
// variance of v from that of its parts.
func jackknife(blocks int, without func(block int) ([]float64, error)) ([]variance, error) {
	var err error
	all := make([][]float64, blocks)
	for b := range all {
		if all[b], err = without(b); err != nil {
			return nil, err
		}
	}
	found := make([]variance, len(all[0]))
	n := float64(blocks)
	for k := range found {
		var mean, sum, squares float64
		for _, x := range all {
			mean += x[k] / n
		}
		for _, x := range all {
			q := (x[k] - mean) * (x[k] - mean)
			sum, squares = sum+q, squares+q*q
		}
		found[k] = variance{sum * (n - 1) / n, n - 1}
		if of := n / (n - 1) * (squares - sum*sum/n); of > 0 {
			found[k].df = min(n-1, 2*sum*sum/of)
		}
	}
	return found, nil
}

// blocks of experiments, every twentieth one in a block, for what the north star says.
const blocks = 20

// numbers are estimates with their variances.
type numbers struct {
	value []float64
	of    []variance
}

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
	if l.of, err = jackknife(blocks, func(b int) ([]float64, error) {
		return of(func(i int) bool { return i%blocks != b }, rho)
	}); err != nil {
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
		for k := range l.of {
			half := (high[k] - low[k]) / 2
			l.of[k] = l.of[k].plus(half * half)
		}
	}
	return l, nil
}

// plus adds a variance that is known, by Satterthwaite's degrees of freedom for a sum.
func (v variance) plus(known float64) variance {
	if v.v == 0 {
		return variance{known, v.df}
	}
	more := (v.v + known) / v.v
	return variance{v.v + known, min(1000, v.df*more*more)}
}

func mirrored(x, about []float64) []float64 {
	y := make([]float64, len(x))
	for k := range x {
		y[k] = 2*about[k] - x[k]
	}
	return y
}

// interval is Student's, on the scale on which number k was learned; back takes its ends
// to the scale that is reported.
func (l numbers) interval(k int, level float64, back func(float64) float64) stats.Interval {
	margin := distuv.StudentsT{Sigma: 1, Nu: l.of[k].df}.Quantile((1+level)/2) * math.Sqrt(l.of[k].v)
	return stats.Interval{Low: back(l.value[k] - margin), High: back(l.value[k] + margin), Level: level}
}

// free is the correlation of an index by moments that know no bound, with a sign. It is
// beyond 1 where what errors explain leaves too little spread for how much estimates go
// together.
func free(x proxy.Index, sign float64) float64 {
	return math.Copysign(math.Sqrt(x.FreeR2), sign)
}

// atBound is a correlation that is 1 because it can be no more.
const atBound = 0.98

func (l numbers) atBound(k int) bool { return math.Abs(chord(l.value[k])) >= atBound }

// correlationInterval is that of correlation k. Where it is at its bound, so is most of what
// is learned without a block, and a jackknife of it sees next to no variance: there the
// interval reaches to where that of number f does, the same without a bound.
func (l numbers) correlationInterval(k, f int, level float64) stats.Interval {
	i := l.interval(k, level, chord)
	if !l.atBound(k) {
		return i
	}
	j := l.interval(f, level, func(x float64) float64 { return max(-1, min(1, x)) })
	i.Low, i.High = min(i.Low, j.Low), max(i.High, j.High)
	return i
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
