package forecast

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/mixed"
)

// ErrPast says that there are too few effects to learn from, or effects of several metrics.
var ErrPast = errors.New("forecast: nothing to learn from")

// Options of Learn. The zero value lets the past choose what the model is made of.
type Options struct {
	// Spec says what the model is made of; nil chooses it as Choose does.
	Spec *Spec
}

// Model is what past effects of one metric say of ideas. It survives JSON.
type Model struct {
	Spec   Spec
	Trials []Trial // what was tried to choose the Spec, in order; none if it was given
	N      int     // past effects

	fit    mixed.Fit
	blocks []block
	spread spread
	same   map[string]string // traits that all past effects share the level of
	usual  float64           // variance of a usual past effect around its forecast, in units of its scale
	unmade []unmade          // by who makes claims
}

// Learn fits a mixed model to past effects of one metric,
//
//	effectᵢ = α_set(i) + Σ_b zᵢ_bᵀ u_b + εᵢ + eᵢ,   u_b ~ N(0, σ_b² I),   eᵢ ~ N(0, SEᵢ²)
//
// all of it in units of a scale that the idea's traits in Spec.Spread give, with a block b of coefficients for each kind of feature (see Spec), whose σ_b is
// learned with everything else: a trait that tells nothing is shrunk to nothing, and so
// is the slope of claims of those who have no record, whose σ is small at first (usualWorth). An effect that ended d days before
// the last one counts 2^(−d/HalfLife). The order of past makes no difference.
//
// The error is ErrPast for fewer than two effects or more than one metric, that of ctx when
// it is done, within a second, or says what is wrong with which effect.
func Learn(ctx context.Context, past []Past, o Options) (*Model, error) {
	if len(past) < 2 {
		return nil, fmt.Errorf("%w: %d effects, of at least 2", ErrPast, len(past))
	}
	for _, p := range past {
		if p.Metric != past[0].Metric {
			return nil, fmt.Errorf("%w: effects of two metrics, %q and %q", ErrPast, past[0].Metric, p.Metric)
		}
	}
	past = ordered(past)
	if o.Spec != nil {
		return learn(ctx, past, *o.Spec)
	}
	spec, trials, err := choose(ctx, past)
	if err != nil {
		return nil, err
	}
	m, err := learn(ctx, past, spec)
	if err != nil {
		return nil, err
	}
	m.Trials = trials
	return m, nil
}

// ordered sorts by time, so that rounding does not depend on the order given.
func ordered(past []Past) []Past {
	order := func(a, b Past) int {
		return cmp.Or(a.Ended.Compare(b.Ended), strings.Compare(a.Set, b.Set), strings.Compare(a.ID, b.ID),
			cmp.Compare(a.Effect.Value, b.Effect.Value), cmp.Compare(a.Effect.SE, b.Effect.SE), strings.Compare(a.Text, b.Text))
	}
	if slices.IsSortedFunc(past, order) {
		return past
	}
	past = slices.Clone(past)
	slices.SortStableFunc(past, order)
	return past
}

// learn fits the model of a spec to effects in order of time.
func learn(ctx context.Context, past []Past, spec Spec) (*Model, error) {
	m := &Model{Spec: spec, N: len(past), same: shared(past)}
	var kinds []mixed.Block
	for _, name := range append([]string{meanBlock}, spec.Blocks...) {
		if b, tells := newBlock(name, past); tells {
			m.blocks = append(m.blocks, b)
			kinds = append(kinds, mixed.Block{Name: name, Columns: b.columns(), Fixed: name == meanBlock, Within: b.isWithin()})
		}
	}
	shares := agingOf(past, spec.HalfLife)
	m.spread = learnSpread(past, spec.Spread, shares)
	for b := range kinds {
		kinds[b].Usual = m.usualSlope(b, past)
	}
	if err := m.fitTo(ctx, past, shares, kinds); err != nil {
		return nil, err
	}
	if wider := m.withoutClaims(past); wider != nil {
		return m, m.fitTo(ctx, wider, shares, kinds)
	}
	return m, nil
}

// fitTo fits the blocks and the tail to effects in units of their scales.
func (m *Model) fitTo(ctx context.Context, past []Past, shares []float64, kinds []mixed.Block) error {
	effects, err := mixed.NewEffects(kinds...)
	if err != nil {
		return err
	}
	sets := map[string]int{"": mixed.NoGroup}
	scaled := make([]stats.Estimate, len(past))
	var z []mixed.Feature
	for i, p := range past {
		set, known := sets[p.Set]
		if !known {
			set = len(sets)
			sets[p.Set] = set
		}
		scale := m.spread.of(p.Idea)
		scaled[i] = stats.Estimate{Value: p.Effect.Value / scale, SE: p.Effect.SE / scale}
		z = m.addFeatures(z[:0], p.Idea, scale)
		if err := effects.AddShare(scaled[i], shares[i], set, z...); err != nil {
			return fmt.Errorf("forecast: effect of %q: %w", p.ID, err)
		}
	}
	if m.fit, err = mixed.Learn(effects, mixed.Options{Tail: m.Spec.Tail, Iterations: m.Spec.steps(), Stop: ctx.Err}); err != nil {
		return err
	}
	m.usual = usual(scaled, m.fit.Tail.SD())
	return m.learnUnmade(past)
}

