package sequential

import (
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func plan(t testing.TB, d Design) Plan {
	t.Helper()
	return assert.Must(d.Plan())
}

func TestMonitorSays(t *testing.T) {
	two := Design{Looks: 5, Power: 0.9}
	advice := Design{Looks: 5, Alpha: 0.025, Power: 0.9, Sides: stats.OneSided, Futility: PocockSpending()}
	binding := advice
	binding.Binding = true
	wedge := Design{Looks: 3, Power: 0.9, Futility: PocockSpending()}
	for name, c := range map[string]struct {
		design  Design
		looks   []Look
		action  Action
		look    int
		reason  string
		warning string
	}{
		"goes on":                      {two, []Look{{Information: 0.2, Z: 3}}, Continue, 1, "z = 3 did not cross the efficacy boundary ±4.877 at look 1 of 5 (20% of information); the next boundary is ±3.357 at 40% of information", ""},
		"rejects":                      {two, []Look{{Information: 0.2, Z: 3}, {Information: 0.4, Z: 2}, {Information: 0.6, Z: 2.91}}, StopEfficacy, 3, "z = 2.91 crossed the efficacy boundary ±2.68 at look 3 of 5 (60% of information): an increase", ""},
		"rejects harm":                 {two, []Look{{Information: 0.4, Z: -3.5}}, StopEfficacy, 1, "z = -3.5 crossed the efficacy boundary ±3.357 at look 1 of 4 (40% of information): a decrease", ""},
		"ignores harm":                 {Design{Sides: stats.OneSided}, []Look{{Information: 0.4, Z: -5}}, Continue, 1, "z = -5 did not cross", ""},
		"is futile":                    {advice, []Look{{Information: 0.2, Z: -1}}, StopFutility, 1, "z = -1 fell below the futility boundary -0.2428 at look 1 of 5 (20% of information): no effect is established (advice: α holds if the test goes on)", ""},
		"is futile, two-sided":         {wedge, []Look{{Information: 2.0 / 3, Z: -0.3}}, StopFutility, 1, "stop: z = -0.3 fell within the futility boundary ±1.504", ""},
		"went on, two-sided":           {wedge, []Look{{Information: 2.0 / 3, Z: -0.3}, {Information: 1, Z: 3}}, StopEfficacy, 2, "stop: z = 3 crossed", "z = -0.3 fell within the futility boundary ±1.504"},
		"was advised":                  {advice, []Look{{Information: 0.2, Z: -1}, {Information: 0.4, Z: 1}}, Continue, 2, "continue: z = 1 lies between the futility boundary 0.5024 and the efficacy boundary 3.357 at look 2 of 5 (40% of information); the next boundary is 2.68 at 60% of information", "z = -1 fell below the futility boundary -0.2428 at look 1, and the test went on: α holds, as futility is advice"},
		"was bound":                    {binding, []Look{{Information: 0.2, Z: -1}, {Information: 0.4, Z: 1}}, StopFutility, 1, "at look 1 of 5 (20% of information): no effect is established", "the looks after it are not used"},
		"had stopped":                  {two, []Look{{Information: 0.5, Z: 4}, {Information: 0.6, Z: 1}}, StopEfficacy, 1, "z = 4 crossed", "the looks after it are not used"},
		"ends":                         {two, []Look{{Information: 0.9, Z: 1}, {Information: 1, Z: 2}}, EndReached, 2, "z = 2 did not cross the efficacy boundary ±2.053 at look 2 of 2 (100% of information), the last one: no effect is established", ""},
		"under-runs":                   {two, []Look{{Information: 0.8, Z: 1.97, Last: true}}, StopEfficacy, 1, "z = 1.97 crossed the efficacy boundary ±1.96", ""},
		"under-runs at a planned look": {Design{Looks: 2}, []Look{{Information: 0.5, Z: 1.97, Last: true}}, StopEfficacy, 1, "crossed the efficacy boundary ±1.96 at look 1 of 1", ""},
		"under-runs, classical":        {Design{Looks: 2, Efficacy: Pocock()}, []Look{{Information: 0.5, Z: 1.95, Last: true}}, EndReached, 1, "did not cross the efficacy boundary ±1.96 at look 1 of 1", ""},
		"over-runs":                    {two, []Look{{Information: 0.8, Z: 1}, {Information: 1.3, Z: 2.2}}, StopEfficacy, 2, "(130% of information)", ""},
		"has gone on":                  {two, []Look{{Information: 1.1, Z: 1}, {Information: 1.3, Z: 2.2}}, EndReached, 1, "the last one", "look 1 was the last one"},
		"spends nothing":               {Design{Efficacy: SpendFractions(0, 1)}, []Look{{Information: 0.3, Z: 9}}, Continue, 1, "(none: nothing is spent here)", ""},
	} {
		v := assert.Must(plan(t, c.design).Monitor(c.looks...))
		if v.Action != c.action || v.Look != c.look || !strings.Contains(v.Reason, c.reason) || !strings.Contains(strings.Join(v.Warnings, "\n"), c.warning) || c.warning == "" && len(v.Warnings) > 0 {
			t.Errorf("%s: %+v", name, v)
		}
		if (v.Next != nil) != (v.Action == Continue) || v.Action == StopEfficacy && v.Outlook != nil || v.Action == EndReached && v.AlphaLeft != 0 {
			t.Errorf("%s: %+v", name, v)
		}
		if strings.HasPrefix(v.Reason, "stop: ") != v.Action.Stops() || strings.HasPrefix(v.Reason, "continue: ") == v.Action.Stops() {
			t.Errorf("%s: %s says %q", name, v.Action, v.Reason)
		}
	}
}

// Looks at the planned times have the planned boundaries, whatever the family.
func TestMonitorAsPlanned(t *testing.T) {
	for _, b := range []Boundary{Pocock(), OBFSpending()} {
		p := plan(t, Design{Looks: 4, Efficacy: b})
		v := assert.Must(p.Monitor(Look{Information: 0.25}, Look{Information: 0.5, Z: 1}))
		for field, pair := range map[string][2]float64{"efficacy": {v.Stage.Efficacy, p.Stages[1].Efficacy}, "next": {v.Next.Efficacy, p.Stages[2].Efficacy},
			"spent": {v.Stage.Spent, p.Stages[1].Spent}, "left": {v.AlphaLeft, 0.05 - p.Stages[1].Spent}, "power": {v.Stage.Power, p.Stages[1].Power}} {
			assert.Near(t, b.String()+": "+field, pair[0], pair[1], 1e-12)
		}
	}
}

// A classical plan that is looked at at other times goes on with its shape: a Pocock
// plan has one critical value for the looks to come, and keeps those used.
func TestClassicalPlanAtOtherTimes(t *testing.T) {
	p := plan(t, Design{Looks: 3, Efficacy: Pocock()})
	c := assert.Must(p.boundaries([]float64{1.0 / 3, 0.5}, false))
	if len(c.t) != 4 {
		t.Fatalf("looks at %v", c.t)
	}
	assert.Near(t, "used", c.efficacy[0], p.Stages[0].Efficacy, 0)
	assert.Near(t, "flat", c.efficacy[3], c.efficacy[1], 1e-12)
	if c.efficacy[1] <= p.Stages[1].Efficacy {
		t.Errorf("an extra look does not raise %g: %g", p.Stages[1].Efficacy, c.efficacy[1])
	}
}

// Conditional power against rpact 3.3.4, getAnalysisResults with normalApproximation
// and cumulative data of sd 1, 100 users a look; the effect to be found is 0.15.
func TestConditionalPowerOfRpact(t *testing.T) {
	for _, c := range []struct {
		looks  int
		b      Boundary
		z      []float64
		design float64
	}{
		{3, OBFSpending(), []float64{1.5}, 0.776705105608},
		{3, OBFSpending(), []float64{1.5, 1.4}, 0.511104912924},
		{5, PocockSpending(), []float64{1, 1.8, 2.2, 2.3}, 0.777787545069},
	} {
		p := plan(t, Design{Looks: c.looks, Alpha: 0.025, Sides: stats.OneSided, Efficacy: c.b})
		p.Drift = 0.15 * math.Sqrt(100*float64(c.looks))
		assert.Near(t, "conditional power", assert.Must(p.Monitor(looksAt(p, c.z)...)).Outlook.Design, c.design, 1e-7)
	}
}

func looksAt(p Plan, z []float64) (looks []Look) {
	for k, x := range z {
		looks = append(looks, Look{Information: p.Stages[k].Information, Z: x})
	}
	return looks
}

// With one look left both powers have closed forms.
func TestOutlookOfOneLook(t *testing.T) {
	p := plan(t, Design{Looks: 2, Sides: stats.OneSided})
	z, c := 1.3, p.Stages[1].Efficacy
	o := *assert.Must(p.Monitor(Look{Information: 0.5, Z: z})).Outlook
	s := z * math.Sqrt(0.5)
	assert.Near(t, "trend", o.Trend, cdf((s+z/math.Sqrt(0.5)*0.5-c)/math.Sqrt(0.5)), 1e-13)
	assert.Near(t, "design", o.Design, cdf((s+p.Drift*0.5-c)/math.Sqrt(0.5)), 1e-13)
	assert.Near(t, "predictive", o.Predictive, cdf((z/math.Sqrt(0.5)-c)/math.Sqrt(1/0.5-1)), 1e-13)
}

// Predictive power is the mean of conditional power over the posterior of the effect.
func TestPredictiveIsTheMean(t *testing.T) {
	p := plan(t, Design{Looks: 5, Futility: HwangShihDeCani(-2), Alpha: 0.025, Sides: stats.OneSided})
	looks := looksAt(p, []float64{0.4, 1.2})
	want := assert.Must(p.Monitor(looks...)).Outlook.Predictive
	c := p.course()
	sum, weight := 0.0, 0.0
	for i := -80; i <= 80; i++ {
		x := float64(i) / 10
		p.Drift = (1.2 + x) / math.Sqrt(0.4)
		sum += math.Exp(-x*x/2) * p.outlook(c, 1, 1.2).Design
		weight += math.Exp(-x * x / 2)
	}
	assert.Near(t, "predictive power", want, sum/weight, 1e-12)
}

// Binding futility at the drift of the plan may leave fewer paths than there is α to
// spend: any increase is then enough, but no decrease rejects.
func TestFutilityLeavesLess(t *testing.T) {
	p := plan(t, Design{Alpha: 0.2, Power: 0.99, Sides: stats.OneSided, Futility: PocockSpending(), Binding: true})
	times := []float64{0.84, 0.95, 1}
	c := assert.Must(p.boundaries(times, true))
	if c.efficacy[2] != 0 {
		t.Errorf("boundaries %v", c)
	}
	spent := 0.0
	for _, s := range c.performance(0, true) {
		spent += s.up
	}
	if !(spent < 0.2) {
		t.Errorf("α spent: %g", spent)
	}
}

// A reason shows on which side of the boundary z is, however near.
func TestReasonTellsZFromTheBoundary(t *testing.T) {
	p := plan(t, Design{Efficacy: Pocock()})
	c := p.Stages[0].Efficacy // 2.4131762
	for z, want := range map[float64]string{
		c - 1e-6:  "continue: z = 2.413175 did not cross the efficacy boundary ±2.413176 at",
		-c + 1e-4: "continue: z = -2.4131 did not cross the efficacy boundary ±2.4132 at",
		c:         "stop: z = 2.413 crossed the efficacy boundary ±2.413 at",
		2:         "continue: z = 2 did not cross the efficacy boundary ±2.413 at",
	} {
		if v := assert.Must(p.Monitor(Look{Information: 0.2, Z: z})); !strings.HasPrefix(v.Reason, want) {
			t.Errorf("%.9g: %s", z, v.Reason)
		}
	}
}
