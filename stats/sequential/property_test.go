package sequential

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func anyBoundary(spendingOnly bool) *rapid.Generator[Boundary] {
	return rapid.Custom(func(t *rapid.T) Boundary {
		x := rapid.Float64Range(0, 1).Draw(t, "parameter")
		all := []Boundary{OBFSpending(), PocockSpending(), KimDeMets(0.3 + 4*x), HwangShihDeCani(10*x - 7),
			WangTsiatis(0.6*x - 0.1), OBrienFleming(), Pocock()}
		if spendingOnly {
			all = all[:4]
		}
		return rapid.SampledFrom(all).Draw(t, "family")
	})
}

func anyDesign(futility bool) *rapid.Generator[Design] {
	return rapid.Custom(func(t *rapid.T) Design {
		d := Design{Looks: rapid.IntRange(1, 7).Draw(t, "looks"), Efficacy: anyBoundary(false).Draw(t, "efficacy"),
			Alpha: rapid.Float64Range(0.001, 0.2).Draw(t, "alpha"), Power: rapid.Float64Range(0.5, 0.99).Draw(t, "power"),
			Sides: rapid.SampledFrom([]stats.Sides{stats.TwoSided, stats.OneSided}).Draw(t, "sides"), SpendJointly: rapid.Bool().Draw(t, "jointly"),
			BothDirections: rapid.Bool().Draw(t, "both")}
		if rapid.Bool().Draw(t, "uneven") {
			d.Information = anyTimes(t, d.Looks)
		}
		if futility && rapid.Bool().Draw(t, "futile") {
			d.Futility = anyBoundary(true).Draw(t, "futility")
			d.Binding = d.Sides == stats.OneSided && rapid.Bool().Draw(t, "binding")
		}
		return d
	})
}

// anyTimes are n rising fractions, the last one 1.
func anyTimes(t *rapid.T, n int) []float64 {
	ts, sum := make([]float64, n), 0.0
	for k := range ts {
		sum += rapid.Float64Range(0.05, 1).Draw(t, "step")
		ts[k] = sum
	}
	for k := range ts {
		ts[k] /= sum
	}
	ts[n-1] = 1
	return ts
}

func TestPlanKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDesign(true).Draw(t, "design")
		p := assert.Must(d.Plan())
		d = p.Design
		last := p.Stages[len(p.Stages)-1]
		near(t, "α spent", last.Spent, d.Alpha, 1e-12)
		near(t, "power", last.Power, d.Power, 1e-10)
		for k, s := range p.Stages[:len(p.Stages)-1] {
			if !d.Efficacy.classical() {
				near(t, "α spent on the way", s.Spent, d.alphaSpent(d.Information[k]), 1e-12)
			}
			if d.Futility.kind == unset {
				continue
			}
			if s.Futility < s.Efficacy {
				near(t, "β spent on the way", s.BetaSpent, d.betaSpent(d.Information[k]), 1e-10)
			} else if s.BetaSpent > d.betaSpent(d.Information[k])+1e-10 { // the boundaries met early: no more can be spent
				t.Errorf("β spent: %g", s.BetaSpent)
			}
		}
		h1, h0 := assert.Must(p.At(p.Drift)), assert.Must(p.At(0))
		near(t, "power by At", h1.Power, d.Power, 1e-10)
		near(t, "expected, effect", h1.Expected, p.ExpectedH1, 1e-10)
		near(t, "expected, no effect", h0.Expected, p.ExpectedH0, 1e-10)
		sum := 0.0
		for k := range h0.Upper {
			sum += h0.Upper[k] + h0.Lower[k] + h0.Futility[k]
		}
		near(t, "all endings", sum, 1, 1e-12)
		if p.Inflation < 1-1e-10 && !d.Binding {
			t.Errorf("inflation %g below 1", p.Inflation)
		}
		if d.Looks == 1 {
			near(t, "inflation of one look", p.Inflation, 1, 1e-12)
		}
	})
}

