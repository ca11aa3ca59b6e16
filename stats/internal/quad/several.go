package quad

import "math"

// Several integrates several functions of the same points together over the panels
// between rising knots: f adds nothing, it sets out[i] to the i-th function at x. A
// panel is halved until the error estimate of every function is below the absolute
// tolerance, or it is 2⁻⁴⁰ of what it was. The rule and its error estimate are
// those of [Integrate].
func Several(knots []float64, n int, tolerance float64, f func(x float64, out []float64)) []float64 {
	s := several{f: f, tolerance: tolerance, total: make([]float64, n), kronrod: make([]float64, n), gauss: make([]float64, n), size: make([]float64, n), left: make([]float64, n), right: make([]float64, n)}
	for i := 1; i < len(knots); i++ {
		s.panel(knots[i-1], knots[i], 40)
	}
	return s.total
}

type several struct {
	f                                        func(float64, []float64)
	tolerance                                float64
	total, kronrod, gauss, size, left, right []float64
}

func (s *several) panel(a, b float64, halvings int) {
	if err := s.rule(a, b); err <= s.tolerance || halvings == 0 || math.IsNaN(err) {
		for i, k := range s.kronrod {
			s.total[i] += k
		}
		return
	}
	middle := a + (b-a)/2
	s.panel(a, middle, halvings-1)
	s.panel(middle, b, halvings-1)
}

// rule sets kronrod to the integrals over [a, b], and returns their largest error.
func (s *several) rule(a, b float64) (worst float64) {
	centre, half := a+(b-a)/2, (b-a)/2
	s.f(centre, s.left)
	for i, y := range s.left {
		s.kronrod[i], s.gauss[i], s.size[i] = kronrodWeights[7]*y, gaussWeights[3]*y, kronrodWeights[7]*math.Abs(y)
	}
	for j, x := range nodes[:7] {
		s.f(centre-half*x, s.left)
		s.f(centre+half*x, s.right)
		for i, y := range s.left {
			s.kronrod[i] += kronrodWeights[j] * (y + s.right[i])
			s.size[i] += kronrodWeights[j] * (math.Abs(y) + math.Abs(s.right[i]))
			if j%2 == 1 {
				s.gauss[i] += gaussWeights[j/2] * (y + s.right[i])
			}
		}
	}
	for i, k := range s.kronrod {
		err := math.Abs(k - s.gauss[i])
		if s.size[i] > 0 {
			err = math.Min(err, s.size[i]*math.Pow(200*err/s.size[i], 1.5))
		}
		worst = math.Max(worst, err*half)
		s.kronrod[i] *= half
	}
	return worst
}
