package backtest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats/bayes"
)

// arena is all that was tested in the blocks of a backtest, however it is forecast.
type arena struct {
	folds    []Fold
	tested   []tested
	groups   []group
	units    []unit
	clusters int // experiments
	shared   int // cases taken out of a past because the block tests their experiment
	thin     int // cases whose metric has too little past
}

// tested is a case of a block.
type tested struct {
	Case
	fold, group, cluster int
}

// group is what is ranked together: the ideas of one set, or those of one block and
// metric that were compared with a control.
type group struct {
	fold    int
	metric  string
	set     bool
	members []int // of tested
}

// unit is what a predictive distribution is held against: the difference of two ideas
// of a set, whose common level nobody forecasts, or the effect of an idea alone.
type unit struct {
	group, cluster int
	a, b           int // of tested; b is −1 for an idea alone
	y, se          float64
}

// fewestPast is how many effects of a metric a model is asked to learn from.
const fewestPast = 5

func newArena(folds []Fold) *arena {
	a := &arena{}
	clusters := map[string]int{}
	for _, f := range folds {
		a.enter(f, clusters)
	}
	a.clusters = len(clusters)
	for g := range a.groups {
		a.compare(g)
	}
	return a
}

// enter adds what a fold tests, by experiment, and what of its past may be known by then.
func (a *arena) enter(f Fold, clusters map[string]int) {
	inBlock := map[string]bool{}
	for _, c := range f.Block {
		inBlock[c.Experiment] = true
	}
	past := map[string]int{}
	kept := Fold{Name: f.Name}
	for _, c := range f.Past {
		if inBlock[c.Experiment] {
			a.shared++
			continue
		}
		kept.Past = append(kept.Past, c)
		past[c.Metric]++
	}
	groups := map[[2]string]int{}
	for _, c := range f.Block {
		if past[c.Metric] < fewestPast {
			a.thin++
			continue
		}
		kept.Block = append(kept.Block, c)
		k := [2]string{c.Metric, c.Set}
		g, known := groups[k]
		if !known {
			g = len(a.groups)
			groups[k] = g
			a.groups = append(a.groups, group{fold: len(a.folds), metric: c.Metric, set: c.Set != ""})
		}
		cluster, known := clusters[c.Experiment]
		if !known {
			cluster = len(clusters)
			clusters[c.Experiment] = cluster
		}
		a.groups[g].members = append(a.groups[g].members, len(a.tested))
		a.tested = append(a.tested, tested{c, len(a.folds), g, cluster})
	}
	a.folds = append(a.folds, kept)
}

// compare makes the units of a group.
func (a *arena) compare(g int) {
	members := a.groups[g].members
	for k, i := range members {
		x := a.tested[i]
		if !a.groups[g].set {
			a.units = append(a.units, unit{g, x.cluster, i, -1, x.Effect.Value, x.Effect.SE})
			continue
		}
		for _, j := range members[k+1:] {
			d := less(x.Effect, a.tested[j].Effect)
			a.units = append(a.units, unit{g, x.cluster, i, j, d.Value, d.SE})
		}
	}
}

// belief is what a model forecast of everything that was tested.
type belief struct {
	effect []bayes.Mixture // of tested
	mean   []float64       // of tested
	unit   []bayes.Mixture // of units: the true effect or difference
}

// ask fits the model at every cut and has it forecast the block. With mirrored, all
// past effects change their sign first.
func (a *arena) ask(ctx context.Context, m Model, mirrored bool, progress func()) (belief, error) {
	b := belief{effect: make([]bayes.Mixture, len(a.tested)), mean: make([]float64, len(a.tested)), unit: make([]bayes.Mixture, len(a.units))}
	fitted := map[[2]string]Forecaster{}
	for i, f := range a.folds {
		for _, metric := range metricsOf(f.Block) {
			if err := ctx.Err(); err != nil {
				return b, err
			}
			fit, err := m.Fit(ctx, pastOf(f, metric, mirrored))
			if err != nil {
				return b, fmt.Errorf("fit the model %q of %s at the cut %s: %w", m.Name(), metric, f.Name, err)
			}
			fitted[[2]string{fmt.Sprint(i), metric}] = fit
			progress()
		}
	}
	of := func(g group) Forecaster { return fitted[[2]string{fmt.Sprint(g.fold), g.metric}] }
	for _, g := range a.groups {
		effects, err := a.forecast(of(g), g)
		if err != nil {
			return b, fmt.Errorf("forecast by the model %q at the cut %s: %w", m.Name(), a.folds[g.fold].Name, err)
		}
		for k, i := range g.members {
			if err := effects[k].Check(); err != nil {
				return b, fmt.Errorf("forecast %q by the model %q: %w", a.tested[i].Text, m.Name(), err)
			}
			b.effect[i], b.mean[i] = effects[k], effects[k].Mean()
		}
	}
	for k, u := range a.units {
		if u.b < 0 {
			b.unit[k] = b.effect[u.a]
			continue
		}
		d, knows := of(a.groups[u.group]).(differencer)
		if !knows {
			b.unit[k] = difference(b.effect[u.a], b.effect[u.b])
			continue
		}
		m, err := d.Difference(seen(a.tested[u.a].Idea), seen(a.tested[u.b].Idea))
		if err != nil {
			return b, err
		}
		b.unit[k] = m
	}
	return b, nil
}

// fits is how often a model is fitted for all blocks.
func (a *arena) fits() (n int) {
	for _, f := range a.folds {
		n += len(metricsOf(f.Block))
	}
	return n
}

// forecast asks for the ideas of a group, all of a set at once.
func (a *arena) forecast(f Forecaster, g group) ([]bayes.Mixture, error) {
	ideas := make([]forecast.Idea, len(g.members))
	for k, i := range g.members {
		ideas[k] = seen(a.tested[i].Idea)
	}
	if s, knows := f.(setForecaster); knows && g.set {
		return s.ForecastSet(ideas)
	}
	effects := make([]bayes.Mixture, len(ideas))
	for k, i := range ideas {
		var err error
		if effects[k], err = f.Forecast(i); err != nil {
			return nil, err
		}
	}
	return effects, nil
}

// pastOf is a copy of what a model may learn from: a slice without room behind its
// end, and maps of its own, so that nothing else can be reached through it.
func pastOf(f Fold, metric string, mirrored bool) []forecast.Past {
	var past []forecast.Past
	for _, c := range f.Past {
		if c.Metric != metric {
			continue
		}
		p := c.Past
		p.Idea = seen(p.Idea)
		if mirrored {
			p.Effect.Value = -p.Effect.Value
		}
		past = append(past, p)
	}
	return slices.Clip(past)
}

// seen is a copy of an idea.
func seen(i forecast.Idea) forecast.Idea {
	i.Traits, i.Claims = maps.Clone(i.Traits), maps.Clone(i.Claims)
	return i
}

func metricsOf(cases []Case) []string {
	names := map[string]bool{}
	for _, c := range cases {
		names[c.Metric] = true
	}
	return slices.Sorted(maps.Keys(names))
}
