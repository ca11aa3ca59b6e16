package backtest

import (
	"context"
	"errors"
	"hash/crc32"
	"math"
	"slices"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// Ridge is what a careful analyst would do with texts in an afternoon: ridge regression
// on counts and flags of a text and on its words (those in five texts or more), within
// sets, weighted by precision, with the penalty that five-fold cross-validation over
// sets likes best. Its spread is what cross-validation leaves. It knows sets
// only.
type Ridge struct{}

// Name implements Model.
func (Ridge) Name() string { return "ridge on words" }

// penalties that cross-validation chooses from.
var penalties = []float64{1e5, 3e4, 1e4, 3e3, 1e3, 300, 100, 30}

// fewestTexts a word must occur in.
const fewestTexts = 5

var errNoSets = errors.New("the ridge on words needs sets of ideas that were compared with each other")

// Fit implements Model.
func (Ridge) Fit(_ context.Context, past []forecast.Past) (Forecaster, error) {
	if _, sets := apart(past); len(sets) < len(past) || len(sets) == 0 {
		return nil, errNoSets
	}
	r := ridge{}
	r.learnScale(past)
	r.learnWords(past)
	d := design{rows: make([]row, len(past)), columns: counts + len(r.words)}
	for i, p := range past {
		d.add(i, p, r.row(p.Text))
	}
	errors := make([]float64, len(penalties))
	left := make([][]float64, len(penalties))
	for k := range left {
		left[k] = make([]float64, len(past))
	}
	for fold := range uint32(5) {
		train, held := d.split(func(i int) bool { return d.fold[i] == fold })
		if len(train.y) == 0 {
			continue
		}
		var b []float64
		for k, penalty := range penalties {
			b = train.solve(penalty, b)
			r := held.residuals(b)
			errors[k] += held.squares(r)
			for i, x := range r {
				left[k][held.index[i]] = x
			}
		}
	}
	best := 0
	for k := range penalties {
		if errors[k] < errors[best] {
			best = k
		}
	}
	r.penalty, r.explained = penalties[best], 1-errors[best]/d.squares(d.centre(d.y))
	r.coefficients = d.solve(r.penalty, nil)
	spread, err := setSpread(withEffects(past, left[best]))
	r.spread = spread
	return r, err
}

// withEffects are past effects with other values.
func withEffects(past []forecast.Past, values []float64) []forecast.Past {
	out := slices.Clone(past)
	for i := range out {
		out[i].Effect.Value = values[i]
	}
	return out
}

type ridge struct {
	mean, sd     [counts]float64
	words        map[string]int
	coefficients []float64
	spread       float64 // SD of true effects around the score

	penalty   float64
	explained float64 // weighted R² in cross-validation
}

func (r ridge) Forecast(i forecast.Idea) (bayes.Mixture, error) {
	if i.Set == "" {
		return bayes.Mixture{}, errNoSets
	}
	return bayes.Single(stats.Normal{Mean: r.row(i.Text).dot(r.coefficients), SD: r.spread}), nil
}

// learnScale standardises counts on the past.
func (r *ridge) learnScale(past []forecast.Past) {
	for _, p := range past {
		for k, x := range countsOf(p.Text) {
			r.mean[k] += x / float64(len(past))
		}
	}
	for _, p := range past {
		for k, x := range countsOf(p.Text) {
			r.sd[k] += (x - r.mean[k]) * (x - r.mean[k]) / float64(len(past))
		}
	}
	for k, v := range r.sd {
		r.sd[k] = math.Sqrt(v)
		if v < 1e-12 {
			r.sd[k] = 1
		}
	}
}

func (r *ridge) learnWords(past []forecast.Past) {
	texts := map[string]int{}
	for _, p := range past {
		for _, w := range wordsOf(p.Text) {
			texts[w]++
		}
	}
	r.words = map[string]int{}
	var all []string
	for w, n := range texts {
		if n >= fewestTexts {
			all = append(all, w)
		}
	}
	slices.Sort(all)
	for i, w := range all {
		r.words[w] = counts + i
	}
}

// row is a text in columns: counts in units of their spread, then words that occur.
func (r ridge) row(text string) row {
	var z row
	for k, x := range countsOf(text) {
		z = append(z, cell{k, (x - r.mean[k]) / r.sd[k]})
	}
	for _, w := range wordsOf(text) {
		if c, known := r.words[w]; known {
			z = append(z, cell{c, 1})
		}
	}
	return z
}

type cell struct {
	column int
	value  float64
}

type row []cell

func (z row) dot(b []float64) (sum float64) {
	for _, c := range z {
		sum += c.value * b[c.column]
	}
	return sum
}

// design is a regression within sets: both sides count less their set's weighted mean.
type design struct {
	columns int
	rows    []row
	y, w    []float64
	set     []int
	sets    map[string]int
	fold    []uint32
	index   []int // of the whole design
}

func (d *design) add(i int, p forecast.Past, z row) {
	if d.sets == nil {
		d.sets = map[string]int{}
	}
	s, known := d.sets[p.Set]
	if !known {
		s = len(d.sets)
		d.sets[p.Set] = s
	}
	d.rows[i] = z
	d.y, d.w, d.set = append(d.y, p.Effect.Value), append(d.w, 1/(p.Effect.SE*p.Effect.SE)), append(d.set, s)
	d.fold, d.index = append(d.fold, crc32.ChecksumIEEE([]byte(p.Set))%5), append(d.index, i)
}

// split parts the rows that are held out from the others.
func (d design) split(out func(int) bool) (train, held design) {
	train, held = design{columns: d.columns, sets: d.sets}, design{columns: d.columns, sets: d.sets}
	for i := range d.rows {
		to := &train
		if out(i) {
			to = &held
		}
		to.rows, to.y, to.w = append(to.rows, d.rows[i]), append(to.y, d.y[i]), append(to.w, d.w[i])
		to.set, to.index = append(to.set, d.set[i]), append(to.index, i)
	}
	return train, held
}

// centre takes each set's weighted mean from x.
func (d design) centre(x []float64) []float64 {
	sum, weights := make([]float64, len(d.sets)), make([]float64, len(d.sets))
	for i, s := range d.set {
		sum[s] += d.w[i] * x[i]
		weights[s] += d.w[i]
	}
	out := make([]float64, len(x))
	for i, s := range d.set {
		out[i] = x[i] - sum[s]/weights[s]
	}
	return out
}

func (d design) fitted(b []float64) []float64 {
	f := make([]float64, len(d.rows))
	for i, z := range d.rows {
		f[i] = z.dot(b)
	}
	return d.centre(f)
}

func (d design) residuals(b []float64) []float64 {
	f, y := d.fitted(b), d.centre(d.y)
	for i := range y {
		y[i] -= f[i]
	}
	return y
}

// squares is Σ w x².
func (d design) squares(x []float64) (sum float64) {
	for i := range x {
		sum += d.w[i] * x[i] * x[i]
	}
	return sum
}

// back is XᵀW x of a centred x.
func (d design) back(x []float64) []float64 {
	out := make([]float64, d.columns)
	for i, z := range d.rows {
		for _, c := range z {
			out[c.column] += d.w[i] * x[i] * c.value
		}
	}
	return out
}

// solve minimises Σ w (y − xᵀb)² + penalty ‖b‖² within sets by conjugate gradients,
// from where another penalty left off.
func (d design) solve(penalty float64, from []float64) []float64 {
	b := make([]float64, d.columns)
	copy(b, from)
	times := func(v []float64) []float64 {
		out := d.back(d.fitted(v))
		for c := range out {
			out[c] += penalty * v[c]
		}
		return out
	}
	aim := d.back(d.centre(d.y))
	r := times(b)
	for c := range r {
		r[c] = aim[c] - r[c]
	}
	p := slices.Clone(r)
	rr, enough := product(r, r), 1e-16*product(aim, aim)
	for range 1000 {
		if rr <= enough {
			break
		}
		ap := times(p)
		step := rr / product(p, ap)
		for c := range b {
			b[c] += step * p[c]
			r[c] -= step * ap[c]
		}
		next := product(r, r)
		for c := range p {
			p[c] = r[c] + next/rr*p[c]
		}
		rr = next
	}
	return b
}

func product(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}
