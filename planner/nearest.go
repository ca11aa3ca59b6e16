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

// Nearest returns what is like a hypothesis of the backlog.
func (p *Planner) Nearest(ctx context.Context, id string) (Nearest, error) {
	h, err := p.registry.Hypothesis(ctx, id)
	if err != nil {
		return Nearest{}, err
	}
	d, err := p.desk(ctx)
	if err != nil {
		return Nearest{}, err
	}
	effects, err := p.history.Effects(ctx, history.EffectQuery{AsOf: d.now})
	if err != nil {
		return Nearest{}, fmt.Errorf("read past effects: %w", err)
	}
	queue, err := p.registry.Hypotheses(ctx)
	if err != nil {
		return Nearest{}, err
	}
	own := d.started[id].Experiment
	known := p.library.open(effects, queue)
	defer p.library.close()
	n := Nearest{Past: []Precedent{}, Duplicates: known.duplicates(h, own)}
	for _, m := range known.Index.Nearest(h.document(), nearestPast+len(queue)) {
		of := known.of[m.At]
		if of.past == nil || of.past[0].Experiment == own {
			continue
		}
		if nearestPast == countExperiments(n.Past) {
			break
		}
		n.Past = append(n.Past, d.model.precedents(h, of.past, m.Likeness)...)
	}
	return n, nil
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
