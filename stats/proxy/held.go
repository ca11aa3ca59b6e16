package proxy

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// held is a form in which one number of interest has a fixed value, for profiles of
// the likelihood. Metrics 0 … p − 1 are short-term, the last is the long-term one.
// Its first parameters are the entries of R, Λ_SS = R².
type held struct {
	p     int
	short rooted
	value float64
	turns bool // the form is correlated, whose direction has a sign
	// rest are Λ_SY and Λ_YY, and their derivatives by the parameters: by those of R
	// from its unit changes.
	rest func(f held, x []float64) (cov []float64, by *mat.Dense)
}

// holdCorrelation fixes the correlation of δ_Y with its best prediction.
func holdCorrelation(p int, c float64) held {
	return held{p, rooted{&data{k: p, pair: pairs(p)}}, c, true, correlated}
}

// holdSlope fixes the slope of δ_Y on the only short-term effect.
func holdSlope(b float64) held {
	return held{1, rooted{&data{k: 1, pair: pairs(1)}}, b, false, regressed}
}

func (f held) roots() int { return len(f.short.d.pair) }

func (f held) cov(x []float64) []float64 {
	k := f.p + 1
	short := f.short.cov(x[:f.roots()])
	long, _ := f.rest(f, x)
	a := make([]float64, k*k)
	for i := range f.p {
		copy(a[i*k:], short[i*f.p:(i+1)*f.p])
		a[i*k+f.p], a[f.p*k+i] = long[i], long[i]
	}
	a[k*k-1] = long[f.p]
	return a
}

func (f held) jacobian(x []float64) *mat.Dense {
	all := pairs(f.p + 1)
	j := mat.NewDense(len(all), len(x), nil)
	short := f.short.jacobian(x[:f.roots()])
	_, long := f.rest(f, x)
	above := 0
	for row, p := range all {
		if p[1] == f.p {
			for c := range x {
				j.Set(row, c, long.At(p[0], c))
			}
			continue
		}
		for c := range f.roots() {
			j.Set(row, c, short.At(above, c))
		}
		above++
	}
	return j
}

// bend by central differences of the gradient: it sets how fast steps settle, not
// where.
func (f held) bend(x, g []float64) *mat.SymDense {
	n, k := len(x), f.p+1
	of := &data{k: k, pair: pairs(k)}
	gradient := func(x []float64) []float64 {
		var v mat.VecDense
		v.MulVec(f.jacobian(x).T(), mat.NewVecDense(len(of.pair), of.distinct(g)))
		return v.RawVector().Data
	}
	rows := make([][]float64, n)
	for i := range x {
		h := 1e-5 * math.Max(math.Abs(x[i]), 1e-2)
		up, down := append([]float64(nil), x...), append([]float64(nil), x...)
		up[i], down[i] = x[i]+h, x[i]-h
		rows[i] = floats.SubTo(make([]float64, n), gradient(up), gradient(down))
		floats.Scale(1/(2*h), rows[i])
	}
	b := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			b.SetSym(i, j, (rows[i][j]+rows[j][i])/2)
		}
	}
	return b
}

// tidy: R as in rooted. Scales that follow it, t or σ, count by their size. Where
// signs matter they move to v; or, with nowhere to go, stop at 0.
func (f held) tidy(x []float64) []float64 {
	x = append([]float64(nil), x...)
	n := f.roots()
	if f.bounded() > 0 {
		x[0], x[1] = max(0, x[0]), max(0, x[1])
		return x
	}
	if f.turns && f.p > 1 {
		values, vectors := eigen(f.short.matrix(x[:n]), f.p)
		sign := rebuilt(values, vectors, func(v float64) float64 { return math.Copysign(1, v) })
		copy(x[n+1:], times(sign, x[n+1:]))
		if x[n] < 0 {
			floats.Scale(-1, x[n+1:])
		}
		floats.Scale(1/floats.Norm(x[n+1:], 2), x[n+1:])
	}
	copy(x, f.short.tidy(x[:n]))
	x[n] = math.Abs(x[n])
	return x
}

// bounded: a correlation of one metric keeps its sign only if both scales do.
func (f held) bounded() int {
	if f.turns && f.p == 1 {
		return 2
	}
	return 0
}

// unitChange is the symmetric matrix with a 1 at an entry, times a vector.
func unitChange(q [2]int, v []float64) []float64 {
	out := make([]float64, len(v))
	out[q[0]] = v[q[1]]
	out[q[1]] = v[q[0]]
	return out
}

func times(a, v []float64) []float64 {
	n := len(v)
	out := make([]float64, n)
	for i := range out {
		out[i] = floats.Dot(a[i*n:i*n+n], v)
	}
	return out
}

// correlated holds the correlation c of δ_Y with its best prediction by δ_S:
//
//	Λ_YY = t²      Λ_SY = c t R u,  u = v/|v|
//
// after R come t and, for several short-term metrics, v. For one, u = 1 and c has the
// sign of the correlation.
func correlated(f held, x []float64) (cov []float64, by *mat.Dense) {
	p, n := f.p, f.roots()
	r, t, u, size := f.short.matrix(x[:n]), x[n], []float64{1}, 1.0
	if p > 1 {
		size = floats.Norm(x[n+1:], 2)
		u = floats.ScaleTo(make([]float64, p), 1/size, x[n+1:])
	}
	ru := times(r, u)
	cov = append(floats.ScaleTo(make([]float64, p), f.value*t, ru), t*t)
	by = mat.NewDense(p+1, len(x), nil)
	for c, q := range f.short.d.pair {
		for i, e := range unitChange(q, u) {
			by.Set(i, c, f.value*t*e)
		}
	}
	for i := range p {
		by.Set(i, n, f.value*ru[i])
		for j := range x[n+1:] {
			by.Set(i, n+1+j, f.value*t*(r[i*p+j]-ru[i]*u[j])/size)
		}
	}
	by.Set(p, n, 2*t)
	return cov, by
}

// regressed holds the slope b of the long-term metric on the only short-term one,
// p = 1, R = r:
//
//	Λ_SY = b r²      Λ_YY = b²r² + σ²
//
// after r comes σ.
func regressed(f held, x []float64) (cov []float64, by *mat.Dense) {
	b, r, sigma := f.value, x[0], x[1]
	cov = []float64{b * r * r, b*r*(b*r) + sigma*sigma}
	return cov, mat.NewDense(2, 2, []float64{2 * b * r, 0, 2 * b * (b * r), 2 * sigma})
}
