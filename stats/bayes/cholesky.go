package bayes

import "math"

func add(x, y [3]float64) [3]float64 { return [3]float64{x[0] + y[0], x[1] + y[1], x[2] + y[2]} }
func sub(x, y [3]float64) [3]float64 { return [3]float64{x[0] - y[0], x[1] - y[1], x[2] - y[2]} }
func dot(x, y [3]float64) float64    { return x[0]*y[0] + x[1]*y[1] + x[2]*y[2] }

// lower is the lower triangle L of a = L·Lᵀ.
type lower [3][3]float64

func cholesky(a [3][3]float64) (l lower, ok bool) {
	for i := range 3 {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			switch {
			case i != j:
				l[i][j] = sum / l[j][j]
			case !(sum > 1e-13*math.Abs(a[i][i])) || math.IsInf(sum, 0):
				return l, false
			default:
				l[i][i] = math.Sqrt(sum)
			}
		}
	}
	return l, true
}

func (l lower) solve(b [3]float64) [3]float64 {
	for i := range 3 {
		for k := range i {
			b[i] -= l[i][k] * b[k]
		}
		b[i] /= l[i][i]
	}
	for i := 2; i >= 0; i-- {
		for k := i + 1; k < 3; k++ {
			b[i] -= l[k][i] * b[k]
		}
		b[i] /= l[i][i]
	}
	return b
}
