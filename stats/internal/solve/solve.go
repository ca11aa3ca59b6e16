// Package solve finds roots of functions of one variable.
package solve

import "math"

// Bisect returns the point of [lo, hi] up to which below holds, to the last bit.
func Bisect(lo, hi float64, below func(float64) bool) float64 {
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if below(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// Root returns a zero of the continuous function f in [lo, hi], whose ends have
// values of opposite signs (or 0), to within tolerance or the last bit. It takes
// about ten evaluations for a smooth f and never more than 200. Where the signs are
// equal, or f is NaN, the answer is NaN.
//
// Source: Brent (1973), Algorithms for Minimization without Derivatives, ch. 4.
func Root(lo, hi, tolerance float64, f func(float64) float64) float64 {
	a, b := lo, hi
	fa, fb := f(a), f(b)
	switch {
	case fa == 0:
		return a
	case fb == 0:
		return b
	case math.Signbit(fa) == math.Signbit(fb), math.IsNaN(fa), math.IsNaN(fb):
		return math.NaN()
	}
	c, fc := a, fa // b is the best guess, c brackets the root with it, a is the guess before
	step, before := b-a, b-a
	for range 200 {
		if math.Signbit(fb) == math.Signbit(fc) {
			c, fc = a, fa
			step, before = b-a, b-a
		}
		if math.Abs(fc) < math.Abs(fb) {
			a, b, c = b, c, b
			fa, fb, fc = fb, fc, fb
		}
		width := 0x1p-52*math.Abs(b)*2 + tolerance/2
		middle := (c - b) / 2
		if fb == 0 || math.Abs(middle) <= width {
			return b
		}
		if math.Abs(before) >= width && math.Abs(fa) > math.Abs(fb) {
			p, q := interpolate(a, b, c, fa, fb, fc)
			if 2*p < math.Min(3*middle*q-math.Abs(width*q), math.Abs(before*q)) {
				before, step = step, p/q
			} else {
				before, step = middle, middle
			}
		} else {
			before, step = middle, middle
		}
		a, fa = b, fb
		if math.Abs(step) > width {
			b += step
		} else {
			b += math.Copysign(width, middle)
		}
		fb = f(b)
	}
	return b
}

// interpolate proposes the step p/q, p ≥ 0: inverse quadratic interpolation
// through three points, or the secant where two of them coincide.
func interpolate(a, b, c, fa, fb, fc float64) (p, q float64) {
	middle, s := (c-b)/2, fb/fa
	if a == c {
		p, q = 2*middle*s, 1-s
	} else {
		u, r := fa/fc, fb/fc
		p = s * (2*middle*u*(u-r) - (b-a)*(r-1))
		q = (u - 1) * (r - 1) * (s - 1)
	}
	if p > 0 {
		return p, -q
	}
	return -p, q
}
