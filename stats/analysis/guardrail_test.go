package analysis

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/multiple"
	"github.com/assay-planner/assay/stats/sequential"
)

func TestFamilyIsAllButGuardrails(t *testing.T) {
	x := Test{Arms: append(two(), Arm{Name: "u"}), Metrics: []Metric{{Name: "slow", LowerIsBetter: true, Margin: 0.1}}}
	for _, metric := range []string{"a", "b", "slow"} {
		x.Rows = append(x.Rows, mean("c", metric, 1000, 10, 4), mean("t", metric, 1000, 10.2, 4), mean("u", metric, 1000, 10.1, 4))
	}
	r := run(t, x)
	var p []float64
	for _, c := range r.Comparisons {
		if c.Metric != "slow" {
			p = append(p, c.P)
		}
	}
	want := assert.Must(multiple.Adjust(p, multiple.Holm))
	if r.Family.Size != 4 || r.Comparisons[0].Metric != "slow" {
		t.Fatalf("family of %d, first %s", r.Family.Size, r.Comparisons[0].Metric)
	}
	for i, c := range r.Comparisons[2:] {
		if *c.AdjustedP != want[i] {
			t.Errorf("%s %s: adjusted %v, want %v", c.Metric, c.Treatment, *c.AdjustedP, want[i])
		}
	}
	if g := r.Comparisons[0]; g.AdjustedP != nil || !g.Guardrail.Holds || !g.Established || g.Better {
		t.Errorf("guardrail: %+v", g)
	}
	if none := runWith(t, x, Options{Correction: Uncorrected}); *none.Comparisons[2].AdjustedP != none.Comparisons[2].P {
		t.Error("none corrects")
	}
}

// A guardrail holds exactly where Fieller's interval, whose test it inverts, lies on the
// good side of the margin.
func TestGuardrailAgreesWithFieller(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	held := 0
	for range 400 {
		lower := rng.IntN(2) == 0
		x := test(mean("c", "m", 50+rng.IntN(500), 10, 40), mean("t", "m", 50+rng.IntN(500), 10+2*(rng.Float64()-0.5), 40))
		x.Metrics = []Metric{{Name: "m", Margin: 0.01 + 0.2*rng.Float64(), LowerIsBetter: lower}}
		c := first(runWith(t, x, Options{Lift: effect.Fieller}))
		good := c.Result.Lift.Interval.Low > -c.Guardrail.Margin
		if lower {
			good = c.Result.Lift.Interval.High < c.Guardrail.Margin
		}
		// Degrees of freedom are those of the difference in both.
		if good != c.Guardrail.Holds && math.Abs(c.Guardrail.P-0.025) > 1e-6 {
			t.Errorf("interval %+v, guardrail %+v", c.Result.Lift.Interval, c.Guardrail)
		}
		if c.Guardrail.Holds {
			held++
		}
	}
	if held < 50 || held > 350 {
		t.Errorf("%d of 400 held: the test says little", held)
	}
}

