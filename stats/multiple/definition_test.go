package multiple

import (
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"pgregory.net/rapid"
)

// past is a test as the definitions of the papers see it.
type past struct {
	p, level float64
	finished int // E: the number of tests that had started when it finished; 0: it runs
}

// byDefinition is the level of the next test by the printed formulas, from the
// whole history: LORD*, SAFFRON* and LOND* of Zrnic, Ramdas & Jordan (2021), which
// without overlap are LORD++, SAFFRON and LOND, and ADDIS and D-LORD of Tian &
// Ramdas (2019).
func byDefinition(o Options, tests []past) float64 {
	t := len(tests) + 1
	known := func(x past) bool { return x.finished > 0 }
	// r[j] is the time at which the j-th rejection became known.
	var r []int
	for step := 1; step < t; step++ {
		for _, x := range tests {
			if known(x) && x.finished == step && x.p <= x.level {
				r = append(r, step)
			}
		}
	}
	// sum is w₀γ(n(0)) + (α − w₀)γ(n(r₁)) + α Σ γ(n(rⱼ)).
	sum := func(alpha float64, gamma func(float64) float64, n func(since int) int) float64 {
		s := o.Wealth * gamma(float64(n(0)))
		for j, since := range r {
			if j == 0 {
				s += (alpha - o.Wealth) * gamma(float64(n(since)))
			} else {
				s += alpha * gamma(float64(n(since)))
			}
		}
		return s
	}
	// among counts the finished tests after number since that hold.
	among := func(since int, holds func(p float64) bool) (count int) {
		for i, x := range tests {
			if i+1 > since && known(x) && holds(x.p) {
				count++
			}
		}
		return count
	}
	switch o.Method {
	case LORD:
		return min(1, sum(o.Alpha, lordGamma, func(since int) int { return t - since }))
	case SAFFRON:
		index := func(since int) int {
			return t - since - among(since, func(p float64) bool { return p <= o.Lambda })
		}
		return min(o.Lambda, (1-o.Lambda)*sum(o.Alpha, powerGamma, index))
	case LOND:
		return o.Alpha * lordGamma(float64(t)) * float64(len(r)+1)
	case LORDDiscard:
		index := func(since int) int { return 1 + among(since, func(p float64) bool { return p <= o.Tau }) }
		return min(o.Tau, sum(o.Tau*o.Alpha, lordGamma, index))
	case ADDIS:
		index := func(since int) int {
			selected := among(since, func(p float64) bool { return p <= o.Tau })
			return 1 + selected - among(since, func(p float64) bool { return p <= o.Lambda })
		}
		return min(o.Lambda, (o.Tau-o.Lambda)*sum(o.Alpha, powerGamma, index))
	}
	panic("no definition of " + o.Method)
}

// TestLevelsByDefinition runs streams one by one, and LORD, SAFFRON and LOND with
// tests that overlap at will, against the printed formulas.
func TestLevelsByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := assert.Must(NewOnline(drawOptions(t, []Method{LORD, SAFFRON, LOND, LORDDiscard, ADDIS})))
		overlap := o.rule.asynchronous && rapid.Bool().Draw(t, "overlap")
		var tests []past
		for range rapid.IntRange(1, 50).Draw(t, "tests") {
			want := byDefinition(o.Options(), tests)
			if got := o.Level(); !(got >= want*(1-1e-12) && got <= want*(1+1e-12)) {
				t.Fatalf("test %d: level %.15g, by definition %.15g", len(tests)+1, got, want)
			}
			p := drawP(t)
			if !overlap {
				d := assert.Must(o.Next(p))
				tests = append(tests, past{p, d.Level, len(tests) + 1})
				continue
			}
			started := assert.Must(o.Start())
			tests = append(tests, past{p, started.Level, 0})
			for range rapid.IntRange(0, 3).Draw(t, "finishes") {
				if running := o.Running(); len(running) > 0 {
					n := rapid.SampledFrom(running).Draw(t, "which").Number
					x := &tests[n-1]
					x.finished = len(tests)
					if d := assert.Must(o.Finish(n, x.p)); d != (Decision{x.level, x.p <= x.level}) {
						t.Fatalf("test %d at level %g with p %g: %+v", n, x.level, x.p, d)
					}
				}
			}
		}
	})
}
