package proxy

import "math"

// moment is a weighted moment estimate of Λ, and the standard errors of its entries.
type moment struct{ mean, meanSE, cov, se []float64 }

// moments takes, for each pair of metrics, the tests that measured both:
//
//	Λ_ab = (Σ wᵢ(δ̂ᵢₐ − δ̄ₐ)(δ̂ᵢ_b − δ̄_b) − Σ wᵢ(1 − wᵢ)Ωᵢ,ab)/(1 − Σ wᵢ²),   Σ wᵢ = 1
//
// which is unbiased for weights that do not depend on the estimates. Equal ones give
// Cov(δ̂) − mean Ω. With a first Λ the weights are 1/√(vₐv_b)², v = Λ + Ω.
func (d *data) moments(first []float64) moment {
	k := d.k
	m := moment{make([]float64, k), make([]float64, k), make([]float64, k*k), make([]float64, k*k)}
	for _, p := range d.pair {
		c, se, mean, meanSE := d.pairMoment(p[0], p[1], first)
		m.cov[p[0]*k+p[1]], m.cov[p[1]*k+p[0]] = c, c
		m.se[p[0]*k+p[1]], m.se[p[1]*k+p[0]] = se, se
		if p[0] == p[1] {
			m.mean[p[0]], m.meanSE[p[0]] = mean, meanSE
		}
	}
	return m
}

// common is what a test says about a pair of metrics.
type common struct{ a, b, omega, w float64 }

func (d *data) pairMoment(a, b int, first []float64) (cov, se, mean, meanSE float64) {
	list := d.both(a, b, first)
	total := 0.0
	for _, c := range list {
		total += c.w
	}
	var ma, mb, ww float64
	for i := range list {
		c := &list[i]
		c.w /= total
		ma += c.w * c.a
		mb += c.w * c.b
		ww += c.w * c.w
	}
	if len(list) < 2 || 1-ww < 1e-12 {
		return 0, 0, ma, math.Sqrt(list[0].omega)
	}
	for _, c := range list {
		cov += c.w * ((c.a-ma)*(c.b-mb) - (1-c.w)*c.omega)
		meanSE += c.w * c.w * (c.a - ma) * (c.a - ma)
	}
	for _, c := range list {
		r := c.w * ((c.a-ma)*(c.b-mb) - (1-c.w)*c.omega - cov)
		se += r * r
	}
	return cov / (1 - ww), math.Sqrt(se) / (1 - ww), ma, math.Sqrt(meanSE / (1 - ww))
}

func (d *data) both(a, b int, first []float64) []common {
	list := make([]common, 0, len(d.tests))
	for _, t := range d.tests {
		i, j := position(t.metrics, a), position(t.metrics, b)
		if i < 0 || j < 0 {
			continue
		}
		p := len(t.metrics)
		c := common{t.y[i], t.y[j], t.omega[i*p+j], 1}
		if first != nil {
			c.w = 1 / (max(0, first[a*d.k+a]) + t.omega[i*p+i]) / (max(0, first[b*d.k+b]) + t.omega[j*p+j])
		}
		list = append(list, c)
	}
	return list
}

func position(metrics []int, k int) int {
	if k < len(metrics) && metrics[k] == k { // as where all are measured
		return k
	}
	for i, x := range metrics {
		if x == k {
			return i
		}
	}
	return -1
}
