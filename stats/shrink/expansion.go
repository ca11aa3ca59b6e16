package shrink

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// expansion is the objective around a point, divided by W: as seen from its support.
type expansion struct {
	value    float64
	gradient []float64
	hessian  *mat.SymDense // of −objective
}

func (p programme) expand(m mixing) expansion {
	s := len(m.support)
	sums := p.sum(1+s+s*s, s+2, func(b int, buffer, sums []float64) {
		rows := len(p.block(b))
		column := func(j int) []float64 { return buffer[j*blockRows : j*blockRows+rows] }
		density, inverse := column(s), column(s+1)
		clear(density)
		for j, k := range m.support {
			copy(column(j), p.at(b, k, column(j)))
			floats.AddScaled(density, m.weights[j], column(j))
		}
		for i, f := range density {
			sums[0] += math.Log(f)
			inverse[i] = 1 / f
		}
		for j := range m.support {
			floats.Mul(column(j), inverse)
			sums[1+j] += floats.Sum(column(j))
			for l := range j + 1 {
				sums[1+s+j*s+l] += floats.Dot(column(j), column(l))
			}
		}
	})
	return p.penalised(m, sums)
}

// penalised adds the penalties to the sums over estimates and divides by W.
func (p programme) penalised(m mixing, sums []float64) expansion {
	s, total := len(m.support), p.total()
	e := expansion{sums[0], sums[1 : 1+s], mat.NewSymDense(s, nil)}
	for j := range s {
		for l := range j + 1 {
			e.hessian.SetSym(j, l, sums[1+s+j*s+l]/total)
		}
	}
	lost := 0
	for k, c := range p.penalty {
		j := slices.Index(m.support, k)
		switch {
		case c > 0 && j < 0:
			lost++
		case c > 0:
			w := m.weights[j]
			e.value += c * math.Log(w)
			e.gradient[j] += c / w
			e.hessian.SetSym(j, j, e.hessian.At(j, j)+c/w/w/total)
		}
	}
	e.value /= total
	floats.Scale(1/total, e.gradient)
	if lost > 0 || math.IsNaN(e.value) {
		e.value = math.Inf(-1)
	}
	return e
}

// gradient is g of all components.
func (p programme) gradient(m mixing) []float64 {
	size := p.size()
	sums := p.sum(size, size+1, func(b int, buffer, sums []float64) {
		density := buffer[size*blockRows:][:len(p.block(b))]
		clear(density)
		for j, k := range m.support {
			floats.AddScaled(density, m.weights[j], p.at(b, k, buffer[k*blockRows:]))
		}
		for i, f := range density {
			density[i] = 1 / f
		}
		for k := range size {
			column := buffer[k*blockRows:][:len(density)]
			if !slices.Contains(m.support, k) || p.held != nil {
				column = p.at(b, k, column)
			}
			sums[k] += floats.Dot(column, density)
		}
	})
	for j, k := range m.support {
		if p.penalty[k] > 0 {
			sums[k] += p.penalty[k] / m.weights[j]
		}
	}
	floats.Scale(1/p.total(), sums)
	return sums
}
