package forecast

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/mixed"
)

// Trial is one candidate of a choice: what was changed, and whether it foretold later
// effects better than what had been chosen before.
type Trial struct {
	Change string `json:"change"`
	// Gain is the sum over later effects of log predictive densities, less that of what
	// had been chosen before, in natural logarithms; SE is its standard error.
	Gain  float64 `json:"gain"`
	SE    float64 `json:"se"`
	Taken bool    `json:"taken"`
}

// Limits of a choice.
const (
	chosenFrom = 20_000 // effects; of more, a part is drawn by a hash of their sets and IDs
	fewest     = 60     // with fewer, Base is taken but for its tail
	texts      = 50     // different texts, with fewer of which words are not tried
	crossable  = 4      // traits of which pairs are tried: those with the largest spread
	least      = 1      // gain of a change that is worth having, as of one free number by AIC
	levels     = 40     // a trait with more levels is not crossed
	perCell    = 30     // nor one of whose pairs of levels with another's there are fewer effects each, on average
)

// Choose says what a model of the past is best made of. Time runs one way: candidates are
// fitted to effects up to some moment and compared by the log predictive density of those
// that ended after it, twice: the first 3/8 foretell the next 2/8, the first 5/8 the rest.
// From Base it goes forward and keeps a change if the density gains at least e-fold: first
// sizes of effects by every trait with a t for a tail, at once, since each may gain little
// without the others, and what says nothing is shrunk to nothing; where that gains nothing,
// size by one trait after the other. Then features of the text,
// claims by source, generator, team and author, pairs of traits (of which many are tried:
// the gain must exceed its standard error), the tail, the half-life.
//
// Of fewer effects, or where time does not tell them apart, only the tail is chosen, by
// what nine tenths of the effects foretell of the rest: a tail needs no order in time, and
// a few large effects among twenty show it.
func Choose(ctx context.Context, past []Past) (Spec, []Trial, error) {
	if len(past) < 2 {
		return Spec{}, nil, fmt.Errorf("%w: %d effects, of at least 2", ErrPast, len(past))
	}
	return choose(ctx, ordered(past))
}

func choose(ctx context.Context, past []Past) (Spec, []Trial, error) {
	c := contest{best: Base(past), past: thinned(past)}
	stages := []func(context.Context) error{c.full, c.spreads, c.text, c.claims, c.crosses, c.tails, c.halfLives}
	if c.cut(); len(past) < fewest || len(c.cuts) == 0 {
		if c.deal(); len(c.cuts) == 0 {
			return c.best, nil, nil
		}
		stages = []func(context.Context) error{c.tails}
	}
	if err := c.enter(ctx, "", c.best, 0); err != nil {
		return Spec{}, nil, err
	}
	for _, stage := range stages {
		if err := stage(ctx); err != nil {
			return Spec{}, nil, err
		}
	}
	return c.best, c.trials, nil
}

// thinned keeps whole sets, and effects without one, at random but always the same.
func thinned(past []Past) []Past {
	if len(past) <= chosenFrom {
		return past
	}
	share := float64(chosenFrom) / float64(len(past))
	out := make([]Past, 0, chosenFrom)
	for i := range past {
		key := past[i].Set
		if key == "" {
			key = past[i].ID
		}
		h := fnv.New64a()
		h.Write([]byte(key))
		if float64(h.Sum64()*0x9E3779B97F4A7C15>>11)/(1<<53) < share {
			out = append(out, past[i])
		}
	}
	return out
}

// contest is a choice under way.
type contest struct {
	past   []Past
	cuts   []cut
	best   Spec
	model  *Model    // of the best, from the last cut
	scores []float64 // of the best
	trials []Trial
}

// cut is what is learned from, and what is then foretold.
type cut struct{ past, later []Past }

// cut leaves no effect in an early part that ended with or after one of its late part.
func (c *contest) cut() {
	n := len(c.past)
	at := []int{c.moment(n * 3 / 8), c.moment(n * 5 / 8), n}
	for k := range 2 {
		if at[k] >= fewest/4 && at[k+1]-at[k] >= fewest/8 {
			c.cuts = append(c.cuts, cut{c.past[:at[k]], c.past[at[k]:at[k+1]]})
		}
	}
}

// deal cuts whole sets, and effects without one, into ten parts, each of which is foretold
// from the others.
func (c *contest) deal() {
	const parts, least = 10, 20
	part, n := make([]int, len(c.past)), 0
	for i, p := range c.past {
		if i == 0 || p.Set == "" || p.Set != c.past[i-1].Set {
			n++
		}
		part[i] = n % parts
	}
	if n < least {
		return
	}
	c.cuts = make([]cut, parts)
	for i, p := range c.past {
		for k := range c.cuts {
			if k == part[i] {
				c.cuts[k].later = append(c.cuts[k].later, p)
			} else {
				c.cuts[k].past = append(c.cuts[k].past, p)
			}
		}
	}
}

