package analysis

import (
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

func TestPosteriorAndLoss(t *testing.T) {
	prior := bayes.Single(stats.Normal{SD: 0.02})
	x := Test{Arms: append(two(), Arm{Name: "u"}), Rows: []Row{mean("c", "m", 5000, 10, 16), mean("t", "m", 5000, 10.2, 16), mean("u", "m", 5000, 10.1, 16)}}
	r := runWith(t, x, Options{Prior: prior})
	b, l := first(r).Posterior, first(r).Result.Lift
	post := stats.Normal{SD: 0.02}.Posterior(l.Value, l.SE)
	if !near(b.Mean, post.Mean, 1e-12) || !near(b.ProbPositive, post.ProbAbove(0), 1e-12) || !near(b.LossControl-b.Loss, post.Mean, 1e-12) || b.Loss < 0 {
		t.Errorf("posterior %+v, want %+v", b, post)
	}
	total := 0.0
	for _, a := range r.Best[0].Arms {
		total += a.ProbBest
	}
	if !near(total, 1, 1e-6) || r.Best[0].Arms[1].ProbBest < r.Best[0].Arms[2].ProbBest {
		t.Errorf("best: %+v", r.Best)
	}
	x.Metrics = []Metric{{Name: "m", LowerIsBetter: true}}
	if low := first(runWith(t, x, Options{Prior: prior})).Posterior; !near(low.ProbBetter, 1-b.ProbPositive, 1e-12) || low.Loss != b.LossControl {
		t.Errorf("lower is better: %+v", low)
	}
	// The best arm is then the one with the least lift: the control here.
	if best := runWith(t, x, Options{Prior: prior}).Best; len(best) != 1 || best[0].Arms[0].ProbBest < best[0].Arms[2].ProbBest || best[0].Arms[2].ProbBest < best[0].Arms[1].ProbBest {
		t.Errorf("best of lower: %+v", best)
	}
	// A cost of −10 that rises to −9.8 is better, though its lift is −2%.
	below := test(mean("c", "m", 5000, -10, 16), mean("t", "m", 5000, -9.8, 16))
	if c := first(runWith(t, below, Options{Prior: prior})); !c.Better || c.Posterior.ProbBetter < 0.9 || c.Posterior.Loss > c.Posterior.LossControl {
		t.Errorf("below 0: better %v, %+v", c.Better, c.Posterior)
	}
}
