package backtest

// Measure is a number with its bootstrap interval over experiments.
type Measure struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"` // 0.95
}

// Measures says how good forecasts are; nil where there is nothing to measure.
//
// Pairs are of one group: of the ideas of a set, or of one block and metric that were
// compared with a control. A unit is such a pair's difference within a set, and else an
// idea's effect: what the predictive distribution, with the measurement's own standard
// error added to it, is held against.
type Measures struct {
	PairAccuracy      *Measure `json:"pair_accuracy"`       // pairs with unequal outcomes that are ranked right; equal forecasts count ½
	ClearPairAccuracy *Measure `json:"clear_pair_accuracy"` // the same of pairs that differ by more than 1.96 standard errors
	GroupSpearman     *Measure `json:"group_spearman"`      // mean rank correlation within groups of 3 ideas or more
	PooledSpearman    *Measure `json:"pooled_spearman"`     // rank correlation of forecast and outcome, each less its group's mean
	PickLift          *Measure `json:"pick_lift"`           // of the best forecast: over the mean of its set, or of the top fifth over the block
	WeightedR2        *Measure `json:"weighted_r2"`         // 1 − Σ(y − f)²/SE² / Σ(y − ȳ)²/SE² within groups

	LogPredictiveDensity *Measure `json:"log_predictive_density"` // mean log density of units as they were observed
	CRPS                 *Measure `json:"crps"`                   // mean continuous ranked probability score of units; less is better
	Coverage50           *Measure `json:"coverage_50"`            // units within the central predictive interval
	Coverage80           *Measure `json:"coverage_80"`
	Coverage90           *Measure `json:"coverage_90"`
	Coverage95           *Measure `json:"coverage_95"`
}

// Named is one of the Measures, with what a table calls it.
type Named struct {
	Name, Title string
	Of          func(*Measures) **Measure
}

// All lists the Measures in order.
var All = []Named{
	{"pair_accuracy", "pairs right", func(m *Measures) **Measure { return &m.PairAccuracy }},
	{"clear_pair_accuracy", "clear pairs right", func(m *Measures) **Measure { return &m.ClearPairAccuracy }},
	{"group_spearman", "group Spearman", func(m *Measures) **Measure { return &m.GroupSpearman }},
	{"pooled_spearman", "pooled Spearman", func(m *Measures) **Measure { return &m.PooledSpearman }},
	{"pick_lift", "lift of the pick", func(m *Measures) **Measure { return &m.PickLift }},
	{"weighted_r2", "weighted R²", func(m *Measures) **Measure { return &m.WeightedR2 }},
	{"log_predictive_density", "log density", func(m *Measures) **Measure { return &m.LogPredictiveDensity }},
	{"crps", "CRPS, less is better", func(m *Measures) **Measure { return &m.CRPS }},
	{"coverage_50", "50% intervals hold", func(m *Measures) **Measure { return &m.Coverage50 }},
	{"coverage_80", "80% intervals hold", func(m *Measures) **Measure { return &m.Coverage80 }},
	{"coverage_90", "90% intervals hold", func(m *Measures) **Measure { return &m.Coverage90 }},
	{"coverage_95", "95% intervals hold", func(m *Measures) **Measure { return &m.Coverage95 }},
}

// Report is the outcome of a backtest. Its own Measures are those of Model.
type Report struct {
	Model string `json:"model"`
	Measures

	Models      []ModelReport `json:"models"`
	Ceiling     Ceiling       `json:"noise_ceiling"`
	Calibration []Calibration `json:"calibration"` // of Model, by source
	Fifths      []Fifth       `json:"fifths"`      // of Model, by forecast
	Picks       []Pick        `json:"picks"`
	Checks      []Check       `json:"leak_checks"`
	Folds       []FoldReport  `json:"folds"`
	Replicates  int           `json:"bootstrap_replicates"`
	Notes       []string      `json:"notes"`

	Forecasts []IdeaForecast `json:"-"` // of every model, so that anybody can score them again
}

// IdeaForecast is what a model forecast of one idea, and what was measured. Within a
// set both count from a level that the set's ideas share.
type IdeaForecast struct {
	Fold, Experiment, Set, ID, Metric, Text, Model string
	Mean, SD, Low, High                            float64 // of the true effect; Low to High holds it four times out of five
	Effect, SE                                     float64 // as measured
}

// ModelReport is one of the models side by side.
type ModelReport struct {
	Name string `json:"name"`
	Measures
	// Level: within each group all forecasts are equal, so that measures of order are
	// those of no order, without an error.
	Level bool `json:"all_forecasts_equal,omitempty"`
	// Lead is how far Report.Model is ahead, on the same draws; nil of itself. Of CRPS
	// less is better, so a negative difference is a lead.
	Lead *Measures `json:"chosen_less_this,omitempty"`
}

// FoldReport counts what one cut had on either side.
type FoldReport struct {
	Name             string `json:"name"`
	PastExperiments  int    `json:"past_experiments"`
	PastSets         int    `json:"past_sets"`
	PastIdeas        int    `json:"past_ideas"`
	BlockExperiments int    `json:"block_experiments"`
	BlockSets        int    `json:"block_sets"`
	BlockIdeas       int    `json:"block_ideas"`
}

// Calibration holds forecasts of one source against what was measured.
type Calibration struct {
	Source     string   `json:"source"`
	Ideas      int      `json:"ideas"`
	Forecast   float64  `json:"mean_forecast"`
	Observed   float64  `json:"mean_observed"`
	Slope      *Measure `json:"slope"` // of outcomes on forecasts; 1: a forecast of +2% returns 2% more than one of 0
	Coverage80 *Measure `json:"coverage_80"`
}

// Fifth is a fifth of the ideas, in order of their forecast.
type Fifth struct {
	Ideas    int      `json:"ideas"`
	Forecast float64  `json:"mean_forecast"`
	Observed *Measure `json:"mean_observed"`
}

// Pick is what the best ideas by some order returned.
type Pick struct {
	By    string   `json:"by"`
	Share float64  `json:"share"` // of the ideas of each block and metric, 0.2: a fifth
	Ideas int      `json:"ideas"`
	Lift  *Measure `json:"lift"` // mean outcome of the picks less that of all; within sets, less the mean of their sets
}

// Check is a search for a leak in one model.
type Check struct {
	Model  string `json:"model"`
	Name   string `json:"check"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail"`
}
