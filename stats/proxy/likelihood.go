package proxy

import "math"

// slope is the log likelihood at a mean μ and covariance Λ of true effects, with its
// derivatives.
type slope struct {
	value  float64
	mean   []float64 // ∂/∂μ
	weight []float64 // its information: Σ Wᵢ, K×K
	cov    []float64 // G = ½ Σ (qᵢqᵢ′ − Wᵢ), K×K: a change dΛ changes the value by tr(G dΛ)
	info   []float64 // of Λ's distinct entries, expected or observed
}

// slopeAt is one pass over the tests:
//
//	Wᵢ = (Λ + Ωᵢ)⁻¹      qᵢ = Wᵢ(δ̂ᵢ − μ)      Σ log N(δ̂ᵢ; μ, Λ + Ωᵢ)
//
// each on the metrics that the test measured. The information for unit changes E, F of
// distinct entries of Λ is, expected and observed,
//
//	½ Σ tr(Wᵢ E Wᵢ F)      Σ qᵢ′E Wᵢ F qᵢ − ½ Σ tr(Wᵢ E Wᵢ F)
//
// ok is false if Λ + Ωᵢ is not positive definite for some test.
func (d *data) slopeAt(mean, cov []float64, observed bool) (s slope, ok bool) {
	k, m := d.k, len(d.pair)
	s = slope{
		mean: make([]float64, k), weight: make([]float64, k*k),
		cov: make([]float64, k*k), info: make([]float64, m*m),
	}
	a, w, all, other := make([]float64, k*k), make([]float64, k*k), make([]float64, k*k), make([]float64, k*k)
	r, q := make([]float64, k), make([]float64, k)
	logs, squares, entries := 0.0, 0.0, 0
	for _, t := range d.tests {
		p := len(t.metrics)
		entries += p
		for i, x := range t.metrics {
			r[i] = t.y[i] - mean[x]
			for j, y := range t.metrics[:i+1] {
				a[i*p+j] = cov[x*k+y] + t.omega[i*p+j]
			}
		}
		logDet, definite := invert(w, a, p)
		if !definite {
			return s, false
		}
		logs += logDet
		for i := range p {
			sum := 0.0
			for j, x := range w[i*p : i*p+p] {
				sum += x * r[j]
			}
			q[i] = sum
			squares += sum * r[i]
		}
		if p < k { // what it did not measure counts for nothing
			clear(all)
			clear(other)
		}
		for i, x := range t.metrics {
			s.mean[x] += q[i]
			for j, y := range t.metrics {
				v, product := w[i*p+j], q[i]*q[j]
				s.weight[x*k+y] += v
				s.cov[x*k+y] += product - v
				all[x*k+y], other[x*k+y] = v, v/2
				if observed {
					other[x*k+y] = product - v/2
				}
			}
		}
		d.addInfo(s.info, all, other)
	}
	s.value = -(float64(entries)*math.Log(2*math.Pi) + logs + squares) / 2
	for i := range s.cov {
		s.cov[i] /= 2
	}
	d.finish(s.info)
	return s, true
}

// addInfo adds the information of one test for pairs (a, b) up to (c, d), with V = W/2
// for the expected and qq′ − W/2 for the observed:
//
//	V_ac W_bd + V_ad W_bc + V_bc W_ad + V_bd W_ac
func (d *data) addInfo(info, w, v []float64) {
	k, m := d.k, len(d.pair)
	for alpha, ab := range d.pair {
		wa, wb := w[ab[0]*k:ab[0]*k+k], w[ab[1]*k:ab[1]*k+k]
		va, vb := v[ab[0]*k:ab[0]*k+k], v[ab[1]*k:ab[1]*k+k]
		row := info[alpha*m+alpha : alpha*m+m]
		for i, cd := range d.pair[alpha:] {
			row[i] += va[cd[0]]*wb[cd[1]] + va[cd[1]]*wb[cd[0]] + vb[cd[0]]*wa[cd[1]] + vb[cd[1]]*wa[cd[0]]
		}
	}
}

// finish makes the sums the information: an entry off the diagonal stands at two
// places, one on it at one.
func (d *data) finish(info []float64) {
	m := len(d.pair)
	for i, ab := range d.pair {
		for j := i; j < m; j++ {
			x := info[i*m+j]
			if ab[0] == ab[1] {
				x /= 2
			}
			if cd := d.pair[j]; cd[0] == cd[1] {
				x /= 2
			}
			info[i*m+j], info[j*m+i] = x, x
		}
	}
}

// distinct is the derivative by the distinct entries of Λ, in the order of pairs.
func (d *data) distinct(g []float64) []float64 {
	list := make([]float64, len(d.pair))
	for i, p := range d.pair {
		list[i] = 2 * g[p[0]*d.k+p[1]]
		if p[0] == p[1] {
			list[i] /= 2
		}
	}
	return list
}
