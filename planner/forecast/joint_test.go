package forecast

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// pairs are tests of two metrics whose true effects correlate by −0.6.
func pairsOf(n int) []Past {
	rng := rand.New(rand.NewPCG(3, 1))
	var past []Past
	for i := range n {
		a := rng.NormFloat64()
		b := -0.6*a + 0.8*rng.NormFloat64()
		for metric, x := range map[string]float64{"rpm": 0.01 * a, "hides": 0.02 * b} {
			past = append(past, Past{Idea: Idea{ID: fmt.Sprint(i)}, Metric: metric, Effect: stats.Estimate{Value: x, SE: 0.003}})
		}
	}
	for i := range past { // noise in a fixed order, not that of a map
		past[i].Effect.Value += 0.003 * rand.New(rand.NewPCG(uint64(i), 1)).NormFloat64()
	}
	return past
}

// Ideas that win on the target breach the guardrail more often than others where effects
// go against each other; the numbers are those of simulated effects.
func TestBreach(t *testing.T) {
	j := must(LearnJoint(pairsOf(2000)))
	if r := j.between("rpm", "hides"); math.Abs(r+0.6) > 0.1 { // its SD is about 0.016
		t.Fatalf("correlation %.3f, want −0.6", r)
	}
	j.Correlation = [][]float64{{1, -0.6}, {-0.6, 1}}
	target := Forecast{Effect: bayes.Single(stats.Normal{Mean: 0.002, SD: 0.01})}
	guard := Guardrail{"hides", 0.01, Forecast{Effect: bayes.Mixture{Weights: []float64{0.7, 0.3}, Components: []stats.Normal{{SD: 0.005}, {SD: 0.03}}}}}
	b := must(j.Breach("rpm", target, []Guardrail{guard, {Metric: "rpm"}}))
	each := guard.Forecast.Effect.CDF(-0.01)
	if b.Each["hides"] != each || math.Abs(b.Any-each) > 1e-4 || !(b.AnyGivenGain > 1.2*each) {
		t.Errorf("got %+v, alone %.4f", b, each)
	}
	// By simulation of the copula.
	rng := rand.New(rand.NewPCG(4, 4))
	cut, gains, both := stats.Normal{SD: 1}.Quantile(each), 0.0, 0.0
	for range 400_000 {
		z := rng.NormFloat64()
		if 0.002+0.01*z > 0 {
			gains++
			if -0.6*z+0.8*rng.NormFloat64() < cut {
				both++
			}
		}
	}
	if math.Abs(b.AnyGivenGain-both/gains) > 4.9*math.Sqrt(0.25/gains) {
		t.Errorf("P(breach | gain) %.4f, by simulation %.4f", b.AnyGivenGain, both/gains)
	}
	if b := must(j.Breach("rpm", target, nil)); b.Any != 0 {
		t.Errorf("no guardrail: %+v", b)
	}
	if b := must(j.Breach("rpm", target, []Guardrail{{Metric: "unheard of", Forecast: target}})); math.Abs(b.Any-b.AnyGivenGain) > 1e-3 {
		t.Errorf("a metric that was never measured: %+v", b)
	}
}

func TestLearnJointOfMetricsNeverTogether(t *testing.T) {
	past := pairsOf(20)
	for i := range past {
		past[i].ID = fmt.Sprint(i)
	}
	j := must(LearnJoint(past))
	if j.between("rpm", "hides") != 0 || len(j.Warnings) != 1 || j.Tests != 0 {
		t.Errorf("got %+v", j)
	}
	var again Joint
	if err := json.Unmarshal(must(json.Marshal(j)), &again); err != nil || !cmp.Equal(j, again) {
		t.Errorf("%v %s", err, cmp.Diff(j, again))
	}
}

