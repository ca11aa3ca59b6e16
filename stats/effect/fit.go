package effect

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// fit is a regression of y on the covariates from sums of products; index 0 is the
// treatment and 1 the control.
type fit struct {
	adjustment    Adjustment
	arms          [2]Moments
	total         Moments // all users
	within        Moments // products around each arm's own means, added up
	kept, dropped []int
	overall       cholesky    // of total's covariates
	factors       [2]cholesky // of the products that each arm's slopes come from
	slopes        [2][]float64
	scale         [2]float64 // residual variance
	spread        [2][]float64
}

func newFit(treatment, control Moments, a Adjustment) *fit {
	f := &fit{adjustment: a, arms: [2]Moments{treatment, control}, total: treatment.clone(), within: treatment.clone(), dropped: []int{}}
	// Both have the same values and were checked.
	_ = f.total.merge(control)
	f.within.N = f.total.N
	for i, p := range control.Products {
		f.within.Products[i] += p
	}
	f.choose()
	return f
}

// choose keeps, in order, each covariate that varies beyond those before it,
// wherever the slopes come from. CUPED's come from all users, but a covariate that
// varies only between the arms is the treatment itself, not a covariate.
func (f *fit) choose() {
	sources := []Moments{f.total, f.within}
	if f.adjustment == Lin {
		sources = append(sources, f.arms[0], f.arms[1])
	}
	factors := make([]cholesky, len(sources))
	for j := range len(f.total.Means) - 1 {
		rows := make([][]float64, len(sources))
		independent := true
		for s, m := range sources {
			rows[s] = factors[s].extend(m.line(j, f.kept))
			independent = independent && rows[s] != nil
		}
		if !independent {
			f.dropped = append(f.dropped, j)
			continue
		}
		f.kept = append(f.kept, j)
		for s := range factors {
			factors[s].rows = append(factors[s].rows, rows[s])
		}
	}
	f.overall = factors[0]
	switch f.adjustment {
	case CUPED:
		f.factors = [2]cholesky{factors[0], factors[0]}
	case OLS:
		f.factors = [2]cholesky{factors[1], factors[1]}
	case Lin:
		f.factors = [2]cholesky{factors[2], factors[3]}
	}
}

// parameters is how many coefficients the regression has.
func (f *fit) parameters() int {
	if f.adjustment == Lin {
		return 2 * (len(f.kept) + 1)
	}
	return len(f.kept) + 2
}

func (f *fit) enough() error {
	t, c, least := f.arms[0].N, f.arms[1].N, 0
	if f.adjustment == Lin {
		least = len(f.kept) + 2
	}
	const more = "needs more users than covariates, by 2"
	return input.First(input.Check(t >= least, "treatment.N", float64(t), more), input.Check(c >= least, "control.N", float64(c), more),
		input.Check(f.total.N > f.parameters(), "treatment.N", float64(t), "needs more users than coefficients"))
}

// adjust fills in means, variances and slopes.
func (f *fit) adjust(adj *Adjusted) {
	for a := range f.arms {
		source, df := f.source(a)
		xy := source.column(f.kept)
		f.slopes[a] = f.factors[a].solve(xy)
		f.scale[a] = math.Max(0, source.Products[0]-dot(f.slopes[a], xy)) / float64(df)
		f.spread[a] = f.factors[a].solve(f.shift(a))
	}
	adj.Treatment, adj.Control = f.arm(0), f.arm(1)
	switch f.adjustment {
	case OLS:
		adj.Covariance = f.scale[0] * dot(f.spread[0], f.shift(1))
		adj.DF = float64(f.total.N - f.parameters())
	case Lin:
		adj.DF = welchDF(adj.Treatment, adj.Control, f.arms[0].N-len(f.kept)-1, f.arms[1].N-len(f.kept)-1)
	default:
		adj.DF = welchDF(adj.Treatment, adj.Control, f.arms[0].N-1, f.arms[1].N-1)
	}
	adj.TreatmentSlopes, adj.ControlSlopes = f.full(f.slopes[0]), f.full(f.slopes[1])
}

// source is the moments that an arm's slopes come from, and the degrees of freedom
// that their residuals keep.
func (f *fit) source(a int) (m Moments, df int) {
	switch p := len(f.kept); f.adjustment {
	case CUPED:
		return f.total, f.total.N - p - 1
	case OLS:
		return f.within, f.within.N - p - 2
	default:
		return f.arms[a], f.arms[a].N - p - 1
	}
}

// arm is an arm's adjusted mean; its variance over N is that mean's.
func (f *fit) arm(a int) Arm {
	m := f.arms[a]
	adjusted := Arm{N: m.N, Mean: m.Means[0] - dot(f.slopes[a], f.shift(a))}
	if f.adjustment != CUPED {
		adjusted.Variance = f.scale[a] * (1 + float64(m.N)*dot(f.spread[a], f.shift(a)))
		return adjusted
	}
	sum := m.Products[0] - 2*dot(f.slopes[a], m.column(f.kept))
	for i, j := range f.kept {
		for k, l := range f.kept {
			sum += f.slopes[a][i] * f.slopes[a][k] * m.product(j, l)
		}
	}
	adjusted.Variance = math.Max(0, sum) / float64(m.N-1)
	return adjusted
}

// shift is x̄ₐ − x̄ of the kept covariates, from the difference of the arms, which
// is 0 exactly where they agree.
func (f *fit) shift(a int) []float64 {
	d := make([]float64, len(f.kept))
	other := f.arms[1-a]
	for i, j := range f.kept {
		d[i] = (f.arms[a].Means[j+1] - other.Means[j+1]) * (float64(other.N) / float64(f.total.N))
	}
	return d
}

// full spreads slopes over all covariates, with 0 for those dropped.
func (f *fit) full(slopes []float64) []float64 {
	all := make([]float64, len(f.total.Means)-1)
	for i, j := range f.kept {
		all[j] = slopes[i]
	}
	return all
}

// product is Σ(x_i − x̄_i)(x_j − x̄_j) of two covariates.
func (m Moments) product(i, j int) float64 { return m.Products[at(max(i, j)+1, min(i, j)+1)] }

// column is Σ(x − x̄)(y − ȳ) of the kept covariates.
func (m Moments) column(kept []int) []float64 {
	xy := make([]float64, len(kept))
	for i, j := range kept {
		xy[i] = m.Products[at(j+1, 0)]
	}
	return xy
}

// line is the products of covariate j with the kept ones and, last, itself.
func (m Moments) line(j int, kept []int) []float64 {
	line := make([]float64, 0, len(kept)+1)
	for _, i := range kept {
		line = append(line, m.product(j, i))
	}
	return append(line, m.product(j, j))
}

// arm is one of the values, as an Arm.
func (m Moments) arm(value int) Arm {
	return Arm{N: m.N, Mean: m.Means[value], Variance: m.Products[at(value, value)] / float64(m.N-1)}
}
