package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats"
)

// programme draws effects whose surfaces differ by an SD of 0.01 and whose teams do not.
func programme(seed uint64, n int) []Past {
	rng := rand.New(rand.NewPCG(seed, 4))
	surfaces := make([]float64, 8)
	for s := range surfaces {
		surfaces[s] = 0.01 * rng.NormFloat64()
	}
	past := make([]Past, n)
	for i := range past {
		s := rng.IntN(len(surfaces))
		past[i] = Past{Idea: Idea{ID: fmt.Sprint(i), Traits: map[string]string{
			"surface": fmt.Sprint("s", s), "team": fmt.Sprint("t", rng.IntN(5)), "source": "human"}}, Metric: "rpm"}
		past[i].Effect = stats.Estimate{Value: 0.002 + surfaces[s] + 0.004*rng.NormFloat64() + 0.003*rng.NormFloat64(), SE: 0.003}
	}
	return past
}

// A surface's ideas are forecast at its own mean, one never seen at that of all, and
// less surely.
func TestForecastPoolsPartially(t *testing.T) {
	past := programme(1, 2000)
	m, err := Learn(context.Background(), past, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum, n := 0.0, 0.0
	for _, p := range past {
		if p.Traits["surface"] == "s3" {
			sum, n = sum+p.Effect.Value, n+1
		}
	}
	known, err := m.Forecast(Idea{Traits: map[string]string{"surface": "s3", "team": "t1"}})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(known.Mean()-sum/n) > 0.001 || math.Abs(known.SD()-0.004) > 0.0006 {
		t.Errorf("forecast of a surface with mean %.4f: %.4f ± %.4f", sum/n, known.Mean(), known.SD())
	}
	fresh, err := m.Forecast(Idea{Traits: map[string]string{"surface": "new", "team": "t1"}})
	if err != nil {
		t.Fatal(err)
	}
	if !(fresh.SD() > 1.5*known.SD()) || !(fresh.Evidence < known.Evidence/5) {
		t.Errorf("a new surface: ± %.4f by %.1f effects; a known one: ± %.4f by %.1f", fresh.SD(), fresh.Evidence, known.SD(), known.Evidence)
	}
	total := 0.0
	for _, d := range known.Drivers {
		total += d.Effect
	}
	if math.Abs(total-known.Mean()) > 1e-12 {
		t.Errorf("drivers add up to %g, want the mean %g", total, known.Mean())
	}
}

// An idea of the first machine, after those of people, is as uncertain as that of a new
// surface at least, though nothing was learned of how sources differ; a mean of 0 effects
// is not invented for it.
func TestForecastOfTheFirstOfItsKind(t *testing.T) {
	past := programme(1, 500)
	for _, o := range []Options{{}, {Spec: &Spec{Blocks: []string{"surface"}, Tail: "normal"}}, {Spec: &Spec{Tail: "normal"}}} {
		m := must(Learn(context.Background(), past, o))
		human := must(m.Forecast(Idea{Traits: map[string]string{"surface": "s3", "team": "t1", "source": "human"}}))
		machine := must(m.Forecast(Idea{Traits: map[string]string{"surface": "s3", "team": "t1", "source": "ai"}}))
		unknown := must(m.Forecast(Idea{Traits: map[string]string{"surface": "s3", "team": "t1"}}))
		if !(machine.SD() > 1.3*human.SD()) || machine.Mean() != human.Mean() || !(machine.Evidence < human.Evidence/2) {
			t.Errorf("human %.4f ± %.4f by %.0f, machine %.4f ± %.4f by %.0f", human.Mean(), human.SD(), human.Evidence, machine.Mean(), machine.SD(), machine.Evidence)
		}
		if unknown.SD() != human.SD() {
			t.Errorf("of unknown source ± %.4f, by people ± %.4f", unknown.SD(), human.SD())
		}
	}
}

// Only differences within a set are forecast: adding any number to the effects of a set
// changes nothing.
func TestForecastWithinSets(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	past := programme(2, 600)
	moved := make([]Past, len(past))
	level := 0.0
	for i := range past {
		past[i].Set = fmt.Sprint("story", i/3)
		moved[i] = past[i]
		if i%3 == 0 {
			level = rng.NormFloat64()
		}
		moved[i].Effect.Value += level
	}
	a, errA := Learn(context.Background(), past, Options{})
	b, errB := Learn(context.Background(), moved, Options{})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	i := Idea{Set: "next", Traits: map[string]string{"surface": "s1", "team": "t1", "source": "human"}}
	fa, errA := a.Forecast(i)
	fb, errB := b.Forecast(i)
	if errA != nil || errB != nil || math.Abs(fa.Mean()-fb.Mean()) > 1e-8 || math.Abs(fa.SD()-fb.SD()) > 1e-8 {
		t.Errorf("got %g ± %g (%v) and %g ± %g (%v)", fa.Mean(), fa.SD(), errA, fb.Mean(), fb.SD(), errB)
	}
}

func TestLearnRefuses(t *testing.T) {
	past := programme(3, 3)
	if _, err := Learn(context.Background(), past[:1], Options{}); !errors.Is(err, ErrPast) {
		t.Errorf("one effect: %v", err)
	}
	past[2].Metric = "ctr"
	if _, err := Learn(context.Background(), past, Options{}); !errors.Is(err, ErrPast) {
		t.Errorf("two metrics: %v", err)
	}
	past[2].Metric, past[2].Effect.SE = "rpm", math.NaN()
	if _, err := Learn(context.Background(), past, Options{}); !errors.Is(err, stats.ErrInput) {
		t.Errorf("no standard error: %v", err)
	}
}

// Work that nobody waits for any more ends with the reason of the context.
func TestLearnStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, o := range []Options{{}, {Spec: &Spec{Tail: "normal"}}} {
		if _, err := Learn(ctx, programme(3, 100), o); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
