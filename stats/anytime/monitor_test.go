package anytime

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func looksAt(users []int, values, ses []float64) (looks []Look) {
	for i := range values {
		looks = append(looks, Look{users[i], stats.Estimate{Value: values[i], SE: ses[i]}})
	}
	return looks
}

func TestMonitorDecides(t *testing.T) {
	users := []int{10_000, 40_000, 160_000}
	ses := []float64{0.02, 0.01, 0.005}
	for name, c := range map[string]struct {
		design   Design
		values   []float64
		decision Decision
		at       int
		says     string
	}{
		"goes on":                 {Design{MDE: 0.02, Margin: 0.01}, []float64{0.01, 0.005, 0.006}, Continue, 0, "includes 0 and effects beyond ±0.01"},
		"establishes a rise":      {Design{MDE: 0.02}, []float64{0.01, 0.04, 0.035}, Difference, 2, "above 0"},
		"establishes a fall":      {Design{MDE: 0.02}, []float64{-0.09, -0.04, -0.035}, Difference, 1, "(10,000 users)"},
		"sees nothing any more":   {Design{MDE: 0.02, Margin: 0.02}, []float64{0.001, 0.002, 0.001}, NoEffect, 3, "within 0 ± 0.02"},
		"a small but sure effect": {Design{MDE: 0.02, Margin: 0.05}, []float64{0.03, 0.02, 0.02}, NoEffect, 3, "within"},
		"waits for the burn-in":   {Design{MDE: 0.02, BurnIn: 100_000}, []float64{0.2, 0.2, 0.001}, Continue, 0, "at look 3"},
		"one-sided the wrong way": {Design{MDE: 0.02, Sides: stats.Less}, []float64{0.2, 0.2, 0.1}, Continue, 0, "at most"},
		"yeast at its end":        {Design{Method: Yeast, PlannedSE: 0.005}, []float64{0.03, 0.02, 0.012}, Difference, 3, "above 0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := assert.Must(c.design.Monitor(looksAt(users, c.values, ses)))
			if name == "a small but sure effect" { // what is true of it may be said either way
				if r.Decision == Continue || !strings.Contains(r.Reason, "within") {
					t.Errorf("%s: %s", r.Decision, r.Reason)
				}
				return
			}
			if r.Decision != c.decision || r.StoppedAt != c.at || !strings.Contains(r.Reason, c.says) {
				t.Errorf("%s at look %d: %s", r.Decision, r.StoppedAt, r.Reason)
			}
		})
	}
}

func TestMonitorWarns(t *testing.T) {
	for says, c := range map[string]struct {
		design      Design
		users       []int
		values, ses []float64
	}{
		"burn-in":      {Design{MDE: 0.1}, []int{200}, []float64{0}, []float64{1}},
		"rose from":    {Design{MDE: 0.1}, []int{2000, 4000}, []float64{0, 0}, []float64{0.1, 0.106}},
		"excludes all": {Design{MDE: 0.1}, []int{2000, 4000}, []float64{1, -1}, []float64{0.1, 0.09}},
		"planned end":  {Design{Method: Yeast, PlannedSE: 0.2}, []int{2000, 4000}, []float64{1, 1}, []float64{0.3, 0.1}},
	} {
		r := assert.Must(c.design.Monitor(looksAt(c.users, c.values, c.ses)))
		if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], says) {
			t.Errorf("%s: got %q", says, r.Warnings)
		}
	}
	if r := assert.Must(Design{MDE: 0.1}.Monitor(looksAt([]int{2000, 4000, 5000}, []float64{0, 0, 0}, []float64{0.2, 0.1, 0.104}))); len(r.Warnings) > 0 {
		t.Errorf("warnings of a healthy test: %q", r.Warnings)
	}
}

// A result goes through JSON unchanged, infinite ends and all.
func TestResultJSON(t *testing.T) {
	r := assert.Must(Design{MDE: 0.02, Sides: stats.Greater, BurnIn: 20_000}.Monitor(looksAt([]int{10_000, 40_000}, []float64{0.01, 0.04}, []float64{0.02, 0.01})))
	text := assert.Must(json.Marshal(r))
	var back Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if again := assert.Must(json.Marshal(back)); string(again) != string(text) || !strings.Contains(string(text), `"low":null`) || !math.IsInf(back.Interval.High, 1) {
		t.Errorf("%s\n%s", text, again)
	}
	if !strings.Contains(string(text), `"users":10000,"value":0.01,"se":0.02,"used":false`) {
		t.Errorf("a step is not flat: %s", text)
	}
}

// A reason never rounds the p-value onto the other side of α.
func TestReasonTellsPFromAlpha(t *testing.T) {
	for p, want := range map[float64]string{0.05: "0.05", 0.0500001: "0.0500001", 0.0499: "0.05", 0.06: "0.06", 1: "1", 0: "0"} {
		if got := beside(p, 0.05); got != want {
			t.Errorf("%g beside 0.05 is %s, want %s", p, got, want)
		}
	}
	if got := beside(0.0104, 0.01); got != "0.0104" {
		t.Error(got)
	}
}
