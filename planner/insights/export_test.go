package insights

import (
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
)

// mixture is a known effect.
func mixture(x float64) bayes.Mixture { return bayes.Single(stats.Normal{Mean: x}) }
