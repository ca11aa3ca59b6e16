package insights

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// With noise that is as good as none, what is expected of estimates is what is true; with
// a prior that is as good as a point, it is the noise alone.
func TestSurvivalWithNoise(t *testing.T) {
	prior := bayes.StudentT{Location: 0.001, Scale: 0.01, DF: 2.5}
	for _, x := range []float64{0.005, 0.02, 0.1, 0.5} {
		if got, want := withNoise([]stats.Estimate{{SE: 1e-9}}, prior).beyond(x), outside(prior, 0.001, x); math.Abs(got/want-1) > 0.03 {
			t.Errorf("beyond %g: %g without noise, true %g", x, got, want)
		}
		point := bayes.StudentT{Scale: 1e-9, DF: 30}
		if got, want := withNoise([]stats.Estimate{{SE: 0.02}}, point).beyond(x), 2*upper(x/0.02); math.Abs(got-want) > 1e-3 {
			t.Errorf("beyond %g: %g of noise alone, want %g", x, got, want)
		}
	}
}

// On a programme of known tail the fit's curve goes through the points and its band holds
// the truth's.
func TestSurvivalOfKnownTail(t *testing.T) {
	effects, _ := programme(3, 1500)
	l := &learner{o: Options{Alpha: 0.025, Level: 0.9999, Metric: "rpm"}, trials: trialsOf(effects, "rpm", false)}
	tail, err := l.tail()
	if err != nil || len(tail.Survival) != survivalPoints {
		t.Fatalf("%+v, %v", tail, err)
	}
	truth := bayes.StudentT{Location: -0.0005, Scale: 0.004, DF: 3}
	for i, s := range tail.Survival {
		n := float64(tail.Ideas)
		if sd := math.Sqrt(s.Expected * (1 - s.Expected) / n); math.Abs(s.Measured-s.Expected) > 4.9*sd+1/n {
			t.Errorf("beyond %g: measured %g, expected %g", s.Lift, s.Measured, s.Expected)
		}
		if !(s.Low <= s.True && s.True <= s.High && s.Measured <= 1) || i > 0 && (s.Measured > tail.Survival[i-1].Measured || s.True >= tail.Survival[i-1].True) {
			t.Errorf("%d: %+v", i, s)
		}
		// Ends are those of the tail index alone, so that in the middle they lie close together.
		if at := outside(truth, tail.Prior.Location, s.Lift); s.Lift > 0.02 && (at < s.Low/1.1 || at > s.High*1.1) {
			t.Errorf("beyond %g: true %g, in %g to %g", s.Lift, at, s.Low, s.High)
		}
	}
}

func TestNoSurvivalWithoutSpread(t *testing.T) {
	same := []stats.Estimate{{Value: 0.01, SE: 0.01}, {Value: 0.01, SE: 0.01}, {Value: 0.01, SE: 0.01}}
	fit, err := bayes.FitStudentT(same, bayes.FitOptions{})
	if err != nil || len(survival(same, fit)) != 0 {
		t.Errorf("%+v, %v", fit, err)
	}
}
