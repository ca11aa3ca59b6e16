package mixed

import (
	"cmp"
	"math"
	"sync"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Options of Learn. The zero value fits normal residuals.
type Options struct {
	// Tail is the shape of the residuals ε; "" means Normal.
	Tail Shape
	// Exact is the largest number of columns that is solved exactly; zero means 256.
	Exact int
	// Iterations at most; zero means 100.
	Iterations int
	// Stop is asked before each iteration, which takes a tenth of a second for a million
	// effects; an error ends Learn with it. nil: nothing stops it.
	Stop func() error
}

// Learn fits the model by variational EM, which for normal residuals is EM for the
// restricted likelihood: given the variances, the coefficients have a normal
// posterior with precision
//
//	A = ZᵀWPZ + diag(1/σ_b²),   W = diag(1/(τ² + SEᵢ²)),   P: minus the W-mean of the group
//
// and given the posterior, MacKay's fixed point moves each block's variance to
//
//	σ_b² = ‖u_b‖²/γ_b,   γ_b = n_b − tr(A⁻¹)_b/σ_b²,   n_b columns that occur
//
// (of a block with a Usual size to the posterior mode, as Block.sd says) and τ² to the root of Σ ((rᵢ² + hᵢ)/(τ² + SEᵢ²)² − 1/(τ² + SEᵢ²)), with residuals rᵢ
// and the posterior variance hᵢ of the fitted value. With another Shape than Normal, W
// holds the mean precision over the components by their responsibilities, and the shape
// moves to the likeliest for residuals of these squares (shrink.Adaptive and
// bayes.FitStudentT; of many effects, for bins of equal weight). It stops when no variance
// changes the variance of effects by more than one part in 2,000, and the precisions by
// no more than that on average. The order of effects matters for rounding only.
//
// The error is an *InputError for fewer than two effects or a negative option, or that of
// Options.Stop. Not to
// converge is a warning of the Fit.
//
// Sources: Henderson (1953), Biometrics 9:226–252, for the mixed model equations;
// MacKay (1992), Neural Computation 4:415–447, §4, for the fixed point; García-Cortés,
// Moreno, Varona & Altarriba (1992), Journal of Animal Breeding and Genetics
// 109:358–363, for posterior variances from simulated draws.
func Learn(e *Effects, o Options) (Fit, error) {
	o.Tail, o.Exact, o.Iterations = cmp.Or(o.Tail, Normal), cmp.Or(o.Exact, 256), cmp.Or(o.Iterations, 100)
	if err := input.First(input.Check(e != nil && e.Len() >= 2, "e", 0, "must hold at least two effects"),
		input.OneOf("Tail", o.Tail, Normal, Student, Adaptive), input.Check(o.Exact > 0, "Exact", float64(o.Exact), "must be 0 or above"),
		input.Check(o.Iterations > 0, "Iterations", float64(o.Iterations), "must be 0 or above")); err != nil {
		return Fit{}, err
	}
	m := newModel(e, o)
	f := Fit{effects: e}
	var p posterior
	for f.Iterations < o.Iterations && !f.Converged {
		var err error
		if o.Stop != nil {
			if err = o.Stop(); err != nil {
				return Fit{}, err
			}
		}
		if p, err = m.solver.solve(m.weight, m.penalties()); err != nil {
			return Fit{}, err
		}
		moved := m.update(p)
		f.Iterations++
		// The shape waits until features have taken most of what they explain.
		if f.Converged = moved < 5e-4; m.shape != o.Tail && (moved < 5e-3 || 2*f.Iterations >= o.Iterations) {
			m.shape, f.Converged = o.Tail, false
			m.weight = m.tail.update(m.shape, e, m.left(p, nil))
		}
	}
	if s, is := m.solver.(*iterative); is && s.drawn < draws {
		s.drawn = draws
		var err error
		if p, err = s.solve(m.weight, m.penalties()); err != nil {
			return Fit{}, err
		}
	}
	m.describe(&f, p)
	return f, nil
}

// model is what one iteration hands to the next.
type model struct {
	e       *Effects
	blocks  []BlockFit
	squares []float64 // mean over effects of Σ z² in each block
	within  *within
	least   float64 // a variance of effects that is as good as none
	shape   Shape
	tail    tail
	weight  []float64 // share · E[1/(vₖ + SE²)] over the components of each effect's ε
	solver  solver
}

// solver finds the coefficients and how uncertain they are.
type solver interface {
	solve(weight, penalty []float64) (posterior, error)
}

// posterior is what a solver knows at given weights and penalties.
type posterior interface {
	coefficients() []float64
	freedom(block int) float64          // γ_b
	fitted() (mean, variance []float64) // of α_g + zᵢᵀu, by effect
	known() known                       // what forecasts need of it
}

func newModel(e *Effects, o Options) *model {
	m := &model{e: e, blocks: make([]BlockFit, len(e.blocks)), squares: make([]float64, len(e.blocks)), shape: Normal}
	spread, noise := e.spread()
	m.least = 1e-9 * (spread + noise)
	m.tail = tail{variances: []float64{math.Max(spread-noise, 0.05*spread) / 2}, weights: []float64{1}}
	for _, z := range e.entries {
		m.squares[e.block[z.column]] += z.value * z.value / float64(e.Len())
	}
	if m.within = newWithin(e); m.within != nil {
		for k, b := range m.within.blocks {
			m.squares[b] = m.within.squares[k]
		}
	}
	for _, b := range e.block {
		m.blocks[b].Seen++
	}
	for b := range m.blocks {
		m.blocks[b].Name, m.blocks[b].SD = e.blocks[b].Name, math.Inf(1)
		if share := m.squares[b] * float64(len(m.blocks)); !e.blocks[b].Fixed && share > 0 {
			m.blocks[b].SD = math.Sqrt(m.tail.variances[0] / share)
		} else if !e.blocks[b].Fixed {
			m.blocks[b].SD = 0
		}
	}
	m.weight = m.tail.precisions(e, nil)
	if m.solver = (exact{e}); len(e.block) > o.Exact || m.within != nil {
		m.solver = newIterative(e, m.correlated)
	}
	return m
}

// penalties are 1/σ² by block, 0 for fixed ones.
func (m *model) penalties() []float64 {
	p := make([]float64, len(m.blocks))
	for b, f := range m.blocks {
		if !m.e.blocks[b].Fixed {
			p[b] = 1 / math.Max(f.SD*f.SD, m.least)
		}
	}
	return p
}

// total is the mean variance of the true effects over the features that were seen.
func (m *model) total() float64 {
	sum := m.least + m.tail.variance()
	for b, f := range m.blocks {
		if !m.e.blocks[b].Fixed {
			sum += f.SD * f.SD * m.squares[b]
		}
	}
	return sum
}

// update moves all variances and returns by how much of the total the spread of
// effects moved most.
func (m *model) update(p posterior) (moved float64) {
	before := m.total()
	norms := make([]float64, len(m.blocks))
	for c, u := range p.coefficients() {
		norms[m.e.block[c]] += u * u
	}
	for b := range m.blocks {
		f := &m.blocks[b]
		f.Freedom = p.freedom(b)
		if m.e.blocks[b].Fixed || m.e.blocks[b].Within || f.SD == 0 {
			continue
		}
		was := f.SD * f.SD * m.squares[b]
		f.SD = m.e.blocks[b].sd(norms[b], math.Max(f.Freedom, 1e-6*float64(f.Seen)))
		if is := f.SD * f.SD * m.squares[b]; is < m.least {
			f.SD = 0
		} else {
			moved = math.Max(moved, math.Abs(is-was)/before)
		}
	}
	was, weight := m.tail, m.weight
	squares := m.left(p, &moved)
	if d, is := p.(*drawnPosterior); is && d.errors != nil && m.shape == Normal {
		m.tail = tail{variances: []float64{math.Max(m.tail.variances[0]*d.residual, m.least)}, weights: []float64{1}}
		m.weight = m.tail.precisions(m.e, nil)
	} else {
		m.weight = m.tail.update(m.shape, m.e, squares)
	}
	if m.shape != Normal {
		return math.Max(moved, change(weight, m.weight))
	}
	return math.Max(moved, math.Abs(m.tail.variance()-was.variance())/before)
}

// sd is where MacKay's fixed point moves σ_b; with a half-normal prior of scale s, which
// takes σ_b²/s² from the derivative by log σ_b, to the root of σ⁴/s² + γσ² = ‖u‖².
func (b Block) sd(norm, freedom float64) float64 {
	if b.Usual == 0 {
		return math.Sqrt(norm / freedom)
	}
	return math.Sqrt(2 * norm / (freedom + math.Sqrt(freedom*freedom+4*norm/(b.Usual*b.Usual))))
}

// change is by how much weights differ on average, as a share of them.
func change(was, is []float64) float64 {
	moved, sum := 0.0, 0.0
	for i, w := range was {
		moved += math.Abs(is[i] - w)
		sum += w
	}
	return moved / sum
}

// correlated is how errors within groups depend on each other; nil if they do not.
func (m *model) correlated(weight []float64) *covariance {
	if m.within == nil {
		return nil
	}
	return m.within.at(weight, func(b int) float64 { return m.blocks[b].SD * m.blocks[b].SD })
}

// left are squared residuals without what groups share. If moved is given, the variances
// of that move too.
func (m *model) left(p posterior, moved *float64) []float64 {
	d, is := p.(*drawnPosterior)
	if !is || d.errors == nil {
		return m.e.squares(p)
	}
	if moved == nil {
		return d.squares
	}
	before := m.total()
	variances := make([]float64, len(m.blocks))
	for b, f := range m.blocks {
		variances[b] = f.SD * f.SD
	}
	d.squares = d.errors.update(m, d)
	for _, b := range m.within.blocks {
		*moved = math.Max(*moved, math.Abs(m.blocks[b].SD*m.blocks[b].SD-variances[b])*m.squares[b]/before)
	}
	return d.squares
}

// parallel calls f for 0 to n − 1, on all processors.
func parallel(n int, f func(int)) {
	var wait sync.WaitGroup
	for _, part := range chunks(n) {
		wait.Go(func() {
			for i := part[0]; i < part[1]; i++ {
				f(i)
			}
		})
	}
	wait.Wait()
}
