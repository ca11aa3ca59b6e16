package bayes

import (
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkStudentTPosterior(b *testing.B) {
	for name, df := range map[string]float64{"df=1.31": 1.31, "df=3": 3, "df=30": 30} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				StudentT{0, 0.01, df}.Posterior(0.02, 0.01)
			}
		})
	}
}

func BenchmarkStudentTLogMarginal(b *testing.B) {
	for b.Loop() {
		StudentT{0, 0.01, 3}.LogMarginal(0.02, 0.01)
	}
}

func BenchmarkSummarise(b *testing.B) {
	post := StudentT{0, 0.01, 3}.Posterior(0.02, 0.01)
	for b.Loop() {
		assert.Must(Summarise(post, 0.9))
	}
}

func BenchmarkCompare(b *testing.B) {
	b.Run("normals=4", func(b *testing.B) {
		arms := []Mixture{Single(stats.Normal{SD: 1}), Single(stats.Normal{Mean: .1, SD: 1}), Single(stats.Normal{Mean: .3, SD: 1.2}), Single(stats.Normal{Mean: -.1, SD: .8})}
		for b.Loop() {
			assert.Must(Compare(arms, CompareOptions{}))
		}
	})
	b.Run("rates=4", func(b *testing.B) {
		arms := []Beta{{1001, 9001}, {1051, 8951}, {990, 9000}, {900, 9000}}
		for b.Loop() {
			assert.Must(Compare(arms, CompareOptions{}))
		}
	})
}

func BenchmarkCompareLifts(b *testing.B) {
	lifts := []stats.Estimate{{Value: .01, SE: .01}, {Value: .012, SE: .01}}
	for name, prior := range map[string]Prior{"df=3": StudentT{0, .01, 3}, "normal": Single(stats.Normal{SD: .01})} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				assert.Must(CompareLifts(prior, lifts, .006, CompareOptions{}))
			}
		})
	}
}

func BenchmarkFitStudentT(b *testing.B) {
	for name, n := range map[string]int{"estimates=1000": 1000, "estimates=10000": 10_000} {
		es := drawn(7, n, StudentT{-0.002, 0.01, 3}, 0.01)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				assert.Must(FitStudentT(es, FitOptions{}))
			}
		})
	}
}
