package planner

import (
	"context"
	"slices"

	"github.com/assay-planner/assay/allocator"
)

// Backfill says that a plan only gave away what had become free within the week.
type Backfill struct {
	Of      string   `json:"of"`      // the plan that it follows
	Stopped []string `json:"stopped"` // experiments that ended early since then
}

// backfill tells what a backfill at a time follows, and what has stopped since.
func (s Snapshot) backfill(plan Plan) *Backfill {
	b := &Backfill{Of: plan.ID, Stopped: []string{}}
	for _, h := range s.Hypotheses {
		for _, t := range s.Starts {
			withdrawn := h.Withdrawn != nil && h.Withdrawn.After(plan.At) && h.Withdrawn.Before(t.Until)
			stopped := h.Stopped != nil && h.Stopped.Recorded.After(plan.At) && h.Stopped.At.Equal(t.Until)
			if t.Hypothesis == h.ID && (withdrawn || stopped) {
				b.Stopped = append(b.Stopped, t.Experiment)
			}
		}
	}
	slices.Sort(b.Stopped)
	return b
}

// onlyTonight leaves to what was announced the way that keeps it, and to all others the
// ways that begin tonight.
func onlyTonight(cs []candidate) []candidate {
	cs = slices.Clone(cs)
	for i, c := range cs {
		if len(c.ways) == 0 {
			continue
		}
		promised := c.promise != nil && c.promise.index >= 0
		cs[i].ways = keep(c.ways, func(w way) bool {
			if promised {
				return w.same(*c.promise.way)
			}
			return w.week == 0
		})
		if promised {
			p := *c.promise
			p.index = 0
			cs[i].promise = &p
		}
		if len(cs[i].ways) == 0 {
			cs[i].blocked = unplannable("backfill", "waits for the next plan: none of its designs can begin tonight and end within the weeks that are planned")
		}
	}
	return cs
}

// fill starts what fits beside what runs and what was announced, all of which stays where
// it is as far as it can.
func fill(ctx context.Context, s Snapshot, cs []candidate, r PlanRequest) (allocator.Plan, *Stability, error) {
	can := keepable(cs)
	firm := can.firm(cs)
	solution, err := solve(ctx, s, firm, r, can.begin(firm))
	if err != nil || s.Announced == nil {
		return solution, nil, err
	}
	st := &Stability{Plan: s.Announced.Plan, Announced: len(s.Announced.Starts)}
	st.tell(s, cs, solution, keptIn(firm, solution))
	return solution, st, nil
}
