package planner

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/history"
)

// past is a history of 60 experiments with lifts that differ by more than their
// standard errors explain, made by a seeded generator.
func past() (effects []history.Effect, noise []history.Noise) {
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 60 {
		e := history.Effect{Experiment: "E-" + strconv.Itoa(100+i), Arm: "t", Metric: "rpm", Surface: []string{"feed", "search"}[i%2],
			Source: []string{"human", "human", "ai"}[i%3], Ended: tonight.Add(-time.Duration(i+1) * week),
			Lift: math.Round(1e6*(0.003*rng.NormFloat64()+0.001*rng.NormFloat64())) / 1e6, SE: 0.001, Usable: i%10 != 9, Verdict: history.Usable}
		if !e.Usable {
			e.Verdict = "the split of users is not as planned"
		}
		effects = append(effects, e)
	}
	return effects, []history.Noise{
		{Surface: "feed", Metric: "rpm", RelativeSD: 2, Effects: 30},
		{Surface: "search", Metric: "rpm", RelativeSD: 3, Effects: 30},
	}
}

// calmNight has a hypothesis for every kind of reason that is not about scarce
// capacity. There is one best plan, and every price is 0, so that its golden
// file does not depend on how the allocator searches.
func calmNight() Snapshot {
	s := Snapshot{At: tonight, Policy: smallPolicy()}
	s.Effects, s.Noise = past()
	s.Policy.Designs.Shares = []float64{0.1, 0.25}
	s.Policy.Segments = append(s.Policy.Segments, Segment{Name: "video-all", Surface: "video", WeeklyUsers: 1e6, Share: 1,
		Layers: []Layer{{Name: "any"}}}) // where a lift is worth nothing
	with := func(id string, change func(*Hypothesis)) {
		h := idea(id)
		change(&h)
		s.Hypotheses = append(s.Hypotheses, h)
	}
	with("ai", func(h *Hypothesis) {
		h.Source, h.Generator, h.Team, h.Segment = AI, "lattice", "feed-ads", "feed-eu"
		h.Compute, h.ICE = Demand{Pool: "a100", Train: 20, Serve: 10}, &ICE{Impact: 5, Confidence: 4, Ease: 3}
	})
	with("conflict", func(h *Hypothesis) { h.Conflicts, h.Compute = []string{"runs"}, Demand{} })
	with("dear", func(h *Hypothesis) { h.Compute = Demand{Pool: "l4", Train: 51} })
	with("eu", func(h *Hypothesis) { h.Segment, h.Compute = "feed-eu", Demand{} })
	with("ended", func(*Hypothesis) {})
	with("follows", func(h *Hypothesis) { h.Component, h.Requires, h.Compute = "auction", []string{"runs"}, Demand{} })
	with("guardrail", func(h *Hypothesis) { h.Metric = "hide_rate" })
	with("late", func(h *Hypothesis) { h.Submitted = tonight.Add(time.Second) })
	with("poor", func(h *Hypothesis) { h.Surface, h.Compute = "video", Demand{} })
	with("runs", func(*Hypothesis) {})
	with("waits", func(h *Hypothesis) { h.Requires = []string{"never-seen", "dear"} })
	with("withdrawn", func(h *Hypothesis) { at := tonight.Add(-time.Minute); h.Withdrawn = &at })
	s.Starts = []Start{earlier("ended", -3*week, "any"), earlier("runs", -3*aDay, "any")}
	return s
}

// busyNight adds more ideas than there is room for.
func busyNight() Snapshot {
	s := calmNight()
	s.Policy.Designs.Shares = []float64{0.1, 0.5}
	for _, id := range ids(14) {
		s.Hypotheses = append(s.Hypotheses, idea(id))
	}
	return s
}

