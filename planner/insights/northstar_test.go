package insights

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/proxy"
)

// trios are n experiments that measured a, b and y, with true lifts of fat tails (t with
// 3 degrees of freedom), y = 0.6 a − 0.3 b + rest, errors that correlate by 0.4, and
// standard errors from 0.3 to 3 times the spread.
func trios(seed uint64, n int) (all []history.Effect) {
	r := rand.New(rand.NewPCG(seed, 21))
	for i := range n {
		var chi float64
		for range 3 {
			z := r.NormFloat64()
			chi += z * z
		}
		scale := 0.01 / math.Sqrt(chi)
		a := r.NormFloat64()
		b := 0.3*a + math.Sqrt(1-0.09)*r.NormFloat64()
		y := 0.6*a - 0.3*b + 0.5*r.NormFloat64()
		shared, se := r.NormFloat64(), 0.003*math.Pow(10, r.Float64())
		for k, m := range []string{"a", "b", "y"} {
			noise := math.Sqrt(0.4)*shared + math.Sqrt(0.6)*r.NormFloat64()
			all = append(all, effect(fmt.Sprintf("e%04d", i), m, scale*[]float64{a, b, y}[k]+se*noise, se))
		}
	}
	return all
}

// Intervals of proxies and of the index hold what they say under fat tails, where those by
// a normal likelihood (proxy.Assess) do not: the long run logs both. Each is held to 88%,
// which 13 misses of 24 and 49 of 200 refute at one in a million.
func TestNorthStarCovers(t *testing.T) {
	programmes, size, most := 24, 200, 12
	if os.Getenv("ASSAY_LONG") != "" {
		programmes, size, most = 200, 400, 48
	}
	truth := map[string]float64{"corr a": 0.51 / math.Sqrt(0.592), "slope a": 0.51, "slope b": -0.12, "weight a": 0.6, "weight b": -0.3, "R²": 0.342 / 0.592}
	misses, unanswered, likely := map[string]int{}, 0, 0
	for seed := range uint64(programmes) {
		l := &learner{o: Options{Level: 0.95}, star: target{metric: "y"}}
		effects := trios(seed, size)
		star, err := l.northStar(effects)
		if err != nil {
			t.Fatal(err)
		}
		if os.Getenv("ASSAY_LONG") != "" && !byLikelihood(t, l, effects).Contains(truth["slope a"]) {
			likely++
		}
		if star == nil || star.Index == nil { // a huge effect hides what the errors have in common
			unanswered++
			continue
		}
		found := map[string]stats.Interval{"corr a": star.Pairs[0].CorrelationInterval, "slope a": star.Pairs[0].SlopeInterval, "slope b": star.Pairs[1].SlopeInterval,
			"weight a": star.Index.WeightIntervals[0], "weight b": star.Index.WeightIntervals[1], "R²": star.Index.R2Interval}
		for what, i := range found {
			if !i.Contains(truth[what]) {
				misses[what]++
			}
		}
	}
	t.Logf("misses of %d: %v; no answer to %d; by likelihood, with the errors' correlation known, slope a: %d", programmes, misses, unanswered, likely)
	if unanswered > programmes/10 {
		t.Errorf("no answer to %d of %d", unanswered, programmes)
	}
	for what, n := range misses {
		if n > most {
			t.Errorf("%d of %d intervals of %s miss", n, programmes, what)
		}
	}
}

// So do those of few experiments, with standard errors from 0.3 to 3 times the spread, where
// moments often leave no correlation below 1: before an interval reached to where they know
// no bound, 81 of 200 of R² missed and 30 of the correlation. Each is held to 88%, which 30
// misses of 100 and 44 of 200 refute at one in a million.
func TestNorthStarOfFewCovers(t *testing.T) {
	programmes, most := 100, 29
	if os.Getenv("ASSAY_LONG") != "" {
		programmes, most = 200, 43
	}
	truth := map[string]float64{"corr a": 0.51 / math.Sqrt(0.592), "R² a": 0.51 * 0.51 / 0.592, "weight a": 0.6, "R²": 0.342 / 0.592, "agreement": 0.5 + math.Asin(math.Sqrt(0.342/0.592))/math.Pi}
	var stated []Correlation
	for _, p := range []string{"ab", "ay", "by"} {
		stated = append(stated, Correlation{A: p[:1], B: p[1:], Value: 0.4})
	}
	misses, high, bound := map[string]int{}, 0.0, 0
	for seed := range uint64(programmes) {
		l := &learner{o: Options{Level: 0.95, Correlations: stated}, star: target{metric: "y"}}
		star, err := l.northStar(trios(seed, 20))
		if err != nil || star == nil || star.Index == nil {
			t.Fatal(err, l.missing)
		}
		x, p := star.Index, star.Pairs[0]
		for what, i := range map[string]stats.Interval{"corr a": p.CorrelationInterval, "R² a": p.R2Interval, "weight a": x.WeightIntervals[0], "R²": x.R2Interval, "agreement": x.AgreementInterval} {
			if !i.Contains(truth[what]) {
				misses[what]++
			}
		}
		high += x.R2 / float64(programmes)
		if said := strings.Join(x.Warnings, "; "); !strings.Contains(said, "with fewer than 40 (20 a weight)") || strings.Contains(said, "can be no more") != (x.R2 > 0.961) {
			t.Errorf("R² of %.3f: %s", x.R2, said)
		}
		if x.R2 > 0.961 {
			bound++
		}
	}
	t.Logf("misses of %d: %v; mean R² %.2f of %.2f, at its bound in %d", programmes, misses, high, truth["R²"], bound)
	for what, n := range misses {
		if n > most {
			t.Errorf("%d of %d intervals of %s miss", n, programmes, what)
		}
	}
}

