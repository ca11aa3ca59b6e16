package history

import "time"

// Effect is the relative lift of one treatment arm on one metric against its
// control arm, in one segment ("" is everybody).
//
// Numbers that cannot be computed (no control arm, no variance) are zero, and
// the Verdict says why: no field is ever NaN or infinite.
type Effect struct {
	Experiment string
	Title      string // the arm's own title, or else the experiment's
	Hypothesis string `json:",omitzero"` // of the experiment: because …, if …, then …
	Arm        string
	Control    string // "" when the experiment has no control arm
	Metric     string
	Segment    string

	Surface, Component, ChangeType  string
	Source, Generator, Team, Author string // Source is "human", "ai" or ""

	Started, Ended time.Time // zero when unknown; no Ended means still running
	Decision       string    `json:",omitzero"` // what was done about the experiment, in the words of the import

	// Claims are forecasts and scores of the arm made before the test, by who made them:
	// arm.claims and arm.ice in docs/mapping.md, those of its metric. Nobody changes them: effects of one arm share them.
	Claims map[string]float64 `json:",omitempty"`

	ControlUsers, TreatmentUsers float64
	Baseline                     float64 // control mean, or control ratio Σy/Σd
	Lift                         float64 // (ȳₜ − ȳ꜀)/ȳ꜀, a fraction
	SE                           float64 // standard error of Lift by the delta method

	// Adjusted says that Lift and SE come from means adjusted by CUPED for the
	// metric before exposure; the plain ones are then kept here, and zero else.
	// 1 − (SE/UnadjustedSE)² is the share of variance saved. Baseline stays plain.
	Adjusted                     bool    `json:",omitzero"`
	UnadjustedLift, UnadjustedSE float64 `json:",omitzero"`

	SampleRatioP float64 // Pearson χ² of all arms' users against the planned split

	Usable  bool
	Verdict string // "usable", or the first reason why not
}

// Usable is the verdict of an effect that may be learned from.
const Usable = "usable"

// EffectQuery selects effects. The zero value selects every experiment and
// metric, over everybody.
type EffectQuery struct {
	AsOf        time.Time // only experiments that ended at or before; zero: all, running ones too
	Metric      string    // "" means every metric
	Segment     string    // "" means everybody
	AllSegments bool      // every segment, and everybody as segment ""
	Experiments []string  // only these; empty: every one
	MinUsers    float64   // fewest users per arm of a usable effect; zero means 100

	// Progress, when not nil, hears of how many experiments the rows have been read,
	// of those that have to be read for the answer.
	Progress func(done, all int)

	byDay bool // sums of each day of exposure
}

// Noise is how much users of one surface vary on one metric.
type Noise struct {
	Surface, Metric string
	// RelativeSD is the standard deviation of one user over the baseline mean:
	// the median over usable effects of SE·√(nₜn꜀/(nₜ+n꜀)), unadjusted.
	RelativeSD float64
	Baseline   float64 // median of the control means
	Effects    int     // usable effects behind the two medians
}
