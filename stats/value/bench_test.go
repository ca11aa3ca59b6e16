package value

import (
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkProductionAt(b *testing.B) {
	for name, prior := range map[string]bayes.Prior{"df=1.31": bayes.StudentT{Location: -0.2, Scale: 1, DF: 1.31}, "df=3": bayes.StudentT{Location: -0.2, Scale: 1, DF: 3}, "normal": bayes.Single(stats.Normal{Mean: -0.2, SD: 1})} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				assert.Must(Production{prior, 10}.At(100))
			}
		})
	}
}

func BenchmarkRolloutOptimum(b *testing.B) {
	for b.Loop() {
		assert.Must(rollouts[2].Optimum(2))
	}
}
