package anytime

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
	"pgregory.net/rapid"
)

func look(value, se float64) Look { return Look{Estimate: stats.Estimate{Value: value, SE: se}} }

// Johari et al. (2022), the mSPRT statistic; recomputed: n = 1000 a side, mean
// difference 0.1, variance of a difference 2, τ² = 0.01.
func TestMSPRTPublished(t *testing.T) {
	r := assert.Must(Design{Tau: 0.1}.Monitor([]Look{look(0.1, math.Sqrt(2./1000))}))
	assert.Near(t, "Λ", math.Exp(r.Steps[0].LogE), 3.278722, 5e-7)
	assert.Near(t, "1/Λ", r.P, 0.304997, 5e-7)
}

// Waudby-Smith et al. (2024): α = 0.05, tuned to t = 1000 users of sd 1.
func TestAsymptoticSequencePublished(t *testing.T) {
	d := Design{PlannedSE: 1 / math.Sqrt(1000)}
	b := assert.Must(d.prepare())
	assert.Near(t, "rho", 1/(b.tau/b.PlannedSE)*math.Sqrt(1000)/1000*(b.tau*b.tau)/(b.PlannedSE*b.PlannedSE), 0.0890851, 5e-8)
	for n, want := range map[float64][2]float64{100: {.385505, 1.967}, 1000: {.095982, 1.549}, 10000: {.032417, 1.654}} {
		se := 1 / math.Sqrt(n)
		r := assert.Must(d.Monitor([]Look{look(0, se)}))
		assert.Near(t, "half-width", r.Interval.High, want[0], 5e-7)
		assert.Near(t, "price in width", assert.Must(d.WidthRatio(se)), want[1], 5e-4)
		assert.Near(t, "its report", r.WidthRatio, want[1], 5e-4)
	}
}

// The normal mixture of a Design is the Mixture of δ̂/SE² at V = 1/SE².
func TestDesignIsItsMixture(t *testing.T) {
	for _, sides := range []stats.Sides{stats.TwoSided, stats.Greater} {
		d := Design{PlannedSE: 0.1, Sides: sides}
		m := Mixture{VOpt: 100, OneSided: sides == stats.Greater}
		for _, se := range []float64{0.01, 0.1, 0.4} {
			r := assert.Must(d.Monitor([]Look{look(0.3, se)}))
			v := 1 / se / se
			assert.Near(t, "ln E", r.Steps[0].LogE, assert.Must(m.LogE(0.3*v, v)), 1e-9*(1+math.Abs(r.Steps[0].LogE)))
			assert.Near(t, "lower end", r.Interval.Low, 0.3-assert.Must(m.Bound(v))/v, 1e-12)
		}
	}
}

// [Lévy] α = 0.05 one-sided: 1.96 standard deviations of the sum at the end.
func TestYeastPublished(t *testing.T) {
	d := Design{Method: Yeast, Sides: stats.Greater, PlannedSE: 0.1}
	assert.Near(t, "boundary at the end", assert.Must(d.WidthRatio(0.1))*1.6448536269514722, 1.959963984540054, 1e-12)
	// Halfway the same sum is √2 standard deviations more.
	assert.Near(t, "boundary halfway", assert.Must(d.WidthRatio(0.1*math.Sqrt2))*1.6448536269514722, 1.959963984540054*math.Sqrt2, 1e-12)
}

func TestTuningByMDE(t *testing.T) {
	b := assert.Must(Design{MDE: -0.02}.prepare())
	assert.Near(t, "τ/MDE", b.tau/0.02, 0.7265, 5e-4) // the documented 0.73
	se := b.tau * math.Sqrt(precision(1, 0.05, false))
	assert.Near(t, "power at the tuned look", norm.CDF((0.02-b.halfWidth(se))/se), 0.8, 1e-9)
	// ρ's closed form is within 1% of the tightest boundary.
	for _, alpha := range []float64{1e-6, 0.001, 0.05, 0.2, 0.49} {
		here, best := width(precision(1, alpha, false), alpha), math.Inf(1)
		for r := 1e-4; r < 10; r *= 1.01 {
			best = math.Min(best, width(r, alpha))
		}
		if here > 1.01*best {
			t.Errorf("α = %g: width %g, the best is %g", alpha, here, best)
		}
	}
}

func width(rho, alpha float64) float64 {
	return bound(kernel{kind: Normal, rho: rho}, 1, -math.Log(alpha))
}

// anyDesign draws a design and looks with falling standard errors.
func anyDesign(t *rapid.T) (Design, []Look) {
	d := Design{
		Method: rapid.SampledFrom([]Method{NormalMixture, Yeast}).Draw(t, "method"),
		Sides:  rapid.SampledFrom([]stats.Sides{stats.TwoSided, stats.Greater, stats.Less}).Draw(t, "sides"),
		Alpha:  rapid.Float64Range(1e-6, 0.45).Draw(t, "alpha"), PlannedSE: rapid.Float64Range(0.05, 1).Draw(t, "planned"),
		Null: rapid.Float64Range(-2, 2).Draw(t, "null"),
	}
	if d.Sides == stats.TwoSided {
		d.Margin = rapid.Float64Range(0, 1).Draw(t, "margin")
	}
	var looks []Look
	n := rapid.IntRange(1, 12).Draw(t, "looks")
	drift := rapid.Float64Range(-0.5, 0.5).Draw(t, "drift")
	for k := 1; k <= n; k++ {
		se := 1 / math.Sqrt(float64(k))
		looks = append(looks, Look{Users: 5000 * k, Estimate: stats.Estimate{Value: d.Null + drift + se*rapid.Float64Range(-3, 3).Draw(t, "z"), SE: se}})
	}
	return d, looks
}

func TestMonitorLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, looks := anyDesign(t)
		r := assert.Must(d.Monitor(looks))
		p, running := 1.0, everything(0)
		for i, s := range r.Steps {
			if s.P > p {
				t.Fatalf("the p-value rose from %g to %g", p, s.P)
			}
			if s.Running.Low < running.Low || s.Running.High > running.High {
				t.Fatalf("the running interval grew from %v to %v", running, s.Running)
			}
			p, running = s.P, s.Running
			// p ≤ α exactly if some interval excludes Null.
			if one := assert.Must(d.Monitor(looks[i : i+1])); s.Used && math.Abs(one.P/d.Alpha-1) > 1e-9 && (one.P <= d.Alpha) == one.Interval.Contains(d.Null) {
				t.Fatalf("p = %g at α = %g, but the interval is %v", one.P, d.Alpha, one.Interval)
			}
		}
		// A decision, once made, stands; and the first looks alone make it.
		if r.StoppedAt > 0 {
			again := assert.Must(d.Monitor(looks[:r.StoppedAt]))
			if again.Decision != r.Decision || again.StoppedAt != r.StoppedAt || again.Reason != r.Reason {
				t.Fatalf("stopped with %q, later %q", again.Reason, r.Reason)
			}
		}
		// Mirrored data give the mirrored answer.
		mirror := d
		mirror.Null, mirror.Sides = -d.Null, map[stats.Sides]stats.Sides{stats.TwoSided: stats.TwoSided, stats.Greater: stats.Less, stats.Less: stats.Greater}[d.Sides]
		other := append([]Look{}, looks...)
		for i := range other {
			other[i].Value = -other[i].Value
		}
		m := assert.Must(mirror.Monitor(other))
		if m.P != r.P || m.Decision != r.Decision || m.Interval.Low != -r.Interval.High {
			t.Fatalf("mirrored: p %g and %g, %v and %v", r.P, m.P, r.Interval, m.Interval)
		}
	})
}

func TestMonitorInput(t *testing.T) {
	one := []Look{look(0, 1)}
	for field, call := range map[string]func() (Result, error){
		"looks":          func() (Result, error) { return Design{MDE: 1}.Monitor(nil) },
		"looks[0].SE":    func() (Result, error) { return Design{MDE: 1}.Monitor([]Look{look(0, 0)}) },
		"looks[1].Value": func() (Result, error) { return Design{MDE: 1}.Monitor([]Look{look(0, 1), look(math.NaN(), 1)}) },
		"looks[1].Users": func() (Result, error) {
			return Design{MDE: 1}.Monitor([]Look{{Users: 9, Estimate: stats.Estimate{SE: 1}}, {Users: 8, Estimate: stats.Estimate{SE: 1}}})
		},
		"looks[0].Users": func() (Result, error) { return Design{MDE: 1, BurnIn: 100}.Monitor([]Look{look(0, 1)}) },
		"Tau":            func() (Result, error) { return Design{}.Monitor(one) },
		"PlannedSE":      func() (Result, error) { return Design{Method: Yeast, MDE: 1}.Monitor(one) },
		"Method":         func() (Result, error) { return Design{Method: "sprt", MDE: 1}.Monitor(one) },
		"Sides":          func() (Result, error) { return Design{Sides: "both", MDE: 1}.Monitor(one) },
		"Alpha":          func() (Result, error) { return Design{MDE: 1, Alpha: 0.5, Sides: stats.Less}.Monitor(one) },
		"Margin":         func() (Result, error) { return Design{MDE: 1, Margin: 1, Sides: stats.Less}.Monitor(one) },
		"Null":           func() (Result, error) { return Design{MDE: 1, Null: math.Inf(1)}.Monitor(one) },
		"BurnIn":         func() (Result, error) { return Design{MDE: 1, BurnIn: -1}.Monitor(one) },
	} {
		_, err := call()
		assert.Field(t, err, field)
	}
	for field, call := range map[string]func() (Price, error){
		"MDE":   func() (Price, error) { return Design{Tau: 1}.Price(0.8, 5) },
		"power": func() (Price, error) { return Design{MDE: 1}.Price(0.05, 5) },
		"looks": func() (Price, error) { return Design{MDE: 1}.Price(0.8, 0) },
		"Tau":   func() (Price, error) { return Design{MDE: 1, Tau: 1e-30}.Price(0.8, 3) },
	} {
		_, err := call()
		assert.Field(t, err, field)
	}
}
