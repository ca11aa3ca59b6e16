package stats

import (
	"encoding/json"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Estimate is one measured effect: a relative lift as a fraction (0.02 means
// +2%) and its standard error, in the same unit, as known.
type Estimate struct {
	Value float64 `json:"value"`
	SE    float64 `json:"se"`
}

// checkEstimates names the first estimate of the list that cannot be used; list
// is what the caller calls the slice.
func checkEstimates(list string, es []Estimate) error {
	for i, e := range es {
		if err := input.Estimate(list, i, e.Value, e.SE); err != nil {
			return err
		}
	}
	return nil
}

// Interval is a range that holds the true value with a stated probability, in
// the unit of what it is about. A one-sided one has an infinite end, which is null
// in JSON: JSON has no infinities.
//
// A struct that embeds an Interval next to other fields needs a MarshalJSON and an
// UnmarshalJSON of its own, because the Interval's are promoted and know nothing
// of its neighbours. A named field needs neither.
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"` // a fraction: 0.95
}

// Contains reports whether x lies in the interval, ends included.
func (i Interval) Contains(x float64) bool { return i.Low <= x && x <= i.High }

type intervalJSON struct {
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	Level float64  `json:"level"`
}

// MarshalJSON writes low, high and level: null for a Low of −Inf and for a High of
// +Inf. Any other number that JSON does not have is an error, as in a plain field.
func (i Interval) MarshalJSON() ([]byte, error) {
	j := intervalJSON{&i.Low, &i.High, i.Level}
	if math.IsInf(i.Low, -1) {
		j.Low = nil
	}
	if math.IsInf(i.High, 1) {
		j.High = nil
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. A key that is missing leaves its
// field as it is.
func (i *Interval) UnmarshalJSON(data []byte) error {
	read := *i
	j := intervalJSON{&read.Low, &read.High, i.Level}
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if j.Low == nil {
		read.Low = math.Inf(-1)
	}
	if j.High == nil {
		read.High = math.Inf(1)
	}
	read.Level = j.Level
	*i = read
	return nil
}
