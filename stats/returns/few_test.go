package returns

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/shrink"
)

func fitNormal(es []stats.Estimate) (bayes.Prior, error) {
	fit, err := stats.FitNormal(es)
	return bayes.Single(fit.Prior), err
}

func fitAdaptive(es []stats.Estimate) (bayes.Prior, error) {
	fit, err := shrink.Adaptive(es, shrink.Options{})
	if err != nil {
		return nil, err
	}
	return fit.Prior(), nil
}

// replayed is what rules, those of the blocks, return of true lifts at the information
// that Thinned leaves them.
func replayed(rng *rand.Rand, es []Experiment, lifts [][]float64, rules []Rule, repeats int) (sum float64) {
	for i := range es {
		sum += oracle(rng, es[i:i+1], lifts[i:i+1], rules[i%len(rules)], math.Sqrt(1.25), repeats)
	}
	return sum
}

// What a rule returned on 12 or 30 experiments lies in its interval, of which a rule ships
// from half a one to all, though its prior is fitted again without each block; the rule's
// fits are those of the return that is estimated, so that its estimate is unbiased too.
// The long run logs every share that holds. The short one has a bound that a true 90%
// breaks once in a million.
func TestIntervalsOfFewExperimentsHold(t *testing.T) {
	programmes, long := 60, os.Getenv("ASSAY_LONG") != ""
	if long {
		programmes = 200
	}
	truths := map[string]func(*rand.Rand) float64{
		"normal": func(rng *rand.Rand) float64 { return -0.003 + 0.015*rng.NormFloat64() },
		"t of 3": func(rng *rand.Rand) float64 { return -0.003 + 0.01*student(rng, 3) },
		"small":  func(rng *rand.Rand) float64 { return -0.001 + 0.004*student(rng, 3) },
	}
	base := Significant(0.025)
	rules := []Rule{base, Significant(0.1), Refitted("normal", fitNormal, 0), Refitted("adaptive", fitAdaptive, 0), Best()}
	for name, truth := range truths {
		for _, n := range []int{12, 30} {
			for _, arms := range []int{1, 3} {
				if n*arms > 30 && !long {
					continue
				}
				few(t, fmt.Sprintf("%s, %d of %d arms", name, n, arms), programmes, n, arms, truth, rules)
			}
		}
	}
}

// few values the rules on programmes.
func few(t *testing.T, what string, programmes, n, arms int, truth func(*rand.Rand) float64, rules []Rule) {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(arms)))
	held, gained, plain := make([]int, len(rules)), make([]int, len(rules)), make([]int, len(rules))
	off, squares, ships := make([]float64, len(rules)), make([]float64, len(rules)), make([]float64, len(rules))
	for range programmes {
		es, lifts := programme(rng, n, arms, 1, func() float64 { return truth(rng) })
		o := Options{Draws: 40}.withDefaults()
		table := assert.Must(Compare(es, o, rules[0], rules[1:]...))
		var base float64
		for k, r := range rules {
			row, want := rowOf(table, r), replayed(rng, es, lifts, assert.Must(refits(es, r, o)), 200)
			if k == 0 {
				base = want
			}
			if row.Total.Interval.Contains(want) {
				held[k]++
			}
			if row.Gain.Interval.Contains(want-base) || k == 0 {
				gained[k]++
			}
			if sum(assert.Must(score(es, r, o)).values, make([]float64, n), 0, 0.95).Interval.Contains(want) {
				plain[k]++
			}
			d := row.Total.Value - want
			off[k], squares[k], ships[k] = off[k]+d, squares[k]+d*d, ships[k]+row.Shipped
		}
	}
	for k, r := range rules {
		p := float64(programmes)
		t.Logf("%s, %s, ships %.1f: %.1f%% of intervals hold, of gains %.1f%%, by the spread between experiments alone %.1f%%; off by %.5f ± %.5f", what, r.Name, ships[k]/p,
			100*float64(held[k])/p, 100*float64(gained[k])/p, 100*float64(plain[k])/p, off[k]/p, math.Sqrt(squares[k])/p)
		assert.AtLeast(t, what+", "+r.Name, held[k], programmes, 0.9)
		assert.AtLeast(t, what+", gain of "+r.Name, gained[k], programmes, 0.9)
		if math.Abs(off[k]) > 5*math.Sqrt(squares[k]) {
			t.Errorf("%s, %s: off by %.5f ± %.5f", what, r.Name, off[k]/p, math.Sqrt(squares[k])/p)
		}
	}
}
