package similar_test

import (
	"fmt"
	"testing"

	"github.com/assay-planner/assay/planner/sample"
	"github.com/assay-planner/assay/planner/similar"
)

// The work of a night: five programmes of 2,000 past experiments, and two backlogs
// of 500 that are compared with all of them and with each other.
func BenchmarkNight(b *testing.B) {
	var past, queued []similar.Document
	for seed := range uint64(5) {
		p := sample.Generate(seed)
		for _, d := range pastOf(p) {
			d.ID = fmt.Sprintf("%d-%s", seed, d.ID)
			past = append(past, d)
		}
		if seed < 2 {
			for _, d := range queuedOf(p) {
				d.ID = fmt.Sprintf("%d-%s", seed, d.ID)
				queued = append(queued, d)
			}
		}
	}
	index := func() *similar.Index {
		x := similar.New(similar.Options{})
		x.Add(past...)
		x.Add(queued...)
		return x
	}
	size := fmt.Sprintf("past=%d,queued=%d", len(past), len(queued))
	b.Run("index/"+size, func(b *testing.B) {
		for b.Loop() {
			index()
		}
	})
	x := index()
	b.Run("nearest/"+size, func(b *testing.B) {
		for b.Loop() {
			for _, d := range queued {
				x.Nearest(d, 5)
			}
		}
	})
	b.Run("duplicates/"+size, func(b *testing.B) {
		for b.Loop() {
			for _, d := range queued {
				x.Duplicates(d, 5)
			}
		}
	})
}