// steps is how many iterations a fit may take. Rare words and residuals can explain the
// same, and the fit goes on giving more to words long after it foretells later effects
// best: with words it stops early, near even shares of the variance. What counts within a set
// only competes with words, and then more iterations do good.
func (s Spec) steps() int {
	if slices.ContainsFunc(s.Blocks, func(b string) bool { return strings.HasSuffix(b, inSet) }) {
		return 25
	}
	if slices.Contains(s.Blocks, wordBlock) || slices.Contains(s.Blocks, pairBlock) {
		return 12
	}
	return 100
}

// agingOf is how much each effect counts. Where no time is known, none has aged.
func agingOf(past []Past, halfLife float64) []float64 {
	shares := make([]float64, len(past))
	var last time.Time
	for _, p := range past {
		if p.Ended.After(last) {
			last = p.Ended
		}
	}
	for i, p := range past {
		shares[i] = 1
		if halfLife > 0 && !p.Ended.IsZero() {
			shares[i] = math.Max(math.Exp2(-last.Sub(p.Ended).Hours()/24/halfLife), 1e-6)
		}
	}
	return shares
}

// usual is the harmonic mean of the variances of effects around their forecasts.
func usual(past []stats.Estimate, tau float64) float64 {
	precision := 0.0
	for _, p := range past {
		precision += 1 / (tau*tau + p.SE*p.SE) / float64(len(past))
	}
	return 1 / precision
}

// features are the idea's in the blocks of the model, for effects in units of its scale.
func (m *Model) features(i Idea, scale float64) []mixed.Feature { return m.addFeatures(nil, i, scale) }

func (m *Model) addFeatures(z []mixed.Feature, i Idea, scale float64) []mixed.Feature {
	for b := range m.blocks {
		switch of := &m.blocks[b]; { // in the innermost loop of a fit: what most are without features by name
		case of.trait:
			z = append(z, mixed.Feature{Block: b, Column: of.columnOf(i.Traits[of.Name]), Value: 1})
			continue
		case of.Name == meanBlock && i.Set == "":
			z = append(z, mixed.Feature{Block: b, Value: 1})
			continue
		}
		for _, f := range m.blocks[b].features(i) {
			if m.blocks[b].Claims != nil {
				f.value /= scale
			}
			z = append(z, mixed.Feature{Block: b, Column: f.column, Value: f.value})
		}
	}
	return z
}

// predict is what the fit says of the features, in units of effects, for an idea that is
// unlike all past ones by some variance in units of its scale.
func (m *Model) predict(z []mixed.Feature, scale, unlike float64) (mixed.Forecast, error) {
	p, err := m.fit.Predict(z...)
	p.Mean, p.SE = p.Mean*scale, math.Sqrt(p.SE*p.SE+unlike)*scale
	for k, c := range p.Effect.Components {
		p.Effect.Components[k] = stats.Normal{Mean: c.Mean * scale, SD: math.Sqrt(c.SD*c.SD+unlike) * scale}
	}
	return p, err
}

// shared are the levels of traits that do not tell past ideas apart.
func shared(past []Past) map[string]string {
	same := map[string]string{}
	tell := traits(past)
	for name, level := range past[0].Traits {
		if !slices.Contains(tell, name) {
			same[name] = level
		}
	}
	return same
}

// unlike is the variance by which an idea's mean may differ from that of all past ones
// because it has another level of a trait that they share: the first idea of a machine,
// say, after those of people. Nothing was learned of how such levels differ. It is taken to
// be as those of the trait that matters most, or where there is no other, as ideas do.
func (m *Model) unlike(i Idea) (variance float64) {
	if i.Set != "" {
		return 0 // all of a set are alike in this
	}
	usual := m.fit.Tail.SD() * m.fit.Tail.SD()
	first := true
	for k := range m.blocks {
		if sd := m.fit.Blocks[k].SD; m.blocks[k].isTrait() && (first || sd*sd > usual) {
			usual, first = sd*sd, false
		}
	}
	for name, level := range m.same {
		if of := i.Traits[name]; of != "" && of != level {
			variance += usual
		}
	}
	return variance
}
