package insights

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
)

// programme draws n experiments of one arm with true lifts 0.004·t₃ and standard errors
// around 0.003, and returns the truth.
func programme(seed uint64, n int) ([]history.Effect, map[string]float64) {
	r := rand.New(rand.NewPCG(seed, 7))
	truth := map[string]float64{}
	var all []history.Effect
	for i := range n {
		var chi float64
		for range 3 {
			z := r.NormFloat64()
			chi += z * z
		}
		id := fmt.Sprintf("e%04d", i)
		truth[id] = 0.004*r.NormFloat64()/math.Sqrt(chi/3) - 0.0005
		se := 0.003 * math.Exp(0.5*r.NormFloat64())
		all = append(all, effect(id, "rpm", truth[id]+se*r.NormFloat64(), se))
	}
	return all, truth
}

func effect(id, metric string, lift, se float64) history.Effect {
	return history.Effect{Experiment: id, Arm: "blue", Control: "control", Metric: metric, Lift: lift, SE: se, ControlUsers: 9 / (se * se), TreatmentUsers: 9 / (se * se),
		Ended: time.Unix(1e9, 0), Usable: true, Verdict: history.Usable}
}

// The intervals of the two corrected totals miss the truth about one time in twenty: 7
// of 12 and 12 of 40 programmes are less likely than one in a million.
func TestTotalsCover(t *testing.T) {
	programmes, size, most := 12, 120, 6
	if os.Getenv("ASSAY_LONG") != "" {
		programmes, size, most = 40, 200, 11
	}
	var posterior, leeShen, naive int
	for seed := range uint64(programmes) {
		effects, truth := programme(seed, size)
		l := &learner{o: Options{Alpha: 0.025, Level: 0.95, Metric: "rpm"}, z: 1.959964, half: 1.959964, trials: trialsOf(effects, "rpm", false)}
		if err := l.believe(); err != nil {
			t.Fatal(err)
		}
		s, total := l.total(), 0.0
		for _, of := range l.trials {
			if of.significant(l.z) >= 0 {
				total += truth[of.id]
			}
		}
		if !s.Posterior.Interval.Contains(total) {
			posterior++
		}
		if !s.LeeShen.Interval.Contains(total) {
			leeShen++
		}
		if s.Measured > total {
			naive++
		}
	}
	t.Logf("of %d: posterior misses %d, Lee & Shen %d; measured is too high %d times", programmes, posterior, leeShen, naive)
	if posterior > most || leeShen > most || naive < programmes*3/4 {
		t.Error("the intervals do not hold what they say")
	}
}

// Few experiments that do nothing show no spread, so that what is believed of each is their
// mean: the interval of the total says how well that is known. 11 of 20 misses are less
// likely than one in a million at a rate of 10%, which so few come to.
func TestTotalOfFewIsNotExact(t *testing.T) {
	r, misses := rand.New(rand.NewPCG(12, 3)), 0
	for range 20 {
		var effects []history.Effect
		for i := range 12 {
			e := effect(fmt.Sprint("e", i), "rpm", 0.004*r.NormFloat64(), 0.004)
			e.Decision = []string{"shipped", "dropped", "dropped"}[i%3]
			effects = append(effects, e)
		}
		o, err := Options{Metric: "rpm"}.withDefaults()
		l := &learner{o: o, z: 1.959964, half: 1.959964, trials: trialsOf(effects, "rpm", false)}
		if err := errors.Join(err, l.believe()); err != nil {
			t.Fatal(err)
		}
		s := l.total()
		if !s.Posterior.Interval.Contains(0) {
			misses++
		}
		if s.By != "decision" || s.Count != 4 || !(s.Posterior.SE > 0.002) {
			t.Errorf("%+v", s)
		}
	}
	t.Logf("%d of 20 miss", misses)
	if misses > 10 {
		t.Errorf("%d of 20 intervals miss", misses)
	}
}

func TestTailCovers(t *testing.T) {
	effects, _ := programme(3, 1500)
	l := &learner{o: Options{Alpha: 0.025, Level: 0.999999, Metric: "rpm"}, trials: trialsOf(effects, "rpm", false)}
	tail, err := l.tail()
	if err != nil || !tail.Interval.Contains(3) || tail.Interval.High > 20 {
		t.Errorf("%+v, %v", tail, err)
	}
}

// One excess by hand: a known effect of 0 and a cut at 1.644854 standard errors have an
// excess of 0.103136 (Lee & Shen; papers' golden value for σ = 1).
func TestExcessGolden(t *testing.T) {
	for truth, want := range map[float64]float64{0: 0.103136, 1: 0.324050} {
		got, v := excessOf(mixture(truth), 1.644854, 1)
		if math.Abs(got-want) > 1e-6 || !(v > 0 && v < 1) {
			t.Errorf("excess at %g is %.6f ± √%g, want %.6f", truth, got, v, want)
		}
	}
}

