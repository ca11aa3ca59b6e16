package quantile

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Limits are the caps of a mean, in the metric's unit. Low may be −Inf and High
// +Inf: no cap on that side.
type Limits struct{ Low, High float64 }

// UpTo caps from above only, as revenue is.
func UpTo(high float64) Limits { return Limits{math.Inf(-1), high} }

// limitsJSON has null where there is no cap: JSON has no infinities.
type limitsJSON struct {
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

// MarshalJSON writes low and high, null for no cap.
func (l Limits) MarshalJSON() ([]byte, error) {
	var j limitsJSON
	if !math.IsInf(l.Low, -1) {
		j.Low = &l.Low
	}
	if !math.IsInf(l.High, 1) {
		j.High = &l.High
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON wrote. A missing key is no cap.
func (l *Limits) UnmarshalJSON(text []byte) error {
	var j limitsJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*l = Limits{math.Inf(-1), math.Inf(1)}
	if j.Low != nil {
		l.Low = *j.Low
	}
	if j.High != nil {
		l.High = *j.High
	}
	return nil
}

// PooledLimits takes the caps from quantiles of all arms' events together, 0 ≤ low <
// high ≤ 1; low 0 and high 1 mean no cap on that side. The sketches must all be
// digests, or histograms with the same edges.
//
// The caps must be common to the arms. With each arm's own p99 as its cap, a
// treatment that lengthens the tail also raises its cap, so that the two means are
// of different quantities, and the difference has the caps' own difference in it.
// Rounding the caps to bin edges makes the means exact (CappedMean.Bound is 0).
func PooledLimits(low, high float64, arms ...Sketch) (Limits, error) {
	if err := input.First(input.Check(low >= 0 && low < high, "low", low, "must be 0 or above, below high"),
		input.Check(high <= 1, "high", high, "must be at most 1"),
		input.Check(len(arms) > 0, "arms", 0, "there are none")); err != nil {
		return Limits{}, err
	}
	pooled, err := pool(arms)
	if err != nil {
		return Limits{}, err
	}
	c, err := pooled.curve("arms[0].")
	if err != nil {
		return Limits{}, err
	}
	limits := Limits{math.Inf(-1), math.Inf(1)}
	if low > 0 {
		err = input.Check(low*c.total >= c.low, "low", low, "lies below the first known value")
		limits.Low = c.at(low * c.total)
	}
	if high < 1 {
		err = input.First(err, input.Check(high*c.total <= c.high, "high", high, "lies above the last known value"))
		limits.High = c.at(high * c.total)
	}
	if err != nil {
		return Limits{}, err
	}
	return limits, nil
}

// pool merges the sketches of one or more arms.
func pool(arms []Sketch) (pooled Sketch, err error) {
	for i, arm := range arms {
		if arm = value(arm); arm == nil {
			return nil, input.Check(false, fmt.Sprintf("arms[%d]", i), 0, "an arm needs a Histogram or a Digest")
		}
		if i == 0 {
			pooled = arm
		} else if pooled, err = pooled.merge("arms[0].", arm, fmt.Sprintf("arms[%d].", i)); err != nil {
			return nil, err
		}
	}
	return pooled, nil
}

func (l Limits) check() error {
	return input.First(
		input.Check(math.IsInf(l.Low, -1) || math.Abs(l.Low) <= input.Max, "limits.Low", l.Low, "must be a number of magnitude at most 1e40, or −Inf"),
		input.Check(math.IsInf(l.High, 1) || math.Abs(l.High) <= input.Max, "limits.High", l.High, "must be a number of magnitude at most 1e40, or +Inf"),
		input.Check(l.Low < l.High, "limits.Low", l.Low, "must be below High"))
}
