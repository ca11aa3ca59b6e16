package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Layout is what one row of a file stands for.
type Layout string

const (
	Outcomes Layout = "outcomes" // one row per experiment and arm: counts, means or sums
	Pairs    Layout = "pairs"    // one row per treatment arm, with its control beside it
	Users    Layout = "users"    // one row per user

	Exposures Layout = "exposures" // one row per entry of an exposure log: a user's first one in an arm counts
	Events    Layout = "events"    // one row per event, of no experiment: it counts for each that its user is in

	Experiments Layout = "experiments" // one row per experiment: what is known of it, as its end or decision
)

// layouts are all of them, in the order in which they are listed.
var layouts = []Layout{Outcomes, Pairs, Users, Exposures, Events, Experiments}

// Mapping describes the columns of one kind of file.
type Mapping struct {
	Layout     Layout
	Null       []string // cell texts that mean "no value", besides the empty one
	Experiment Experiment
	Arm        Arm
	Control    Control
	Segment    Field // "" is everybody
	Day        Field // rows of one arm add up over days
	Snapshot   Snapshot
	Unit       Field // users, exposures and events: who
	ExposedAt  Field // users, exposures: since when in the arm; absent, for users: since the experiment started
	At         Field `json:",omitzero"` // events: when
	Event      Field `json:",omitzero"` // events: what tells apart those of one user, metric and second
	Metrics    []Metric
	Exclude    []Rule // experiments kept, but never learned from; nil: not said
	Skip       []Rule // rows left out, on purpose and counted
}

// Experiment maps the attributes that all rows of one experiment share.
type Experiment struct {
	ID, Title, Hypothesis          Field
	Surface, Component, ChangeType Field
	Source, Generator              Field
	Team, Author                   Field
	Started, Ended                 Field // instants; no Ended means still running
	Decision                       Field

	// What screens judge an experiment by. Left out of the digest where they are
	// not given, so that a mapping of before they were known keeps its own.
	PlannedEnd   Field `json:",omitzero"` // instant
	PlannedUsers Field `json:",omitzero"` // of all arms together
	Analysis     Field `json:",omitzero"` // "fixed" or "sequential"
	Layer        Field `json:",omitzero"` // experiments of one layer share no user
	Overlap      Field `json:",omitzero"` // what else changed for its users meanwhile
}

// Arm maps one arm of an experiment.
type Arm struct {
	ID, Title  Field
	Weight     Field            // planned share of users; absent means equal shares
	Attributes map[string]Field // anything else worth keeping, such as an image id
	Sets       Sets             `json:",omitzero"`
	Claims     map[string]Field `json:",omitempty"` // forecasts of its lift made before the test, by who made them
	ICE        ICE              `json:",omitzero"`
	ClaimsOf   Field            `json:",omitzero"` // the metric that Claims and ICE are of; absent or empty: of any
}

// ICE is where the opinion score of an arm stands: its Score, or the three that it is the
// product of. An import keeps it as the claim of ICEClaim.
type ICE struct{ Score, Impact, Confidence, Ease Field }

// ICEClaim is who makes the claim that is an ICE score.
const ICEClaim = "ice"

// Factors are the fields whose product is the score; none where none is mapped.
func (s ICE) Factors() []Field {
	switch {
	case s.Score.Given():
		return []Field{s.Score}
	case s.Impact.Given():
		return []Field{s.Impact, s.Confidence, s.Ease}
	}
	return nil
}

// Sets says that arms were compared with each other, as the headlines of a story
// are, and not with a control: those of one experiment that agree in attributes.
type Sets struct {
	Given bool
	By    []string `json:",omitempty"` // names of Attributes; none: all arms of the experiment
}

// What an import keeps of Sets and Claims among an arm's attributes. A mapping cannot
// name attributes of its own that start with Reserved.
const (
	Reserved       = "assay."
	SetAttribute   = "assay.set"       // equal for the arms of an experiment that were compared with each other
	ClaimAttribute = "assay.claim."    // and who made the forecast; the value is a number
	ClaimsOf       = "assay.claims_of" // the metric that all claims of the arm are of
)

// Control says which arm of each experiment the others are compared with. At
// most one of its fields is set; the zero value names the arm "control".
type Control struct {
	Name   string // the arm with this id
	Equals *Rule  // the arm whose rows satisfy this rule
	Lowest string // the arm with the lowest value of this column
	First  bool   // the arm of the experiment's first row in the file
}

// Metric maps one metric. Outcomes set Stat, pairs Control and Treatment,
// users and events Value or Constant.
type Metric struct {
	Name               Field
	Stat               *Statistic
	Control, Treatment *Statistic
	Value              string // column of the user's, or the event's, own value
	Denominator        string // column of its denominator: a ratio metric
	Pre                string // column of the same metric before exposure
	Version            Field  `json:",omitzero"` // of the metric's definition

	// Events: what each counts for, instead of a column. Zero: there is a column.
	Constant            float64 `json:",omitempty"`
	ConstantDenominator float64 `json:",omitempty"`

	Reckoning *Reckoning `json:",omitempty"` // nil: the mapping says nothing of it, and what held before holds on
}

