package planner

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/assay-planner/assay/allocator"
)

// Stability is what became of the starts that the plan before announced for later weeks.
// A change of one costs the plan Policy.ChangeCost of its value, and is made only if the
// plan gains more by it, or if it can be kept no longer.
type Stability struct {
	Plan      string   `json:"plan"`      // that announced them
	Announced int      `json:"announced"` // starts
	Kept      int      `json:"kept"`      // as announced; the others are changes
	Changes   []Change `json:"changes"`   // by announced start, then hypothesis
	// Gain is how much more the changes are worth than the best plan found that keeps all
	// that can be kept, over the weeks that were planned already, and Cost what they had to
	// gain at least; only a quota's least goes before. Both are 0 if nothing was changed
	// that could be kept.
	Gain float64 `json:"gain"`
	Cost float64 `json:"cost"`
}

// Change is one announced start that is not made as announced.
type Change struct {
	Hypothesis string   `json:"hypothesis"`
	Title      string   `json:"title"`
	Was        Place    `json:"announced"`
	Now        *Place   `json:"now,omitempty"` // nil: it is not in the plan
	Cause      Cause    `json:"cause"`
	Reason     string   `json:"reason"`
	Others     []string `json:"others,omitempty"` // hypotheses that have to do with it
	Cost       float64  `json:"cost"`             // what the change cost the plan; 0: it could not be kept
}

// Place is where and when a start is, or was to be.
type Place struct {
	Design  string    `json:"design"`
	Segment string    `json:"segment"`
	Layer   string    `json:"layer"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Value   float64   `json:"value"` // as the plan of that night had it
}

// Place is that of the start.
func (s Start) place() Place {
	return Place{s.Design.Name, s.Segment, s.Layer, s.From, s.Until, s.Value}
}

// Cause says in one word why an announced start was changed. The causes stand in their
// order of precedence; beyond these, a hypothesis that cannot be tested at all gives the
// kind of its reason.
type Cause string

const (
	causeWithdrawn    Cause = "withdrawn"    // the idea was taken back
	causePolicy       Cause = "policy"       // the policy offers that design or place no more
	causeForecast     Cause = "forecast"     // its forecast fell: there it is not worth its price any more
	causeConflict     Cause = "conflict"     // it may not meet another that runs or is in the plan
	causePrerequisite Cause = "prerequisite" // what it requires is not done by then
	causeMissed       Cause = "missed"       // its time passed without a plan
	causeCapacity     Cause = "capacity"     // there is less left than it needs
	causeQuota        Cause = "quota"        // a quota of its team or source leaves no room
	causeBetter       Cause = "better"       // it is worth more elsewhere
	causeOutpriced    Cause = "outpriced"    // others earn more there
)

// settle solves the night's problem around what was announced. Which of it changes is
// decided over the weeks that were in the plan then: a week that has only come into view is
// no reason to move anything, since whatever moved to make room for it would move again
// with the next. Over all weeks the plan is then the best that keeps the others.
func settle(ctx context.Context, s Snapshot, cs []candidate, r PlanRequest) (allocator.Plan, *Stability, error) {
	if s.Announced == nil {
		solution, err := solve(ctx, s, cs, r, nil)
		return solution, nil, err
	}
	known := within(cs, s.calendar().until(s.Announced.Until))
	can := keepable(known)
	solution, err := solve(ctx, s, known, r, can.begin(known))
	if err != nil {
		return solution, nil, err
	}
	st := &Stability{Plan: s.Announced.Plan, Announced: len(s.Announced.Starts)}
	together := keptIn(known, solution)
	if len(together) < len(can) {
		loyal, err := keepAll(ctx, s, known, r)
		if err != nil {
			return solution, nil, err
		}
		together = keptIn(known, loyal)
		if st.weigh(known, solution, loyal); st.Gain < st.Cost { // the search had missed that this does not pay
			if solution, err = solve(ctx, s, known, r, &loyal); err != nil {
				return solution, nil, err
			}
			st.weigh(known, solution, loyal)
		}
	}
	if stay := keptIn(known, solution); s.calendar().begin(s.Policy.HorizonWeeks).After(s.Announced.Until) {
		if solution, err = stay.keep(ctx, s, cs, r); err != nil {
			return solution, nil, err
		}
	}
	st.tell(s, cs, solution, together)
	return solution, st, nil
}

// keepAll is the best plan found that keeps all promises which can be kept together.
func keepAll(ctx context.Context, s Snapshot, cs []candidate, r PlanRequest) (allocator.Plan, error) {
	can := keepable(cs)
	return solve(ctx, s, can.firm(cs), r, can.begin(cs))
}

// keep is the best plan found that keeps the promises.
func (ids promises) keep(ctx context.Context, s Snapshot, cs []candidate, r PlanRequest) (allocator.Plan, error) {
	firm := ids.firm(cs)
	solution, err := solve(ctx, s, firm, r, ids.begin(firm))
	if err != nil {
		return solution, err
	}
	return reprice(ctx, s, cs, r, solution)
}

// reprice gives a plan the prices and reasons of what tests are worth. Those with which firm
// promises were kept say that a bucket of their week is worth a thousand times as much. It
// takes no longer than the prices of a plan do, so a time limit that is over does not end it.
func reprice(ctx context.Context, s Snapshot, cs []candidate, r PlanRequest, solution allocator.Plan) (allocator.Plan, error) {
	solution, err := allocator.Explain(context.WithoutCancel(ctx), problem(s, cs), solution, r.options(s.Policy.Currency, nil))
	if err != nil {
		return solution, fmt.Errorf("price: %w", err)
	}
	return solution, nil
}

// solve asks the allocator, checks its answer, and takes off what promises are worth.
func solve(ctx context.Context, s Snapshot, cs []candidate, r PlanRequest, former *allocator.Plan) (allocator.Plan, error) {
	asked := problem(s, cs)
	solution, err := allocator.Solve(ctx, asked, r.options(s.Policy.Currency, former))
	if err != nil {
		return solution, fmt.Errorf("allocate: %w", err)
	}
	// Check shares nothing with the solver: no plan that overbooks comes into force.
	if err := allocator.Check(asked, solution); err != nil {
		return solution, fmt.Errorf("the plan failed its check, so the one in force stays: %w", err)
	}
	return plain(cs, solution), nil
}

// weigh compares a plan with one that keeps all it can.
func (st *Stability) weigh(cs []candidate, solution, loyal allocator.Plan) {
	now, then := keptIn(cs, solution), keptIn(cs, loyal)
	st.Gain, st.Cost = 0, 0
	for _, c := range cs {
		switch {
		case then[c.ID] && !now[c.ID]:
			st.Cost += c.promise.cost
		case now[c.ID] && !then[c.ID]:
			st.Cost -= c.promise.cost
		}
	}
	if !maps.Equal(now, then) {
		st.Gain = solution.Value - loyal.Value
	}
}
