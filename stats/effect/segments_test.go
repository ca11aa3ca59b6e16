package effect

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// Kidney stones: Charig et al. (1986), BMJ 292:879–882; successes of open surgery (as
// the treatment) and of percutaneous nephrolithotomy, for small and large stones.
// Open surgery is better for both and worse overall.
func TestSimpsonsParadox(t *testing.T) {
	arm := func(x, n int) Arm { return assert.Must(Proportion{x, n}.Arm()) }
	s := assert.Must(CompareSegments([]Segment{
		{Name: "small", Treatment: arm(81, 87), Control: arm(234, 270)}, {Name: "large", Treatment: arm(192, 263), Control: arm(55, 80)}}, Options{}))
	assert.Near(t, "small", s.Segments[0].Difference.Value, 0.931034-0.866667, 1e-6)
	assert.Near(t, "large", s.Segments[1].Difference.Value, 0.730038-0.6875, 1e-6)
	assert.Near(t, "together", s.Together.Difference.Value, 0.78-0.825714, 1e-6)
	// (357·(0.931034 − 0.866667) + 343·(0.730038 − 0.6875))/700.
	assert.Near(t, "post-stratified", s.PostStratified.Difference.Value, 0.0536707, 1e-6)
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0], "Simpson") {
		t.Errorf("warnings %q", s.Warnings)
	}
}

// Three effects 1, 2, 3 with standard error 1: Q = 2 on 2 degrees of freedom, p = e⁻¹.
// With 0, 0, 6: d̄ = 2, Q = 24, I² = 22/24, p = e⁻¹².
func TestHeterogeneity(t *testing.T) {
	for _, c := range []struct {
		effects   [3]float64
		q, p, i2  float64
		tolerance float64
	}{
		{[3]float64{1, 2, 3}, 2, math.Exp(-1), 0, 1e-12},
		{[3]float64{0, 0, 6}, 24, math.Exp(-12), 22.0 / 24, 1e-12},
	} {
		var segments []Segment
		for _, d := range c.effects {
			segments = append(segments, Segment{Treatment: Arm{1000, 100 + d, 500}, Control: Arm{1000, 100, 500}})
		}
		s := assert.Must(CompareSegments(segments, Options{}))
		assert.Near(t, "Q", s.Difference.Q, c.q, c.tolerance)
		assert.Near(t, "p", s.Difference.P, c.p, c.tolerance)
		assert.Near(t, "I²", s.Difference.I2, c.i2, c.tolerance)
		if s.Difference.DF != 2 || s.Lift == nil || math.Abs(s.Lift.Q-c.q) > 0.1*c.q {
			t.Errorf("got %+v, lift %+v", s.Difference, s.Lift)
		}
	}
}

// Where segments tell the outcome, post-stratification removes their variance: it
// is the regression on segments, here Lin's on the indicator of one of two.
func TestPostStratifiedIsLin(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	var whole [2]Moments
	var parts [2][2]Moments
	for range 5000 {
		arm, segment := r.IntN(2), r.IntN(2)
		y := 10*float64(segment) + r.NormFloat64()
		if whole[arm].Add(y, float64(segment)) != nil || parts[segment][arm].Add(y) != nil {
			t.Fatal("a number is not finite")
		}
	}
	var segments []Segment
	for _, p := range parts {
		segments = append(segments, Segment{Treatment: assert.Must(p[0].Arm()), Control: assert.Must(p[1].Arm())})
	}
	s := assert.Must(CompareSegments(segments, Options{}))
	lin := assert.Must(assert.Must(Adjust(whole[0], whole[1], Lin)).Compare(Options{}))
	assert.Near(t, "difference", s.PostStratified.Difference.Value, lin.Difference.Value, 1e-12)
	// Lin's residual variance is one for both segments of an arm.
	assert.Near(t, "SE", s.PostStratified.Difference.SE/lin.Difference.SE, 1, 0.01)
	if s.PostStratified.Difference.SE > 0.25*s.Together.Difference.SE {
		t.Errorf("SE %g post-stratified, %g together", s.PostStratified.Difference.SE, s.Together.Difference.SE)
	}
}

