package planner

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/allocator"
)

func TestCheckQuotas(t *testing.T) {
	for _, tc := range []struct {
		quota Quota
		want  string
	}{
		{Quota{Of: "starts", Least: 1}, `quotas[0]: it names the team "" and the source ""; write one of them`},
		{Quota{Team: "ads", Source: AI, Of: "starts", Least: 1}, `quotas[0]: it names the team "ads" and the source "ai"; write one of them`},
		{Quota{Source: "robot", Of: "starts", Least: 1}, `quotas[0]: source is "robot"; it must be human or ai`},
		{Quota{Team: "ads", Of: "tests", Least: 1}, `quotas[0]: of is "tests"; it must be gpu_hours, users or starts`},
		{Quota{Team: "ads", Of: "users", Least: 1.5}, `quotas[0]: team ads: least is 1.5; it must be a share between 0 and 1`},
		{Quota{Team: "ads", Of: "users", Least: math.NaN()}, `quotas[0]: team ads: least is NaN; it must be a share between 0 and 1`},
		{Quota{Team: "ads", Of: "starts", Most: new(2.5)}, `quotas[0]: team ads: most is 2.5; it must be a whole number, 0 or more`},
		{Quota{Team: "ads", Of: "gpu_hours", Least: 0.3, Most: new(0.2)}, `quotas[0]: team ads: most is 0.2, less than the least, 0.3`},
		{Quota{Team: "ads", Of: "gpu_hours"}, `quotas[0]: team ads has neither least nor most; write one, or leave it out`},
	} {
		p := smallPolicy()
		p.Quotas = []Quota{tc.quota}
		if err := p.Check(); !errors.Is(err, ErrPolicy) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v\nwant %s", err, tc.want)
		}
	}
	p := smallPolicy()
	p.Quotas = []Quota{{Team: "ads", Of: "users", Least: 0.1}, {Team: "ads", Of: "users", Most: new(0.2)}}
	if err := p.Check(); !errors.Is(err, ErrPolicy) || !strings.Contains(err.Error(), "quotas[1]: team ads has a quota of users already") {
		t.Error(err)
	}
}

// TestQuotasInAPlan limits the people's users, asks for more AI tests than there are
// ideas, and counts what runs.
func TestQuotasInAPlan(t *testing.T) {
	s := busyNight()
	free := mustMake(t, s)
	all := 0
	for _, e := range free.Entries {
		if e.Source == Human && e.Start != nil {
			all++
		}
	}
	s.Policy.Quotas = []Quota{
		{Source: Human, Of: "users", Most: new(0.25)},
		{Source: Human, Of: "starts", Most: new(float64(all - 1))},
		{Source: AI, Of: "starts", Least: 3},
		{Team: "feed-ads", Of: "gpu_hours", Least: 0.01, Most: new(0.9)},
	}
	p := mustMake(t, s)
	users, human, kinds := 0.0, 0, map[string]int{}
	for _, e := range p.Entries {
		kinds[e.ReasonKind]++
		if e.Start == nil || e.Source != Human {
			continue
		}
		human++
		for k := e.Start.Week; k < min(p.Weeks, e.Start.Week+e.Start.Design.Weeks+e.Start.Design.CoolDown); k++ {
			n := e.Start.Design.Buckets
			if k >= e.Start.Week+e.Start.Design.Weeks {
				n /= 2
			}
			users += float64(n)
		}
	}
	q := p.Quotas[0]
	if q.Planned != users || q.Held+q.Planned > 0.25*q.All+1e-9 || q.Held != 5000*2 {
		t.Errorf("the people have %v; the plan says %+v", users, q)
	}
	if q := p.Quotas[1]; human > all-1 || q.Planned != float64(human) || q.Unit != allocator.Start {
		t.Errorf("%d tests of people, of at most %d: %+v", human, all-1, q)
	}
	if q := p.Quotas[2]; q.Planned != 1 || q.Short != 2 {
		t.Errorf("of AI: %+v", q)
	}
	if q := p.Quotas[3]; q.Short != 0 || q.Planned < math.Floor(0.01*q.All) || q.Group() != "team feed-ads" {
		t.Errorf("of the team: %+v", q)
	}
	if kinds["quota"] == 0 {
		t.Errorf("nothing is kept out by its quota: %v", kinds)
	}
	for _, e := range p.Entries {
		if e.ReasonKind == "quota" && !strings.Contains(e.Reason, "for the quota of source human: it needs ") {
			t.Errorf("%s: %s", e.Hypothesis, e.Reason)
		}
	}
}
