package highs

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/assay-planner/assay/allocator/internal/smallmip"
	"github.com/assay-planner/assay/allocator/mip"
)

// BenchmarkPrepare compiles HiGHS: for the first time, and from what that left on disk.
func BenchmarkPrepare(b *testing.B) {
	prepare := func(b *testing.B, dir string) {
		s, err := New(dir)
		if err != nil {
			b.Skip(err)
		}
		if err := s.Prepare(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("cold", func(b *testing.B) {
		began := processor(b)
		for b.Loop() {
			prepare(b, "")
		}
		report(b, began)
	})
	b.Run("warm", func(b *testing.B) {
		dir := b.TempDir()
		prepare(b, dir)
		began := processor(b)
		for b.Loop() {
			prepare(b, dir)
		}
		report(b, began)
	})
}

// BenchmarkSolve solves problems of the allocator's kind, eight options a group: their
// linear programs, and themselves to the proved optimum.
func BenchmarkSolve(b *testing.B) {
	ours, err := Shared()
	if err != nil {
		b.Skip(err)
	}
	if err := ours.Prepare(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, size := range []struct {
		name       string
		groups     int
		capacities int
		whole      bool
	}{
		{"linear/groups=100", 100, 10, false},
		{"linear/groups=1000", 1000, 10, false},
		{"whole/groups=20", 20, 4, true},
		{"whole/groups=50", 50, 4, true},
	} {
		p := smallmip.Knapsack(rand.New(rand.NewPCG(1, 1)), size.groups, 8, size.capacities)
		if !size.whole {
			p.Integer = nil
		}
		for _, solver := range []struct {
			name string
			mip.Solver
		}{{"highs", ours}, {"branch-and-bound", mip.BranchAndBound{}}} {
			b.Run(size.name+"/"+solver.name, func(b *testing.B) {
				began := processor(b)
				for b.Loop() {
					found, err := solver.Solve(b.Context(), p, mip.Options{TimeLimit: time.Minute})
					if err != nil || found.Values == nil {
						b.Fatal(found, err)
					}
					b.ReportMetric(100*found.Gap(), "gap-%")
					b.ReportMetric(float64(found.Nodes), "nodes")
				}
				report(b, began)
			})
		}
	}
}

// report adds the processor's time, which says more than the clock's on a machine that
// others use too.
func report(b *testing.B, began time.Duration) {
	b.ReportMetric((processor(b)-began).Seconds()/float64(b.N), "cpu-s/op")
}

// processor is the processor time of this process.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
