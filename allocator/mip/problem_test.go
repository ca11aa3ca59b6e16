package mip_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/assay-planner/assay/allocator/mip"
)

// small is max 5x + 4y with 6x + 7y ≤ 10, both 0 or 1.
func small() mip.Problem {
	p := mip.Problem{Maximize: true}
	x := p.AddColumn(5, 0, 1, true)
	y := p.AddColumn(4, 0, 1, true)
	p.AddRow(math.Inf(-1), 10, []int32{x, y}, []float64{6, 7})
	return p
}

func TestWrongInputIsNamed(t *testing.T) {
	for _, c := range []struct {
		field string
		spoil func(*mip.Problem, *mip.Options)
	}{
		{"cost[1]", func(p *mip.Problem, _ *mip.Options) { p.Cost[1] = math.NaN() }},
		{"cost[0]", func(p *mip.Problem, _ *mip.Options) { p.Cost[0] = math.Inf(1) }},
		{"lower", func(p *mip.Problem, _ *mip.Options) { p.Lower = nil }},
		{"upper", func(p *mip.Problem, _ *mip.Options) { p.Upper = p.Upper[:1] }},
		{"integer", func(p *mip.Problem, _ *mip.Options) { p.Integer = p.Integer[:1] }},
		{"lower[0]", func(p *mip.Problem, _ *mip.Options) { p.Lower[0] = math.Inf(1) }},
		{"upper[1]", func(p *mip.Problem, _ *mip.Options) { p.Upper[1] = math.NaN() }},
		{"row_lower[0]", func(p *mip.Problem, _ *mip.Options) { p.RowLower[0] = 1e16 }},
		{"row_upper[0]", func(p *mip.Problem, _ *mip.Options) { p.RowUpper[0] = math.Inf(-1) }},
		{"row_upper", func(p *mip.Problem, _ *mip.Options) { p.RowUpper = nil }},
		{"row_start", func(p *mip.Problem, _ *mip.Options) { p.RowStart = p.RowStart[:1] }},
		{"row_start", func(p *mip.Problem, _ *mip.Options) { p.RowStart[1] = 1 }},
		{"row_start[1]", func(p *mip.Problem, _ *mip.Options) {
			p.RowLower, p.RowUpper, p.RowStart = []float64{0, 0}, []float64{1, 1}, []int32{0, 3, 2}
		}},
		{"index", func(p *mip.Problem, _ *mip.Options) { p.RowLower, p.RowUpper, p.RowStart = nil, nil, nil }},
		{"index[1]", func(p *mip.Problem, _ *mip.Options) { p.Index[1] = 2 }},
		{"index[1]", func(p *mip.Problem, _ *mip.Options) { p.Index[1] = 0 }},
		{"value", func(p *mip.Problem, _ *mip.Options) { p.Value = p.Value[:1] }},
		{"value[0]", func(p *mip.Problem, _ *mip.Options) { p.Value[0] = 1e-12 }},
		{"value[1]", func(p *mip.Problem, _ *mip.Options) { p.Value[1] = math.NaN() }},
		{"time limit", func(_ *mip.Problem, o *mip.Options) { o.TimeLimit = -1 }},
		{"effort", func(_ *mip.Problem, o *mip.Options) { o.Effort = -1 }},
		{"gap", func(_ *mip.Problem, o *mip.Options) { o.Gap = math.NaN() }},
		{"point", func(_ *mip.Problem, o *mip.Options) { o.Start = []float64{1} }},
		{"point[0]", func(_ *mip.Problem, o *mip.Options) { o.Start = []float64{0.5, 0} }},
		{"point[1]", func(_ *mip.Problem, o *mip.Options) { o.Start = []float64{0, 2} }},
		{"row 0 of the point", func(_ *mip.Problem, o *mip.Options) { o.Start = []float64{1, 1} }},
	} {
		p, o := small(), mip.Options{}
		c.spoil(&p, &o)
		var input *mip.InputError
		if _, err := (mip.BranchAndBound{}).Solve(context.Background(), p, o); !errors.As(err, &input) || input.Field != c.field {
			t.Errorf("%s: got %v", c.field, err)
		}
	}
}

// What is only odd is answered.
func TestOddProblems(t *testing.T) {
	endless := mip.Problem{Maximize: true}
	endless.AddColumn(1, 0, math.Inf(1), false)
	free := mip.Problem{}
	x := free.AddColumn(1, math.Inf(-1), math.Inf(1), false)
	free.AddRow(-3, math.Inf(1), []int32{x}, []float64{2})
	crossed := small()
	crossed.Lower[0] = 2
	between := small()
	between.Lower[0], between.Upper[0] = 0.2, 0.8
	rowsOnly := mip.Problem{}
	rowsOnly.AddRow(-1, 1, nil, nil)
	never := mip.Problem{}
	never.AddRow(1, 2, nil, nil)
	for _, c := range []struct {
		name      string
		p         mip.Problem
		status    mip.Status
		objective float64
	}{
		{"nothing at all", mip.Problem{}, mip.Optimal, 0},
		{"rows without columns", rowsOnly, mip.Optimal, 0},
		{"a row that 0 breaks", never, mip.Infeasible, 0},
		{"bounds that cross", crossed, mip.Infeasible, 0},
		{"no whole number between", between, mip.Infeasible, 0},
		{"no end", endless, mip.Unbounded, 0},
		{"no bounds but a row", free, mip.Optimal, -1.5},
		{"small", small(), mip.Optimal, 5},
	} {
		got, err := mip.BranchAndBound{}.Solve(context.Background(), c.p, mip.Options{})
		if err != nil || got.Status != c.status || math.Abs(got.Objective-c.objective) > 1e-9 {
			t.Errorf("%s: got %+v, %v", c.name, got, err)
		}
	}
}

// Rows of whole numbers hold exactly, in numbers as large as budgets get.
func TestCheckIsExact(t *testing.T) {
	p := small()
	p.Value = []float64{60_000_000, 70_000_000}
	p.RowUpper[0] = 129_999_999
	if p.Check([]float64{1, 1}) == nil {
		t.Error("one unit too much passes")
	}
	p.RowUpper[0]++
	if err := p.Check([]float64{1, 1}); err != nil {
		t.Error(err)
	}
}

func TestGap(t *testing.T) {
	for _, c := range []struct {
		s    mip.Solution
		want float64
	}{
		{mip.Solution{}, math.Inf(1)},
		{mip.Solution{Values: []float64{1}, Objective: 100, Bound: 101}, 0.01},
		{mip.Solution{Values: []float64{1}, Objective: -100, Bound: -101}, 0.01},
		{mip.Solution{Values: []float64{1}}, 0},
		{mip.Solution{Values: []float64{1}, Bound: 1}, math.Inf(1)},
		{mip.Solution{Values: []float64{1}, Objective: 1, Bound: math.Inf(1)}, math.Inf(1)},
	} {
		if got := c.s.Gap(); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%+v: got %v, want %v", c.s, got, c.want)
		}
	}
}
