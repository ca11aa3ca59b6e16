package mixed

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// within is what effects of one group share beyond their level: coefficients that count
// in that group only. They are never solved for. They make the errors of a group depend
// on each other,
//
//	V_g = diag(1/wᵢ) + Σ_b σ_b² S_gb,   S_gb = X_gb X_gbᵀ
//
// so that everything else needs only small matrices, one for each group. Time grows with the
// cube of the size of a group.
type within struct {
	blocks  []int         // which of the blocks
	members [][]int       // effects by group
	shared  [][][]float64 // S by block, group: n × n, by rows
	squares []float64     // mean over effects of Σ x² by block
}

// newWithin is nil if there is no such block.
func newWithin(e *Effects) *within {
	w := &within{members: make([][]int, len(e.groups))}
	for b, block := range e.blocks {
		if block.Within {
			w.blocks = append(w.blocks, b)
		}
	}
	if w.blocks == nil {
		return nil
	}
	for i, g := range e.group {
		if g != NoGroup {
			w.members[g] = append(w.members[g], i)
		}
	}
	for _, b := range w.blocks {
		shared, square := make([][]float64, len(w.members)), 0.0
		for g, rows := range w.members {
			n := len(rows)
			shared[g] = make([]float64, n*n)
			for r, i := range rows {
				for c, j := range rows[:r+1] {
					s := e.together(b, i, j)
					if r == c {
						square += s / float64(e.Len())
					}
					s /= math.Sqrt(e.share[i] * e.share[j])
					shared[g][r*n+c], shared[g][c*n+r] = s, s
				}
			}
		}
		w.shared, w.squares = append(w.shared, shared), append(w.squares, square)
	}
	return w
}

// local is a feature of a Within block.
type local struct {
	block, column int
	value         float64
}

// together is Σ xᵢxⱼ over the columns of a block.
func (e *Effects) together(block, i, j int) (sum float64) {
	a, b := e.local[i], e.local[j]
	for len(a) > 0 && len(b) > 0 {
		switch order := cmp.Or(cmp.Compare(a[0].block, b[0].block), cmp.Compare(a[0].column, b[0].column)); {
		case order < 0:
			a = a[1:]
		case order > 0:
			b = b[1:]
		default:
			if a[0].block == block {
				sum += a[0].value * b[0].value
			}
			a, b = a[1:], b[1:]
		}
	}
	return sum
}

// localised takes features of Within blocks out of the others, sorted, each column once.
func (e *Effects) localised(features []Feature) (others []Feature, own []local) {
	if !slices.ContainsFunc(features, func(f Feature) bool { return e.blocks[f.Block].Within }) {
		return features, nil
	}
	for _, f := range features {
		switch {
		case !e.blocks[f.Block].Within:
			others = append(others, f)
		case f.Value != 0:
			own = append(own, local{f.Block, f.Column, f.Value})
		}
	}
	slices.SortFunc(own, func(a, b local) int { return cmp.Or(cmp.Compare(a.block, b.block), cmp.Compare(a.column, b.column)) })
	last := 0
	for k := 1; k < len(own); k++ {
		if own[k].block == own[last].block && own[k].column == own[last].column {
			own[last].value += own[k].value
		} else {
			last++
			own[last] = own[k]
		}
	}
	if len(own) > 0 {
		own = own[:last+1]
	}
	return others, own
}

// covariance is V of each group, as its inverse, with what is needed to draw from it and to
// take off the group's level.
type covariance struct {
	w       *within
	root    [][]float64 // L, V = LLᵀ
	inverse [][]float64 // V⁻¹
	ones    [][]float64 // V⁻¹1
	totals  []float64   // 1ᵀV⁻¹1
}

// at is what they are at these weights and variances by block.
func (w *within) at(weight []float64, variance func(block int) float64) *covariance {
	x := &covariance{w: w, root: make([][]float64, len(w.members)), inverse: make([][]float64, len(w.members)),
		ones: make([][]float64, len(w.members)), totals: make([]float64, len(w.members))}
	variances := make([]float64, len(w.blocks))
	for k, b := range w.blocks {
		variances[k] = variance(b)
	}
	parallel(len(w.members), func(g int) {
		rows := w.members[g]
		n := len(rows)
		v := mat.NewSymDense(n, nil)
		raw := v.RawSymmetric().Data
		for k, s := range w.shared {
			for r := range n {
				for c := r; c < n; c++ {
					raw[r*n+c] += variances[k] * s[g][r*n+c]
				}
			}
		}
		for r, i := range rows {
			raw[r*n+r] = raw[r*n+r]*(1+1e-9) + 1/weight[i]
		}
		var chol mat.Cholesky
		chol.Factorize(v) // 1/wᵢ > 0, and a part in 10⁹ of what is shared, make it positive definite
		var root mat.TriDense
		chol.LTo(&root)
		inverse := mat.NewSymDense(n, nil)
		_ = chol.InverseTo(inverse)
		x.root[g], x.inverse[g], x.ones[g] = make([]float64, n*n), make([]float64, n*n), make([]float64, n)
		for r := range n {
			for c := range n {
				x.inverse[g][r*n+c] = inverse.At(r, c)
				x.ones[g][r] += inverse.At(r, c)
				if c <= r {
					x.root[g][r*n+c] = root.At(r, c)
				}
			}
			x.totals[g] += x.ones[g][r]
		}
	})
	return x
}

