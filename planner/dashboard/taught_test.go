package dashboard

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/insights"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/returns"
)

// taught is a report that a person can hold against its golden page.
func taught() insights.Report {
	between := func(low, high float64) stats.Interval { return stats.Interval{Low: low, High: high, Level: 0.95} }
	amount := func(value, half float64) insights.Amount {
		return insights.Amount{Value: value, SE: half / 1.96, Interval: between(value-half, value+half)}
	}
	r := insights.Report{Metric: "rpm", Reason: "the only metric that the policy gives a worth", Metrics: []string{"ctr", "rpm"}, Experiments: 120, Effects: 150, Usable: 140,
		Screened: map[string]int{"too few users": 10}, Alpha: 0.025, Missing: []insights.Missing{{What: "segment", Why: "map segment"}}}
	lee := amount(0.48, 0.11)
	r.Shipped = &insights.Shipped{By: "rule", Count: 30, Experiments: 120, Measured: 0.9, Posterior: amount(0.5, 0.1), LeeShen: &lee}
	r.Wins = &insights.Wins{Arms: 140, Won: 21, Rate: 0.15, FalseWins: 2.4, FalseShare: 0.114, Expected: 3.5, Positive: 0.45, Periods: []insights.Period{
		{Name: "2025", Arms: 60, Won: 12, Rate: 0.2, Interval: between(0.118, 0.318), FalseWins: 1.5}, {Name: "2026", Arms: 80, Won: 9, Rate: 0.1125, Interval: between(0.06, 0.2), FalseWins: 0.9}}}
	r.Tail = &insights.Tail{DF: 2.4, Interval: between(1.6, 1000), NormalP: 0.01, Ideas: 120, Users: 3.6e8, Fat: insights.Sizing{Tests: 1200, Gain: 2}, Most: 1200, Edge: true, NearLow: 900, NearHigh: 1200, NormalLoss: 0.03,
		Splits:   []insights.Split{{Times: 0.5, UsersEach: 6e6, Fat: 0.6}, {Times: 1, UsersEach: 3e6, Fat: 1}, {Times: 10, UsersEach: 3e5, Fat: 2}},
		Survival: []insights.Survival{{Lift: 0.002, Measured: 0.5, Expected: 0.52, True: 0.3, Low: 0.28, High: 0.31}, {Lift: 0.02, Measured: 0.01, Expected: 0.012, True: 0.004, Low: 0.001, High: 0.009}}}
	r.Groups = []insights.Group{{By: "surface", Name: "feed", Effects: 90, Wins: 15, Mean: amount(0.001, 0.0008), Spread: 0.006, Upside: 0.0031, Positive: 0.56},
		{By: "surface", Name: "search", Effects: 50, Wins: 6, Mean: amount(-0.0004, 0.001), Spread: 0.003, Upside: 0.0011, Positive: 0.45},
		{By: "change_type", Name: "model", Effects: 140, Wins: 21, Mean: amount(0.0006, 0.0007), Spread: 0.005, Upside: 0.0024, Positive: 0.54}}
	p := insights.Proxy{Short: "ctr", Long: "rpm", Experiments: 2, Correlation: 0.6, CorrelationInterval: between(0.2, 0.9), R2: 0.36, R2Interval: between(0.04, 0.81), Slope: 0.8, SlopeInterval: between(0.3, 1.3),
		Users: insights.Correlation{A: "ctr", B: "rpm", Value: 0.4}, Warnings: []string{"2 experiments are few"}}
	for _, e := range [][2]float64{{0.01, 0.012}, {-0.004, -0.001}} {
		p.Points = append(p.Points, insights.Point{Short: stats.Estimate{Value: e[0], SE: 0.003}, Long: stats.Estimate{Value: e[1], SE: 0.004}})
	}
	r.NorthStar = &insights.NorthStar{Target: "rpm", Reason: "asked for", Pairs: []insights.Proxy{p},
		Index: &insights.Index{Metrics: []string{"ctr"}, Experiments: 2, Weights: []float64{0.8}, WeightIntervals: []stats.Interval{between(0.3, 1.3)}, R2: 0.36, R2Interval: between(0.04, 0.81), Agreement: 0.7, AgreementInterval: between(0.6, 0.8)}}
	rule := func(name string, total, gain, half float64) insights.Rule {
		of := func(x, h float64) returns.Amount { return returns.Amount{Value: x, Interval: between(x-h, x+h)} }
		return insights.Rule{Row: returns.Row{Return: returns.Return{Rule: name, Experiments: 120, Total: of(total, half), Shipped: 40, Information: 0.8}, Gain: of(gain, half/2)}, PlugIn: of(2*total, half), Inflation: total}
	}
	r.Rules = &insights.Rules{Current: "p < 0.025", Reason: "the policy's ship rule", Currency: "USD", Rows: []insights.Rule{rule("posterior mean > 0, adaptive prior", 3e6, 1e6, 5e5), rule("p < 0.025", 2e6, 0, 5e5), rule("never", 0, -2e6, 0)}}
	r.Rules.Rows[1].Warnings = []string{"it ships 3 of 120 experiments"}
	return r
}

