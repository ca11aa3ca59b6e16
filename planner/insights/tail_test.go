package insights

import (
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/value"
)

// Ideas that mostly hurt: the best of 1,000 users is 10 tests of 100 under N(−1, 1)
// (stats/value, TestPortfolio), which fat tails would have as many as there are ideas.
func TestTailSaysHowMuchHangsOnIt(t *testing.T) {
	normal := value.Production{Prior: bayes.Single(stats.Normal{Mean: -1, SD: 1}), Sigma: 10}
	fat := value.Production{Prior: bayes.StudentT{Location: -1, Scale: 1, DF: 1.3}, Sigma: 10}
	size := func(p value.Production) Sizing {
		s, err := split(p, 1000, 300)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	thin := &Tail{Users: 1000, Most: 300, Fat: size(normal), Normal: size(normal)}
	thin.choose(normal)
	if thin.Edge || thin.Fat.Tests != 10 || thin.NearLow != 7 || thin.NearHigh != 13 || thin.NormalLoss != 0 {
		t.Errorf("%+v", thin)
	}
	for tests, isNear := range map[float64]bool{6: false, 7: true, 13: true, 14: false} {
		if at, err := normal.At(1000 / tests); err != nil || (tests*at.Value >= 0.95*0.251273) != isNear {
			t.Errorf("%g tests bring %g, %v", tests, tests*at.Value, err)
		}
	}
	wide := &Tail{Users: 1000, Most: 300, Fat: size(fat), Normal: size(normal)}
	wide.choose(fat)
	if !wide.Edge || wide.Fat.Tests != 300 || wide.NearHigh != 300 || !(wide.NormalLoss > 0.1) {
		t.Errorf("%+v", wide)
	}
}
