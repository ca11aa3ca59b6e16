package shrink

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// bounded is the quadratic programme of one Newton step: the x ≥ 0 with the
// smallest ½(x − from)ᵀH(x − from) − slopeᵀ(x − from).
type bounded struct {
	hessian *mat.SymDense
	slope   []float64
	from    []float64
}

// solve uses Lawson & Hanson's active-set method (Solving Least Squares Problems,
// 1974, ch. 23) on the normal equations. Neighbouring components are almost
// collinear; a ridge of 1e-13 of the diagonal keeps the factors positive, and
// where the programme stops early it has still only gone downhill.
func (q bounded) solve() []float64 {
	n := len(q.from)
	x := append([]float64(nil), q.from...)
	free := make([]bool, n)
	for k := range free {
		free[k] = q.from[k] > 0 || q.slope[k] > 0
	}
	for range 4*n + 20 {
		target, ok := q.onFree(free)
		if !ok {
			return x
		}
		if !towards(x, target, free) {
			continue
		}
		k := q.steepest(x, free)
		if k < 0 {
			return x
		}
		free[k] = true
	}
	return x
}

// onFree is the best x with 0 in all places that are not free.
func (q bounded) onFree(free []bool) (x []float64, ok bool) {
	var index []int
	for k, f := range free {
		if f {
			index = append(index, k)
		}
	}
	x = make([]float64, len(free))
	if len(index) == 0 {
		return x, true
	}
	h, right := mat.NewSymDense(len(index), nil), mat.NewVecDense(len(index), nil)
	for a, k := range index {
		for b, l := range index[:a+1] {
			h.SetSym(a, b, q.hessian.At(k, l))
		}
		r := q.slope[k]
		for l, f := range free {
			if !f {
				r += q.hessian.At(k, l) * q.from[l]
			}
		}
		right.SetVec(a, r)
	}
	step, ok := positiveSolve(h, right)
	if !ok {
		return nil, false
	}
	for a, k := range index {
		x[k] = q.from[k] + step.AtVec(a)
	}
	return x, true
}

func positiveSolve(h *mat.SymDense, right *mat.VecDense) (*mat.VecDense, bool) {
	n := h.SymmetricDim()
	for ridge := 1e-13; ridge < 1e-3; ridge *= 100 {
		damped := mat.NewSymDense(n, nil)
		damped.CopySym(h)
		for k := range n {
			damped.SetSym(k, k, h.At(k, k)*(1+ridge))
		}
		var factor mat.Cholesky
		step := mat.NewVecDense(n, nil)
		if !factor.Factorize(damped) {
			continue
		}
		// The error only says that the condition number is large, as is known.
		_ = factor.SolveVecTo(step, right)
		if !math.IsNaN(mat.Norm(step, 2)) && !math.IsInf(mat.Norm(step, 2), 0) {
			return step, true
		}
	}
	return nil, false
}

// towards moves x to the target, or as far as it stays at 0 or above; what is
// then at 0 is no longer free, and the answer is false.
func towards(x, target []float64, free []bool) bool {
	share, first := 1.0, -1
	for k := range x {
		if free[k] && target[k] < 0 {
			if s := x[k] / (x[k] - target[k]); s < share {
				share, first = s, k
			}
		}
	}
	for k := range x {
		if free[k] {
			x[k] = max(0, x[k]+share*(target[k]-x[k]))
		}
	}
	if first < 0 {
		return true
	}
	x[first], free[first] = 0, false
	return false
}

// steepest is the place at 0 that most wants to rise; −1 if none does.
func (q bounded) steepest(x []float64, free []bool) int {
	best, steepest := -1, 1e-13
	for k, f := range free {
		if f {
			continue
		}
		slope := q.slope[k]
		for l := range x {
			slope -= q.hessian.At(k, l) * (x[l] - q.from[l])
		}
		if slope > steepest {
			best, steepest = k, slope
		}
	}
	return best
}