// Users who make the errors of several metrics are not taken for true effects that go
// together: on average over 8 programmes of 1,500 tests correlations of true effects are
// within 0.06 of what they were drawn with, each within 0.2 (SD 0.025 to 0.04), whether
// errors correlate or not. With errors taken as independent, those of one user make 0.71 of
// 0.4, 0.36 of 0 and 0.08 of −0.3.
func TestLearnJointTakesErrorsOut(t *testing.T) {
	effects := [][]float64{{1, 0.4, 0}, {0.4, 1, -0.3}, {0, -0.3, 1}}
	for name, errors := range map[string][][]float64{
		"independent":  identity(3),
		"of one user":  {{1, 0.7, 0.6}, {0.7, 1, 0.5}, {0.6, 0.5, 1}},
		"and opposite": {{1, -0.5, 0.3}, {-0.5, 1, 0.4}, {0.3, 0.4, 1}},
	} {
		mean := make([]float64, 3)
		for seed := range uint64(8) {
			j := must(LearnJoint(jointly(seed, 1500, effects, errors)))
			for k, p := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
				got, want := j.Correlation[p[0]][p[1]], effects[p[0]][p[1]]
				if mean[k] += got / 8; math.Abs(got-want) > 0.2 {
					t.Errorf("errors %s, seed %d: %s and %s %.3f, want %.1f", name, seed, j.Metrics[p[0]], j.Metrics[p[1]], got, want)
				}
				if got, want := j.Errors[p[0]][p[1]], errors[p[0]][p[1]]; math.Abs(got-want) > 0.25 {
					t.Errorf("errors %s, seed %d: those of %s and %s %.3f, want %.1f", name, seed, j.Metrics[p[0]], j.Metrics[p[1]], got, want)
				}
			}
			if len(j.Warnings) > 0 {
				t.Errorf("errors %s: %v", name, j.Warnings)
			}
		}
		t.Logf("errors %s: %.3f", name, mean)
		for k, want := range []float64{0.4, 0, -0.3} {
			if math.Abs(mean[k]-want) > 0.06 {
				t.Errorf("errors %s: %.3f on average, want %.1f", name, mean[k], want)
			}
		}
	}
}

// jointly are tests of three metrics with true effects and errors of these correlations,
// effects t with 5 degrees of freedom, standard errors from a third of effects to three times.
func jointly(seed uint64, n int, effects, errors [][]float64) (past []Past) {
	rng := rand.New(rand.NewPCG(seed, 12))
	le, ln := cholesky(effects), cholesky(errors)
	draw := func(l [][]float64) (x [3]float64) {
		z := [3]float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}
		for r := range x {
			for c := range r + 1 {
				x[r] += l[r][c] * z[c]
			}
		}
		return x
	}
	for i := range n {
		chi := 0.0
		for range 5 {
			z := rng.NormFloat64()
			chi += z * z / 3
		}
		effect, noise, se := draw(le), draw(ln), 0.01*math.Exp(2.2*rng.Float64()-1.1)
		for k, metric := range []string{"a", "b", "c"} {
			past = append(past, Past{Idea: Idea{ID: fmt.Sprint(i)}, Metric: metric, Effect: stats.Estimate{Value: 0.01*effect[k]/math.Sqrt(chi) + se*noise[k], SE: se}})
		}
	}
	return past
}

func cholesky(a [][]float64) [][]float64 {
	l := identity(len(a))
	for r := range a {
		for c := range r + 1 {
			sum := a[r][c]
			for k := range c {
				sum -= l[r][k] * l[c][k]
			}
			if l[r][c] = sum / l[c][c]; r == c {
				l[r][c] = math.Sqrt(sum)
			}
		}
	}
	return l
}

// Correlations that were told pair by pair and contradict each other are moved together.
func TestTogether(t *testing.T) {
	r := [][]float64{{1, 0.9, 0.9}, {0.9, 1, -0.9}, {0.9, -0.9, 1}}
	together(r)
	for _, row := range cholesky(r) {
		for _, x := range row {
			if math.IsNaN(x) {
				t.Fatalf("%v is no correlation matrix", r)
			}
		}
	}
	if r[0][1] != r[1][0] || r[0][0] != 1 || !(r[0][1] > 0.3) {
		t.Errorf("%v", r)
	}
}