// moment is the first effect from i on that ended after the one before it.
func (c *contest) moment(i int) int {
	for i > 0 && i < len(c.past) && c.past[i].Ended.Equal(c.past[i-1].Ended) {
		i++
	}
	return i
}

// enter tries a spec against the best. It is taken if it gains more than some standard
// errors.
func (c *contest) enter(ctx context.Context, change string, s Spec, errors float64) error {
	var scores []float64
	var m *Model
	for _, cut := range c.cuts {
		var err error
		if m, err = learn(ctx, cut.past, s); err != nil {
			return err
		}
		part, err := m.scores(cut.later)
		if err != nil {
			return err
		}
		scores = append(scores, part...)
	}
	if c.scores == nil {
		c.model, c.scores = m, scores
		return nil
	}
	gain := compare(c.scores, scores)
	t := Trial{change, gain.Value, gain.SE, gain.Value > math.Max(errors*gain.SE, least)}
	if t.Taken {
		c.best, c.model, c.scores = s, m, scores
	}
	c.trials = append(c.trials, t)
	return nil
}

// with is the best with one block more.
func (c *contest) with(ctx context.Context, block string, errors float64) error {
	s := c.best
	s.Blocks = append(slices.Clone(s.Blocks), block)
	return c.enter(ctx, "+ "+block, s, errors)
}

// full tries every trait for the size of effects, with a t for a tail.
func (c *contest) full(ctx context.Context) error {
	if !c.sized() {
		return nil
	}
	return c.enter(ctx, "spread by every trait, tail t", Full(c.past), 0)
}

// sized tells whether effects have a size to see. In a set, levels are free and there is
// none.
func (c *contest) sized() bool {
	return !slices.ContainsFunc(c.past, func(p Past) bool { return p.Set != "" })
}

// spreads tries each trait for the size of effects.
func (c *contest) spreads(ctx context.Context) error {
	if !c.sized() || len(c.best.Spread) > 0 {
		return nil
	}
	for _, b := range c.model.blocks {
		if b.isTrait() {
			s := c.best
			s.Spread = append(slices.Clone(s.Spread), b.Name)
			if err := c.enter(ctx, "spread by "+b.Name, s, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *contest) text(ctx context.Context) error {
	different := map[string]bool{}
	for i := range c.past {
		different[c.past[i].Text] = true
	}
	if len(different) < texts {
		return nil
	}
	tried := []string{shapeBlock, wordBlock, endBlock, pairBlock}
	if c.past[len(c.past)-1].Set != "" {
		// What such texts speak of is shown to those who choose, so that kinds of words tell.
		tried = []string{shapeBlock, kindBlock, wordBlock, wordBlock + inSet, letterBlock, letterBlock + inSet}
	}
	for _, b := range tried {
		if (b == endBlock || b == pairBlock) && !slices.Contains(c.best.Blocks, wordBlock) {
			continue // where words say nothing, their places and neighbours do not
		}
		if err := c.with(ctx, b, 0); err != nil {
			return err
		}
	}
	return nil
}

func (c *contest) claims(ctx context.Context) error {
	for _, trait := range []string{"source", "generator", "team", "author"} {
		if slices.Contains(c.best.Blocks, claimBlock) && slices.Contains(c.best.Blocks, trait) {
			if err := c.with(ctx, claimsBy+trait, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *contest) crosses(ctx context.Context) error {
	var names []string
	spread := map[string]float64{}
	for k, b := range c.model.blocks {
		if b.isTrait() && len(b.Levels) <= levels {
			names = append(names, b.Name)
			spread[b.Name] = c.model.fit.Blocks[k].SD
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(spread[b], spread[a]) })
	names = names[:min(len(names), crossable)]
	for i, a := range names {
		for _, b := range names[i+1:] {
			if c.cells(a, b)*perCell > len(c.past) {
				continue
			}
			if err := c.with(ctx, a+cross+b, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// cells counts the pairs of levels that occur.
func (c *contest) cells(a, b string) int {
	seen := map[[2]string]bool{}
	for i := range c.past {
		seen[[2]string{c.past[i].Traits[a], c.past[i].Traits[b]}] = true
	}
	return len(seen)
}

func (c *contest) tails(ctx context.Context) error {
	for _, shape := range []mixed.Shape{mixed.Student, mixed.Adaptive} {
		s := c.best
		if s.Tail == shape {
			continue
		}
		s.Tail = shape
		if err := c.enter(ctx, "tail "+string(shape), s, 0); err != nil {
			return err
		}
	}
	return nil
}

func (c *contest) halfLives(ctx context.Context) error {
	if c.past[0].Ended.IsZero() {
		return nil
	}
	for _, days := range []float64{720, 360, 180, 90} {
		s := c.best
		s.HalfLife = days
		if err := c.enter(ctx, fmt.Sprintf("half-life %g days", days), s, 0); err != nil {
			return err
		}
		if !c.trials[len(c.trials)-1].Taken {
			return nil // a shorter one would forget more still
		}
	}
	return nil
}
