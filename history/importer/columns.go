package importer

// Outcomes are rows of sufficient statistics: one per experiment, metric,
// segment, arm and instant. All slices are of the same length, and are only
// lent for the time of the call.
type Outcomes struct {
	Experiment, Metric, Segment, Arm []string
	Definition                       []string // which one of the metric; "": not said

	At         []int64 // Unix seconds: midnight of an additive day, or a snapshot's instant; 0: neither
	Cumulative bool    // the last instant counts, instead of the sum

	N []float64 // users

	// Sums over users of the metric y, its denominator d and its pre-period
	// value x. A metric without denominator has d = 1 for every user, one
	// without pre-period x = 0. YY is NaN where the file has no variance, XD
	// where it does not say how x goes with the denominator.
	Y, YY, D, DD, YD, X, XX, XY, XD []float64

	Line []int64
}

// Assignments are users in arms: one row per experiment, unit and arm.
type Assignments struct {
	Experiment, Unit, Arm, Segment []string

	ExposedAt []int64
	Line      []int64

	Logged bool // rows are entries of an exposure log, in which a unit of an arm may stand many times
}

// Facts are what users did: one row per experiment, metric and unit, or with
// Experiment "" one row per event.
type Facts struct {
	Experiment, Metric, Unit []string
	Event                    []string // tells apart those of one second
	Definition               []string // which one of the metric; "": not said

	At         []int64
	Value, Pre []float64
	Ratio      bool // whether Denominator counts; without it, it is 1 for every unit

	Denominator []float64
	Line        []int64
}

// Sink receives what Read has checked. An error ends the reading.
type Sink interface {
	Outcomes(*Outcomes) error
	Assignments(*Assignments) error
	Facts(*Facts) error
}

// Experiment is what a file says about one experiment.
type Experiment struct {
	ID, Title, Hypothesis          string
	Surface, Component, ChangeType string
	Source, Generator              string
	Team, Author, Decision         string
	Started, Ended                 int64 // Unix seconds; 0: unknown
	PlannedEnd                     int64
	PlannedUsers                   float64 // of all arms; 0: unknown
	Analysis                       string  // "fixed", "sequential" or ""
	Layer, Overlap                 string
	Control                        string
	Controlled                     bool   // the file holds the control arm
	Excluded                       string // why it must not be learned from
	Arms                           []*Arm
	Line                           int64 // where it is first named
}

// Arm is what a file says about one arm.
type Arm struct {
	ID, Title  string
	Weight     float64 // planned share; 0: equal shares
	Attributes map[string]string
}

// keep returns the elements of column whose row is not bad.
func keep[T any](column []T, bad []bool) []T {
	kept := make([]T, 0, len(column))
	for i, value := range column {
		if !bad[i] {
			kept = append(kept, value)
		}
	}
	return kept
}
