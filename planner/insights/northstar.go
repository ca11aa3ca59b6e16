package insights

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/proxy"
)

// NorthStar is which metrics say what the one that the business wants will do.
type NorthStar struct {
	Target string  `json:"target"` // the metric that the business wants
	Reason string  `json:"reason"` // why it is that one
	Pairs  []Proxy `json:"pairs"`  // those with the target as the long one first
	// Index predicts the target from all others together, by true lifts.
	Index *Index `json:"index,omitempty"`
}

// Warnings are those of the pairs with the target, and of the index.
func (n NorthStar) Warnings() (all []string) {
	for _, p := range n.Pairs {
		for _, w := range p.Warnings {
			if p.Long == n.Target {
				all = append(all, p.Short+" and "+p.Long+": "+w)
			}
		}
	}
	if n.Index != nil {
		all = append(all, n.Index.Warnings...)
	}
	return all
}

// Proxy is how far the true lift of one metric predicts that of another, with the
// errors of both taken out (proxy.Moments). One arm of each experiment counts, the first
// by name, because arms share a control. Intervals are the jackknife's over experiments,
// and of what is not known of the users' correlation.
type Proxy struct {
	Short       string `json:"short"`
	Long        string `json:"long"`
	Experiments int    `json:"experiments"` // that measured both
	// Correlation is that of true lifts; R2, its square, the share of the long one's
	// variance that the short one explains; Slope the long lift for each unit of short lift.
	Correlation         float64        `json:"correlation"`
	CorrelationInterval stats.Interval `json:"correlation_interval"`
	R2                  float64        `json:"r2"`
	R2Interval          stats.Interval `json:"r2_interval"`
	Slope               float64        `json:"slope"`
	SlopeInterval       stats.Interval `json:"slope_interval"`
	Naive               float64        `json:"naive"` // correlation of estimates with estimates, errors and all
	Users               Correlation    `json:"users"` // what was taken out
	Warnings            []string       `json:"warnings,omitempty"`

	Points []Point `json:"-"` // what was measured, by experiment
}

// Point is what one experiment measured of two metrics, positive being better. The errors
// correlate as the Proxy's Users.
type Point struct{ Short, Long stats.Estimate }

// Correlation is that of two metrics of one user, which is that of the errors of their
// lifts in one test.
type Correlation struct {
	A     string  `json:"a"`
	B     string  `json:"b"`
	Value float64 `json:"value"`
	SE    float64 `json:"se"`   // 0: it was stated
	From  string  `json:"from"` // "stated" or "estimated"
}

const (
	mostMetrics = 6    // that are compared: the target and those with most effects
	fewPairs    = 20   // experiments that two metrics must share
	roughPairs  = 40   // below, a correlation is a guess
	sureEnough  = 0.3  // the largest standard error of an estimated correlation of users
	surest      = 0.95 // the largest correlation of users that is reckoned with
)

func (l *learner) northStar(effects []history.Effect) (*NorthStar, error) {
	metrics, of := l.byMetric(effects)
	if len(metrics) < 2 {
		l.miss("north star", "only one metric was measured: import the lifts of short-term metrics too")
		return nil, nil
	}
	star := &NorthStar{Target: l.star.metric, Reason: l.star.reason, Pairs: []Proxy{}}
	users := map[[2]int]Correlation{}
	for long := range metrics {
		for short := long + 1; short < len(metrics); short++ {
			p, err := l.pair(metrics[short], metrics[long], of)
			if err != nil {
				return nil, err
			}
			if p != nil {
				users[[2]int{long, short}] = p.Users
				star.Pairs = append(star.Pairs, *p)
			}
		}
	}
	if len(star.Pairs) == 0 {
		return nil, nil
	}
	if len(metrics) > 2 && len(star.Pairs) == len(metrics)*(len(metrics)-1)/2 {
		star.Index = l.index(metrics, of, users, star.Pairs)
	}
	return star, nil
}

// byMetric returns the metrics, the target first, and of each its estimates by
// experiment: of the first arm by name, because arms of one experiment share a control.
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
		if m != l.star.metric {
			others = append(others, m)
		}
	}
	slices.SortStableFunc(others, func(a, b string) int { return len(of[b]) - len(of[a]) })
	return append([]string{l.star.metric}, others[:min(len(others), mostMetrics-1)]...), of
}

// together are the estimates of experiments that measured all of the metrics, in order
// of the experiment's name.
func together(metrics []string, of map[string]map[string]stats.Estimate) (all [][]stats.Estimate) {
	for _, id := range sortedKeys(of[metrics[0]]) {
		var es []stats.Estimate
		for _, m := range metrics {
			if e, ok := of[m][id]; ok {
				es = append(es, e)
			}
		}
		if len(es) == len(metrics) {
			all = append(all, es)
		}
	}
	return all
}

