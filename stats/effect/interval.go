package effect

import (
	"encoding/json"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
)

// Form is the shape of an Interval: which values it holds.
type Form string

const (
	Bounded Form = "bounded" // Low ≤ x ≤ High
	Above   Form = "above"   // x ≥ Low; High is +Inf
	Below   Form = "below"   // x ≤ High; Low is −Inf
	Outside Form = "outside" // x ≤ Low or x ≥ High: everything but the gap between them
	All     Form = "all"     // every number: the data exclude none; Low is −Inf, High is +Inf
)

// Interval is a confidence set. Most are Bounded, a one-sided one is Above or
// Below. Fieller's for a ratio can also be Outside or All: then the
// denominator is not distinguishable from 0, and an interval with two finite ends
// that holds its level does not exist (Gleser & Hwang 1987, Annals of Statistics
// 15:1351–1362). In JSON an infinite end is null.
type Interval struct {
	stats.Interval
	Form Form `json:"form"`
}

// Contains reports whether x is in the set, ends included.
func (i Interval) Contains(x float64) bool {
	if i.Form == Outside {
		return x <= i.Low || x >= i.High
	}
	return i.Interval.Contains(x)
}

// MarshalJSON writes the fields of stats.Interval and the form.
func (i Interval) MarshalJSON() ([]byte, error) {
	ends, err := json.Marshal(i.Interval)
	if err != nil {
		return nil, err
	}
	form, err := json.Marshal(i.Form)
	// One object: what the embedded type writes, with a key more before its brace.
	return slices.Concat(ends[:len(ends)-1], []byte(`,"form":`), form, []byte("}")), err
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Interval) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &i.Interval); err != nil {
		return err
	}
	return json.Unmarshal(data, &struct {
		Form *Form `json:"form"`
	}{&i.Form})
}

// minus shifts a set: that of a ratio, minus 1, is that of the lift.
func (i Interval) minus(x float64) Interval {
	i.Low, i.High = i.Low-x, i.High-x
	return i
}

// between is the set from low to high at a level; infinite ends name its form.
func between(low, high, level float64) Interval {
	form := Bounded
	switch openLow, openHigh := math.IsInf(low, -1), math.IsInf(high, 1); {
	case openLow && openHigh:
		form = All
	case openLow:
		form = Below
	case openHigh:
		form = Above
	}
	return Interval{stats.Interval{Low: low, High: high, Level: level}, form}
}

// sided opens the end of a two-sided set that a one-sided question leaves out.
func sided(s stats.Sides, low, high, level float64) Interval {
	switch s {
	case stats.Greater:
		high = math.Inf(1)
	case stats.Less:
		low = math.Inf(-1)
	}
	return between(low, high, level)
}