// A segment in which nobody converted is reported, and fails nothing.
func TestSegmentWithoutVariance(t *testing.T) {
	s := assert.Must(CompareSegments([]Segment{{Name: "none", Treatment: Arm{50, 0, 0}, Control: Arm{60, 0, 0}},
		{Name: "some", Treatment: Arm{500, 0.2, 0.16}, Control: Arm{600, 0.1, 0.09}}}, Options{}))
	if r := s.Segments[0]; r.P != 1 || r.Difference.Interval.Form != All || len(r.Warnings) != 1 {
		t.Errorf("got %+v", r)
	}
	if s.Difference.DF != 0 || s.Difference.P != 1 || !(s.PostStratified.Difference.Value > 0.08) {
		t.Errorf("got %+v and %+v", s.Difference, s.PostStratified.Difference)
	}
}

// Segments that explain all of the variance leave none to test by.
func TestSegmentsExplainAll(t *testing.T) {
	for _, lift := range []float64{0, 0.5} {
		s := assert.Must(CompareSegments([]Segment{{Name: "a", Treatment: Arm{10, 1 + lift, 0}, Control: Arm{10, 1, 0}},
			{Name: "b", Treatment: Arm{10, 2, 0}, Control: Arm{12, 2, 0}}}, Options{Sides: stats.Greater}))
		r := s.PostStratified
		if r.P != 1 || r.Significant || r.Difference.Interval.Form != All || len(r.Warnings) != 1 || len(s.Together.Warnings) != 1 {
			t.Errorf("got %+v, together %+v", r, s.Together)
		}
		assert.Near(t, "difference", r.Difference.Value, lift*20/42, 1e-15)
	}
}

func TestSegmentErrors(t *testing.T) {
	good := Segment{Treatment: Arm{10, 1, 1}, Control: Arm{10, 1, 1}}
	with := func(o Options, ss ...Segment) error { _, err := CompareSegments(ss, o); return err }
	assert.Field(t, with(Options{}, good), "segments")
	assert.Field(t, with(Options{}, good, Segment{Treatment: Arm{10, 1, 1}}), "segments[1].control.N")
	assert.Field(t, with(Options{Level: 2}, good, good), "Level")
	none := Segment{Treatment: Arm{10, 1, 0}, Control: Arm{10, 1, 0}}
	assert.Field(t, with(Options{}, none, none), "treatment.Variance")
}

// Two segments of five treated users, whose four variances are (v, 0) twice, have
// Satterthwaite's (2v)²/(2v²/4) = 8 degrees of freedom; variances are never pooled.
func TestPostStratifiedDF(t *testing.T) {
	s := Segment{Treatment: Arm{5, 2, 1}, Control: Arm{5, 1, 0}}
	r := assert.Must(CompareSegments([]Segment{s, s}, Options{Difference: PooledT})).PostStratified
	assert.Near(t, "DF", r.DF, 8, 1e-12)
	if r.Options.Difference != WelchT {
		t.Errorf("got %s", r.Options.Difference)
	}
}

// The first warning wants every segment against the whole, the second a
// post-stratified effect that is no chance. One segment of two is neither.
func TestParadoxNeedsEvidence(t *testing.T) {
	warnings := func(variance float64, lifts ...float64) []string {
		return assert.Must(CompareSegments([]Segment{
			{Treatment: Arm{900, 1 + lifts[0], variance}, Control: Arm{100, 1, variance}},
			{Treatment: Arm{100, 3 + lifts[1], variance}, Control: Arm{900, 3, variance}},
		}, Options{})).Warnings
	}
	if w := warnings(0.01, 0.1, 0.1); len(w) != 1 || !strings.Contains(w[0], "Simpson") {
		t.Errorf("both segments against the whole: %q", w)
	}
	if w := warnings(0.01, 0.2, -0.1); len(w) != 1 || !strings.Contains(w[0], "post-stratified") {
		t.Errorf("their mean against the whole: %q", w)
	}
	if w := warnings(100, 0.2, -0.1); len(w) > 0 {
		t.Errorf("a mean that chance gives: %q", w)
	}
	if w := warnings(0.01, 0.1, -0.2); len(w) > 0 {
		t.Errorf("one segment of two: %q", w)
	}
}