func byLikelihood(t *testing.T, l *learner, effects []history.Effect) stats.Interval {
	_, of := l.byMetric(effects)
	var tests []proxy.Test
	for _, es := range together([]string{"a", "y"}, of) {
		test, err := proxy.NewTest(es, [][]float64{{1, 0.4}, {0.4, 1}})
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, test)
	}
	q, err := proxy.Assess(tests, []int{0}, 1, proxy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return q.WeightIntervals[0]
}

func TestNegativeWeightsAreExplained(t *testing.T) {
	sure, unsure := stats.Interval{Low: -0.4, High: -0.1}, stats.Interval{Low: -0.4, High: 0.1}
	for _, c := range []struct {
		weight      float64
		interval    stats.Interval
		correlation stats.Interval
		experiments int
		want        string
	}{
		{-0.2, sure, sure, 100, "traded against each other"},
		{-0.2, sure, unsure, 100, "suppression"},
		{-0.2, unsure, unsure, 100, "too few experiments to tell its sign"},
		{0.2, stats.Interval{Low: 0.1, High: 0.3}, unsure, 19, "19 experiments are few for 1 weights, and with fewer than 20 (20 a weight)"},
		{0.2, stats.Interval{Low: 0.1, High: 0.3}, unsure, 100, ""},
	} {
		x := &Index{Metrics: []string{"short"}, Weights: []float64{c.weight}, WeightIntervals: []stats.Interval{c.interval}, Experiments: c.experiments}
		x.warn("long", []Proxy{{Short: "short", Long: "long", CorrelationInterval: c.correlation}})
		if said := strings.Join(x.Warnings, "; "); (said == "") != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("%+v: %q", c, said)
		}
	}
}

// Metrics whose true lifts are nearly the same predict together, and no weight is known.
func TestWeightsThatCannotBeToldApart(t *testing.T) {
	wide := stats.Interval{Low: -5, High: 6}
	x := &Index{Metrics: []string{"a", "b"}, Weights: []float64{1, 1}, WeightIntervals: []stats.Interval{wide, wide}, R2Interval: stats.Interval{Low: 0.7, High: 1}, Experiments: 100}
	x.warn("long", nil)
	if len(x.Warnings) != 1 || !strings.Contains(x.Warnings[0], "no weight can be told from 0") {
		t.Errorf("%q", x.Warnings)
	}
	x.Warnings, x.WeightIntervals[0] = nil, stats.Interval{Low: 0.5, High: 1.5}
	if x.warn("long", nil); len(x.Warnings) != 0 {
		t.Errorf("%q", x.Warnings)
	}
}

// worth is half on each of two surfaces.
func worth(total map[string]float64) map[string]map[string]float64 {
	all := map[string]map[string]float64{}
	for m, w := range total {
		all[m] = map[string]float64{"feed": w / 2, "search": w / 2}
	}
	return all
}

func TestTargets(t *testing.T) {
	var effects []history.Effect
	for i, m := range []string{"ctr", "ctr", "cvr", "rpm"} {
		effects = append(effects, effect(fmt.Sprint("e", i), m, 0.01, 0.005))
	}
	for _, c := range []struct {
		o                         Options
		about, star, why, starWhy string
	}{
		{Options{}, "ctr", "ctr", "most effects are of it; no policy", "most effects are of it"},
		{Options{Metric: "cvr"}, "cvr", "cvr", "asked for", "what the report is about"},
		{Options{Worth: worth(map[string]float64{"rpm": 6, "ctr": 2, "cvr": 0})}, "rpm", "rpm", "worth most, 3 times that of ctr", "worth most"},
		{Options{Worth: worth(map[string]float64{"rpm": 6, "ctr": 2}), Metric: "ctr"}, "ctr", "rpm", "asked for", "worth most"},
		{Options{Worth: worth(map[string]float64{"rpm": 6, "ctr": 2}), NorthStar: "cvr"}, "rpm", "cvr", "worth most", "asked for"},
		{Options{Worth: worth(map[string]float64{"retention": 9, "ctr": 2})}, "ctr", "ctr", "retention, worth more, has no usable effect", "worth most"},
		{Options{Worth: worth(map[string]float64{"retention": 9})}, "ctr", "ctr", "the policy gives no measured metric a worth", "most effects"},
		{Options{Worth: worth(map[string]float64{"cvr": 1})}, "cvr", "cvr", "the only metric that the policy gives a worth", "the only metric"},
	} {
		about, star, err := c.o.targets(measured(effects))
		if err != nil || about.metric != c.about || star.metric != c.star || !strings.Contains(about.reason, c.why) || !strings.Contains(star.reason, c.starWhy) {
			t.Errorf("%+v: about %+v, north star %+v, %v", c.o, about, star, err)
		}
	}
	even, _, err := Options{}.targets(map[string]int{"rpm": 2, "cvr": 3, "ctr": 3})
	if err != nil || even.metric != "ctr" || !strings.HasPrefix(even.reason, "no metric has more effects") {
		t.Errorf("of equals %+v, %v", even, err)
	}
	for field, o := range map[string]Options{"Metric": {Metric: "x"}, "NorthStar": {NorthStar: "x"}, "Correlations": {Correlations: []Correlation{{A: "ctr", B: "x"}}}} {
		_, err := Learn(effects, o)
		if e, ok := err.(*MetricError); !ok || e.Field != field || e.Metric != "x" || !slices.Equal(e.Known, []string{"ctr", "cvr", "rpm"}) {
			t.Errorf("%+v gives %v", o, err)
		}
	}
}
