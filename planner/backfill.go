package planner

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/allocator"
)

// Backfill says that a plan only gave away what had become free within the week.
type Backfill struct {
	Of      string   `json:"of"`      // the plan that it follows
	Stopped []string `json:"stopped"` // experiments of it that should run still, and do not
	Freed   []Freed  `json:"freed"`   // capacities that they had
}

// Freed is what is left of a capacity in each week, by the plan.
type Freed struct {
	Name string    `json:"name"`
	Unit string    `json:"unit"`
	Left []float64 `json:"left"`
}

// backfill tells what a backfill follows, what has stopped since, and what it leaves of
// what that had.
func (s Snapshot) backfill(of, plan Plan) *Backfill {
	b := &Backfill{Of: of.ID, Stopped: []string{}, Freed: []Freed{}}
	had := map[capacity]bool{}
	runs := map[string]bool{}
	for _, t := range s.running() {
		runs[t.Experiment] = true
	}
	for _, t := range append(of.Firm(), of.Running...) {
		if t.Until.After(s.At) && !runs[t.Experiment] {
			b.Stopped = append(b.Stopped, t.Experiment)
			had[capacity{allocator.Bucket, LayerKey(t.Segment, t.Layer), 0}] = true
			had[capacity{allocator.GPUHour, t.Design.Pool, 0}] = true
		}
	}
	slices.Sort(b.Stopped)
	place := map[capacity]int{}
	for _, u := range plan.Uses {
		key := capacity{u.Unit, u.Name, 0}
		if !had[key] {
			continue
		}
		if u.Week == 0 {
			place[key] = len(b.Freed)
			b.Freed = append(b.Freed, Freed{Name: u.Name, Unit: u.Unit})
		}
		f := &b.Freed[place[key]]
		f.Left = append(f.Left, math.Max(0, u.Capacity-u.Held-u.Planned))
	}
	return b
}

// WhyNone says why a backfill starts nothing, and what comes next; empty: the plan is none,
// or starts something.
func (p Plan) WhyNone() string {
	if p.Backfill == nil || len(p.Firm()) > 0 {
		return ""
	}
	next := p.calendar().next
	text := "Nothing starts before the next plan. A test takes its users and machines for a week at least, and what is announced stays where it is"
	for i, f := range p.Backfill.Freed {
		sep := ", and "
		if i == 0 {
			sep = ": "
		}
		later := 0.0
		if len(f.Left) > 1 {
			later = f.Left[1]
		}
		text += fmt.Sprintf("%sof %s %s are free until %s, and %.0f in the week after", sep, f.Name, count(int(f.Left[0]), f.Unit), day(next), later)
	}
	text += ". The next plan decides over all weeks again"
	if all := p.announced(); len(all) > 0 {
		text += fmt.Sprintf("; the first announced start, of %d, is on %s", len(all), day(all[0].From))
	}
	return text + "."
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
	solution, err := can.keep(ctx, s, cs, r)
	if err != nil || s.Announced == nil {
		return solution, nil, err
	}
	st := &Stability{Plan: s.Announced.Plan, Announced: len(s.Announced.Starts)}
	st.tell(s, cs, solution, keptIn(cs, solution))
	return solution, st, nil
}
