package mixed

import (
	"math"
	"math/rand/v2"
	"sync"
)

// draws are how many posterior draws stand in for traces: freedoms and variances are
// known to about 1/√(2·draws) of themselves. While variances
// move, a third of them is enough for many columns, over which errors average out.
const draws, fewDraws, manyColumns = 24, 8, 2000

// iterative solves the mixed model equations by conjugate gradients, from where the
// solution was last, for the coefficients and for draws from their posterior. The
// random numbers of a draw stay the same from one iteration to the next.
type iterative struct {
	e       *Effects
	errors  func(weight []float64) *covariance
	drawn   int // how many draws
	u       []float64
	signs   [draws][]float64 // ±1, by column
	normals [draws][]float64 // by effect
	prior   [draws][]float64 // A⁻¹Λ^½ signs: what the prior adds to a draw
	data    [draws][]float64 // A⁻¹ZᵀWP W^-½ normals: what the noise adds
}

func newIterative(e *Effects, errors func([]float64) *covariance) *iterative {
	s := &iterative{e: e, errors: errors, u: make([]float64, len(e.block)), drawn: draws}
	for d := range draws {
		rng := rand.New(rand.NewPCG(uint64(d), 0x6d697865))
		s.signs[d], s.normals[d] = make([]float64, len(e.block)), make([]float64, e.Len())
		for c := range s.signs[d] {
			s.signs[d][c] = float64(1 - 2*int(rng.Uint64()&1))
		}
		for i := range s.normals[d] {
			s.normals[d][i] = rng.NormFloat64()
		}
		s.prior[d], s.data[d] = make([]float64, len(e.block)), make([]float64, len(e.block))
	}
	if len(e.block) > manyColumns {
		s.drawn = fewDraws
	}
	return s
}

func (s *iterative) solve(weight, penalty []float64) (posterior, error) {
	eq := newSystem(s.e, weight, s.errors(weight), penalty)
	p := &drawnPosterior{e: s.e, drawn: s.drawn, freedoms: make([]float64, len(penalty)), mean: make([]float64, s.e.Len()), variance: make([]float64, s.e.Len())}
	noises := [draws][]float64{}
	var wait sync.WaitGroup
	wait.Go(func() { eq.conjugate(s.u, eq.right(s.e.y), 1e-7) })
	for d := range s.drawn {
		wait.Go(func() {
			b := make([]float64, len(s.u))
			for c, sign := range s.signs[d] {
				b[c] = math.Sqrt(eq.penalty[c]) * sign
			}
			eq.conjugate(s.prior[d], b, 1e-4)
			noises[d] = make([]float64, s.e.Len())
			for i, z := range s.normals[d] {
				noises[d][i] = z / math.Sqrt(weight[i])
			}
			if eq.errors != nil {
				eq.errors.drawn(s.normals[d], noises[d])
			}
			eq.conjugate(s.data[d], eq.right(noises[d]), 1e-4)
		})
	}
	wait.Wait()
	p.u = append([]float64{}, s.u...)
	p.errors = eq.errors
	copy(p.mean, s.levels(p.u, s.e.y, eq))
	for d := range s.drawn {
		for c, b := range s.e.block {
			p.freedoms[b] += (1 - s.signs[d][c]*s.prior[d][c]*math.Sqrt(penalty[b])) / float64(s.drawn)
		}
		p.draws[d] = make([]float64, len(s.u))
		for c := range s.u {
			p.draws[d][c] = s.prior[d][c] + s.data[d][c]
		}
		p.deviations[d] = s.levels(p.draws[d], noises[d], eq)
		for i, x := range p.deviations[d] {
			p.variance[i] += x * x / float64(s.drawn)
		}
	}
	return p, nil
}

// levels are the fitted values zᵢᵀu plus, in a group, the weighted mean of what they
// leave of y.
func (s *iterative) levels(u, y []float64, eq *system) []float64 {
	fitted, left := make([]float64, len(y)), make([]float64, len(y))
	for i := range y {
		fitted[i] = dot(s.e.row(i), u)
		left[i] = y[i] - fitted[i]
	}
	var means []float64
	if eq.errors != nil {
		means = eq.errors.levels(left)
	} else {
		means, _ = s.e.centre(left, eq.weight)
	}
	for i, g := range s.e.group {
		if g != NoGroup {
			fitted[i] += means[g]
		}
	}
	return fitted
}

type drawnPosterior struct {
	e        *Effects
	drawn    int
	u        []float64
	draws    [draws][]float64 // of u, less its mean
	freedoms []float64
	mean     []float64
	variance []float64
	// Of effects whose errors depend on each other within groups:
	errors     *covariance
	deviations [draws][]float64 // of fitted values from their mean
	squares    []float64
	residual   float64 // by how much the variance of residuals moves
}

func (p *drawnPosterior) coefficients() []float64            { return p.u }
func (p *drawnPosterior) freedom(block int) float64          { return p.freedoms[block] }
func (p *drawnPosterior) fitted() (mean, variance []float64) { return p.mean, p.variance }

func (p *drawnPosterior) known() known {
	k := known{Mean: p.u, Draws: make([][]float32, p.drawn)}
	for d, draw := range p.draws[:p.drawn] {
		k.Draws[d] = make([]float32, len(draw))
		for c, x := range draw {
			k.Draws[d][c] = float32(x)
		}
	}
	return k
}