// Without a lift in one of the segments nothing is said of lifts.
func TestHeterogeneityOfLiftsNeedsAll(t *testing.T) {
	none := Segment{Treatment: Arm{100, 1, 1}, Control: Arm{100, 0, 1}}
	some := Segment{Treatment: Arm{100, 1, 1}, Control: Arm{100, 2, 1}}
	if s := assert.Must(CompareSegments([]Segment{none, some, some}, Options{})); s.Lift != nil || s.Difference.DF != 2 {
		t.Errorf("got %+v and %+v", s.Lift, s.Difference)
	}
	if s := assert.Must(CompareSegments([]Segment{some, some}, Options{})); s.Lift == nil || s.Lift.DF != 1 {
		t.Errorf("got %+v", s.Lift)
	}
}

// TestAdjustedSegments: a segment of adjusted arms is compared as Adjusted compares
// them, and post-stratified differences add up as independent ones, SE² = Σ w²SE².
func TestAdjustedSegments(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	for _, how := range []Adjustment{CUPED, OLS, Lin} {
		var segments []Segment
		var alone []Result
		for s, n := range []int{300, 900} {
			var arms [2]Moments
			for i := range n {
				x := r.NormFloat64() + float64(i%2) // arms differ in x, which makes OLS's covariance large
				if err := arms[i%2].Add(3+0.2*float64(i%2)+2*x+float64(s)+r.NormFloat64(), x); err != nil {
					t.Fatal(err)
				}
			}
			a := assert.Must(Adjust(arms[1], arms[0], how))
			segments = append(segments, Segment{Treatment: a.Treatment, Control: a.Control, Covariance: a.Covariance, DF: a.DF})
			alone = append(alone, assert.Must(a.Compare(Options{})))
		}
		if how == OLS && math.Abs(segments[0].Covariance) < 0.05*segments[0].Treatment.Variance/150 {
			t.Fatalf("covariance %g tests nothing", segments[0].Covariance)
		}
		got := assert.Must(CompareSegments(segments, Options{Difference: PooledT}))
		for i, s := range got.Segments {
			if s.Difference != alone[i].Difference || s.P != alone[i].P || *s.Lift != *alone[i].Lift {
				t.Errorf("%s: segment %d: %+v, alone %+v", how, i, s.Result, alone[i])
			}
		}
		d := func(i int) Effect { return alone[i].Difference }
		assert.Near(t, "difference", got.PostStratified.Difference.Value, (300*d(0).Value+900*d(1).Value)/1200, 1e-12)
		assert.Near(t, "SE", got.PostStratified.Difference.SE, math.Hypot(300*d(0).SE, 900*d(1).SE)/1200, 1e-12)
		assert.Near(t, "together", got.Together.Difference.Value, got.PostStratified.Difference.Value, 1e-12) // equal shares in both arms
		if se := got.Together.Difference.SE; se < got.PostStratified.Difference.SE {
			t.Errorf("%s: SE %g together, below %g", how, se, got.PostStratified.Difference.SE)
		}
	}
	bad := Segment{Treatment: Arm{10, 1, 1}, Control: Arm{10, 1, 1}, Covariance: math.NaN()}
	_, err := CompareSegments([]Segment{bad, bad}, Options{})
	assert.Field(t, err, "segments[0].Covariance")
}