func TestDecisionsSayWhatShipped(t *testing.T) {
	var effects []history.Effect
	for i, d := range []string{"Shipped", "shipped green", "dropped", "", "launch: blue"} {
		a, b := effect(fmt.Sprint("e", i), "rpm", 0.01, 0.004), effect(fmt.Sprint("e", i), "rpm", 0.002, 0.004)
		b.Arm, a.Decision, b.Decision = "green", d, d
		effects = append(effects, a, b)
	}
	r, err := Learn(effects, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Shipped; s.By != "decision" || s.Count != 3 || math.Abs(s.Measured-0.022) > 1e-12 || s.LeeShen != nil {
		t.Errorf("%+v", s)
	}
	r, err = Learn(effects, Options{Shipped: []string{"dropped"}})
	if err != nil || r.Shipped.Count != 1 {
		t.Errorf("%+v, %v", r.Shipped, err)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	r, err := Learn([]history.Effect{effect("a", "rpm", 0.01, 0.005)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range r.Missing {
		said = append(said, m.What)
	}
	for _, what := range []string{"what shipped", "tail", "surface", "segment", "north star", "ship rules"} {
		if !slices.Contains(said, what) {
			t.Errorf("%s is not among what is missing: %s", what, strings.Join(said, ", "))
		}
	}
	if _, err := Learn(nil, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("nothing to learn from gives %v", err)
	}
	if _, err := Learn([]history.Effect{effect("a", "rpm", 0.01, 0.005)}, Options{Metric: "ctr"}); !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), "ctr") {
		t.Errorf("an unknown metric gives %v", err)
	}
	for _, o := range []Options{{Alpha: 0.7}, {Alpha: math.NaN()}, {Level: 1}, {Correlations: []Correlation{{Value: 1}}}} {
		if _, err := Learn([]history.Effect{effect("a", "rpm", 0.01, 0.005)}, o); !errors.Is(err, stats.ErrInput) {
			t.Errorf("%+v gives %v", o, err)
		}
	}
}

// A correlation that is stated is taken, and no nearly-A/A tests are needed for it.
func TestStatedCorrelation(t *testing.T) {
	var effects []history.Effect
	r := rand.New(rand.NewPCG(5, 5))
	for i := range 2000 {
		true_ := 0.01 * r.NormFloat64()
		for _, m := range []string{"long", "short"} {
			effects = append(effects, effect(fmt.Sprintf("e%04d", i), m, true_+0.004*r.NormFloat64(), 0.004))
		}
	}
	report, err := Learn(effects, Options{Metric: "long"})
	if err != nil || report.NorthStar != nil {
		t.Errorf("%+v, %v: all tests are precise, so that nothing tells the users' correlation", report.NorthStar, err)
	}
	report, err = Learn(effects, Options{Metric: "long", Correlations: []Correlation{{A: "short", B: "long", Value: 0}}})
	if err != nil || report.NorthStar == nil {
		t.Fatal(report.Missing, err)
	}
	if p := report.NorthStar.Pairs[0]; p.Users.From != "stated" || p.Correlation < 0.97 || math.Abs(p.Slope-1) > 0.1 { // five standard errors
		t.Errorf("%+v", p)
	}
}

// Any small history gives a report that JSON can say, the same in any order.
func TestAnyHistory(t *testing.T) {
	name := rapid.SampledFrom([]string{"", "a", "b", "c"})
	rapid.Check(t, func(t *rapid.T) {
		effects := make([]history.Effect, rapid.IntRange(1, 20).Draw(t, "effects"))
		for i := range effects {
			e := effect(fmt.Sprintf("e%02d", i/3), rapid.SampledFrom([]string{"m", "n"}).Draw(t, "metric"), rapid.Float64Range(-0.5, 2).Draw(t, "lift"), rapid.Float64Range(1e-4, 1).Draw(t, "se"))
			e.Arm, e.Surface, e.Segment, e.Decision = fmt.Sprint("arm", i), name.Draw(t, "surface"), rapid.SampledFrom([]string{"", "", "x", "y"}).Draw(t, "segment"), rapid.SampledFrom([]string{"", "shipped", "no"}).Draw(t, "decision")
			effects[i] = e
		}
		say := func(es []history.Effect) string {
			r, err := Learn(es, Options{Metric: "m"})
			if errors.Is(err, ErrNothing) {
				return "nothing"
			}
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		first := say(effects)
		slices.Reverse(effects)
		if second := say(effects); first != second {
			t.Fatalf("in another order\n%s\ninstead of\n%s", second, first)
		}
	})
}
