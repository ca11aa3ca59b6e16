package backtest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/assay-planner/assay/history"
)

// Options of Run. The zero value is the usual backtest.
type Options struct {
	// Chosen is the model whose measures a report leads with; "" is the first.
	Chosen string
	// Replicates of the bootstrap; zero means 1,000.
	Replicates int
	// Progress is told how many of all steps are done; may be nil.
	Progress func(done, all int)
}

// ErrNothing says that no block has anything to forecast.
var ErrNothing = errors.New("backtest: nothing to forecast")

// Run fits every model at every cut and holds its forecasts of the block against what
// was measured. The same folds and models give the same report.
func Run(ctx context.Context, folds []Fold, models []Model, o Options) (Report, error) {
	if o.Replicates == 0 {
		o.Replicates = 1000
	}
	names := make([]string, len(models))
	for i, m := range models {
		names[i] = m.Name()
	}
	chosen := max(0, slices.Index(names, o.Chosen))
	a := newArena(folds)
	if len(a.units) == 0 || len(models) == 0 {
		return Report{}, fmt.Errorf("%w: %d ideas, of which %d have fewer than %d past effects of their metric%s", ErrNothing,
			len(a.tested)+a.thin, a.thin, fewestPast, a.sharedWithBlock())
	}
	done, steps := 0, 2*len(models)*a.fits()+2*len(models)
	step := func() {
		if done++; o.Progress != nil {
			o.Progress(done, steps)
		}
	}
	r := Report{Model: names[chosen], Replicates: o.Replicates, Folds: a.counts(), Notes: a.notes()}
	b := newBootstrap(a.clusters, o.Replicates)
	var err error
	if r.Ceiling, err = a.ceiling(); err != nil {
		return r, err
	}
	all := make([]tried, len(models))
	for m, model := range models {
		var checks []Check
		if all[m], checks, err = a.try(ctx, model, b, r.Ceiling, step); err != nil {
			return r, err
		}
		r.Checks = append(r.Checks, checks...)
	}
	for m, t := range all {
		r.Models = append(r.Models, t.report())
		if m != chosen {
			r.Models[m].Lead = measures(func(k int) []float64 { return apartBy(all[chosen].draws[k], t.draws[k]) })
		}
	}
	r.Measures = r.Models[chosen].Measures
	r.Calibration, r.Fifths = all[chosen].calibration(b), all[chosen].fifths(b)
	r.Picks = a.picks(b, all)
	for _, t := range all {
		r.Forecasts = append(r.Forecasts, t.forecasts()...)
	}
	return r, nil
}

// tried is a model with its score, and with what the statistics of it are when experiments
// are drawn again: of each of All, draw by draw.
type tried struct {
	name string
	*score
	draws [][]float64
}

// try asks a model for its forecasts, and checks whether it knows what it cannot.
func (a *arena) try(ctx context.Context, model Model, b bootstrap, ceiling Ceiling, step func()) (tried, []Check, error) {
	if l, is := model.(Learned); is {
		model = l.remembering()
	}
	t := tried{name: model.Name()}
	believed, err := a.ask(ctx, model, false, step)
	if err != nil {
		return t, nil, err
	}
	t.score = newScore(a, believed)
	for _, s := range t.statistics() {
		if err := ctx.Err(); err != nil {
			return t, nil, err
		}
		t.draws = append(t.draws, b.of(s))
	}
	step()
	mirrored, err := a.ask(ctx, model, true, step)
	if err != nil {
		return t, nil, err
	}
	checks := []Check{newScore(a, mirrored).mirror(t.name, b), t.tooGood(t.name, b, ceiling)}
	step()
	return t, checks, nil
}

func (t tried) report() ModelReport {
	return ModelReport{Name: t.name, Level: t.level(), Measures: *measures(func(k int) []float64 { return t.draws[k] })}
}

// measures are All, of draws by their order.
func measures(draws func(k int) []float64) *Measures {
	m := &Measures{}
	for k, named := range All {
		*named.Of(m) = measure(draws(k))
	}
	return m
}

func (t tried) forecasts() []IdeaForecast {
	var all []IdeaForecast
	for i, x := range t.tested {
		f := t.effect[i]
		all = append(all, IdeaForecast{Fold: t.folds[x.fold].Name, Experiment: x.Experiment, Set: x.Set, ID: x.ID, Metric: x.Metric,
			Text: x.Text, Model: t.name, Mean: t.mean[i], SD: f.SD(), Low: f.Quantile(0.1), High: f.Quantile(0.9),
			Effect: x.Effect.Value, SE: x.Effect.SE})
	}
	return all
}

// apartBy is x − y, draw by draw.
func apartBy(x, y []float64) []float64 {
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	return d
}

func (a *arena) counts() []FoldReport {
	var all []FoldReport
	for _, f := range a.folds {
		r := FoldReport{Name: f.Name, PastIdeas: len(f.Past), BlockIdeas: len(f.Block)}
		r.PastExperiments, r.PastSets = experimentsAndSets(f.Past)
		r.BlockExperiments, r.BlockSets = experimentsAndSets(f.Block)
		all = append(all, r)
	}
	return all
}

func experimentsAndSets(cases []Case) (experiments, sets int) {
	seen, in := map[string]bool{}, map[string]bool{}
	for _, c := range cases {
		seen[c.Experiment] = true
		if c.Set != "" {
			in[c.Set] = true
		}
	}
	return len(seen), len(in)
}

// sharedWithBlock says why a past may be smaller than its files.
func (a *arena) sharedWithBlock() string {
	if a.shared == 0 {
		return ""
	}
	return fmt.Sprintf("; %d more are of experiments that are to be forecast themselves", a.shared)
}

func (a *arena) notes() []string {
	notes := []string{}
	if a.clusters < 10 {
		notes = append(notes, fmt.Sprintf("experiments forecast: %d, too few for intervals by draws of them, which are too narrow", a.clusters))
	}
	if a.shared > 0 {
		notes = append(notes, fmt.Sprintf("past effects left out because the block tests their experiment: %d", a.shared))
	}
	if a.thin > 0 {
		notes = append(notes, fmt.Sprintf("ideas not forecast, with fewer than %d past effects of their metric: %d", fewestPast, a.thin))
	}
	for _, missing := range [][2]string{{history.ICEClaim, "ICE scores"}, {"author", "author's forecasts"}} {
		if !slices.ContainsFunc(a.tested, func(t tested) bool { _, made := t.Claims[missing[0]]; return made }) {
			notes = append(notes, fmt.Sprintf("no %s in this history: picks are not held against them", missing[1]))
		}
	}
	return notes
}
