package mixed

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"gonum.org/v1/gonum/mat"
)

// exact solves the mixed model equations by Cholesky's factorisation.
type exact struct {
	e *Effects
}

func (x exact) solve(weight, penalty []float64) (posterior, error) {
	if len(x.e.block) == 0 {
		return x.levels(weight), nil
	}
	eq := equations(x.e, weight)
	for c, d := range diagonal(eq.a) {
		if b := x.e.block[c]; x.e.blocks[b].Fixed {
			eq.a.SetSym(c, c, d*(1+1e-10)+math.SmallestNonzeroFloat64)
		} else {
			eq.a.SetSym(c, c, d+penalty[b])
		}
	}
	// In units in which the diagonal is 1, features of any scale are solved alike.
	scale := diagonal(eq.a)
	for c, d := range scale {
		scale[c] = 1 / math.Sqrt(d)
	}
	n := len(scale)
	for r := range n {
		for c := r; c < n; c++ {
			eq.a.SetSym(r, c, eq.a.At(r, c)*scale[r]*scale[c])
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(eq.a) {
		return nil, &input.Error{Field: "e", Reason: "the features of fixed blocks cannot be told apart"}
	}
	p := &exactPosterior{exact: x, penalty: penalty, inverse: mat.NewSymDense(n, nil), u: make([]float64, n)}
	// The error of an inverse only says that its condition number is large: columns that
	// are almost the same share what they explain.
	_ = chol.InverseTo(p.inverse)
	for r := range n {
		for c := r; c < n; c++ {
			p.inverse.SetSym(r, c, p.inverse.At(r, c)*scale[r]*scale[c])
		}
	}
	right := mat.NewVecDense(n, nil)
	for c, b := range eq.b {
		right.SetVec(c, b*scale[c])
	}
	u := mat.NewVecDense(n, p.u)
	_ = chol.SolveVecTo(u, right)
	for c := range p.u {
		p.u[c] *= scale[c]
	}
	p.mean, p.variance = p.fit(eq)
	return p, nil
}

// levels is the posterior where no feature occurs: the groups' means.
func (x exact) levels(weight []float64) *exactPosterior {
	p := &exactPosterior{exact: x, mean: make([]float64, x.e.Len()), variance: make([]float64, x.e.Len())}
	means, totals := x.e.centre(append([]float64{}, x.e.y...), weight)
	for i, g := range x.e.group {
		if g != NoGroup {
			p.mean[i], p.variance[i] = means[g], 1/totals[g]
		}
	}
	return p
}

// normal equations: a = ZᵀWPZ and b = ZᵀWPy, and the group means that P takes off.
type normal struct {
	a        *mat.SymDense
	b        []float64
	levels   []float64   // of y, by group
	totals   []float64   // of the weights, by group
	features [][]float64 // of z, by group
}

func equations(e *Effects, weight []float64) normal {
	p := len(e.block)
	y := append([]float64{}, e.y...)
	eq := normal{a: mat.NewSymDense(p, nil), b: make([]float64, p)}
	eq.levels, eq.totals = e.centre(y, weight)
	eq.features = make([][]float64, len(eq.totals))
	raw := eq.a.RawSymmetric().Data // its upper triangle
	for i := range e.Len() {
		z := e.row(i)
		for _, r := range z {
			wr := weight[i] * r.value
			eq.b[r.column] += wr * y[i]
			for _, c := range z {
				if c.column >= r.column {
					raw[r.column*p+c.column] += wr * c.value
				}
			}
		}
		if g := e.group[i]; g != NoGroup {
			if eq.features[g] == nil {
				eq.features[g] = make([]float64, p)
			}
			for _, r := range z {
				eq.features[g][r.column] += weight[i] * r.value / eq.totals[g]
			}
		}
	}
	for g, total := range eq.totals {
		eq.a.SymRankOne(eq.a, -total, mat.NewVecDense(p, eq.features[g]))
	}
	return eq
}

func diagonal(a *mat.SymDense) []float64 {
	d := make([]float64, a.SymmetricDim())
	for i := range d {
		d[i] = a.At(i, i)
	}
	return d
}

type exactPosterior struct {
	exact
	u        []float64
	inverse  *mat.SymDense // A⁻¹, the posterior covariance of u
	penalty  []float64     // by block
	mean     []float64
	variance []float64
}

// fit returns ȳ_g + (zᵢ − z̄_g)ᵀu and its variance 1/W_g + (zᵢ − z̄_g)ᵀA⁻¹(zᵢ − z̄_g).
func (p *exactPosterior) fit(eq normal) (mean, variance []float64) {
	e := p.e
	mean, variance = make([]float64, e.Len()), make([]float64, e.Len())
	level, own := make([]float64, len(eq.totals)), make([]float64, len(eq.totals))
	solved := make([]mat.VecDense, len(eq.totals)) // A⁻¹z̄_g
	for g, total := range eq.totals {
		z := mat.NewVecDense(len(p.u), eq.features[g])
		solved[g].MulVec(p.inverse, z)
		level[g] = eq.levels[g] - mat.Dot(z, mat.NewVecDense(len(p.u), p.u))
		own[g] = 1/total + mat.Dot(z, &solved[g])
	}
	for i := range e.Len() {
		z := e.row(i)
		mean[i], variance[i] = p.of(z)
		if g := e.group[i]; g != NoGroup {
			mean[i] += level[g]
			variance[i] += own[g] - 2*dot(z, solved[g].RawVector().Data)
		}
	}
	return mean, variance
}

func (p *exactPosterior) coefficients() []float64            { return p.u }
func (p *exactPosterior) fitted() (mean, variance []float64) { return p.mean, p.variance }

func (p *exactPosterior) freedom(block int) (sum float64) {
	for c, b := range p.e.block {
		if b == block {
			sum += 1 - p.inverse.At(c, c)*p.penalty[block]
		}
	}
	return sum
}

func (p *exactPosterior) known() known {
	k := known{Mean: p.u}
	for r := range p.u {
		for c := range r + 1 {
			k.Covariance = append(k.Covariance, p.inverse.At(r, c))
		}
	}
	return k
}

func (p *exactPosterior) of(z []entry) (mean, variance float64) {
	for _, r := range z {
		for _, c := range z {
			variance += r.value * c.value * p.inverse.At(r.column, c.column)
		}
	}
	return dot(z, p.u), variance
}
