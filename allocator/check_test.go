package allocator_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator"
)

// settled is a small problem with a plan in which every rule has something to hold:
// a and b share a layer in time, c follows a, d runs on machines only, x waits.
func settled(t *testing.T) (allocator.Problem, allocator.Plan) {
	t.Helper()
	p := desk(
		allocator.Candidate{ID: "a", Conflicts: []string{"b"}, Options: []allocator.Option{
			users("l1", 0, 2, 300, 5), users("l2", 0, 2, 300, 4), users("l1", 0, 2, 300, 3)}},
		allocator.Candidate{ID: "b", Options: []allocator.Option{users("l1", 0, 3, 300, 5)}},
		allocator.Candidate{ID: "c", Requires: []string{"a"}, Options: []allocator.Option{users("l1", 2, 1, 500, 5), users("l1", 1, 1, 100, 4)}},
		allocator.Candidate{ID: "d", Options: []allocator.Option{hours(0, 5, 60, 60), hours(0, 6, 101)}},
		allocator.Candidate{ID: "x", Options: []allocator.Option{hours(0, 1, 60), hours(1, -1, 1)}})
	plan, err := allocator.Solve(context.Background(), p, allocator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Choices) != 4 || plan.Value != 20 {
		t.Fatalf("not the plan that the mutations are written for: %+v", plan.Choices)
	}
	return p, plan
}

// rechoose gives choice i another option, with its own words and the sums that follow,
// so that only the rule under test is broken. Cohorts keep their size.
func rechoose(p allocator.Problem, plan *allocator.Plan, i, option int) {
	c := &plan.Choices[i]
	for _, candidate := range p.Candidates {
		if candidate.ID == c.Candidate {
			use(plan, candidate.Options[c.Option], -1)
			o := candidate.Options[option]
			use(plan, o, 1)
			c.Option, c.Design, c.Start, c.Weeks, c.Value, c.Segment, c.Layer = option, o.Design, o.Start, o.Weeks, o.Value, o.Segment, o.Layer
		}
	}
	sums(plan)
}

func use(plan *allocator.Plan, o allocator.Option, sign int64) {
	for i := range plan.Prices {
		q := &plan.Prices[i]
		k := q.Week - o.Start
		for _, c := range o.Compute {
			if q.Unit == allocator.GPUHour && q.Name == c.Pool && k >= 0 && k < len(c.GPUHours) {
				q.Used += sign * c.GPUHours[k]
			}
		}
		if q.Unit == allocator.Bucket && q.Name == o.Segment+"/"+o.Layer && k >= 0 && k < o.Weeks {
			q.Used += sign * int64(o.Buckets)
		}
	}
}

func sums(plan *allocator.Plan) {
	plan.Value = 0
	for _, c := range plan.Choices {
		plan.Value += c.Value
	}
	plan.Bound = max(plan.Bound, plan.Value)
	plan.Gap = (plan.Bound - plan.Value) / plan.Value
}