// Under a plan a guardrail has boundaries of its own: what would do for a single look
// is not enough at an early one, and is nearly enough at the last.
func TestGuardrailUnderAPlan(t *testing.T) {
	// z = (9.9 − 9.5)/√(16/n + 0.95²·16/n) is 2.19 on day 1 and 3.08 with all users.
	x := test(at(1, mean("c", "m", 900, 10, 16)), at(1, mean("t", "m", 900, 9.9, 16)))
	x.Metrics = []Metric{{Name: "m", Margin: 0.05}}
	o := Options{Plan: &Plan{Design: sequential.Design{Looks: 2}, Users: 3600}}
	if once := first(run(t, x)); !once.Guardrail.Holds {
		t.Fatalf("looked at once: %+v", once.Guardrail)
	}
	c := first(runWith(t, x, o))
	if g := *c.Guardrail; g != (Guard{Margin: 0.05, P: 1, Look: 1, Looks: 2}) || c.Established || !strings.Contains(c.Verdict, "not excluded at look 1 of 2: the guardrail is not shown to hold yet") {
		t.Errorf("at the first look: %+v: %s", g, c.Verdict)
	}
	x.Rows = append(x.Rows, at(2, mean("c", "m", 900, 10, 16)), at(2, mean("t", "m", 900, 9.9, 16)))
	c = first(runWith(t, x, o))
	if g := *c.Guardrail; !g.Holds || !c.Established || g.Look != 2 || g.P < norm.CDF(-3.08) || g.P > 0.0025 || !strings.HasSuffix(c.Verdict, "the guardrail holds") {
		t.Errorf("at the last look: %+v: %s", g, c.Verdict)
	}
	if c.Sequential.Verdict != nil || len(c.Sequential.Looks) != 2 {
		t.Errorf("looks of a guardrail: %+v", c.Sequential)
	}
	x.Metrics[0].LowerIsBetter = true // and now 9.9 is better
	if c = first(runWith(t, x, o)); !c.Guardrail.Holds || c.Guardrail.Look != 1 {
		t.Errorf("lower is better: %+v", c.Guardrail)
	}
	for i := range x.Rows {
		if x.Rows[i].Arm == "t" {
			x.Rows[i].Moments.Means[0] = 11.5
		}
	}
	if c = first(runWith(t, x, o)); !c.Guardrail.Broken || c.Guardrail.Holds || c.Guardrail.Look != 1 || !strings.Contains(c.Verdict, "above +5% at look 1 of 2: the guardrail is broken") {
		t.Errorf("broken: %+v: %s", c.Guardrail, c.Verdict)
	}
	early := first(runWith(t, x, Options{Plan: &Plan{Users: 1e6}}))
	if *early.Guardrail != (Guard{Margin: 0.05, P: 1}) || !strings.HasSuffix(early.Verdict, "no look yet, 0% of the planned users are in") {
		t.Errorf("before the first look: %+v: %s", early.Guardrail, early.Verdict)
	}
}

// A metric that all but never varies is millions of standard errors from its margin,
// which is no reason to fail the report.
func TestPlanOfAMetricThatHardlyVaries(t *testing.T) {
	x := test(mean("c", "m", 1000, 10, 1e-20), mean("t", "m", 1000, 11, 1e-20))
	o := Options{Plan: &Plan{Design: sequential.Design{Looks: 2}, Users: 4000}}
	if c := first(runWith(t, x, o)); !c.Established || c.Sequential.Verdict.Direction != 1 {
		t.Error(c.Verdict)
	}
	x.Metrics = []Metric{{Name: "m", Margin: 0.01, LowerIsBetter: true}}
	if c := first(runWith(t, x, o)); !c.Guardrail.Broken {
		t.Error(c.Verdict)
	}
}

// A treatment that is worse by exactly the margin passes in at most α/2 of tests,
// whichever look decides, and is called broken in as many; as if looked at once it
// would pass in twice as many.
func TestGuardrailHoldsItsLevelAtAllLooks(t *testing.T) {
	const runs, users, margin = 1000, 400, 0.1
	rng := rand.New(rand.NewPCG(3, 4))
	holds, broken, once := 0, 0, 0
	for range runs {
		var rows []Row
		var sum [2]float64
		naive := false
		for day := range 4 {
			for arm, name := range []string{"c", "t"} {
				truth := 10 * (1 - margin*float64(arm))
				y := truth + 4*rng.NormFloat64()/math.Sqrt(users)
				rows = append(rows, at(float64(day+1), mean(name, "m", users, y, 16)))
				sum[arm] += y
			}
			n := float64(day + 1)
			z := (sum[1] - (1-margin)*sum[0]) / n / (4 * math.Sqrt((1+(1-margin)*(1-margin))/(n*users)))
			naive = naive || z > 1.96
		}
		x := test(rows...)
		x.Metrics = []Metric{{Name: "m", Margin: margin}}
		g := first(runWith(t, x, Options{Plan: &Plan{Design: sequential.Design{Looks: 4, Efficacy: sequential.PocockSpending()}, Users: 8 * users}})).Guardrail
		holds, broken, once = holds+count(g.Holds), broken+count(g.Broken), once+count(naive)
	}
	assert.AtMost(t, "a guardrail on its margin that holds", holds, runs, 0.025)
	assert.AtMost(t, "a guardrail on its margin that is broken", broken, runs, 0.025)
	assert.AtLeast(t, "the same as if looked at once", once, runs, 0.04)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
