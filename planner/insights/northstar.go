package insights

import (
	"errors"
	"math"
	"slices"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/proxy"
)

// Proxy is how far the true lift of one metric predicts that of another, with the
// errors of both taken out.
type Proxy struct {
	Short string `json:"short"`
	Long  string `json:"long"`
	Arms  int    `json:"arms"` // that measured both
	// Correlation, R2, Slope and Naive are of proxy.Assess: the last is the correlation of
	// estimates with estimates, errors and all. Where the correlation of users had to be
	// estimated, the intervals are wider by its standard error.
	Correlation         float64        `json:"correlation"`
	CorrelationInterval stats.Interval `json:"correlation_interval"`
	R2                  float64        `json:"r2"`
	R2Interval          stats.Interval `json:"r2_interval"`
	Slope               float64        `json:"slope"` // long lift for each unit of short lift
	Naive               float64        `json:"naive"`
	Users               Correlation    `json:"users"` // what was taken out
}

// NorthStar is which metrics say what the target will do.
type NorthStar struct {
	Pairs []Proxy `json:"pairs"` // those with the target as the long one first
	// Index predicts the target from all others together, by true lifts.
	Index *Index `json:"index,omitempty"`
}

// Index is the best weights of short-term metrics for the target.
type Index struct {
	Metrics   []string  `json:"metrics"`
	Weights   []float64 `json:"weights"`
	R2        float64   `json:"r2"`
	Agreement float64   `json:"agreement"` // share of ideas where the sign of the prediction is the target's
}

// mostMetrics are the metrics that are compared: the target and those with most effects.
const (
	mostMetrics = 6
	fewPairs    = 20  // arms that two metrics must share
	sureEnough  = 0.3 // the largest standard error of an estimated correlation of users
)

// arms of one experiment share a control, so that one of each counts, the first by name.
func (l *learner) northStar(effects []history.Effect) (*NorthStar, error) {
	metrics, of := l.byMetric(effects)
	if len(metrics) < 2 {
		l.miss("north star", "only one metric was measured: import the lifts of short-term metrics too")
		return nil, nil
	}
	star := &NorthStar{Pairs: []Proxy{}}
	correlation := make([][]float64, len(metrics))
	for i := range correlation {
		correlation[i] = make([]float64, len(metrics))
		correlation[i][i] = 1
	}
	whole := true
	for long := range metrics {
		for short := long + 1; short < len(metrics); short++ {
			p, err := l.pair(metrics[short], metrics[long], of)
			if err != nil {
				return nil, err
			}
			if p == nil {
				whole = false
				continue
			}
			correlation[long][short], correlation[short][long] = p.Users.Value, p.Users.Value
			star.Pairs = append(star.Pairs, *p)
		}
	}
	if len(star.Pairs) == 0 {
		return nil, nil
	}
	if whole && len(metrics) > 2 {
		star.Index = l.index(metrics, of, correlation)
	}
	return star, nil
}

// byMetric returns the metrics, the target first, and of each its estimates by
// experiment.
func (l *learner) byMetric(effects []history.Effect) ([]string, map[string]map[string]stats.Estimate) {
	of, first := map[string]map[string]stats.Estimate{}, map[string]string{}
	for _, e := range effects {
		if e.Usable && e.Segment == "" && (first[e.Experiment] == "" || e.Arm < first[e.Experiment]) {
			first[e.Experiment] = e.Arm
		}
	}
	for _, e := range effects {
		if e.Usable && e.Segment == "" && e.Arm == first[e.Experiment] {
			if of[e.Metric] == nil {
				of[e.Metric] = map[string]stats.Estimate{}
			}
			of[e.Metric][e.Experiment] = better(e, l.o.Down[e.Metric])
		}
	}
	var others []string
	for _, m := range sortedKeys(of) {
		if m != l.o.Metric {
			others = append(others, m)
		}
	}
	slices.SortStableFunc(others, func(a, b string) int { return len(of[b]) - len(of[a]) })
	return append([]string{l.o.Metric}, others[:min(len(others), mostMetrics-1)]...), of
}

// shared are the estimates of experiments that measured both, in order of name.
func shared(a, b map[string]stats.Estimate) (ea, eb []stats.Estimate) {
	for _, id := range sortedKeys(a) {
		if e, ok := b[id]; ok {
			ea, eb = append(ea, a[id]), append(eb, e)
		}
	}
	return ea, eb
}

