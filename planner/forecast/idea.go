package forecast

import (
	"maps"
	"time"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// Idea is what is known of a hypothesis before it is tested.
type Idea struct {
	ID string
	// Set names ideas that were compared with each other in one test, such as the
	// headlines of a story; only differences within a set are forecast. "" is an idea
	// that was compared with a control.
	Set    string
	Text   string             // title and hypothesis
	Traits map[string]string  // surface, component, change_type, team, source, generator, author …; "" or missing: unknown
	Claims map[string]float64 // forecasts of its lift made before the test, as fractions, by who made them: "author", "reviewer", "model" …
}

// Traits are the traits that a hypothesis and an experiment both have, without those that
// are unknown.
func Traits(surface, component, changeType, source, generator, team, author string) map[string]string {
	all := map[string]string{"surface": surface, "component": component, "change_type": changeType, "source": source,
		"generator": generator, "team": team, "author": author}
	maps.DeleteFunc(all, func(_, level string) bool { return level == "" })
	return all
}

// Past is an idea that was tested, with what the test measured.
type Past struct {
	Idea
	Metric string
	// Effect is the relative lift as a fraction (where Set is used, a log rate), positive
	// is better, with its standard error.
	Effect  stats.Estimate
	Started time.Time
	Ended   time.Time // when it could be learned from
}

// Forecast is what is believed of the true effect of an idea before its test.
type Forecast struct {
	Effect bayes.Mixture
	// Evidence is how many past effects, measured as precisely as is usual, would pin
	// the mean as well as all that is known does.
	Evidence float64
	Drivers  []Driver // what moved the mean, largest first
	Scale    float64  // how large effects of such ideas are beside those of others, in either direction
}

// Driver is one feature of an idea and how it moves the forecast's mean.
type Driver struct {
	Block   string  `json:"block"`   // kind of feature: "surface", "team" …
	Feature string  `json:"feature"` // which one: "feed"
	Effect  float64 `json:"effect"`  // what it adds to the mean, in the unit of effects
	SD      float64 `json:"sd"`      // how unsure that is
	Past    int     `json:"past"`    // past effects that have the feature; 0: never seen
}

// Mean returns the expected effect.
func (f Forecast) Mean() float64 { return f.Effect.Mean() }

// SD returns the standard deviation of the effect.
func (f Forecast) SD() float64 { return f.Effect.SD() }

// Quantile returns the effect that is not exceeded with probability p, in [0, 1].
func (f Forecast) Quantile(p float64) float64 { return f.Effect.Quantile(p) }

// ProbAbove returns the probability that the effect is above x.
func (f Forecast) ProbAbove(x float64) float64 { return f.Effect.ProbAbove(x) }
