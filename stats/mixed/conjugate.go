package mixed

import "math"

// system is A = ZᵀWPZ + diag(penalty) as an operator, P taking off the weighted mean of
// each group. A is never formed.
type system struct {
	e        *Effects
	weight   []float64
	errors   *covariance // nil if those of effects are independent
	penalty  []float64   // by column
	diagonal []float64   // of ZᵀWZ + penalty: the preconditioner
}

func newSystem(e *Effects, weight []float64, errors *covariance, penalty []float64) *system {
	s := &system{e, weight, errors, make([]float64, len(e.block)), make([]float64, len(e.block))}
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
	x = s.levelled(x)
	b := make([]float64, len(s.penalty))
	for i, wx := range x {
		for _, z := range s.e.row(i) {
			b[z.column] += wx * z.value
		}
	}
	return b
}

// levelled is WPx, or V⁻¹ of what the levels leave of x.
func (s *system) levelled(x []float64) []float64 {
	x = append([]float64{}, x...)
	if s.errors == nil {
		s.e.centre(x, s.weight)
	} else {
		levels := s.errors.levels(x)
		for i, g := range s.e.group {
			if g != NoGroup {
				x[i] -= levels[g]
			}
		}
	}
	if s.errors != nil {
		return s.errors.times(x, s.weight)
	}
	for i, w := range s.weight {
		x[i] *= w
	}
	return x
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