func (l *learner) pair(short, long string, of map[string]map[string]stats.Estimate) (*Proxy, error) {
	es, el := shared(of[short], of[long])
	what := short + " and " + long
	if len(es) < fewPairs {
		l.miss("north star: "+what, "fewer than 20 experiments measured both")
		return nil, nil
	}
	users, ok := l.users(short, long, es, el)
	if !ok {
		l.miss("north star: "+what, "the correlation of users' metrics cannot be told from fewer than 30 tests that are nearly A/A tests: state it, as --correlation "+short+","+long+"=0.3")
		return nil, nil
	}
	q, err := l.assess(es, el, users.Value)
	if err != nil {
		return nil, err
	}
	p := &Proxy{Short: short, Long: long, Arms: len(es), Correlation: q.Correlation, CorrelationInterval: q.CorrelationInterval,
		R2: q.R2, R2Interval: q.R2Interval, Slope: q.Weights[0], Naive: q.Naive.Correlation, Users: users}
	if users.SE == 0 {
		return p, nil
	}
	low, errLow := l.assess(es, el, max(-0.95, users.Value-users.SE))
	high, errHigh := l.assess(es, el, min(0.95, users.Value+users.SE))
	if err := errors.Join(errLow, errHigh); err != nil {
		return nil, err
	}
	p.widen(l.half * (high.Correlation - low.Correlation) / 2)
	return p, nil
}

func (l *learner) assess(short, long []stats.Estimate, users float64) (proxy.Quality, error) {
	tests := make([]proxy.Test, len(short))
	for i := range tests {
		var err error
		if tests[i], err = proxy.NewTest([]stats.Estimate{short[i], long[i]}, [][]float64{{1, users}, {users, 1}}); err != nil {
			return proxy.Quality{}, err
		}
	}
	return proxy.Assess(tests, []int{0}, 1, proxy.Options{Level: l.o.Level})
}

// widen adds what is not known of the users' correlation: by moves the correlation of
// true lifts by so much, independently of what the interval knows.
func (p *Proxy) widen(by float64) {
	i := &p.CorrelationInterval
	i.Low = max(-1, p.Correlation-math.Hypot(p.Correlation-i.Low, by))
	i.High = min(1, p.Correlation+math.Hypot(i.High-p.Correlation, by))
	p.R2Interval.Low, p.R2Interval.High = 0, max(i.Low*i.Low, i.High*i.High)
	if i.Low > 0 || i.High < 0 {
		p.R2Interval.Low = min(i.Low*i.Low, i.High*i.High)
	}
}

// users is the correlation that was stated, or one that the tests tell.
func (l *learner) users(a, b string, ea, eb []stats.Estimate) (Correlation, bool) {
	for _, c := range l.o.Correlations {
		if c.A == a && c.B == b || c.A == b && c.B == a {
			value := c.Value
			if l.o.Down[a] != l.o.Down[b] { // lifts are turned so that positive is better
				value = -value
			}
			return Correlation{a, b, value, 0, "stated"}, true
		}
	}
	rho, se := estimated(ea, eb)
	return Correlation{a, b, max(-0.95, min(0.95, rho)), se, "estimated"}, se <= sureEnough
}

// index is nil if the correlations do not fit together: each was told by itself.
func (l *learner) index(metrics []string, of map[string]map[string]stats.Estimate, correlation [][]float64) *Index {
	var tests []proxy.Test
	for _, id := range sortedKeys(of[metrics[0]]) {
		var es []stats.Estimate
		for _, m := range metrics {
			if e, ok := of[m][id]; ok {
				es = append(es, e)
			}
		}
		if len(es) == len(metrics) {
			t, err := proxy.NewTest(es, correlation)
			if err != nil {
				return nil
			}
			tests = append(tests, t)
		}
	}
	effects, err := proxy.Fit(tests, proxy.Options{Method: proxy.Moments})
	if err != nil {
		return nil
	}
	short := make([]int, len(metrics)-1)
	for i := range short {
		short[i] = i + 1
	}
	x, err := effects.Index(short, 0, nil)
	if err != nil || math.IsNaN(x.R2) {
		return nil
	}
	return &Index{metrics[1:], x.Weights, x.R2, x.Agreement}
}
