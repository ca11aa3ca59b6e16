package bayes

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// studentLikelihood is the log likelihood of estimates under a t prior as a
// function of x = (M, log s, log ν), in units that make the estimates' spread 1.
type studentLikelihood struct {
	values, variances []float64 // (δ̂ − centre)/unit and (se/unit)²
	centre, unit      float64
	offset            float64 // what the change of unit adds to the log likelihood
	least, noisiest   float64 // the smallest and the largest se
	farthest          float64 // the largest |value|
	low, high         [3]float64
	nodes             precisionNodes
	thinned           *studentLikelihood // of at most 500 estimates, for the starts
}

// The degrees of freedom that are tried: below 1 there is no mean, and of a
// thousand nobody can tell them from a normal.
const fitMinDF, fitMaxDF = 1.01, 1000

// edge is how near to an end of its range a parameter counts as at it.
const edge = 1e-6

func newStudentLikelihood(es []stats.Estimate) *studentLikelihood {
	values, errors := make([]float64, len(es)), make([]float64, len(es))
	for i, e := range es {
		values[i], errors[i] = e.Value, e.SE
	}
	slices.Sort(values)
	slices.Sort(errors)
	l := &studentLikelihood{centre: values[len(es)/2], unit: errors[len(es)/2]}
	l.unit = max(l.unit, values[len(es)*3/4]-values[len(es)/4])
	l.least, l.noisiest = errors[0]/l.unit, errors[len(es)-1]/l.unit
	l.farthest = max(values[len(es)-1]-l.centre, l.centre-values[0]) / l.unit
	for _, e := range es {
		l.values = append(l.values, (e.Value-l.centre)/l.unit)
		l.variances = append(l.variances, (e.SE/l.unit)*(e.SE/l.unit))
	}
	l.offset = -float64(len(es)) * math.Log(l.unit)
	// A scale of a ten-thousandth of the smallest standard error changes no log
	// likelihood by more than 1e-8.
	l.low = [3]float64{-l.farthest, math.Log(l.least * 1e-4), math.Log(fitMinDF)}
	l.high = [3]float64{l.farthest, math.Log(max(10*l.farthest, l.least)), math.Log(fitMaxDF)}
	l.thinned = l
	if step := (len(es) + 499) / 500; step > 1 {
		thin := *l
		thin.values, thin.variances = every(l.values, step), every(l.variances, step)
		l.thinned = &thin
	}
	return l
}

func every(xs []float64, step int) (thin []float64) {
	for i := 0; i < len(xs); i += step {
		thin = append(thin, xs[i])
	}
	return thin
}

func (l *studentLikelihood) prior(x [3]float64) StudentT {
	return StudentT{Location: l.centre + l.unit*x[0], Scale: l.unit * math.Exp(x[1]), DF: degrees(x[2])}
}

// degrees is exp, and exact at the ends of the range.
func degrees(log float64) float64 {
	switch df := math.Exp(log); {
	case df > fitMaxDF*(1-edge):
		return fitMaxDF
	case df < fitMinDF*(1+edge):
		return fitMinDF
	default:
		return df
	}
}

// precisionNodes are the lattice of u = log λ for one ν: prior variances 1/λ, log
// weights, and the first derivative of those by log ν; the second is the first
// plus curve.
type precisionNodes struct {
	variances, logs, slopes []float64
	curve                   float64
	centre                  int // the node nearest to λ = 1
}

// fitDepth is how far below their maximum, in logs, nodes are left out: 1e-13.
const fitDepth = 30

// lattice makes the nodes for distances up to reach and standard errors up to
// noise, in scales. The step leaves an error of 1e-10 (see precisions).
func (n *precisionNodes) lattice(df, reach, noise float64) {
	a := df / 2
	h := 2 * math.Pi / math.Sqrt(50*a+310)
	right := min(math.Log(60/df+4)+0.5, math.Sqrt(2*fitDepth/a))
	left := -2*math.Log(max(1, reach)) - fall(a, 2*math.Log(max(1, noise)))
	*n = precisionNodes{variances: n.variances[:0], logs: n.logs[:0], slopes: n.slopes[:0]}
	peak, digamma := math.Log(h)+logGammaPeak(a), math.Log(a)-mathext.Digamma(a)
	n.curve = a - a*a*mathext.Zeta(2, a)
	for j := math.Ceil(left / h); j <= right/h; j++ {
		u := j * h
		away := math.Expm1(u) - u
		n.variances = append(n.variances, math.Exp(-u))
		n.logs = append(n.logs, peak-a*away)
		n.slopes = append(n.slopes, a*(digamma-away))
		if j <= 0 {
			n.centre = len(n.logs) - 1
		}
	}
}

