package analysis

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/health"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func TestSegments(t *testing.T) {
	x := test(in("os=ios", mean("c", "m", 1000, 10, 4)), in("os=ios", mean("t", "m", 1000, 11, 4)),
		in("os=web", mean("c", "m", 2000, 5, 4)), in("os=web", mean("t", "m", 2000, 5, 4)),
		in("land=de", mean("c", "m", 3000, 6.7, 9)), in("land=de", mean("t", "m", 3000, 7, 9)))
	r := run(t, x)
	c := first(r)
	if len(c.Segments) != 1 || c.Segments[0].Dimension != "os" || c.Segments[0].Lift.P > 1e-6 {
		t.Fatalf("segments: %+v", c.Segments)
	}
	if c.Result.Control.N != 3000 || !near(c.Result.Control.Mean, 20000.0/3000, 1e-12) {
		t.Errorf("everybody: %+v", c.Result.Control)
	}
	// Overlapping segments beside the whole are told.
	whole := run(t, test(mean("c", "m", 3000, 6.7, 9), mean("t", "m", 3000, 7, 9), in("a", mean("c", "m", 2000, 6, 9)), in("a", mean("t", "m", 2000, 6, 9)),
		in("b", mean("c", "m", 2000, 6, 9)), in("b", mean("t", "m", 2000, 6, 9))))
	if !slices.ContainsFunc(first(whole).Warnings, func(w string) bool { return strings.Contains(w, "overlap") }) {
		t.Errorf("no warning of overlap in %q", first(whole).Warnings)
	}
	// Simpson: within segments the treatment wins, together it loses.
	simpson := run(t, test(in("a", mean("c", "m", 9000, 10, 1)), in("b", mean("c", "m", 1000, 2, 1)), in("a", mean("t", "m", 1000, 10.5, 1)), in("b", mean("t", "m", 9000, 2.5, 1))))
	if w := strings.Join(first(simpson).Warnings, " "); !strings.Contains(w, "Simpson") && !strings.Contains(w, "mix") {
		t.Errorf("no warning of Simpson's paradox in %q", w)
	}
	if simpson.Status != health.OK {
		t.Logf("status %s", simpson.Status)
	}
}

// Where rows of segments have covariates each segment is adjusted by itself; where
// one is too small for it, it stays as it is and says so.
func TestSegmentsAreAdjusted(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	users := func(arm, segment string, n int, lift float64) Row {
		var m effect.Moments
		for range n {
			x := rng.NormFloat64()
			if err := m.Add(10+lift+2*x+rng.NormFloat64(), x, rng.NormFloat64()); err != nil {
				t.Fatal(err)
			}
		}
		return in(segment, Row{Arm: arm, Metric: "m", Moments: m})
	}
	x := test(users("c", "os=ios", 900, 0), users("t", "os=ios", 1000, 0.1), users("c", "os=web", 500, 0), users("t", "os=web", 500, 0.3),
		users("c", "os=tv", 2, 0), users("t", "os=tv", 2, 0),
		in("land=de", mean("c", "m", 1402, 10, 5)), in("land=de", mean("t", "m", 1000, 10, 5)), in("land=fr", mean("c", "m", 1000, 10, 5)), in("land=fr", mean("t", "m", 500, 10, 5)))
	for _, a := range []effect.Adjustment{effect.CUPED, effect.Lin, effect.OLS} {
		c := first(runWith(t, x, Options{Adjustment: a}))
		s := c.Segments[0]
		if s.Adjustment != a || !slices.Contains(s.Adjusted, "os=ios") || !slices.Contains(s.Adjusted, "os=web") {
			t.Fatalf("%s: %v by %s", a, s.Adjusted, s.Adjustment)
		}
		adjusted := assert.Must(effect.Adjust(x.Rows[1].Moments, x.Rows[0].Moments, a))
		want := assert.Must(adjusted.Compare(effect.Options{}))
		if got := s.Segments.Segments[0]; !near(got.Lift.Value, want.Lift.Value, 1e-12) || !near(got.Lift.SE, want.Lift.SE, 1e-12) || !near(got.P, want.P, 1e-12*want.P) {
			t.Errorf("%s: %+v, want %+v", a, got.Result, want)
		}
		if by := c.Segments[1]; by.Adjusted != nil || by.Adjustment != "" {
			t.Errorf("segments without covariates are adjusted: %v", by.Adjusted)
		}
	}
	lin := first(runWith(t, x, Options{Adjustment: effect.Lin}))
	if len(lin.Segments[0].Segments.Segments) != 3 || slices.Contains(lin.Segments[0].Adjusted, "os=tv") || !strings.Contains(strings.Join(lin.Warnings, "\n"), "os=tv is not adjusted for covariates") {
		t.Errorf("two users an arm: %v, %q", lin.Segments[0].Adjusted, lin.Warnings)
	}
	if none := first(runWith(t, x, Options{Adjustment: None})); none.Segments[0].Adjusted != nil {
		t.Error("none adjusts segments")
	}
	x.Rows[1].Moments = mean("t", "m", 1000, 10, 4).Moments
	_, err := Run(x, Options{})
	assert.Field(t, err, "Rows[1].Moments.Means")
}
