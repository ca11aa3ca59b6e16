package value

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// PairAccuracy returns how often a forecast orders two ideas rightly,
//
//	½ + asin(r)/π
//
// where forecast and true effect are jointly normal with correlation r in [−1, 1], and
// ideas are independent of each other. The error is an *InputError for any other r.
//
// Source: Sheppard (1899), Phil. Trans. R. Soc. A 192:101–167, the probability that two
// normal variables have the same sign: here the differences within the pair.
func PairAccuracy(correlation float64) (float64, error) {
	if err := input.Check(correlation >= -1 && correlation <= 1, "correlation", correlation, "must lie from −1 to 1"); err != nil {
		return 0, err
	}
	return 0.5 + math.Asin(correlation)/math.Pi, nil
}

// PairCorrelation returns the correlation of forecast and truth at which two ideas are
// ordered rightly with probability accuracy in [0, 1], r = sin(π(accuracy − ½)): the
// inverse of [PairAccuracy]. Forecasters are often scored by pairs; r times the SD of
// true effects is the SD of what their forecasts are worth (see Source.Means).
func PairCorrelation(accuracy float64) (float64, error) {
	if err := input.Check(accuracy >= 0 && accuracy <= 1, "accuracy", accuracy, "must lie from 0 to 1"); err != nil {
		return 0, err
	}
	return math.Sin(math.Pi * (accuracy - 0.5)), nil
}