// fall is how far left of its mode the log weight has fallen by fitDepth: the gamma
// density alone falls by a(x − 1 + exp(−x)), and beyond flat, where 1/λ exceeds the
// sampling variance, the likelihood falls by x/2 more.
func fall(a, flat float64) float64 {
	return solve.Root(0, fitDepth/a+2, 1e-3, func(x float64) float64 {
		return a*(x+math.Expm1(-x)) + max(0, x-flat-1)/2 - fitDepth
	})
}

// point is the log likelihood at x with its derivatives.
type point struct {
	at       [3]float64
	value    float64
	gradient [3]float64
	hessian  [3][3]float64
}

// evaluate sums log pᵢ and its derivatives over the estimates. With the mean
// E[·] over the nodes by their share of pᵢ, the gradient of log pᵢ is E[∂ log p] and
// its Hessian E[∂² log p + ∂ log p ∂ log pᵀ] − E[∂ log p] E[∂ log p]ᵀ.
func (l *studentLikelihood) evaluate(x [3]float64) point {
	scale := math.Exp(x[1])
	l.nodes.lattice(math.Exp(x[2]), (l.farthest+math.Abs(x[0]))/scale, l.noisiest/scale)
	p := point{at: x}
	for i, y := range l.values {
		l.nodes.add(&p, y-x[0], l.variances[i], scale*scale)
	}
	for r := range 3 {
		for c := range r {
			p.hessian[c][r] = p.hessian[r][c]
		}
	}
	return p
}

// add adds one estimate with residual r and sampling variance.
func (n *precisionNodes) add(p *point, r, variance, scale2 float64) {
	square := r * r
	// No node has more likelihood than one of variance r², or se² if that is more.
	widest := max(square, variance)
	most := -math.Log(widest)/2 - square/widest/2
	top := n.top(most, square, variance, scale2)
	var sum, m, t, d, mm, mt, md, tt, td, dd float64
	for j, prior := range n.logs {
		if prior+most < top-fitDepth {
			continue
		}
		share := scale2 * n.variances[j]
		over := 1 / (share + variance)
		z := square * over
		w := math.Exp(prior-z/2-top) * math.Sqrt(over)
		share *= over
		dm, dt, ds := r*over, share*(z-1), n.slopes[j]
		wm, wt, wd := w*dm, w*dt, w*ds
		sum += w
		m += wm
		t += wt
		d += wd
		mm += wm*dm - w*over
		mt += wm * (dt - 2*share)
		tt += wt*(dt+2*(1-share)) - 2*w*share*share*z
		md += wm * ds
		td += wt * ds
		dd += wd * ds
	}
	m, t, d = m/sum, t/sum, d/sum
	p.value += top + math.Log(sum) - math.Log(2*math.Pi)/2
	p.gradient[0] += m
	p.gradient[1] += t
	p.gradient[2] += d
	p.hessian[0][0] += mm/sum - m*m
	p.hessian[1][0] += mt/sum - m*t
	p.hessian[1][1] += tt/sum - t*t
	p.hessian[2][0] += md/sum - m*d
	p.hessian[2][1] += td/sum - t*d
	p.hessian[2][2] += dd/sum + d + n.curve - d*d
}

// top is about the largest log term: exactly, if that at λ = 1 or that of the best
// likelihood is far enough below any other that dividing by it could overflow.
func (n *precisionNodes) top(most, square, variance, scale2 float64) float64 {
	at := func(j int) float64 {
		v := scale2*n.variances[j] + variance
		return n.logs[j] - math.Log(v)/2 - square/v/2
	}
	top := at(n.centre)
	if n.logs[n.centre]+most < top+fitDepth { // nothing is much above it
		return top
	}
	for j, prior := range n.logs {
		if prior+most > top {
			top = max(top, at(j))
		}
	}
	return top
}
