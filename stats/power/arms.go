package power

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/noncentral"
	"github.com/assay-planner/assay/stats/internal/norm"
)

// powers holds the powers of a design: of a given arm, of at least one, of all.
type powers struct{ one, any, all float64 }

func (o powers) plus(w float64, p powers) powers {
	return powers{o.one + w*p.one, o.any + w*p.any, o.all + w*p.all}
}

// single is the power of one arm against one threshold c:
//
//	P(T > c·r)  [+ P(T < −c·r) if Strict]      T noncentral t or normal, δ = shift
//
// with r = nullRatio.
func (p plan) single(c float64) float64 {
	return p.exceeding(c*p.nullRatio(), p.shift(), p.df())
}

func (p plan) exceeding(c, shift, df float64) float64 {
	power := noncentral.Tail(c, df, shift)
	if p.Strict {
		power += noncentral.Tail(c, df, -shift)
	}
	return math.Min(power, 1)
}

// powers are the powers of all three kinds.
func (p plan) powers(thresholds []float64) powers {
	if p.Treatments == 1 {
		one := p.single(thresholds[0])
		return powers{one, one, one}
	}
	arms := newArms(p, thresholds)
	total := powers{}
	for _, node := range noncentral.FewNodes(p.df()) {
		total = total.plus(node.Weight, arms.given(node.S))
	}
	if len(thresholds) == 1 {
		total.one = p.single(thresholds[0]) // without the integral's rounding
	}
	return powers{math.Min(total.one, 1), math.Min(total.any, 1), math.Min(total.all, 1)}
}

// arms are the treatments under the truth, all with the same effect. Given
// control's error x, each statistic is shift + λx + √(1 − λ²)ε, in standard errors
// under the truth, with independent ε.
type arms struct {
	k            int
	shift        float64
	loading, own float64   // λ and √(1 − λ²)
	thresholds   []float64 // in standard errors under the truth
	wrong        bool      // rejections of the wrong sign happen
	strict       bool      // and count
	state, next  steps     // room for stepDown
}

func newArms(p plan, thresholds []float64) arms {
	a := arms{k: p.Treatments, shift: p.shift(), loading: math.Sqrt(p.contrast.truth.share(p.Allocation)), strict: p.Strict,
		wrong: p.Sides == stats.TwoSided && p.Margin == 0, state: newSteps(p.Treatments), next: newSteps(p.Treatments)}
	a.own = residual(a.loading)
	for _, c := range thresholds {
		a.thresholds = append(a.thresholds, c*p.nullRatio())
	}
	return a
}

// given are the powers given the variance's error s.
func (a arms) given(s float64) powers {
	h := 0.6 / math.Hypot(1, a.loading/a.own)
	total := powers{}
	right, wrong := make([]float64, len(a.thresholds)), make([]float64, len(a.thresholds))
	for j, reach := 0, int(math.Ceil(normalReach/h)); j <= 2*reach; j++ {
		x := float64(j-reach) * h
		for i, c := range a.thresholds {
			right[i] = norm.CDF((a.shift + a.loading*x - c*s) / a.own)
			if a.wrong {
				wrong[i] = norm.CDF((-a.shift - a.loading*x - c*s) / a.own)
			}
		}
		total = total.plus(h*norm.Density(x), a.independent(right, wrong))
	}
	return total
}

// independent are the powers for k independent arms, each beyond threshold i with
// probability right[i] on the side of the effect and wrong[i] on the other.
func (a arms) independent(right, wrong []float64) powers {
	if len(a.thresholds) > 1 {
		return a.stepDown(right, wrong)
	}
	hit := right[0]
	if a.strict {
		hit = math.Min(hit+wrong[0], 1)
	}
	k := float64(a.k)
	return powers{hit, -math.Expm1(k * math.Log1p(-hit)), math.Pow(hit, k)}
}

// stepDown are the powers of Holm's procedure. It rejects the R arms with the
// largest |statistics|, where R is the largest j such that, for every i ≤ j, at
// least i of them are beyond threshold i. So count the arms beyond one threshold
// after the other: all[n] is the probability of n arms so far with every step
// passed, noRight[n] and noWrong[n] the same with none of them on that side, and
// mean[n] is all[n] times the expected number on the right side.
func (a arms) stepDown(right, wrong []float64) powers {
	k, state, next := a.k, a.state, a.next
	state.clear()
	state.all[0], state.noRight[0], state.noWrong[0] = 1, 1, 1
	var one, none, beyondRight, beyondWrong float64
	for i := range k {
		r, w := right[i], wrong[i]
		if a.strict {
			r, w = r+w, 0
		}
		state.into(next, i, math.Max(0, r-beyondRight), math.Max(0, w-beyondWrong))
		beyondRight, beyondWrong = r, w
		// Where just i arms are beyond i + 1 thresholds, the step fails and they stay.
		rest := math.Pow(math.Max(0, 1-r-w), float64(k-i))
		one += next.mean[i] * rest
		none += next.noRight[i] * rest
		next.all[i], next.noRight[i], next.noWrong[i], next.mean[i] = 0, 0, 0, 0
		state, next = next, state
	}
	return powers{(one + state.mean[k]) / float64(k), math.Max(0, 1-none-state.noRight[k]), state.noWrong[k]}
}

// into adds the arms between one threshold and the next, each there with
// probability r on the right side and w on the wrong one.
func (s steps) into(next steps, from int, r, w float64) {
	next.clear()
	k := len(s.all) - 1
	share, other := 0.0, 0.0 // of arms between the two that are on the right and on the wrong side
	if r+w > 0 {
		share, other = r/(r+w), w/(r+w)
	}
	for n := from; n <= k; n++ {
		if s.all[n] < negligible {
			continue
		}
		// ways is C(k − n, more)(r + w)^more; allRight and allWrong are the shares of it
		// in which all of these arms are on one side.
		ways, allRight, allWrong := 1.0, 1.0, 1.0
		for more := 0; n+more <= k; more++ {
			m := n + more
			next.all[m] += s.all[n] * ways
			next.noRight[m] += s.noRight[n] * ways * allWrong
			next.noWrong[m] += s.noWrong[n] * ways * allRight
			next.mean[m] += (s.mean[n] + s.all[n]*share*float64(more)) * ways
			ways *= float64(k-m) / float64(more+1) * (r + w)
			allRight, allWrong = allRight*share, allWrong*other
			// From here on ways falls: what is left is below k of these.
			if s.all[n]*ways < negligible && float64(k-m)*(r+w) < float64(more+1) {
				break
			}
		}
	}
}

type steps struct{ all, noRight, noWrong, mean []float64 }

// negligible is a probability that no power shows.
const negligible = 1e-18

func newSteps(k int) steps {
	return steps{make([]float64, k+1), make([]float64, k+1), make([]float64, k+1), make([]float64, k+1)}
}

func (s steps) clear() {
	clear(s.all)
	clear(s.noRight)
	clear(s.noWrong)
	clear(s.mean)
}
