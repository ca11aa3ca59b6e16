package proxy

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// form writes a covariance as a function of free parameters, such that every value
// of theirs is a covariance.
type form interface {
	// cov is Λ, K×K.
	cov(x []float64) []float64
	// jacobian is ∂ of Λ's distinct entries (rows) by the parameters (columns).
	jacobian(x []float64) *mat.Dense
	// bend is ∂² tr(G Λ) by the parameters.
	bend(x, g []float64) *mat.SymDense
	// tidy returns parameters of the same Λ at which the form is best conditioned.
	tidy(x []float64) []float64
	// bounded is how many of the first parameters must be 0 or above.
	bounded() int
}

// point is where a climb stands.
type point struct {
	mean, x, cov []float64
	slope
}

// enough is the gain of log likelihood that a step must promise to be made: about
// 1e-8 standard errors.
const enough = 1e-16

// climb maximises the likelihood over means and a form's parameters, from a start
// with x, by Newton steps with the observed information I of Λ,
//
//	(J′ I J − ∂² tr(GΛ) + damping) step = J′ ∂/∂Λ      Σ Wᵢ step_μ = ∂/∂μ
//
// damped until the likelihood rises as promised (Levenberg and Marquardt); or, where
// gains are below its rounding, until they shrink from step to step. The second term makes
// steps quadratic also where Λ is singular, on whose border J vanishes. ok is false
// if it did not settle in 200 steps.
func (d *data) climb(f form, mean, x []float64) (p point, ok bool) {
	p, ok = d.stand(f, mean, x)
	damping, last := 0.0, math.Inf(1)
	for range 200 {
		if !ok {
			return p, false
		}
		next, promised, solved := d.step(f, p, damping)
		if solved && promised <= enough {
			return p, true
		}
		q, fine := p, false
		if solved {
			q, fine = d.stand(f, next.mean, next.x)
		}
		gain, rounding := q.value-p.value, 1e-14*(math.Abs(p.value)+float64(len(d.tests)))
		visible := promised > 8*rounding
		switch {
		case !fine || gain < -rounding || visible && gain < promised/4 || !visible && promised > last/4:
			damping = max(4*damping, 1e-2) // overshot: also where it gained a little
		case visible && gain > promised/2:
			damping /= 10
		}
		last = promised
		if fine && gain >= -rounding {
			p = q
		}
		if damping > 1e20 {
			return p, promised < 1e-6
		}
	}
	return p, false
}

func (d *data) stand(f form, mean, x []float64) (point, bool) {
	x = f.tidy(x)
	cov := f.cov(x)
	s, ok := d.slopeAt(mean, cov, true)
	return point{mean, x, cov, s}, ok
}

// step is where a damped Newton step leads, and the gain it promises.
func (d *data) step(f form, p point, damping float64) (to point, gain float64, ok bool) {
	m, n := len(d.pair), len(p.x)
	j := f.jacobian(p.x)
	var half, curve mat.Dense
	half.Mul(mat.NewDense(m, m, p.info), j)
	curve.Mul(j.T(), &half)
	bend := f.bend(p.x, p.slope.cov)
	system := mat.NewSymDense(n, nil)
	for a := range n {
		for b := a; b < n; b++ {
			system.SetSym(a, b, (curve.At(a, b)+curve.At(b, a))/2-bend.At(a, b))
		}
	}
	for a := range n {
		own := math.Abs(curve.At(a, a)) + math.Abs(bend.At(a, a))
		if own == 0 { // a parameter that does nothing here has no slope either
			own = 1
		}
		system.SetSym(a, a, system.At(a, a)+(damping+1e-14)*own)
	}
	gradient := mat.NewVecDense(n, nil)
	gradient.MulVec(j.T(), mat.NewVecDense(m, d.distinct(p.slope.cov)))
	for a := range f.bounded() {
		if p.x[a] == 0 && gradient.AtVec(a) <= 0 { // it would leave: it stays
			gradient.SetVec(a, 0)
			for b := range n {
				system.SetSym(a, b, 0)
			}
			system.SetSym(a, a, 1)
		}
	}
	by, ok := solved(system, gradient)
	if !ok {
		return to, math.Inf(1), false
	}
	byMean, ok := solved(mat.NewSymDense(d.k, p.weight), mat.NewVecDense(d.k, p.slope.mean))
	if !ok {
		return to, math.Inf(1), false
	}
	gain = (floats.Dot(by, gradient.RawVector().Data) + floats.Dot(byMean, p.slope.mean)) / 2
	to.x, to.mean = floats.AddTo(by, p.x, by), floats.AddTo(byMean, p.mean, byMean)
	return to, gain, finite(gain) && finite(to.x...) && finite(to.mean...)
}