func TestCheckRejects(t *testing.T) {
	const a, b, c, d = 0, 1, 2, 3 // places in Choices
	for _, test := range []struct {
		name, rule string
		spoil      func(p allocator.Problem, plan *allocator.Plan)
	}{
		{"unknown candidate", "choice", func(_ allocator.Problem, plan *allocator.Plan) { plan.Choices[a].Candidate = "0" }},
		{"chosen twice", "choice", func(_ allocator.Problem, plan *allocator.Plan) { plan.Choices[b] = plan.Choices[a] }},
		{"out of order", "choice", func(_ allocator.Problem, plan *allocator.Plan) {
			plan.Choices[a], plan.Choices[b] = plan.Choices[b], plan.Choices[a]
		}},
		{"no such option", "choice", func(_ allocator.Problem, plan *allocator.Plan) { plan.Choices[a].Option = 3 }},
		{"not what the option says", "choice", func(_ allocator.Problem, plan *allocator.Plan) { plan.Choices[a].Weeks++ }},
		{"value not the option's", "choice", func(_ allocator.Problem, plan *allocator.Plan) { plan.Choices[a].Value++; sums(plan) }},
		{"worthless", "choice", func(p allocator.Problem, plan *allocator.Plan) {
			o := p.Candidates[4].Options[1]
			plan.Choices = append(plan.Choices, allocator.Choice{Candidate: "x", Option: 1, Design: o.Design, Start: o.Start, Weeks: o.Weeks, Value: o.Value})
			use(plan, o, 1)
			sums(plan)
		}},
		{"one hour over capacity", "capacity", func(p allocator.Problem, plan *allocator.Plan) { rechoose(p, plan, d, 1) }},
		{"use not counted", "prices", func(_ allocator.Problem, plan *allocator.Plan) { plan.Prices[0].Used-- }},
		{"capacity made up", "prices", func(_ allocator.Problem, plan *allocator.Plan) { plan.Prices[0].Capacity++ }},
		{"negative price", "prices", func(_ allocator.Problem, plan *allocator.Plan) { plan.Prices[0].Price = -1 }},
		{"price not a number", "prices", func(_ allocator.Problem, plan *allocator.Plan) { plan.Prices[0].Price = math.NaN() }},
		{"price missing", "prices", func(_ allocator.Problem, plan *allocator.Plan) { plan.Prices = plan.Prices[1:] }},
		{"price twice", "prices", func(_ allocator.Problem, plan *allocator.Plan) { plan.Prices[1] = plan.Prices[0] }},
		{"cohort of another", "cohort", func(_ allocator.Problem, plan *allocator.Plan) {
			plan.Choices[b].Cohort = plan.Choices[a].Cohort
		}},
		{"cohort one bucket into another", "cohort", func(_ allocator.Problem, plan *allocator.Plan) {
			from := plan.Choices[a].Cohort[0].To - 1
			if plan.Choices[b].Cohort[0].From < from {
				from = plan.Choices[a].Cohort[0].From - 299
			}
			plan.Choices[b].Cohort = []allocator.Range{{From: from, To: from + 300}}
		}},
		{"cohort on a hold", "cohort", func(_ allocator.Problem, plan *allocator.Plan) {
			plan.Choices[a].Cohort = []allocator.Range{{From: 0, To: 300}}
		}},
		{"cohort outside the layer", "cohort", func(_ allocator.Problem, plan *allocator.Plan) {
			plan.Choices[c].Cohort = []allocator.Range{{From: 501, To: 1001}}
		}},
		{"cohort one too small", "cohort", func(_ allocator.Problem, plan *allocator.Plan) { plan.Choices[a].Cohort[0].To-- }},
		{"cohort counted twice", "cohort", func(_ allocator.Problem, plan *allocator.Plan) {
			r := plan.Choices[a].Cohort[0]
			r.To = r.From + 150
			plan.Choices[a].Cohort = []allocator.Range{r, r}
		}},
		{"no cohort", "cohort", func(_ allocator.Problem, plan *allocator.Plan) { plan.Choices[a].Cohort = nil }},
		{"cohort for machines", "cohort", func(_ allocator.Problem, plan *allocator.Plan) {
			plan.Choices[d].Cohort = []allocator.Range{{From: 0, To: 1}}
		}},
		{"conflict", "conflict", func(p allocator.Problem, plan *allocator.Plan) { rechoose(p, plan, a, 1) }},
		{"prerequisite ends too late", "prerequisite", func(p allocator.Problem, plan *allocator.Plan) {
			rechoose(p, plan, c, 1)
			plan.Choices[c].Cohort = []allocator.Range{{From: 0, To: 100}}
		}},
		{"prerequisite not chosen", "prerequisite", func(p allocator.Problem, plan *allocator.Plan) {
			use(plan, p.Candidates[0].Options[plan.Choices[a].Option], -1)
			plan.Choices = plan.Choices[1:]
			sums(plan)
		}},
		{"value does not add up", "value", func(_ allocator.Problem, plan *allocator.Plan) { plan.Value++; plan.Bound++ }},
		{"value not a number", "value", func(_ allocator.Problem, plan *allocator.Plan) { plan.Value = math.NaN() }},
		{"bound below value", "bound", func(_ allocator.Problem, plan *allocator.Plan) { plan.Bound = plan.Value * 0.999 }},
		{"optimal below its bound", "gap", func(_ allocator.Problem, plan *allocator.Plan) {
			plan.Bound = 2 * plan.Value
			plan.Gap, plan.Optimal = 1, true
		}},
		{"wrong gap", "gap", func(_ allocator.Problem, plan *allocator.Plan) { plan.Gap = plan.Gap*2 + 1 }},
		{"no reason", "reasons", func(_ allocator.Problem, plan *allocator.Plan) { plan.Reasons = plan.Reasons[1:] }},
		{"reason of another", "reasons", func(_ allocator.Problem, plan *allocator.Plan) { plan.Reasons[0].Candidate = "b" }},
		{"chosen for no reason", "reasons", func(_ allocator.Problem, plan *allocator.Plan) { plan.Reasons[0].Kind = allocator.NoRoom }},
		{"reason of no kind", "reasons", func(_ allocator.Problem, plan *allocator.Plan) { plan.Reasons[4].Kind = "because" }},
		{"said to be chosen", "reasons", func(_ allocator.Problem, plan *allocator.Plan) { plan.Reasons[4].Kind = allocator.Chosen }},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, plan := settled(t)
			test.spoil(p, &plan)
			err := allocator.Check(p, plan)
			var breach *allocator.PlanError
			if !errors.As(err, &breach) || breach.Rule != test.rule {
				t.Errorf("got %v, want a breach of %s", err, test.rule)
			}
		})
	}
}

// TestCheckRejectsMutants spoils plans of random problems in ways that no plan survives.
func TestCheckRejectsMutants(t *testing.T) {
	spoiled := 0
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		plan := solve(t, p)
		if len(plan.Choices) == 0 {
			return
		}
		i := rapid.IntRange(0, len(plan.Choices)-1).Draw(t, "choice")
		c := &plan.Choices[i]
		way := rapid.IntRange(0, 4).Draw(t, "way")
		switch {
		case way == 0:
			c.Start++
		case way == 1 && len(c.Cohort) > 0:
			c.Cohort[0].From--
		case way == 2 && len(c.Cohort) > 0:
			c.Cohort = append(c.Cohort, c.Cohort[len(c.Cohort)-1])
		case way == 3:
			plan.Choices = append(plan.Choices[:i:i], plan.Choices[i+1:]...)
		default:
			plan.Value += c.Value
		}
		if err := allocator.Check(p, plan); err == nil {
			t.Fatalf("way %d passes", way)
		}
		spoiled++
	})
	if spoiled < 50 && !testing.Short() { // short, rapid draws a fifth as many
		t.Errorf("only %d plans had something to spoil", spoiled)
	}
}