// times is V⁻¹y, with these weights of effects that are in no group.
func (x *covariance) times(y, weight []float64) []float64 {
	out := make([]float64, len(y))
	for i := range y {
		out[i] = weight[i] * y[i]
	}
	for g, rows := range x.w.members {
		multiply(x.inverse[g], rows, y, out)
	}
	return out
}

// diagonal of V⁻¹.
func (x *covariance) diagonal(weight []float64) []float64 {
	out := append([]float64{}, weight...)
	for g, rows := range x.w.members {
		for k, i := range rows {
			out[i] = x.inverse[g][k*len(rows)+k]
		}
	}
	return out
}

// multiply puts a times the group's part of y into the group's part of out.
func multiply(a []float64, rows []int, y, out []float64) {
	n := len(rows)
	for r, i := range rows {
		sum := 0.0
		for c, j := range rows {
			sum += a[r*n+c] * y[j]
		}
		out[i] = sum
	}
}

// levels are (1ᵀV⁻¹y)/(1ᵀV⁻¹1) by group.
func (x *covariance) levels(y []float64) []float64 {
	levels := make([]float64, len(x.totals))
	for g, rows := range x.w.members {
		for r, i := range rows {
			levels[g] += x.ones[g][r] * y[i] / x.totals[g]
		}
	}
	return levels
}

// drawn has the covariance V if z is independent and of unit variance.
func (x *covariance) drawn(z []float64, out []float64) {
	for g, rows := range x.w.members {
		multiply(x.root[g], rows, z, out)
	}
}

// update moves the variances of Within blocks by MacKay's fixed point,
//
//	σ_b² ← σ_b² · Σ_g aᵀS_gb a / Σ_g tr(P_g S_gb),   a = V⁻¹r,   P = V⁻¹ − V⁻¹CV⁻¹
//
// with residuals r and the posterior covariance C of fitted values by draws, and gives
// what is left of squared residuals without their part in what the group shares.
func (x *covariance) update(m *model, p *drawnPosterior) (squares []float64) {
	e := m.e
	r := make([]float64, e.Len())
	for i, y := range e.y {
		r[i] = y - p.mean[i]
	}
	a := x.times(r, m.weight)
	drawn := make([][]float64, p.drawn)
	parallel(p.drawn, func(d int) { drawn[d] = x.times(p.deviations[d], m.weight) })
	squares = make([]float64, e.Len())
	own := x.diagonal(m.weight)
	var found, expected float64 // of the residuals, whose S is diag(1/share)
	for i := range squares {
		square := a[i] * a[i]
		w, spread := m.weight[i], 0.0
		for d := range drawn {
			spread += drawn[d][i] * drawn[d][i] / float64(p.drawn)
		}
		squares[i] = math.Max(0, (square+spread-own[i])/(w*w)+1/w)
		found += square / e.share[i]
		expected += (own[i] - spread) / e.share[i]
	}
	p.residual = ratio(found, expected)
	for k, b := range x.w.blocks {
		found, expected := x.shared(k, a, drawn)
		f := &m.blocks[b]
		f.Freedom = f.SD * f.SD * expected
		if f.SD > 0 && expected > 0 {
			f.SD *= math.Sqrt(ratio(found, expected))
		}
	}
	return squares
}

// shared is Σ_g aᵀS_gb a of a block, and Σ_g tr(P_g S_gb) by draws of V⁻¹ times what is fitted.
func (x *covariance) shared(block int, a []float64, drawn [][]float64) (found, expected float64) {
	for g, rows := range x.w.members {
		n, s := len(rows), x.w.shared[block][g]
		for r, i := range rows {
			for c, j := range rows {
				found += a[i] * s[r*n+c] * a[j]
				expected += x.inverse[g][r*n+c] * s[r*n+c]
				for d := range drawn {
					expected -= drawn[d][i] * s[r*n+c] * drawn[d][j] / float64(len(drawn))
				}
			}
		}
	}
	return found, expected
}

// ratio is found/expected, within a factor of ten.
func ratio(found, expected float64) float64 {
	if !(expected > 0 && found >= 0) {
		return 1
	}
	return math.Max(0.1, math.Min(10, found/expected))
}