func (l *learner) pair(short, long string, of map[string]map[string]stats.Estimate) (*Proxy, error) {
	all := together([]string{short, long}, of)
	what := "north star: " + short + " and " + long
	if len(all) < fewPairs {
		l.miss(what, fmt.Sprintf("%d experiments measured both; %d are the fewest that are compared", len(all), fewPairs))
		return nil, nil
	}
	users, err := l.users(short, long, all)
	if err != nil {
		return nil, err
	}
	if !(users.SE <= sureEnough) {
		l.miss(what, fmt.Sprintf("the correlation of users' values cannot be told from these %d experiments (%+.2f ± %.2f): tests of very different sizes tell it; state it, as --correlation %s,%s=0.3", len(all), users.Value, users.SE, short, long))
		return nil, nil
	}
	p := &Proxy{Short: short, Long: long, Experiments: len(all), Users: users, Naive: stat.Correlation(values(all, 0), values(all, 1), nil)}
	for _, es := range all {
		p.Points = append(p.Points, Point{es[0], es[1]})
	}
	if math.IsNaN(p.Naive) { // one of them never differs
		p.Naive = 0
	}
	q, err := numbersOf([]Correlation{users}, func(keep func(int) bool, rho []float64) ([]float64, error) {
		effects, err := trueEffects(all, keep, [][]float64{{1, rho[0]}, {rho[0], 1}})
		if err != nil {
			return nil, err
		}
		x, err := effects.Index([]int{0}, 1, nil)
		if err != nil {
			return nil, err
		}
		return []float64{x.Weights[0], arc(math.Copysign(x.Correlation, x.Weights[0])), free(x, x.Weights[0])}, nil
	})
	if err != nil {
		l.miss(what, "the estimates do not fit together: "+err.Error())
		return nil, nil
	}
	p.Slope, p.SlopeInterval = q.value[0], q.interval(0, l.o.Level, same)
	p.Correlation, p.CorrelationInterval = chord(q.value[1]), q.correlationInterval(1, 2, l.o.Level)
	p.R2, p.R2Interval = p.Correlation*p.Correlation, squares(p.CorrelationInterval)
	if p.Slope == 0 {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%s or %s shows no spread of true lifts beyond noise: nothing can be said of how they go together", short, long))
	}
	if len(all) < roughPairs {
		p.Warnings = append(p.Warnings, fmt.Sprintf("%d experiments are few: below %d the correlation is a guess, and its interval all that they say", len(all), roughPairs))
	}
	return p, nil
}

func values(all [][]stats.Estimate, k int) []float64 {
	x := make([]float64, len(all))
	for i, es := range all {
		x[i] = es[k].Value
	}
	return x
}

// squares is the range of the squares of an interval's numbers.
func squares(i stats.Interval) stats.Interval {
	low, high := min(i.Low*i.Low, i.High*i.High), max(i.Low*i.Low, i.High*i.High)
	if i.Contains(0) {
		low = 0
	}
	return stats.Interval{Low: low, High: high, Level: i.Level}
}

// trueEffects is how true lifts vary together, by moments: they need no form of the
// distribution, and are quick enough to learn them again without every block.
func trueEffects(all [][]stats.Estimate, keep func(int) bool, correlation [][]float64) (proxy.Effects, error) {
	var tests []proxy.Test
	for i, es := range all {
		if !keep(i) {
			continue
		}
		t, err := proxy.NewTest(es, correlation)
		if err != nil {
			return proxy.Effects{}, err
		}
		tests = append(tests, t)
	}
	return proxy.Fit(tests, proxy.Options{Method: proxy.Moments})
}

// users is the correlation that was stated, or the one that tests of different sizes tell.
func (l *learner) users(a, b string, all [][]stats.Estimate) (Correlation, error) {
	for _, c := range l.o.Correlations {
		if c.A == a && c.B == b || c.A == b && c.B == a {
			value := c.Value
			if l.o.Down[a] != l.o.Down[b] { // lifts are turned so that positive is better
				value = -value
			}
			return Correlation{a, b, value, 0, "stated"}, nil
		}
	}
	ea, eb := make([]stats.Estimate, len(all)), make([]stats.Estimate, len(all))
	for i, es := range all {
		ea[i], eb[i] = es[0], es[1]
	}
	rho, err := proxy.ErrorCorrelation(ea, eb)
	return Correlation{a, b, max(-surest, min(surest, rho.Value)), rho.SE, "estimated"}, err
}
