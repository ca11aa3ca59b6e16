package insights

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// Options are choices of Learn.
type Options struct {
	// Metric is what the report is about, and NorthStar what the business wants in the
	// end: "" means the metric that is worth most by Worth, over all surfaces, or the one
	// with most usable effects where nothing measured is worth anything.
	Metric    string
	NorthStar string
	Worth     map[string]map[string]float64 // of a lift of 1, a year, by metric and surface; in Currency
	Currency  string
	Down      map[string]bool // metrics of which less is better
	// Alpha is the one-sided level of the ship rule "significantly positive", by which
	// arms win, and experiments ship where no decision is known; zero means 0.025.
	Alpha float64
	// Shipped are the words with which a decision that shipped begins; nil means those of
	// ShippedWords. A decision that ends in an arm's name shipped that arm, any other the
	// best one.
	Shipped      []string
	InUse        *ShipRule     // the rule by which tests ship now; nil: not known, that of Alpha
	Correlations []Correlation // of users' metrics, as far as they are known
	Level        float64       // of intervals; zero means 0.95
}

// ShippedWords say in a decision that something shipped.
var ShippedWords = []string{"ship", "shipped", "launch", "launched", "rollout", "rolled out", "release", "released", "adopt", "adopted", "win", "winner", "yes"}

// ErrNothing says that there is no usable effect to learn from.
var ErrNothing = errors.New("no usable effect")

// Report is what a programme teaches. A part is nil, or empty, where Missing says why.
type Report struct {
	Metric      string         `json:"metric"`
	Reason      string         `json:"metric_reason"` // why it is that one
	Metrics     []string       `json:"metrics"`       // those that a report can be about, by name
	Experiments int            `json:"experiments"`   // with a usable effect on the metric
	Effects     int            `json:"effects"`       // on the metric, one a treatment arm, usable or not
	Usable      int            `json:"usable_effects"`
	Screened    map[string]int `json:"screened"` // those that cannot be learned from, by history.VerdictKind
	Alpha       float64        `json:"alpha"`

	Shipped   *Shipped   `json:"shipped,omitempty"`
	Wins      *Wins      `json:"wins,omitempty"`
	Tail      *Tail      `json:"tail,omitempty"`
	Groups    []Group    `json:"groups"`
	NorthStar *NorthStar `json:"north_star,omitempty"`
	Rules     *Rules     `json:"rules,omitempty"`
	Missing   []Missing  `json:"missing"`
}

// Missing is a question that the data cannot answer, and what would answer it.
type Missing struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// learner is one run.
type learner struct {
	o       Options
	z, half float64 // of the ship rule, and of intervals
	trials  []trial
	belief
	fits    map[string]bayes.Prior // of adaptivePrior, by what they were fitted to
	star    target
	missing []Missing
}

func (l *learner) miss(what, why string) { l.missing = append(l.missing, Missing{what, why}) }

// Learn reports on the effects of a programme, of all experiments, metrics and, where
// they are known, segments. The order of the effects makes no difference.
//
// The error is a *MetricError, or an *stats.InputError naming Alpha, Level or a
// correlation.
func Learn(effects []history.Effect, o Options) (Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, err
	}
	known := measured(effects)
	about, star, err := o.targets(known)
	if err != nil {
		return Report{}, err
	}
	o.Metric = about.metric
	effects = inOrder(effects)
	l := &learner{o: o, star: star, z: math.Sqrt2 * math.Erfinv(1-2*o.Alpha), half: math.Sqrt2 * math.Erfinv(o.Level), trials: trialsOf(effects, o.Metric, o.Down[o.Metric])}
	r := Report{Metric: o.Metric, Reason: about.reason, Metrics: sortedKeys(known), Experiments: len(l.trials), Screened: map[string]int{}, Alpha: o.Alpha}
	for _, e := range effects {
		if e.Metric == o.Metric && e.Segment == "" {
			if r.Effects++; e.Usable {
				r.Usable++
			} else {
				r.Screened[history.VerdictKind(e.Verdict)]++
			}
		}
	}
	if err := l.believe(); err != nil {
		return Report{}, fmt.Errorf("shrink the effects of %s: %w", o.Metric, err)
	}
	if r.Shipped = l.total(); r.Shipped.By == "rule" {
		l.miss("what shipped", fmt.Sprintf("no imported decision says so: taken as shipped is the best significantly positive arm (one-sided p < %g); map the column decision of the experiment", o.Alpha))
	}
	r.Wins = l.wins()
	if r.Tail, err = l.tail(); err != nil {
		r.Tail = nil
		l.miss("tail", err.Error())
	}
	if r.Groups, err = l.groups(effects); err != nil {
		return Report{}, fmt.Errorf("learn by group: %w", err)
	}
	if r.NorthStar, err = l.northStar(effects); err != nil {
		return Report{}, fmt.Errorf("north star: %w", err)
	}
	if r.Rules, err = l.rules(); err != nil {
		return Report{}, fmt.Errorf("compare ship rules: %w", err)
	}
	r.Missing = append([]Missing{}, l.missing...)
	return r, nil
}

// decided tells whether any decision says that something shipped or did not.
func (l *learner) decided() bool {
	return slices.ContainsFunc(l.trials, func(t trial) bool { return t.decision != "" })
}

// Check says what is wrong with o whatever the history holds, as a
// [*stats.InputError]: before the history is read, which takes seconds.
func (o Options) Check() error {
	o.Alpha, o.Level = cmp.Or(o.Alpha, 0.025), cmp.Or(o.Level, 0.95)
	if !(o.Alpha > 0 && o.Alpha < 0.5) {
		return &stats.InputError{Field: "Alpha", Value: o.Alpha, Reason: "must lie in (0, 0.5)"}
	}
	if !(o.Level > 0 && o.Level < 1) {
		return &stats.InputError{Field: "Level", Value: o.Level, Reason: "must lie in (0, 1)"}
	}
	for i, c := range o.Correlations {
		if !(math.Abs(c.Value) < 1) {
			return &stats.InputError{Field: fmt.Sprintf("Correlations[%d]", i), Value: c.Value, Reason: "must lie in (-1, 1)"}
		}
	}
	return nil
}

func (o Options) withDefaults() (Options, error) {
	if err := o.Check(); err != nil {
		return o, err
	}
	o.Alpha, o.Level = cmp.Or(o.Alpha, 0.025), cmp.Or(o.Level, 0.95)
	if o.Shipped == nil {
		o.Shipped = ShippedWords
	}
	return o, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// inOrder sorts a copy, so that sums come out the same to the last bit.
func inOrder(effects []history.Effect) []history.Effect {
	return slices.SortedFunc(slices.Values(effects), func(a, b history.Effect) int {
		return cmp.Or(strings.Compare(a.Experiment, b.Experiment), strings.Compare(a.Metric, b.Metric), strings.Compare(a.Segment, b.Segment),
			strings.Compare(a.Arm, b.Arm), cmp.Compare(a.Lift, b.Lift), cmp.Compare(a.SE, b.SE))
	})
}
