package planner

import (
	"encoding/json"

	"github.com/assay-planner/assay/stats"
)

// UnmarshalJSON reads a forecast, also one that an earlier version stored, which was
// normal and told two of its quantiles.
func (f *Forecast) UnmarshalJSON(text []byte) error {
	type plain Forecast
	if err := json.Unmarshal(text, (*plain)(f)); err != nil {
		return err
	}
	if f.SD > 0 && f.Q05 == 0 && f.Q95 == 0 {
		n := stats.Normal{Mean: f.Mean, SD: f.SD}
		f.Q05, f.Q25, f.Median, f.Q75, f.Q95 = n.Quantile(0.05), n.Quantile(0.25), n.Mean, n.Quantile(0.75), n.Quantile(0.95)
		f.ProbLeast, f.Scale = n.ProbAbove(f.Least), 1
	}
	return nil
}
