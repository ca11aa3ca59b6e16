package proxy

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Matrices of a handful of metrics are flat slices by rows: one is inverted for each
// test and step, where the calls of a library would take longer than the sums.

// factor overwrites the lower triangle of a symmetric n×n matrix by its Cholesky
// factor L, A = LL′. It returns −1, or the row at which less than share of the
// diagonal is left.
func factor(a []float64, n int, share float64) int {
	for i := range n {
		row := a[i*n : i*n+i+1]
		for j := range i {
			other := a[j*n : j*n+j+1]
			sum := row[j]
			for m := range j {
				sum -= row[m] * other[m]
			}
			row[j] = sum / other[j]
		}
		pivot := row[i]
		for m := range i {
			pivot -= row[m] * row[m]
		}
		if !(pivot > share*row[i]) {
			return i
		}
		row[i] = math.Sqrt(pivot)
	}
	return -1
}

// invert makes w the inverse of a and overwrites a; it returns log det a, and false
// if a is not positive definite.
func invert(w, a []float64, n int) (logDet float64, ok bool) {
	if factor(a, n, 0) >= 0 {
		return 0, false
	}
	det := 1.0
	for i := range n { // L⁻¹, in the lower triangle of a
		d := 1 / a[i*n+i]
		det *= a[i*n+i]
		if i%4 == 3 || i == n-1 { // four at a time: a logarithm takes as long as the rest
			logDet += 2 * math.Log(det)
			det = 1
		}
		for j := range i {
			sum := 0.0
			for m := j; m < i; m++ {
				sum -= a[i*n+m] * a[m*n+j]
			}
			a[i*n+j] = sum * d
		}
		a[i*n+i] = d
	}
	for i := range n {
		for j := range i + 1 {
			sum := 0.0
			for m := i; m < n; m++ {
				sum += a[m*n+i] * a[m*n+j]
			}
			w[i*n+j], w[j*n+i] = sum, sum
		}
	}
	return logDet, true
}

// eigen returns a symmetric matrix's eigenvalues and its vectors as columns.
func eigen(a []float64, n int) (values []float64, vectors mat.Dense) {
	var e mat.EigenSym
	e.Factorize(mat.NewSymDense(n, a), true) // fails for NaN only
	values = e.Values(nil)
	e.VectorsTo(&vectors)
	return values, vectors
}

// rebuilt is V diag(f(values)) V′.
func rebuilt(values []float64, v mat.Dense, f func(float64) float64) []float64 {
	n := len(values)
	a := make([]float64, n*n)
	for k, value := range values {
		x := f(value)
		for i := range n {
			for j := range n {
				a[i*n+j] += x * v.At(i, k) * v.At(j, k)
			}
		}
	}
	for i := range n { // the same to the last bit on both sides
		for j := range i {
			a[j*n+i] = a[i*n+j]
		}
	}
	return a
}

// root is the symmetric, positive semi-definite square root of a; negative
// eigenvalues count as 0, and all below floor as floor.
func root(a []float64, n int, floor float64) []float64 {
	values, v := eigen(a, n)
	return rebuilt(values, v, func(x float64) float64 { return math.Sqrt(max(x, floor)) })
}

// pairs lists the entries (a, b), a ≤ b, of a symmetric K×K matrix by rows: the order
// of all vectors of distinct entries here.
func pairs(k int) (list [][2]int) {
	for a := range k {
		for b := a; b < k; b++ {
			list = append(list, [2]int{a, b})
		}
	}
	return list
}
