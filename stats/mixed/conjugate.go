package mixed

import "math"

// system is A = ZᵀWPZ + diag(penalty) as an operator, P taking off the weighted mean of
// each group. A is never formed.
type system struct {
	e        *Effects
	weight   []float64
	penalty  []float64 // by column
	diagonal []float64 // of ZᵀWZ + penalty: the preconditioner
}

func newSystem(e *Effects, weight, penalty []float64) *system {
	s := &system{e, weight, make([]float64, len(e.block)), make([]float64, len(e.block))}
	for c, b := range e.block {
		s.penalty[c], s.diagonal[c] = penalty[b], penalty[b]
	}
	for i := range e.Len() {
		for _, z := range e.row(i) {
			s.diagonal[z.column] += weight[i] * z.value * z.value
		}
	}
	return s
}

// right is ZᵀWPx.
func (s *system) right(x []float64) []float64 {
	x = append([]float64{}, x...)
	s.e.centre(x, s.weight)
	b := make([]float64, len(s.penalty))
	for i := range x {
		wx := s.weight[i] * x[i]
		for _, z := range s.e.row(i) {
			b[z.column] += wx * z.value
		}
	}
	return b
}

// times is Au.
func (s *system) times(u []float64) []float64 {
	fitted := make([]float64, s.e.Len())
	for i := range fitted {
		fitted[i] = dot(s.e.row(i), u)
	}
	au := s.right(fitted)
	for c, p := range s.penalty {
		au[c] += p * u[c]
	}
	return au
}

// conjugate improves u until the residual of Au = b is at most tolerance of b, both in
// the norm of the preconditioner.
func (s *system) conjugate(u, b []float64, tolerance float64) {
	r := s.times(u)
	direction := make([]float64, len(b))
	size, target := 0.0, 0.0
	for c := range r {
		r[c] = b[c] - r[c]
		direction[c] = r[c] / s.diagonal[c]
		size += r[c] * direction[c]
		target += b[c] * b[c] / s.diagonal[c]
	}
	target *= tolerance * tolerance
	for range 10 * len(b) {
		if size <= target {
			return
		}
		step := s.times(direction)
		curvature := 0.0
		for c, d := range direction {
			curvature += d * step[c]
		}
		if curvature <= 0 {
			return
		}
		length, next := size/curvature, 0.0
		for c := range u {
			u[c] += length * direction[c]
			r[c] -= length * step[c]
			next += r[c] * r[c] / s.diagonal[c]
		}
		for c := range direction {
			direction[c] = r[c]/s.diagonal[c] + next/size*direction[c]
		}
		size = math.Abs(next)
	}
}
