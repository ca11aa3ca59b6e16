package returns

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/noncentral"
)

// Amount is a return, in lifts as fractions times worth.
type Amount struct {
	Value float64 `json:"value"`
	SE    float64 `json:"se"` // between experiments; where few ship, if they were run again
	// Bias is what may be left of an extrapolation's bias: its last step, the difference
	// to the line through the two levels of least noise. 0 for other methods.
	Bias     float64        `json:"bias,omitempty"`
	Interval stats.Interval `json:"interval"` // widened by Bias on both sides
}

// sum adds up independent values, one for each experiment. Its variance is that between
// experiments, or least, if that is more.
func sum(values, left []float64, least, level float64) Amount {
	n, total, steps, squares := float64(len(values)), 0.0, 0.0, 0.0
	for i, v := range values {
		total += v
		steps += left[i]
	}
	for _, v := range values {
		squares += (v - total/n) * (v - total/n)
	}
	a := Amount{Value: total, SE: math.Sqrt(max(n/(n-1)*squares, least)), Bias: math.Abs(steps)}
	margin := noncentral.Critical((1-level)/2, n-1)*a.SE + a.Bias
	a.Interval = stats.Interval{Low: total - margin, High: total + margin, Level: level}
	return a
}

func (a Amount) times(x float64) Amount {
	return Amount{a.Value * x, a.SE * x, a.Bias * x, stats.Interval{Low: a.Interval.Low * x, High: a.Interval.High * x, Level: a.Interval.Level}}
}

// concentration is the largest share of one value in the sum of squared deviations.
func concentration(values []float64) float64 {
	total, squares, largest := 0.0, 0.0, 0.0
	for _, v := range values {
		total += v
	}
	for _, v := range values {
		d := v - total/float64(len(values))
		squares += d * d
		largest = math.Max(largest, d*d)
	}
	if squares == 0 {
		return 0
	}
	return largest / squares
}
