package stats

import "fmt"

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
		if err := checkFinite("Value", e.Value); err != nil {
			return &InputError{fmt.Sprintf("%s[%d].Value", list, i), e.Value, "must be a number of magnitude at most 1e40"}
		}
		if err := checkPositive("SE", e.SE); err != nil {
			return &InputError{fmt.Sprintf("%s[%d].SE", list, i), e.SE, "must be above 0 (1e-40 to 1e40)"}
		}
	}
	return nil
}
