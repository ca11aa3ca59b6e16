package planner

import (
	"context"
	"fmt"
	"slices"

	"github.com/assay-planner/assay/history"
)

// Nearest is what is like a hypothesis: the past experiments nearest to it, with
// what became of them, and ideas, tested or not, that say nearly the same.
type Nearest struct {
	Past       []Precedent `json:"past"` // nearest first; an arm each
	Duplicates []Duplicate `json:"duplicates"`
}

// Duplicate is an idea that says nearly the same as another: a hypothesis of the
// backlog or a past experiment.
type Duplicate struct {
	Hypothesis string  `json:"hypothesis,omitempty"`
	Experiment string  `json:"experiment,omitempty"`
	Title      string  `json:"title"`
	Likeness   float64 `json:"likeness"` // similar.Duplicate: 1 says the same in the same words
}

// How many of each are told.
const (
	nearestPast = 5
	fewTwins    = 5
)

// Nearest returns what is like each of some hypotheses of the backlog, in their order.
func (p *Planner) Nearest(ctx context.Context, ids ...string) ([]Nearest, error) {
	d, err := p.desk(ctx)
	if err != nil {
		return nil, err
	}
	queue, err := p.registry.Hypotheses(ctx)
	if err != nil {
		return nil, err
	}
	of := map[string]Hypothesis{}
	for _, h := range queue {
		of[h.ID] = h
	}
	for _, id := range ids {
		if _, ok := of[id]; !ok {
			return nil, fmt.Errorf("hypothesis %s: %w", id, ErrNotFound)
		}
	}
	effects, err := p.history.Effects(ctx, history.EffectQuery{AsOf: d.now})
	if err != nil {
		return nil, fmt.Errorf("read past effects: %w", err)
	}
	known := p.library.open(effects, queue)
	defer p.library.close()
	all := make([]Nearest, len(ids))
	for i, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		own := d.started[id].Experiment
		all[i] = Nearest{Past: known.precedents(of[id], own, d.model), Duplicates: known.duplicates(of[id], own)}
	}
	return all, nil
}

// precedents are the past experiments nearest to a hypothesis, but for the one that it
// became.
func (c catalogue) precedents(h Hypothesis, own string, m Model) []Precedent {
	found := []Precedent{}
	for _, match := range c.Index.Nearest(h.document(), nearestPast+c.queued) {
		of := c.of[match.At]
		if of.past == nil || of.past[0].Experiment == own {
			continue
		}
		if nearestPast == countExperiments(found) {
			break
		}
		found = append(found, m.precedents(h, of.past, match.Likeness)...)
	}
	return found
}

func countExperiments(past []Precedent) int {
	ids := map[[2]string]bool{}
	for _, p := range past {
		ids[[2]string{p.Experiment, p.Title}] = true
	}
	return len(ids)
}

// compared is how many new ideas of one submission are held against all others: a
// thousand take a second or two.
const compared = 1000

// warn adds to the receipts of new ideas what says nearly the same and was there
// before. The ideas are stored, so that nothing here is an error: where the history
// cannot be read, they are held against the backlog alone, and the receipts say so.
func (p *Planner) warn(ctx context.Context, hs []Hypothesis, receipts []Receipt) {
	if !slices.ContainsFunc(receipts, func(r Receipt) bool { return r.Created }) {
		return
	}
	queue, err := p.registry.Hypotheses(ctx)
	if err != nil {
		return
	}
	effects, unread := p.history.Effects(ctx, history.EffectQuery{AsOf: p.now().UTC()})
	known := p.library.open(effects, queue)
	defer p.library.close()
	place := map[string]int{} // of the new ones: those after it say nothing to an idea
	for i, h := range hs {
		place[h.ID] = i
	}
	for i, h := range hs[:min(compared, len(hs))] {
		if !receipts[i].Created || ctx.Err() != nil {
			continue
		}
		receipts[i].QueueOnly = unread != nil
		twins := slices.DeleteFunc(known.duplicates(h, ""), func(d Duplicate) bool {
			at, isNew := place[d.Hypothesis]
			return isNew && receipts[at].Created && at > i
		})
		if len(twins) > 0 {
			receipts[i].Duplicates = twins
		}
	}
}
