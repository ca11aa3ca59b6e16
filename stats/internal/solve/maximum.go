package solve

// Maximum returns where f, with one maximum on [lo, hi], has it, to the
// square root of the machine precision: f's values tell no more.
//
// Source: Kiefer (1953), Proceedings of the American Mathematical Society 4:502–506.
func Maximum(lo, hi float64, f func(float64) float64) float64 {
	const ratio = 0.6180339887498949
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for range 45 {
		if fa > fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}