func finite(xs ...float64) bool {
	for _, x := range xs {
		if !(math.Abs(x) < 1e100) {
			return false
		}
	}
	return true
}

// solved is A⁻¹b of a positive definite A.
func solved(a *mat.SymDense, b *mat.VecDense) ([]float64, bool) {
	var c mat.Cholesky
	if !c.Factorize(a) {
		return nil, false
	}
	var x mat.VecDense
	if err := c.SolveVecTo(&x, b); err != nil {
		if _, imprecise := err.(mat.Condition); !imprecise {
			return nil, false
		}
	}
	return x.RawVector().Data, true
}

// rooted is the form Λ = R², R symmetric: every positive semi-definite matrix, and
// no stationary point but those of the likelihood itself.
type rooted struct{ d *data }

func (f rooted) matrix(x []float64) []float64 {
	k := f.d.k
	r := make([]float64, k*k)
	for i, p := range f.d.pair {
		r[p[0]*k+p[1]], r[p[1]*k+p[0]] = x[i], x[i]
	}
	return r
}

// entries lists a symmetric matrix's distinct entries.
func (f rooted) entries(r []float64) []float64 {
	x := make([]float64, len(f.d.pair))
	for i, p := range f.d.pair {
		x[i] = r[p[0]*f.d.k+p[1]]
	}
	return x
}

func (f rooted) cov(x []float64) []float64 { return squared(f.matrix(x), f.d.k) }

// squared is R² of a symmetric R.
func squared(r []float64, k int) []float64 {
	a := make([]float64, k*k)
	for i := range k {
		for j := range i + 1 {
			sum := floats.Dot(r[i*k:i*k+k], r[j*k:j*k+k])
			a[i*k+j], a[j*k+i] = sum, sum
		}
	}
	return a
}

// jacobian: dΛ = R dR + dR R.
func (f rooted) jacobian(x []float64) *mat.Dense {
	k, m := f.d.k, len(f.d.pair)
	j := mat.NewDense(m, m, nil)
	r := f.matrix(x)
	for row, p := range f.d.pair {
		for column, q := range f.d.pair {
			j.Set(row, column, anti(r, k, p, q))
		}
	}
	return j
}

// anti is entry p of RE + ER, E the unit change of entry q of a symmetric matrix.
func anti(r []float64, k int, p, q [2]int) (sum float64) {
	one := func(a, b int) { // E has a 1 at (a, b)
		if b == p[1] {
			sum += r[p[0]*k+a]
		}
		if a == p[0] {
			sum += r[b*k+p[1]]
		}
	}
	one(q[0], q[1])
	if q[0] != q[1] {
		one(q[1], q[0])
	}
	return sum
}

// bend: the second order of tr(G R²) is tr(G(EF + FE)).
func (f rooted) bend(_, g []float64) *mat.SymDense {
	k, m := f.d.k, len(f.d.pair)
	b := mat.NewSymDense(m, nil)
	for i, p := range f.d.pair {
		for j := i; j < m; j++ {
			b.SetSym(i, j, anti(g, k, p, f.d.pair[j])*entriesOf(p))
		}
	}
	return b
}

// entriesOf counts the places of a distinct entry.
func entriesOf(p [2]int) float64 {
	if p[0] == p[1] {
		return 1
	}
	return 2
}

func (f rooted) bounded() int { return 0 }

// tidy takes the positive semi-definite root: with roots of both signs J loses rank.
func (f rooted) tidy(x []float64) []float64 {
	return f.entries(root(f.cov(x), f.d.k, 0))
}