// Adding looks between those of a spending plan costs users at most, never saves
// any: it moves error from later looks to earlier ones.
func TestMoreLooksCostMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDesign(false).Draw(t, "design")
		d.Efficacy = anyBoundary(true).Draw(t, "spending")
		d.Information = nil
		few := assert.Must(d.Plan())
		d.Looks *= 2
		more := assert.Must(d.Plan())
		if more.Inflation < few.Inflation-1e-10 {
			t.Errorf("%d looks: %.12g, half of them: %.12g", d.Looks, more.Inflation, few.Inflation)
		}
	})
}

func TestLooksMayComeAtAnyTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := assert.Must(anyDesign(true).Draw(t, "design").Plan())
		d := p.Design
		ts := anyTimes(t, rapid.IntRange(1, 6).Draw(t, "actual looks"))
		c := assert.Must(p.boundaries(ts, true))
		spent := 0.0
		for k, s := range c.performance(0, d.Binding) {
			spent += s.up + s.down
			if !d.Efficacy.classical() && k < len(ts)-1 && !slices.Contains(c.efficacy, 0) {
				near(t, "α spent at the actual time", spent, d.alphaSpent(ts[k]), 1e-12)
			}
		}
		if slices.Contains(c.efficacy, 0) && d.Binding { // futility ends the test before α can be spent
			spent = math.Max(spent, d.Alpha)
		}
		near(t, "α", spent, d.Alpha, 1e-11)
		// A boundary does not depend on the looks after it.
		for n := 1; n < len(ts); n++ {
			part := assert.Must(p.boundaries(ts[:n], false))
			for k := range n {
				if part.efficacy[k] != c.efficacy[k] {
					near(t, "boundary seen earlier", part.efficacy[k], c.efficacy[k], 1e-10)
				}
			}
		}
	})
}

func TestInferenceAgreesWithItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := assert.Must(anyDesign(true).Draw(t, "design").Plan())
		d := p.Design
		k := rapid.IntRange(0, len(p.Stages)-1).Draw(t, "stage")
		var looks []Look
		for j, s := range p.Stages[:k+1] {
			z := rapid.Float64Range(math.Max(s.Futility, -3), math.Min(s.Efficacy, 5)).Draw(t, "z")
			if j == k {
				z += rapid.Float64Range(-4, 4).Draw(t, "more")
			} else if d.Sides == stats.TwoSided && z < -s.Efficacy {
				z = 0
			}
			looks = append(looks, Look{Information: s.Information, Z: z})
		}
		f := assert.Must(p.Infer(looks...))
		if f.Look != k+1 {
			t.Skip("stopped earlier")
		}
		if !(f.Interval.Low < f.MedianUnbiased && f.MedianUnbiased < f.Interval.High) {
			t.Errorf("estimate %g outside of %v", f.MedianUnbiased, f.Interval)
		}
		outside := f.Interval.Low > 0 || d.Sides == stats.TwoSided && f.Interval.High < 0
		if math.Abs(f.PValue-d.Alpha) > 1e-9 && outside != (f.PValue < d.Alpha) {
			t.Errorf("p = %g at α = %g, interval %v", f.PValue, d.Alpha, f.Interval)
		}
		action := assert.Must(p.Monitor(looks...)).Action
		if action == StopEfficacy && f.PValue > d.Alpha+1e-10 || action == EndReached && f.PValue < d.Alpha-1e-10 {
			t.Errorf("%s with p = %g at α = %g", action, f.PValue, d.Alpha)
		}
		if k == 0 {
			near(t, "p at the first look", f.PValue, f.NaivePValue, 1e-12)
			near(t, "estimate at the first look", f.MedianUnbiased, f.Naive.Value, 1e-8)
		}
		up := slices.Clone(looks)
		up[k].Z += 0.1
		if g := assert.Must(p.Infer(up...)); g.Look == k+1 && d.Sides == stats.OneSided && g.PValue > f.PValue+1e-14 {
			t.Errorf("p rises with z: %g then %g", f.PValue, g.PValue)
		} else if g.Look == k+1 && g.MedianUnbiased < f.MedianUnbiased-1e-10 {
			t.Errorf("estimate falls with z: %g then %g", f.MedianUnbiased, g.MedianUnbiased)
		}
	})
}

func near(t *rapid.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.15g, want %.15g ± %.2g", what, got, want, tolerance)
	}
}
