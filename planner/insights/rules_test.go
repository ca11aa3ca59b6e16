package insights

import (
	"math"
	"strings"
	"testing"
)

// The rule in use is the policy's, by either kind; no rule stands twice.
func TestRuleInUse(t *testing.T) {
	effects, _ := programme(4, 40)
	for _, c := range []struct {
		inUse *ShipRule
		want  string
		rows  int
	}{
		{nil, "p < 0.025", 6},
		{&ShipRule{Alpha: 0.1}, "p < 0.1", 6},
		{&ShipRule{Alpha: 0.01}, "p < 0.01", 7},
		{&ShipRule{PosteriorMean: true, Cut: 0.001}, "posterior mean > 0.001, adaptive prior", 6},
	} {
		l := &learner{o: Options{Alpha: 0.025, Level: 0.95, Metric: "rpm", InUse: c.inUse}, trials: trialsOf(effects, "rpm", false)}
		r, err := l.rules()
		if err != nil || r.Current != c.want || len(r.Rows) != c.rows || r.Reason == "" {
			t.Errorf("%+v: %+v, %v", c.inUse, r, err)
		}
	}
}

// Where few ship, the report says how many are too few, and what to do.
func TestFewThatShipAreSaid(t *testing.T) {
	for n, want := range map[int]string{12: "with fewer than 20 that ship no rule's return is known well: let more end", 600: ""} {
		effects, _ := programme(4, n)
		l := &learner{o: Options{Alpha: 0.025, Level: 0.95, Metric: "rpm"}, trials: trialsOf(effects, "rpm", false)}
		r, err := l.rules()
		if err != nil {
			t.Fatal(err)
		}
		if said := r.Careful(); (said == "") != (want == "") || !strings.Contains(said, want) {
			t.Errorf("of %d: %q", n, said)
		}
	}
}

// With worths by surface, returns are in currency: those of lifts that count alike, times
// the worth, where all surfaces have the same, and those without any are left out.
func TestReturnsInCurrency(t *testing.T) {
	effects, _ := programme(4, 40)
	for i := range effects {
		effects[i].Surface = []string{"feed", "search"}[i%2]
	}
	returned := func(worth map[string]float64) (*Rules, []Missing) {
		l := &learner{o: Options{Alpha: 0.025, Level: 0.95, Metric: "rpm", Currency: "EUR", Worth: map[string]map[string]float64{"rpm": worth}}, trials: trialsOf(effects, "rpm", false)}
		r, err := l.rules()
		if err != nil {
			t.Fatal(err)
		}
		return r, l.missing
	}
	lifts, _ := returned(nil)
	alike, missing := returned(map[string]float64{"feed": 5, "search": 5})
	if alike.Currency != "EUR" || lifts.Currency != "" || len(missing) > 0 {
		t.Errorf("%+v, %v", alike, missing)
	}
	for k, row := range lifts.Rows {
		if of := alike.Rows[k]; of.Rule != row.Rule || math.Abs(of.Total.Value-5*row.Total.Value) > 1e-9 || math.Abs(of.PlugIn.Value-5*row.PlugIn.Value) > 1e-9 {
			t.Errorf("%+v is not five times %+v", of, row)
		}
	}
	half, missing := returned(map[string]float64{"feed": 5})
	if half.Rows[0].Experiments != 20 || half.Currency != "EUR" || len(missing) != 1 || !strings.Contains(missing[0].Why, "20 experiments are left out") || !strings.Contains(missing[0].Why, "(search)") {
		t.Errorf("%+v, %v", half.Rows[0], missing)
	}
	none, missing := returned(map[string]float64{"video": 5})
	if none.Rows[0].Experiments != 40 || none.Currency != "" || len(missing) != 1 || !strings.Contains(missing[0].Why, "count alike") {
		t.Errorf("%+v, %v", none.Rows[0], missing)
	}
}
