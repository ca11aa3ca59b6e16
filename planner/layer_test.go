package planner

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/cohort"
)

func TestPartitions(t *testing.T) {
	p := smallPolicy()
	p.Segments[1].Layers[0] = Layer{Name: "any", Salt: "2026", Buckets: 1000, Holdout: 0.0105}
	got := p.Partitions()
	want := []Partition{
		{Segment: "feed-us", Layer: "ranking", Salt: "feed-us/ranking", Buckets: 10_000},
		{Segment: "feed-us", Layer: "any", Salt: "feed-us/any", Buckets: 10_000},
		{Segment: "feed-eu", Layer: "any", Salt: "2026", Buckets: 1000, Holdout: []cohort.Range{{From: 989, To: 1000}}},
		{Segment: "search-all", Layer: "ranking", Salt: "search-all/ranking", Buckets: 10_000},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}

func TestCheckLayers(t *testing.T) {
	for _, tc := range []struct {
		spoil func(*Policy)
		want  string
	}{
		{func(p *Policy) { p.Segments[0].Layers[0].Holdout = 0.95 }, "segments feed-us: layers ranking: holdout is 0.95; it must lie between 0 and 0.9"},
		{func(p *Policy) { p.Segments[0].Layers[0].Buckets = -1 }, "segments feed-us: layers ranking: buckets is -1; it must lie between 10 and 1048576"},
		{func(p *Policy) { p.Segments[0].Layers[0].Salt = "a:b" }, `segments feed-us: layers ranking: salt is "a:b"; write a salt of 1 to 200 bytes without a colon`},
		{func(p *Policy) { p.Segments[0].Layers[0].Name = "a:b" }, `salt, which follows from the names, is "feed-us/a:b"; write a salt`},
		{func(p *Policy) { p.Segments[0].Layers[0].Salt = "feed-eu/any" }, `segments feed-eu: layers any: salt is "feed-eu/any", and so is that of feed-us/ranking: the two would not be independent; give one another salt`},
		{func(p *Policy) { p.Segments[1].Layers[0].Buckets, p.Designs.Shares = 100, []float64{0.5, 0.03} }, "segments feed-eu: layers any: buckets is 100, of which a share of 0.03 is no even number: give the layer more buckets, or change designs.shares"},
		{func(p *Policy) { p.CoolDown.Weeks = -1 }, "cool_down.weeks is -1; it must lie between 0 and 104"},
		{func(p *Policy) { p.CoolDown.Lift = -0.1 }, "cool_down.lift is -0.1; it must lie between 0 and 10"},
	} {
		p := smallPolicy()
		tc.spoil(&p)
		if err := p.Check(); !errors.Is(err, ErrPolicy) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v\nwant %s", err, tc.want)
		}
	}
}

// A design has its share of the buckets of every layer, however many that are.
func TestDesignInLayer(t *testing.T) {
	d := &Design{Share: 0.05, Buckets: 500, Ramp: []Stage{{Share: 0.011, Days: 2, Buckets: 110}}}
	p := smallPolicy()
	for buckets, want := range map[int][2]int{10_000: {500, 110}, 1000: {50, 10}, 200_000: {10_000, 2200}} {
		if got := p.in(d, idea("a"), p.Segments[0], Layer{Name: "any", Buckets: buckets}); got.Buckets != want[0] || got.Ramp[0].Buckets != want[1] {
			t.Errorf("%d, first %d, of %d buckets, want %d", got.Buckets, got.Ramp[0].Buckets, buckets, want)
		}
	}
	if d.Buckets != 500 {
		t.Error("the design itself has changed")
	}
	strong := idea("a")
	strong.Strong = true
	p.CoolDown.Weeks = 2
	for _, tc := range []struct {
		own  *CoolDown
		want int
	}{{nil, 2}, {&CoolDown{Weeks: 5}, 5}, {&CoolDown{}, 0}} {
		if got := p.in(d, strong, p.Segments[0], Layer{Name: "any", CoolDown: tc.own}).CoolDown; got != tc.want {
			t.Errorf("a strong treatment rests for %d weeks under %v, want %d", got, tc.own, tc.want)
		}
	}
}

// What runs keeps its users: a policy that would move them is refused.
func TestUnmoved(t *testing.T) {
	r := runs(tonight.Add(-week), 1, 1)
	r.Segment, r.Layer, r.Experiment = "feed-us", "any", "r@2026-11-16"
	r.Control = []allocator.Range{{From: 0, To: 5}}
	for _, tc := range []struct {
		now, then Layer
		want      string
	}{
		{Layer{Name: "any"}, Layer{Name: "any"}, ""},
		{Layer{Name: "any"}, Layer{Name: "any", Buckets: 10_000, Salt: "feed-us/any"}, ""},
		{Layer{Name: "any", Salt: "new"}, Layer{Name: "any"}, `invalid policy: segments feed-us: layers any: salt is "new", but r@2026-11-16 runs until 30 Nov 2026 on users found by "feed-us/any": write salt: "feed-us/any" until then, withdraw it, or add a new layer`},
		{Layer{Name: "any", Buckets: 1000}, Layer{Name: "any"}, `invalid policy: segments feed-us: layers any: buckets is 1000, but r@2026-11-16 runs until 30 Nov 2026 on users found by 10000: write buckets: 10000 until then, withdraw it, or add a new layer`},
		{Layer{Name: "other"}, Layer{Name: "any"}, ""},
	} {
		r.Salt, r.Of = tc.then.Salt, tc.then.Buckets
		s := Snapshot{At: tonight, Policy: smallPolicy(), Starts: []Start{r}}
		s.Policy.Segments[0].Layers[1] = tc.now
		if err := s.check(); (err == nil) != (tc.want == "") || err != nil && err.Error() != tc.want {
			t.Errorf("%+v, then %+v: %v, want %s", tc.now, tc.then, err, tc.want)
		}
	}
}