// earlier is a start of two weeks on half the buckets of a layer of feed-us.
func earlier(id string, ago time.Duration, layer string) Start {
	s := runs(tonight.Add(ago), 103, 3)
	s.Hypothesis, s.Experiment, s.Segment, s.Layer = id, id+"@"+s.From.Format(time.DateOnly), "feed-us", layer
	s.Control, s.Treatment = []allocator.Range{{From: 0, To: 2500}}, []allocator.Range{{From: 2500, To: 5000}}
	s.Design.Name, s.Design.Share, s.Design.Buckets = "50% × 2 weeks", 0.5, 5000
	return s
}

func mustMake(t testing.TB, s Snapshot) Plan {
	t.Helper()
	p, err := Make(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCalmPlan(t *testing.T) {
	golden(t, "calm_plan", digits(t, mustMake(t, calmNight())))
}

// digits prints JSON with numbers of six digits: the last ones differ between
// processors that fuse multiplication and addition and those that do not.
func digits(t *testing.T, v any) string {
	var tree any
	if err := json.Unmarshal([]byte(mustJSON(t, v)), &tree); err != nil {
		t.Fatal(err)
	}
	return mustJSON(t, rounded(tree)) + "\n"
}

func rounded(v any) any {
	switch v := v.(type) {
	case float64:
		r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
		return r
	case []any:
		for i := range v {
			v[i] = rounded(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = rounded(v[k])
		}
	}
	return v
}

func TestReasonKinds(t *testing.T) {
	p := mustMake(t, busyNight())
	got, scarce := map[string]string{}, 0
	for _, e := range p.Entries {
		got[e.Hypothesis] = e.ReasonKind
		if e.ReasonKind == "outpriced" || e.ReasonKind == "no_room" {
			scarce++
		}
	}
	for id, want := range map[string]string{
		"dear": "infeasible", "guardrail": "no_history", "poor": "no_value", "waits": "prerequisite", "eu": "chosen",
	} {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	if scarce == 0 {
		t.Errorf("nothing is kept out by scarce capacity: %v", got)
	}
	for _, id := range []string{"late", "withdrawn", "runs", "ended"} {
		if kind, ok := got[id]; ok {
			t.Errorf("%s is in the plan: %s", id, kind)
		}
	}
	if len(p.Running) != 1 || p.Running[0].Hypothesis != "runs" {
		t.Errorf("running: %+v", p.Running)
	}
}

// A conflict of running work is kept off its users in the other layer, and a
// prerequisite that runs is waited for, in whole weeks.
func TestAroundRunningWork(t *testing.T) {
	s := busyNight()
	s.Policy.Designs.Weeks = []int{1}
	s = s.asOf()
	m, err := fitModel(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	cs, err := candidates(s, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		for _, w := range c.ways {
			switch { // "runs" ends in 11 days, within week 1
			case c.ID == "follows" && w.week < 2:
				t.Errorf("follows may start in week %d", w.week)
			case c.ID == "conflict" && w.week < 2 && w.layer != "any":
				t.Errorf("conflict may start in week %d in %s", w.week, w.layer)
			}
		}
		if c.ID == "follows" && (len(c.requires) != 0 || len(c.ways) == 0) {
			t.Errorf("follows still requires %v and has %d ways", c.requires, len(c.ways))
		}
	}
	m.Policy.HorizonWeeks, s.Policy.HorizonWeeks = 1, 1
	cs, err = candidates(s, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		if c.ID == "follows" && (c.blocked == nil || c.blocked.Reason != "waits for runs, which runs until 4 Dec 2026") {
			t.Errorf("follows: %v", c.blocked)
		}
	}
}

// The order of the inputs, and what happened after the night, change nothing.
func TestSameNightSamePlan(t *testing.T) {
	want := mustJSON(t, mustMake(t, busyNight()))
	rapid.Check(t, func(t *rapid.T) {
		s := busyNight()
		s.Effects = rapid.Permutation(s.Effects).Draw(t, "effects")
		s.Noise = rapid.Permutation(s.Noise).Draw(t, "noise")
		s.Hypotheses = rapid.Permutation(s.Hypotheses).Draw(t, "hypotheses")
		s.Starts = rapid.Permutation(s.Starts).Draw(t, "starts")
		s.At = s.At.In(time.FixedZone("elsewhere", 3600))

		h := idea("later")
		h.Submitted = tonight.Add(time.Duration(rapid.IntRange(1, 1e9).Draw(t, "after")))
		s.Hypotheses = append(s.Hypotheses, h)
		s.Starts = append(s.Starts, earlier("h-01", 0, "ranking"))
		s.Effects = append(s.Effects, history.Effect{Metric: "rpm", Surface: "feed", Lift: 9, SE: 0.1, Usable: true, Ended: h.Submitted})
		i := rapid.IntRange(0, 5).Draw(t, "withdrawn after")
		for j := range s.Hypotheses {
			if s.Hypotheses[j].ID == ids(14)[i] {
				s.Hypotheses[j].Withdrawn = &h.Submitted
			}
		}
		p, err := Make(s)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(p, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, string(text)); d != "" {
			t.Fatal(d)
		}
	})
}

// The digest names the inputs that a plan may depend on, and nothing else.
func TestDigest(t *testing.T) {
	base := mustMake(t, busyNight()).Evidence.Digest
	for name, change := range map[string]func(*Snapshot){
		"policy":     func(s *Snapshot) { s.Policy.DelayCost = 0.02 },
		"effect":     func(s *Snapshot) { s.Effects[3].Lift += 1e-9 },
		"verdict":    func(s *Snapshot) { s.Effects[3].Usable = false },
		"noise":      func(s *Snapshot) { s.Noise[0].RelativeSD = 2.1 },
		"hypothesis": func(s *Snapshot) { s.Hypotheses[2].Text = "because" },
		"start":      func(s *Snapshot) { s.Starts[1].Treatment[0].To-- },
	} {
		s := busyNight()
		change(&s)
		if got := mustMake(t, s).Evidence.Digest; got == base {
			t.Errorf("%s: the digest stays %s", name, got)
		}
	}
	s := busyNight()
	s.Starts = append(s.Starts, earlier("h-01", time.Hour, "any")) // not yet
	if got := mustMake(t, s).Evidence.Digest; got != base || len(got) != len("sha256:")+64 {
		t.Errorf("the digest is %s, want %s", got, base)
	}
}

// One effect is little, but not nothing.
func TestOneEffect(t *testing.T) {
	s := busyNight()
	s.Effects = s.Effects[:1]
	p := mustMake(t, s)
	if len(p.Priors) != 1 || p.Evidence.Usable != 1 {
		t.Errorf("priors %+v, evidence %+v", p.Priors, p.Evidence)
	}
	mustJSON(t, p)
}

func TestMakeRefuses(t *testing.T) {
	for name, change := range map[string]func(*Snapshot){
		"plan: the snapshot has no time":                                 func(s *Snapshot) { s.At = time.Time{} },
		"plan: the hypothesis ai occurs twice":                           func(s *Snapshot) { s.Hypotheses = append(s.Hypotheses, idea("ai")) },
		"invalid policy: currency is missing; write, say, currency: USD": func(s *Snapshot) { s.Policy.Currency = "" },
	} {
		s := busyNight()
		change(&s)
		if _, err := Make(s); err == nil || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

// With no history at all there is still a plan: nothing in it, and why.
func TestEmptyNight(t *testing.T) {
	p := mustMake(t, Snapshot{At: tonight, Policy: smallPolicy(), Hypotheses: []Hypothesis{idea("a")}})
	if len(p.Entries) != 1 || p.Entries[0].ReasonKind != "no_history" || p.Value != 0 || len(p.Uses) == 0 {
		t.Errorf("%+v", p)
	}
	mustJSON(t, p)
	if p := mustMake(t, Snapshot{At: tonight, Policy: smallPolicy()}); mustJSON(t, p.Entries) != "[]" {
		t.Errorf("%+v", p)
	}
}
