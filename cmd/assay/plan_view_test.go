package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/assay-planner/assay/planner"
)

func TestPlanShowsQuotas(t *testing.T) {
	most, tests := 0.2, 5.0
	p := planner.Plan{Value: 3e6, Bound: 3e6, Currency: "USD", Optimal: true, Cut: true, Quotas: []planner.QuotaUse{
		{Quota: planner.Quota{Source: planner.AI, Of: "gpu_hours", Most: &most}, Unit: "GPU-hour", All: 1000, Held: 50, Planned: 100, Price: 7.5},
		{Quota: planner.Quota{Team: "ads", Of: "users", Least: 0.1}, Unit: "bucket-week", All: 80_000, Planned: 4000, Short: 4000, Cost: 3},
		{Quota: planner.Quota{Team: "ads", Of: "starts", Most: &tests}, Unit: "start", Planned: 2},
	}}
	var out bytes.Buffer
	if err := (&app{out: &out, output: "table"}).printPlan(p); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"gap 0%, proved optimal", "source ai GPU-hours – 20% 15% – $7.50",
		"team ads bucket-weeks 10% – 5% 5% costs $3", "team ads starts – 5 2 – nothing"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

func TestPlanSaysWhyNothingStarts(t *testing.T) {
	p := planner.Plan{Currency: "USD", Backfill: &planner.Backfill{Of: "2026-11-23T02:00Z", Stopped: []string{"a@2026-11-23"},
		Freed: []planner.Freed{{Name: "a100", Unit: "GPU-hour", Left: []float64{120, 7}}}}}
	var out bytes.Buffer
	if err := (&app{out: &out, output: "table"}).printPlan(p); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"backfill of the plan of 2026-11-23T02:00Z, after 1 test stopped early", "Nothing starts before the next plan.", "of a100 120 GPU-hours are free until", "and 7 in the week after"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
