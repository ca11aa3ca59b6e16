package mip

import (
	"fmt"
	"math"
)

// Status says what a [Solution] is, and how much of it is proved.
type Status int

const (
	// Limit: no point was found before a limit stopped the search. There may be one.
	Limit Status = iota
	// Feasible: Values satisfies all rows and bounds; a limit came before the gap was
	// as small as asked.
	Feasible
	// Optimal: as Feasible, and it is proved that no point is better by more than the
	// gap asked.
	Optimal
	// Infeasible: it is proved that no point satisfies all rows and bounds.
	Infeasible
	// Unbounded: fractions allowed, the objective has no end. If columns must be whole,
	// there may still be no point at all.
	Unbounded
)

var statusNames = [...]string{"limit", "feasible", "optimal", "infeasible", "unbounded"}

func (s Status) String() string {
	if s < 0 || int(s) >= len(statusNames) {
		return fmt.Sprintf("Status(%d)", int(s))
	}
	return statusNames[s]
}

// Solution is what a [Solver] found out.
type Solution struct {
	Status Status
	// Values has the point, by column, if Status is Feasible or Optimal; else it is nil.
	// Whole columns are whole exactly, rows hold within [Tolerance].
	Values []float64
	// Objective is Σ Cost·Values, summed in the order of the columns; 0 without Values.
	Objective float64
	// Bound is the best that any point could reach: nothing is above it if the problem
	// maximises, nothing below it if not. ±Inf if nothing is known, or unbounded; for
	// an infeasible problem the infinity that nothing reaches.
	Bound float64
	// Nodes counts the linear programs of branching, the first included; solvers differ
	// in what they count.
	Nodes int64
}

// Gap is |Bound − Objective| / |Objective|: 0 if they are equal, +Inf if there is no
// point, no bound, or a bound that differs from an objective of 0.
func (s Solution) Gap() float64 {
	if s.Values == nil {
		return math.Inf(1)
	}
	if s.Bound == s.Objective {
		return 0
	}
	return math.Abs(s.Bound-s.Objective) / math.Abs(s.Objective)
}

// Rounding is what two sums of about the size of x may differ by and still count as
// equal: one part in 10⁹, and not less than that of 1.
func Rounding(x float64) float64 { return 1e-9 * max(1, math.Abs(x)) }
