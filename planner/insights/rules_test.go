package insights

import "testing"

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
