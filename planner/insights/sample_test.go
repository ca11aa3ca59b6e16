package insights

import (
	"math"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/sample"
)

// learned is what the bundled sample teaches about rpm, and its truth by experiment,
// arm and metric.
var learned = sync.OnceValue(func() (r struct {
	Report
	programme sample.Programme
	truth     map[[3]string]float64
	err       error
}) {
	r.programme, r.truth = sample.Generate(sample.Seed), map[[3]string]float64{}
	for _, l := range r.programme.Truth.Past {
		r.truth[[3]string{l.ID, l.Arm, l.Metric}] = l.Lift
	}
	r.Report, r.err = Learn(r.programme.Effects(), Options{Metric: "rpm", Down: map[string]bool{"hide_rate": true}})
	return r
})

// undecided is the bundled sample as if nobody had told what shipped.
func undecided() []history.Effect {
	effects := learned().programme.Effects()
	for i := range effects {
		effects[i].Decision = ""
	}
	return effects
}

func TestTotalOnTheSample(t *testing.T) {
	r := learned()
	if r.err != nil {
		t.Fatal(r.err)
	}
	o, err := Options{Metric: "rpm"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	const z = 1.959964
	l := &learner{o: o, z: z, half: z, trials: trialsOf(undecided(), "rpm", false)}
	if err := l.believe(); err != nil {
		t.Fatal(err)
	}
	var truth, wrong float64
	for _, of := range l.trials {
		if k := of.significant(z); k >= 0 {
			truth += r.truth[[3]string{of.id, of.arms[k].of.Arm, "rpm"}]
		}
		for _, a := range of.arms {
			if a.Value > z*a.SE && r.truth[[3]string{of.id, a.of.Arm, "rpm"}] <= 0 {
				wrong++
			}
		}
	}
	s := l.total()
	t.Logf("measured %.3f, by posterior means %.3f ± %.3f, Lee & Shen %.3f ± %.3f, truth %.3f", s.Measured, s.Posterior.Value, s.Posterior.SE, s.LeeShen.Value, s.LeeShen.SE, truth)
	if s.By != "rule" || s.Measured < 1.3*truth || math.Abs(s.Posterior.Value-truth) > 0.1*truth || math.Abs(s.LeeShen.Value-truth) > 0.1*truth ||
		!s.Posterior.Interval.Contains(truth) || !s.LeeShen.Interval.Contains(truth) {
		t.Errorf("%+v, %+v for a true total of %g", s, s.LeeShen, truth)
	}
	t.Logf("%.1f false wins are expected, there are %g of %d", r.Wins.FalseWins, wrong, r.Wins.Won)
	if math.Abs(r.Wins.FalseWins-wrong) > 4.9*math.Sqrt(r.Wins.FalseWins) {
		t.Errorf("%g wins are false, expected %g", wrong, r.Wins.FalseWins)
	}
}

// What the sample's owners shipped: by what they saw, and by what they believed.
func TestDecisionsOnTheSample(t *testing.T) {
	r := learned()
	if r.err != nil {
		t.Fatal(r.err)
	}
	var truth float64
	for _, of := range trialsOf(r.programme.Effects(), "rpm", false) {
		if k := of.decided(ShippedWords); k >= 0 {
			truth += r.truth[[3]string{of.id, of.arms[k].of.Arm, "rpm"}]
		}
	}
	s := r.Shipped
	t.Logf("%d shipped, measured %.3f, by posterior means %.3f ± %.3f, truth %.3f", s.Count, s.Measured, s.Posterior.Value, s.Posterior.SE, truth)
	if s.By != "decision" || s.LeeShen != nil || s.Measured < 1.3*truth || !s.Posterior.Interval.Contains(truth) {
		t.Errorf("%+v for a true total of %g", s, truth)
	}
}

func TestTailOnTheSample(t *testing.T) {
	tail := learned().Tail
	if tail == nil {
		t.Fatal(learned().Missing)
	}
	// True effects are t with 3 degrees of freedom within a kind of idea, and kinds differ in scale.
	if tail.DF > 3.5 || !tail.Interval.Contains(3) || tail.NormalP > 1e-6 {
		t.Errorf("%+v", tail)
	}
	if !tail.Edge || tail.Fat.Tests != tail.Most || tail.NormalLoss > 1e-9 || tail.NearHigh != tail.Most || tail.NearLow >= tail.Most {
		t.Errorf("with a mean near 0 the best is the edge, whatever the tail: %+v", tail)
	}
	for i, s := range tail.Splits {
		if i > 0 && s.Fat < tail.Splits[i-1].Fat {
			t.Errorf("with a mean near 0 more tests of fewer users bring more: %+v", tail.Splits)
		}
	}
}

// The truth is that of the sample's own true lifts, one arm of each experiment; they were
// drawn with correlations of 0.45, 0.40, −0.20 and −0.20 with rpm (docs/sample.md).
func TestNorthStarOnTheSample(t *testing.T) {
	r := learned()
	star := r.NorthStar
	effects := r.programme.Effects()
	first, measured := map[string]string{}, map[[2]string]bool{}
	for _, e := range effects {
		if e.Usable && (first[e.Experiment] == "" || e.Arm < first[e.Experiment]) {
			first[e.Experiment] = e.Arm
		}
	}
	for _, e := range effects {
		if e.Usable && e.Arm == first[e.Experiment] {
			measured[[2]string{e.Experiment, e.Metric}] = true
		}
	}
	truth := func(metrics ...string) [][]float64 { // by metric, of experiments that measured all
		all := make([][]float64, len(metrics))
		for _, id := range sortedKeys(first) {
			if slices.ContainsFunc(metrics, func(m string) bool { return !measured[[2]string{id, m}] }) {
				continue
			}
			for k, m := range metrics {
				lift := r.truth[[3]string{id, first[id], m}]
				if m == "hide_rate" {
					lift = -lift
				}
				all[k] = append(all[k], lift)
			}
		}
		return all
	}
	seen := 0
	for _, p := range star.Pairs {
		of := truth(p.Short, p.Long)
		a, b := of[0], of[1]
		want, slope := stat.Correlation(a, b, nil), stat.Covariance(a, b, nil)/stat.Variance(a, nil)
		t.Logf("%s for %s: %.3f in [%.3f, %.3f], naive %.3f, users %.2f ± %.2f; truth %.3f", p.Short, p.Long, p.Correlation, p.CorrelationInterval.Low, p.CorrelationInterval.High, p.Naive, p.Users.Value, p.Users.SE, want)
		if seen++; math.Abs(p.Correlation-want) > 0.15 || !p.CorrelationInterval.Contains(want) || !p.SlopeInterval.Contains(slope) || p.Experiments != len(a) {
			t.Errorf("%s says of %s %.3f, slope %.3f; the truth is %.3f, slope %.3f; %+v", p.Short, p.Long, p.Correlation, p.Slope, want, slope, p)
		}
	}
	if seen != 10 || star.Target != "rpm" || star.Reason != "it is what the report is about; no policy says what a lift is worth" {
		t.Errorf("%d pairs; %s: %s", seen, star.Target, star.Reason)
	}
	x := star.Index
	if x == nil || x.R2 < 0.2 || x.R2 > 0.8 || !x.R2Interval.Contains(x.R2) || !x.AgreementInterval.Contains(x.Agreement) || len(x.Warnings) != 2 {
		t.Fatalf("index %+v", x)
	}
	of := truth(append(x.Metrics, "rpm")...)
	for k, weight := range regressed(of[4], of[:4]...) {
		if !x.WeightIntervals[k].Contains(weight) || !x.WeightIntervals[k].Contains(x.Weights[k]) {
			t.Errorf("the weight of %s is %.3f in %+v, by true lifts %.3f", x.Metrics[k], x.Weights[k], x.WeightIntervals[k], weight)
		}
	}
	for _, p := range star.Pairs { // by the delta method from the sample's userCorrelation: 0.46
		if p.Short == "ctr" && p.Long == "rpm" && math.Abs(p.Users.Value-0.46) > 4.9*p.Users.SE {
			t.Errorf("users' metrics correlate by %.2f ± %.2f, drawn with 0.46", p.Users.Value, p.Users.SE)
		}
	}
}

// regressed is y on the columns and an intercept, by least squares.
func regressed(y []float64, columns ...[]float64) []float64 {
	x := mat.NewDense(len(y), len(columns)+1, nil)
	for i := range y {
		for k := range columns {
			x.Set(i, k, columns[k][i])
		}
		x.Set(i, len(columns), 1)
	}
	var w mat.VecDense
	if err := w.SolveVec(x, mat.NewVecDense(len(y), y)); err != nil {
		panic(err)
	}
	return w.RawVector().Data[:len(columns)]
}

func TestKindsAndRulesOnTheSample(t *testing.T) {
	r := learned()
	place := map[string]int{}
	for i, g := range r.Groups {
		place[g.By+"/"+g.Name] = i + 1
	}
	if !(place["surface/marketplace"] > 0 && place["surface/marketplace"] < place["surface/search"] && place["component/ranking"] < place["component/calibration"]) {
		t.Errorf("kinds with twice the scale have the larger upside: %v", place)
	}
	if r.Rules == nil || len(r.Rules.Rows) != 6 || r.Rules.Rows[0].Gain.Interval.Low <= 0 || r.Rules.Current != "p < 0.025" {
		t.Errorf("%+v", r.Rules)
	}
	significant := 0.0
	for _, of := range trialsOf(r.programme.Effects(), "rpm", false) {
		if k := of.significant(1.959963985); k >= 0 {
			significant += of.arms[k].Value
		}
	}
	for _, row := range r.Rules.Rows {
		if row.Shipped > 0 && row.PlugIn.Value < row.Total.Value {
			t.Errorf("what was chosen for it looks no better: %+v", row)
		}
		if row.Rule == "p < 0.025" && (math.Abs(row.PlugIn.Value-significant) > 1e-9 || row.Inflation < 1) {
			t.Errorf("the plug-in is what was measured of the significant arms, %g: %+v", significant, row)
		}
	}
	for _, m := range r.Missing {
		if m.What != "segment" {
			t.Errorf("missing: %+v", m)
		}
	}
}