// evilInsights is a report whose names are the stranger's.
func evilInsights() InsightsView {
	r := taught()
	r.Metric, r.Reason, r.Metrics = `"><script>`, "<script>", []string{"<b>", `"><img src=x onerror=a>`}
	r.Groups[0].Name, r.Groups[0].By, r.Missing[0].Why = "<script>alert(12)</script>", `"><u>`, "<i>"
	r.Wins.Periods[0].Name, r.NorthStar.Pairs[0].Short, r.NorthStar.Index.Metrics[0], r.NorthStar.Reason = "<script>", "<script>", "<script>", "<u>"
	r.NorthStar.Pairs[0].Warnings, r.Rules.Rows[0].Rule, r.Rules.Currency = []string{"<i>"}, "<script>", "<b>"
	return InsightsView{Report: &r, At: now, Problem: "<script>", Metric: "<u>"}
}

// An ellipse is that of the covariance: its widest and highest points are one standard
// error away, and a positive correlation leans it upward to the right.
func TestEllipsesAreOfTheCovariance(t *testing.T) {
	for _, rho := range []float64{-0.95, -0.3, 0, 0.5, 0.9} {
		c := newChart(scale{low: -1, high: 1}, scale{low: -2, high: 2}, shortLift, shortLift)
		const sx, sy = 0.2, 0.7
		c.spread(0, 0, sx, sy, rho)
		e := c.Ellipses[0]
		turn := e.Turn * math.Pi / 180
		wide, high := math.Hypot(e.RX*math.Cos(turn), e.RY*math.Sin(turn)), math.Hypot(e.RX*math.Sin(turn), e.RY*math.Cos(turn))
		if math.Abs(wide-(c.at(sx)-c.at(0))) > 0.2 || math.Abs(high-(c.up(0)-c.up(sy))) > 0.2 {
			t.Errorf("correlation %g: %+v is %g wide and %g high", rho, e, wide, high)
		}
		if lean := (e.RX*e.RX - e.RY*e.RY) * math.Sin(2*turn); rho > 0 && lean >= 0 || rho < 0 && lean <= 0 { // down is up on a drawing
			t.Errorf("correlation %g leans %g", rho, lean)
		}
	}
}

func TestTicksOfScales(t *testing.T) {
	for want, s := range map[string]scale{
		"[-0.02 -0.01 0 0.01]":    {low: -0.024, high: 0.013},
		"[0.001 0.01 0.1 1]":      {0.0005, 1, true},
		"[0.002 0.005 0.01 0.02]": {0.002, 0.03, true},
	} {
		var got []float64
		for _, g := range s.ticks(5) {
			got = append(got, math.Round(1e6*g.value)/1e6+0)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%+v has ticks %v, want %s", s, got, want)
		}
	}
}

// What the data cannot tell leaves its part out, and the page stands: few experiments, one
// metric, no spread, nothing shipped, nothing measured as good.
func TestInsightsOfLittle(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	some := func(n int, lift func() float64) (all []history.Effect) {
		for i := range n {
			all = append(all, history.Effect{Experiment: fmt.Sprint("e", i), Arm: "b", Metric: "rpm", Lift: lift(), SE: 0.003, ControlUsers: 1e6, TreatmentUsers: 1e6, Usable: true, Verdict: history.Usable, Decision: "dropped"})
		}
		return all
	}
	for name, effects := range map[string][]history.Effect{
		"one": some(1, r.NormFloat64), "two": some(2, r.NormFloat64), "equal": some(40, func() float64 { return 0.001 }), "zero": some(40, func() float64 { return 0 }), "noise": some(40, func() float64 { return 0.003 * r.NormFloat64() }),
	} {
		report, err := insights.Learn(effects, insights.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var page bytes.Buffer
		if err := Insights(&page, Frame{Now: now}, InsightsView{Report: &report, At: now}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, bad := range []string{"NaN", "Inf", "%!"} {
			if strings.Contains(page.String(), bad) {
				t.Errorf("%s: the page says %s", name, bad)
			}
		}
	}
}