// Reckoning says how the facts of a metric become one number of each user. A zero
// field is no such rule.
type Reckoning struct {
	Window   time.Duration // an event counts from the exposure on, for so long; zero: to the experiment's end
	LookBack time.Duration // events in so long before the exposure are the user's value before it
	Cap      float64       // what is above counts as Cap
	CapShare float64       // what is above this quantile of the users of all arms counts as the quantile: 0.999
}

func (r *Reckoning) same(as *Reckoning) bool {
	return r == as || r != nil && as != nil && *r == *as
}

// Kind is how a file states the distribution of a metric in one arm.
type Kind string

const (
	Proportion Kind = "proportion" // successes of trials
	Mean       Kind = "mean"       // n, mean, and variance or sd or se
	Sums       Kind = "sums"       // n, Σy, Σy² and what else there is
)

// Statistic names the columns that hold a metric's sufficient statistics.
type Statistic struct {
	Kind    Kind
	Columns map[string]string // the statistic's name, as in Columns below → the file's column
}

// parts lists the names a statistic of kind k may give, the required ones
// first, and how many of them are required.
func (k Kind) parts() (names []string, required int) {
	switch k {
	case Proportion:
		return []string{"trials", "successes"}, 2
	case Mean:
		return []string{"n", "mean", "variance", "sd", "se"}, 2
	case Sums:
		return []string{"n", "y", "yy", "d", "dd", "yd", "x", "xx", "xy", "xd"}, 3
	}
	return nil, 0
}

// Snapshot is the instant of a cumulative row: only the last one counts.
type Snapshot struct {
	Field
	Unit time.Duration // zero: the column is an instant; else: this many Units after Started
}

// Rule is true for a row whose Column equals one of Equals, or is empty.
type Rule struct {
	Column string
	Equals []string
	Empty  bool
	Reason string
}

// Matches reports whether a cell with this text satisfies the rule.
func (r Rule) Matches(text string, missing bool) bool {
	if missing {
		return r.Empty
	}
	return slices.Contains(r.Equals, text)
}

// Field is where a value comes from: a constant, or a column.
type Field struct {
	Column  string            `json:",omitempty"`
	Value   string            `json:",omitempty"` // constant, when there is no Column
	Default string            `json:",omitempty"` // for empty cells
	Rename  map[string]string `json:",omitempty"` // cell → value; others stay as they are
	Format  string            `json:",omitempty"` // of instants, as Go writes 2006-01-02 15:04:05
	Zone    string            `json:",omitempty"` // of instants that are written without one; "": UTC
	Plus    time.Duration     `json:",omitempty"` // added to an instant
}

// Given reports whether the mapping names the field at all.
func (f Field) Given() bool { return f.Column != "" || f.Value != "" }

// ControlName is the control arm where no rule of the mapping marks it by its rows.
func (m *Mapping) ControlName() string {
	if m.Control.Name != "" {
		return m.Control.Name
	}
	return "control"
}

// Digest identifies what the mapping means: comments, order of keys and white
// space do not change it.
func (m *Mapping) Digest() string {
	text, err := json.Marshal(m) // maps are written in order of their keys
	if err != nil {
		panic("mapping: " + err.Error()) // strings, numbers and maps of them always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Columns lists every column the mapping reads, once, in order of name.
func (m *Mapping) Columns() []string {
	var names []string
	add := func(columns ...string) { names = append(names, columns...) }
	e, a := m.Experiment, m.Arm
	for _, f := range []Field{
		e.ID, e.Title, e.Hypothesis, e.Surface, e.Component, e.ChangeType, e.Source, e.Generator, e.Team, e.Author,
		e.Started, e.Ended, e.Decision, e.PlannedEnd, e.PlannedUsers, e.Analysis, e.Layer, e.Overlap, a.ID, a.Title, a.Weight, m.Segment, m.Day, m.Snapshot.Field, m.Unit, m.ExposedAt,
		m.At, m.Event,
	} {
		add(f.Column)
	}
	for _, f := range append(a.ICE.Factors(), a.ClaimsOf) {
		add(f.Column)
	}
	for _, fields := range []map[string]Field{a.Attributes, a.Claims} {
		for _, f := range fields {
			add(f.Column)
		}
	}
	add(m.Control.Lowest)
	if m.Control.Equals != nil {
		add(m.Control.Equals.Column)
	}
	for _, r := range slices.Concat(m.Exclude, m.Skip) {
		add(r.Column)
	}
	for _, metric := range m.Metrics {
		add(metric.Name.Column, metric.Version.Column, metric.Value, metric.Denominator, metric.Pre)
		for _, s := range []*Statistic{metric.Stat, metric.Control, metric.Treatment} {
			if s != nil {
				for _, column := range s.Columns {
					add(column)
				}
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}
