package planner

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// By hand, for 50% × 4 weeks of feed-us: 1,000,000·√4·50%/2 = 500,000 users per
// arm; se = 2·√(2/500,000) = 0.004; MDE = (1.959964 + 0.841621)·0.004. The
// posterior mean has SD 0.003²/0.005 = 0.0018, so the gain under N(0, 0.003²)
// is 0.0018/√(2π) = 0.000718096; times 1e9·0.5·2 and 0.99⁴ = 0.96059601 that is
// 689,800.3. 250,000 users are treated: 10·0.25 = 2.5 GPU-hours a week, and 100
// to train: 103, 3, 3, 3 at $2, and 1,000,000 user-weeks at $0.001: $1,224.
func TestDesignByHand(t *testing.T) {
	p := smallPolicy()
	designs, err := belief(p).designs(idea("a"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range designs {
		names = append(names, d.Name)
	}
	if d := cmp.Diff("10% × 1 week|10% × 2 weeks|10% × 4 weeks|50% × 1 week|50% × 2 weeks|50% × 4 weeks", strings.Join(names, "|")); d != "" {
		t.Fatal(d)
	}
	d := designs[5]
	near(t, "users per arm", d.UsersPer, 500_000)
	near(t, "se", d.SE, 0.004)
	near(t, "mde", d.MDE, (1.95996398+0.84162123)*0.004)
	near(t, "P(ship)", d.ProbShip, 0.5)
	near(t, "gain", d.Gain, 689_800.2796)
	near(t, "cost", d.Cost, 1224)
	near(t, "value tonight", p.value(d, 0), 688_576.2796)
	near(t, "value in week 2", p.value(d, 2), 689_800.2796*0.9801-1224)
	if diff := cmp.Diff([]float64{103, 3, 3, 3}, d.GPUHours); diff != "" || d.Buckets != 5000 {
		t.Errorf("%d buckets; GPU-hours (-want +got):\n%s", d.Buckets, diff)
	}
}

// With z = 1.959964 the estimate must exceed 0.00784; it is N(0, 0.005²).
func TestSignificantRule(t *testing.T) {
	p := smallPolicy()
	p.ShipRule = ShipRule{Rule: "significant", Alpha: 0.025}
	designs, err := belief(p).designs(idea("a"))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "P(ship)", designs[5].ProbShip, 0.05844393) // 1 − Φ(1.567971)
	// E[δ; ships] = τ²/s·φ(1.567971) = 0.0018·0.116702
	near(t, "gain", designs[5].Gain/1e9/0.96059601, 0.0018*math.Exp(-1.95996398*1.95996398*0.64/2)/math.Sqrt(2*math.Pi))
}

func TestNoDesign(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Hypothesis, *Model)
		kind   string
		reason string
	}{
		{"no prior", func(h *Hypothesis, _ *Model) { h.Metric = "hide_rate" }, "no_history",
			"no past experiment measured hide_rate: there is nothing to forecast its lift from"},
		{"no noise", func(_ *Hypothesis, m *Model) { m.Noise = nil }, "no_history",
			"no past experiment measured rpm on any surface: how many users a test needs is unknown"},
		{"no layer", func(h *Hypothesis, _ *Model) { h.Surface, h.Component = "search", "auction" }, "infeasible",
			"no layer of search-all takes changes of auction"},
		{"no segment", func(h *Hypothesis, _ *Model) { h.Segment = "feed-mars" }, "infeasible", "the policy has no segment feed/feed-mars"},
		{"no pool", func(h *Hypothesis, _ *Model) { h.Compute.Pool = "tpu" }, "infeasible", "the policy has no pool tpu"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h, m := idea("a"), belief(smallPolicy())
			tc.change(&h, &m)
			_, err := m.designs(h)
			var u *unplannableError
			if !errors.As(err, &u) || u.Kind != tc.kind || u.Reason != tc.reason {
				t.Errorf("got %#v", err)
			}
		})
	}
}

// Whatever is dropped, some design that is left is at least as good in every
// respect and at every start week.
func TestUndominated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := smallPolicy()
		p.HorizonWeeks = rapid.IntRange(1, 8).Draw(t, "horizon")
		small := rapid.IntRange(0, 3)
		var all []Design
		for range rapid.IntRange(1, 12).Draw(t, "designs") {
			d := Design{Buckets: small.Draw(t, "buckets"), Weeks: 1 + small.Draw(t, "weeks"),
				Gain: float64(small.Draw(t, "gain")), Cost: float64(small.Draw(t, "cost"))}
			for range d.Weeks {
				d.GPUHours = append(d.GPUHours, float64(small.Draw(t, "hours")))
			}
			all = append(all, d)
		}
		left := p.undominated(all)
		for _, d := range all {
			found := false
			for _, e := range left {
				ok := e.Buckets <= d.Buckets && e.Weeks <= d.Weeks
				for k := range p.HorizonWeeks {
					ok = ok && p.value(e, float64(k)) >= p.value(d, float64(k))
				}
				for k := range e.GPUHours {
					ok = ok && e.GPUHours[k] <= d.GPUHours[k]
				}
				found = found || ok
			}
			if !found {
				t.Fatalf("nothing left beats %+v", d)
			}
		}
	})
}
