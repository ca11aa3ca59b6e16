package planner

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator"
)

// night25 has room for some of 25 ideas of one size, some of which conflict or
// wait for another.
func night25() Snapshot {
	s := busyNight()
	s.Hypotheses, s.Starts = nil, s.Starts[1:]
	for i, id := range ids(25) {
		h := idea(id)
		h.Compute.Train = float64(10 * i)
		h.ICE = &ICE{Impact: 1 + float64(i%9), Confidence: 5, Ease: 5}
		if i%5 == 4 {
			h.Requires = []string{ids(25)[i-4]}
		}
		if i%7 == 6 {
			h.Conflicts = []string{ids(25)[i-1]}
		}
		s.Hypotheses = append(s.Hypotheses, h)
	}
	return s
}

func truthOf(s Snapshot) map[string]float64 {
	truth := map[string]float64{}
	for i, h := range s.Hypotheses {
		truth[h.ID] = 0.001 * float64(i%5-2)
	}
	return truth
}

// Whatever the order and the sizing, a walk stays within the capacity, waits
// for prerequisites, keeps conflicts apart and keeps to quotas: as a plan it passes the
// allocator's own rules for capacity by week.
func TestWalkKeepsTheRules(t *testing.T) {
	s := night25()
	s.Policy.Quotas = []Quota{{Source: Human, Of: "starts", Most: new(7.0)}, {Source: Human, Of: "users", Most: new(0.5)}}
	a, err := newArena(s, truthOf(s))
	if err != nil {
		t.Fatal(err)
	}
	theirs := a.quotas()[1].Most
	a.prices = prices{{allocator.GPUHour, "a100", 0}: 5}
	rapid.Check(t, func(t *rapid.T) {
		p := problem(a.Snapshot, a.candidates)
		b := newBook(p)
		design := rapid.SampledFrom([]string{priced, mostValuable, customary}).Draw(t, "design")
		taken := map[string]way{}
		for _, c := range rapid.Permutation(a.candidates).Draw(t, "order") {
			for _, w := range a.offers(c, design) {
				if b.fits(c, w) {
					b.take(c, w)
					taken[c.ID] = w
					break
				}
			}
		}
		if len(taken) == 0 {
			t.Fatal("nothing was taken")
		}
		users := 0
		for _, w := range taken {
			users += w.Buckets * w.rows
		}
		if len(taken) > 7 || int64(users) > *theirs {
			t.Fatalf("%d tests and %d bucket-weeks of at most 7 and %d", len(taken), users, *theirs)
		}
		for what, free := range b.free {
			if free < 0 {
				t.Fatalf("%v is overbooked by %g", what, -free)
			}
		}
		for _, c := range a.candidates {
			w, ok := taken[c.ID]
			for _, id := range c.requires {
				if before, done := taken[id]; ok && (!done || before.end() > w.week) {
					t.Fatalf("%s starts before %s has ended", c.ID, id)
				}
			}
			for _, id := range c.Conflicts {
				if o, both := taken[id]; ok && both && w.meets(o) {
					t.Fatalf("%s meets %s", c.ID, id)
				}
			}
		}
	})
}

func TestCustomary(t *testing.T) {
	p := smallPolicy()
	designs, err := belief(p).designs(idea("a"))
	if err != nil {
		t.Fatal(err)
	}
	// MDEs by share and weeks: 10%: 3.54%, 2.98%, 2.51%; 50%: 1.58%, 1.33%, 1.12%.
	for _, tc := range []struct {
		claim *Claim
		want  string
	}{
		{&Claim{Mid: 0.05}, "10% × 1 week"},
		{&Claim{Mid: -0.03}, "10% × 2 weeks"},
		{&Claim{Mid: 0.02}, "50% × 1 week"}, // 5,000 bucket-weeks, where 10% × 4 weeks detects 2.51% only
		{&Claim{Mid: 0.001}, "50% × 4 weeks"},
		{&Claim{}, "50% × 4 weeks"},
		{nil, "50% × 4 weeks"}, // 1%
	} {
		h := idea("a")
		h.Claim = tc.claim
		if got := (candidate{Hypothesis: h, designs: designs}).customary(); got.Name != tc.want {
			t.Errorf("%+v: %s, want %s", tc.claim, got.Name, tc.want)
		}
	}
}

// By hand: of two ideas one truly gains 1%, one loses 1%. The first ships with
// P = Φ(0.01/se), the second with Φ(−0.01/se), where se = 0.004·√2 at 50% × 1
// week (the only design) and the prior is centred on nothing.
func TestScoreByHand(t *testing.T) {
	s := Snapshot{At: tonight, Policy: smallPolicy(), Hypotheses: []Hypothesis{idea("a"), idea("b")}}
	s.Policy.Designs = Menu{Shares: []float64{0.5}, Weeks: []int{1}}
	m := belief(s.Policy)
	cs, err := candidates(s, m)
	if err != nil {
		t.Fatal(err)
	}
	a := arena{Snapshot: s, model: m, candidates: cs, truth: map[string]float64{"a": 0.01, "b": -0.01}}
	r := a.walk("in order", mostValuable, byArrival)
	if r.Tests != 2 {
		t.Fatalf("%+v", r)
	}
	near(t, "lift", r.Lift, 0.01*(0.961450-0.038550)) // Φ(±1.767767)
	near(t, "worth", r.Worth, r.Lift*5e8)
	near(t, "share", r.Share, r.Lift*5e8/1.51e9)
	// Both start tonight in layers of their own, train for 100 GPU-hours, serve
	// 2.5 more, and treat 250,000 users for a week: 103·$2 + 250,000·$0.001.
	near(t, "net", r.Net, r.Worth*2*0.99-2*(206+250))
}
