package insights

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
)

// Index is the best weights of short-term metrics for the target, by true lifts: the
// target's lift for each unit of one metric's lift, those of the others fixed. Intervals
// are as those of a Proxy.
type Index struct {
	Metrics           []string         `json:"metrics"`
	Experiments       int              `json:"experiments"` // that measured all, and the target
	Weights           []float64        `json:"weights"`
	WeightIntervals   []stats.Interval `json:"weight_intervals"`
	R2                float64          `json:"r2"`
	R2Interval        stats.Interval   `json:"r2_interval"`
	Agreement         float64          `json:"agreement"` // share of ideas where the sign of the prediction is the target's
	AgreementInterval stats.Interval   `json:"agreement_interval"`
	Warnings          []string         `json:"warnings,omitempty"`
}

// enoughForWeight is how many experiments each weight asks for: of 25 experiments with
// standard errors of 0.3 to 3 times the spread of true lifts R² is on average 0.81 for two
// weights and 0.96 for four, of true values of 0.60 and 0.64.
const enoughForWeight = 20

// index is nil if the correlations do not fit together: each was told by itself.
func (l *learner) index(metrics []string, of map[string]map[string]stats.Estimate, users map[[2]int]Correlation, pairs []Proxy) *Index {
	const what = "north star: index"
	all := together(metrics, of)
	if len(all) < fewPairs {
		l.miss(what, fmt.Sprintf("%d experiments measured all of the %d metrics; %d are the fewest that tell weights", len(all), len(metrics), fewPairs))
		return nil
	}
	short := make([]int, len(metrics)-1)
	for i := range short {
		short[i] = i + 1
	}
	var known []Correlation
	var place [][2]int
	for a := range metrics {
		for b := a + 1; b < len(metrics); b++ {
			known, place = append(known, users[[2]int{a, b}]), append(place, [2]int{a, b})
		}
	}
	q, err := numbersOf(known, func(keep func(int) bool, rho []float64) ([]float64, error) {
		correlation := make([][]float64, len(metrics))
		for i := range correlation {
			correlation[i] = make([]float64, len(metrics))
			correlation[i][i] = 1
		}
		for i, p := range place {
			correlation[p[0]][p[1]], correlation[p[1]][p[0]] = rho[i], rho[i]
		}
		effects, err := trueEffects(all, keep, correlation)
		if err != nil {
			return nil, err
		}
		x, err := effects.Index(short, 0, nil)
		if err != nil {
			return nil, err
		}
		return append(x.Weights, arc(x.Correlation), arcOfShare(x.Agreement), free(x, 1)), nil
	})
	if err != nil {
		l.miss(what, "the correlations of users' values, each told by itself, do not fit together (state them with --correlation): "+err.Error())
		return nil
	}
	n := len(short)
	r := q.correlationInterval(n, n+2, l.o.Level)
	r.Low = max(0, r.Low) // the prediction's correlation is 0 or above
	x := &Index{Metrics: metrics[1:], Experiments: len(all), Weights: q.value[:n], R2: math.Pow(chord(q.value[n]), 2), R2Interval: squares(r),
		Agreement: chordOfShare(q.value[n+1]), AgreementInterval: q.interval(n+1, l.o.Level, chordOfShare)}
	if q.atBound(n) { // then so is this; that of the correlation's end where means are 0, or more
		x.AgreementInterval.Low = min(x.AgreementInterval.Low, 0.5+math.Asin(r.Low)/math.Pi)
	}
	for k := range short {
		x.WeightIntervals = append(x.WeightIntervals, q.interval(k, l.o.Level, same))
	}
	x.warn(metrics[0], pairs)
	return x
}

// warn says what a negative weight means, that weights cannot be told apart, and that
// experiments are few.
func (x *Index) warn(target string, pairs []Proxy) {
	for k, m := range x.Metrics {
		var alone Proxy
		for _, p := range pairs {
			if p.Short == m && p.Long == target {
				alone = p
			}
		}
		switch {
		case x.Weights[k] >= 0:
		case x.WeightIntervals[k].High > 0:
			x.Warnings = append(x.Warnings, fmt.Sprintf("the weight of %s is negative, but its interval holds 0: too few experiments to tell its sign", m))
		case alone.CorrelationInterval.High < 0:
			x.Warnings = append(x.Warnings, fmt.Sprintf("the weight of %s is negative: ideas that lift it lower %s, so that the two are traded against each other", m, target))
		default:
			x.Warnings = append(x.Warnings, fmt.Sprintf("the weight of %s is negative, though its lifts alone do not go against those of %s: it takes out of the other metrics what does not reach %s (suppression), and is no reason to lower it", m, target, target))
		}
	}
	if len(x.Metrics) > 1 && x.R2Interval.Low > 0 && !slices.ContainsFunc(x.WeightIntervals, func(i stats.Interval) bool { return !i.Contains(0) }) {
		x.Warnings = append(x.Warnings, "no weight can be told from 0, though together they predict: the metrics' true lifts go together so closely that each may stand for the others, or there are too few experiments")
	}
	if need := enoughForWeight * len(x.Metrics); x.Experiments < need {
		x.Warnings = append(x.Warnings, fmt.Sprintf("%d experiments are few for %d weights, and with fewer than %d (%d a weight) R² comes out too high: until then go by its interval, or by each metric alone", x.Experiments, len(x.Metrics), need, enoughForWeight))
	}
	if x.R2 >= atBound*atBound {
		x.Warnings = append(x.Warnings, fmt.Sprintf("R² is %.0f%% because it can be no more: errors explain more than estimates differ by in some direction, and only its interval says how far the index may be trusted; more or larger tests tell", 100*x.R2))
	}
}
