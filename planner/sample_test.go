package planner_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/sample"
	"github.com/assay-planner/assay/stats"
)

// night is the bundled sample as a snapshot. Its effects come from the same
// sums that a history keeps, by the same formula, without a database; flawed
// experiments are screened as the history would, by the flaw itself.
var night = sync.OnceValues(func() (planner.Snapshot, map[string]float64) {
	p := sample.Generate(sample.Seed)
	s := planner.Snapshot{At: sample.Tonight, Policy: p.Policy, Hypotheses: p.Hypotheses}
	for _, e := range p.Experiments {
		if e.Ended.IsZero() || e.Ended.After(s.At) {
			continue
		}
		for _, arm := range e.Arms[1:] {
			for i, o := range arm.Outcomes {
				s.Effects = append(s.Effects, effect(e, arm, o, e.Arms[0].Outcomes[i]))
			}
		}
	}
	s.Noise = noise(s.Effects)
	return s, p.Of()
})

func effect(e sample.Experiment, arm sample.Arm, treatment, control sample.Outcome) history.Effect {
	f := history.Effect{
		Experiment: e.ID, Arm: arm.Name, Control: e.Arms[0].Name, Metric: treatment.Metric,
		Surface: e.Surface, Component: e.Component, ChangeType: e.ChangeType,
		Source: string(e.Source), Generator: e.Generator, Team: e.Team,
		Started: e.Started, Ended: e.Ended,
		ControlUsers: float64(e.Arms[0].Users), TreatmentUsers: float64(arm.Users),
		Usable: e.Flaw == sample.Sound, Verdict: string(e.Flaw),
	}
	if f.Usable {
		f.Verdict = history.Usable
	}
	t, err := sums(arm, treatment)
	c, err2 := sums(e.Arms[0], control)
	lift, err3 := stats.RelativeLift(t, c)
	if err != nil || err2 != nil || err3 != nil {
		f.Usable, f.Verdict = false, "no variance"
		return f
	}
	f.Baseline, f.Lift, f.SE = c.Mean, lift.Value, lift.SE
	return f
}

func sums(a sample.Arm, o sample.Outcome) (stats.Arm, error) {
	x, err := stats.ArmFromSums(int(a.Users), o.Sum, o.SumSquares)
	if err != nil || !o.Ratio {
		return x, err
	}
	y, err := stats.ArmFromSums(int(a.Users), o.Den, o.DenSquares)
	if err != nil {
		return y, err
	}
	n := float64(a.Users)
	return stats.RatioArm{N: int(a.Users), Numerator: x.Mean, Denominator: y.Mean, NumeratorVariance: x.Variance,
		DenominatorVariance: y.Variance, Covariance: (o.SumDen - o.Sum*o.Den/n) / (n - 1)}.Arm()
}

// noise is the median over usable effects of SE·√(nₜn꜀/(nₜ+n꜀)).
func noise(effects []history.Effect) []history.Noise {
	sds := map[[2]string][]float64{}
	for _, e := range effects {
		if e.Usable {
			key := [2]string{e.Surface, e.Metric}
			sds[key] = append(sds[key], e.SE*math.Sqrt(e.TreatmentUsers*e.ControlUsers/(e.TreatmentUsers+e.ControlUsers)))
		}
	}
	var all []history.Noise
	for key, values := range sds {
		slices.Sort(values)
		all = append(all, history.Noise{Surface: key[0], Metric: key[1], RelativeSD: values[len(values)/2], Effects: len(values)})
	}
	return all
}

func BenchmarkMake(b *testing.B) {
	s, _ := night()
	b.Run("hypotheses=500", func(b *testing.B) {
		for b.Loop() {
			if _, err := planner.Make(s); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestCompareOnTheSample(t *testing.T) {
	s, truth := night()
	results, err := planner.Compare(s, truth)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Logf("%-26s %-14s %5.1f tests  worth %12.0f (%.3f%%)  lift %.4f  net %12.0f  [%.0f, %.0f]", r.Name, r.Design, r.Tests, r.Worth, 100*r.Share, r.Lift, r.Net, r.WorthLow, r.WorthHigh)
	}
	assay, oracle := results[0], results[len(results)-1]
	for _, r := range results[1 : len(results)-1] {
		if r.Worth >= assay.Worth || r.Net >= assay.Net {
			t.Errorf("%s (%s) ships %.3g and nets %.3g; Assay %.3g and %.3g", r.Name, r.Design, r.Worth, r.Net, assay.Worth, assay.Net)
		}
	}
	if oracle.Net < assay.Net {
		t.Errorf("the oracle nets %.3g, less than Assay's %.3g", oracle.Net, assay.Net)
	}
}
