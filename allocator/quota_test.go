package allocator_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator"
)

// red marks a candidate as one of team red.
func red(c allocator.Candidate) allocator.Candidate {
	c.Groups = []string{"team red", "source ai"}
	return c
}

func TestQuotas(t *testing.T) {
	type options = []allocator.Option
	a := allocator.Candidate{ID: "a", Options: options{hours(0, 9, 60)}}
	b := red(allocator.Candidate{ID: "b", Options: options{hours(0, 8, 50)}})
	c := red(allocator.Candidate{ID: "c", Options: options{hours(1, 4, 50, 50)}})
	x := red(allocator.Candidate{ID: "x", Options: options{hours(1, 3, 40)}})
	for _, test := range []struct {
		name   string
		quota  allocator.Quota
		chosen []string
		share  allocator.Share // but for price and cost
		kind   allocator.ReasonKind
		text   string // of x
	}{
		{"none", allocator.Quota{Group: "team blue", Unit: allocator.Start}, []string{"a", "c", "x"}, allocator.Share{}, allocator.Chosen,
			"is worth 3.00 pt, takes capacity for 0 pt at tonight's prices, and leads doing nothing by 3.00 pt"},
		{"no more room", allocator.Quota{Group: "team red", Unit: allocator.Start, Most: new(int64(1))}, []string{"a", "c"},
			allocator.Share{Used: 1}, allocator.OverQuota, "would pay for its capacity, but needs 1 start of the quota of team red, where none is free"},
		{"too large alone", allocator.Quota{Group: "source ai", Unit: allocator.GPUHour, Most: new(int64(39))}, []string{"a"},
			allocator.Share{}, allocator.Infeasible, "would not fit even alone: its most valuable design needs 40 GPU-hours of the quota of source ai, where 39 are free"},
		{"better use", allocator.Quota{Group: "team red", Unit: allocator.GPUHour, Most: new(int64(120))}, []string{"a", "c"},
			allocator.Share{Used: 100}, allocator.OverQuota, "would pay for its capacity, but needs 40 GPU-hours of the quota of team red, where 20 are free"},
		{"least by value", allocator.Quota{Group: "team red", Unit: allocator.GPUHour, Least: 150}, []string{"b", "c", "x"},
			allocator.Share{Used: 190}, allocator.Chosen, "is worth 3.00 pt, takes capacity for 0 pt at tonight's prices, and leads doing nothing by 3.00 pt"},
		{"least that cannot be met", allocator.Quota{Group: "team red", Unit: allocator.Start, Least: 5}, []string{"b", "c", "x"},
			allocator.Share{Used: 3, Short: 2}, allocator.Chosen, "is worth 3.00 pt, takes capacity for 0 pt at tonight's prices, and leads doing nothing by 3.00 pt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := desk(a, b, c, x)
			p.Quotas = []allocator.Quota{test.quota}
			plan, err := allocator.Solve(context.Background(), p, allocator.Options{Unit: "pt"})
			if err != nil {
				t.Fatal(err)
			}
			if err := allocator.Check(p, plan); err != nil {
				t.Fatal(err)
			}
			var chosen []string
			for _, choice := range plan.Choices {
				chosen = append(chosen, choice.Candidate)
			}
			if d := cmp.Diff(test.chosen, chosen); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			got := plan.Quotas[0]
			if got.Used != test.share.Used || got.Short != test.share.Short || got.Group != test.quota.Group {
				t.Errorf("share %+v", got)
			}
			if r := plan.Reasons[3]; r.Kind != test.kind || r.Text != test.text {
				t.Errorf("x is %s: %s", r.Kind, r.Text)
			}
		})
	}
}

// TestLeastCosts: b, worth 1, is asked for in the place of a, worth 9, and the plan says
// what that costs and that no other that meets the quota is worth more.
func TestLeastCosts(t *testing.T) {
	p := desk(allocator.Candidate{ID: "a", Options: []allocator.Option{hours(0, 9, 60)}},
		red(allocator.Candidate{ID: "b", Options: []allocator.Option{hours(0, 1, 60)}}))
	p.Quotas = []allocator.Quota{{Group: "team red", Unit: allocator.Start, Least: 1}}
	plan, err := allocator.Solve(t.Context(), p, allocator.Options{Unit: "pt"})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Value != 1 || plan.Bound < 1 || plan.Quotas[0].Cost <= 0 {
		t.Errorf("worth %v of %v, at a cost of %v", plan.Value, plan.Bound, plan.Quotas[0].Cost)
	}
	want := "is worth 1.00 pt, takes capacity for 9.00 pt at tonight's prices, more than it is worth, but the least share of team red asks for it"
	if plan.Reasons[1].Text != want {
		t.Errorf("b %s", plan.Reasons[1].Text)
	}
}

// TestQuotasAreChecked spoils shares, and limits of a plan that kept others.
func TestQuotasAreChecked(t *testing.T) {
	p := desk(red(allocator.Candidate{ID: "a", Options: []allocator.Option{users("l2", 1, 5, 10, 5)}}))
	p.Quotas = []allocator.Quota{{Group: "team red", Unit: allocator.BucketWeek, Least: 30, Most: new(int64(100))}, {Group: "source ai", Unit: allocator.Start, Least: 2}}
	for name, spoil := range map[string]func(p *allocator.Problem, plan *allocator.Plan){
		"":                func(*allocator.Problem, *allocator.Plan) {},
		"use":             func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas[1].Used++ },
		"shortfall":       func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas[1].Short = 0 },
		"limit made up":   func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas[1].Most = new(int64(200)) },
		"least made up":   func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas[0].Least = 1 },
		"missing":         func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas = plan.Quotas[1:] },
		"of another":      func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas[0] = plan.Quotas[1] },
		"negative price":  func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas[1].Price = -1 },
		"limit forgotten": func(_ *allocator.Problem, plan *allocator.Plan) { plan.Quotas[1].Most = nil },
		"exceeded": func(p *allocator.Problem, plan *allocator.Plan) {
			p.Quotas = []allocator.Quota{{Group: "team red", Unit: allocator.BucketWeek, Most: new(int64(19))}}
			plan.Quotas = []allocator.Share{{Group: "team red", Unit: allocator.BucketWeek, Most: new(int64(19)), Used: 20}}
		},
	} {
		q := p
		plan, err := allocator.Solve(t.Context(), q, allocator.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if s := plan.Quotas; len(s) != 2 || s[1].Used != 20 || s[1].Short != 10 || s[0].Short != 1 {
			t.Fatalf("shares %+v", s) // two of its five weeks lie within the horizon
		}
		spoil(&q, &plan)
		err = allocator.Check(q, plan)
		if broken := (*allocator.PlanError)(nil); errors.As(err, &broken) != (name != "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
