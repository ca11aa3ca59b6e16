package highs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/assay-planner/assay/allocator/mip"
)

// Solve runs HiGHS on one thread with a fixed seed. See [mip.Solver]. A unit of
// [mip.Options.Effort] is one look of HiGHS at its clock.
//
// HiGHS looks at limits and at the context often, but not in every step of a large
// problem. Solve does not wait for it longer than a tenth and a second beyond the time
// limit: Start is the answer then, if there is one. The run that is left alone ends
// when HiGHS looks next.
func (s *Solver) Solve(ctx context.Context, p mip.Problem, o mip.Options) (mip.Solution, error) {
	began := time.Now()
	if known, settled, err := o.Settle(&p); settled {
		return known, err
	}
	e, err := s.compiled(ctx)
	if err != nil {
		return mip.Solution{}, err
	}
	var late <-chan time.Time
	if o.TimeLimit > 0 {
		timer := time.NewTimer(o.TimeLimit/10 + time.Second + time.Until(began.Add(o.TimeLimit)))
		defer timer.Stop()
		late = timer.C
	}
	type outcome struct {
		mip.Solution
		error
	}
	c, done := newClock(began, o.Effort), make(chan outcome, 1)
	go func() {
		found, err := solve(context.WithoutCancel(ctx), e, &p, o, c)
		done <- outcome{found, err}
	}()
	select {
	case out := <-done:
		return out.Solution, out.error
	case <-ctx.Done():
		c.abandoned.Store(true)
		return mip.Solution{}, ctx.Err()
	case <-late:
		c.abandoned.Store(true)
		return o.Conclude(&p, nil, p.Endless().Bound)
	}
}

// solve runs HiGHS, and again with a tighter tolerance if its answer does not bear
// checking: a point that rounding moves out of a row, or an optimum whose bound is off by
// more than was asked, because it is that of points within the tolerance.
func solve(ctx context.Context, e engine, p *mip.Problem, o mip.Options, c *clock) (found mip.Solution, err error) {
	for _, tolerance := range []float64{1e-6, 1e-9} {
		var sure bool
		if found, sure, err = solveOnce(ctx, e, p, o, c, tolerance); sure {
			break
		}
		if found.Values != nil {
			o.Start = found.Values
		}
	}
	if err != nil {
		err = fmt.Errorf("%w: HiGHS: %w", mip.ErrSolver, err)
	}
	return found, err
}

// solveOnce says too whether there is no use in doing it again.
func solveOnce(ctx context.Context, e engine, p *mip.Problem, o mip.Options, c *clock, tolerance float64) (found mip.Solution, sure bool, err error) {
	r, err := begin(context.WithValue(ctx, clockKey{}, c), e)
	if err != nil {
		return mip.Solution{}, true, err
	}
	defer r.end()
	r.options(o, c, tolerance)
	r.setBool("mip_allow_restart", p.Integers() > smallCore)
	r.pass(p)
	if o.Start != nil {
		r.do("Highs_setSolution", r.floats(o.Start), 0, 0, 0)
	}
	r.do("Highs_run")
	status := r.call("Highs_getModelStatus", r.highs)
	if r.err != nil {
		return mip.Solution{}, true, r.err
	}
	if status == modelUnboundedOrInfeasible {
		found, err = decide(ctx, e, p, o, c, tolerance)
		return found, true, err
	}
	found, err = r.answer(status, p, o)
	return found, err == nil && (status != modelOptimal || found.Status == mip.Optimal), err
}

// decide tells infeasible from unbounded, where HiGHS leaves it at "one of these": without
// an objective there is only one of them left.
func decide(ctx context.Context, e engine, p *mip.Problem, o mip.Options, c *clock, tolerance float64) (mip.Solution, error) {
	q := *p
	q.Cost = make([]float64, len(p.Cost))
	found, _, err := solveOnce(ctx, e, &q, o, c, tolerance)
	switch found.Status {
	case mip.Infeasible:
		return p.Nothing(), err
	case mip.Limit:
		return mip.Solution{Bound: p.Endless().Bound}, err
	}
	return p.Endless(), err
}

// smallCore is the number of whole columns up to which HiGHS may not begin again from
// presolve when it has fixed some: on the cores of 100 hypotheses, 800 columns, that
// takes it a third to a half of its time. Beyond it was not measured.
const smallCore = 1000

// options sets what makes HiGHS quiet, the same every time, and end in time.
func (r *run) options(o mip.Options, c *clock, tolerance float64) {
	r.setBool("output_flag", false)
	r.setInt("threads", 1)
	r.setText("parallel", "off")
	r.setInt("random_seed", 0)
	r.setFloat("mip_rel_gap", o.Gap)
	r.setFloat("mip_abs_gap", 0)
	r.setFloat("mip_feasibility_tolerance", tolerance)
	r.setFloat("time_limit", never/2)
	if o.TimeLimit > 0 {
		r.setFloat("time_limit", max(0, o.TimeLimit-time.Since(c.began)).Seconds())
	}
}

// pass hands the problem over. Bounds of whole columns are made whole: HiGHS takes some
// problems with others for infeasible that are not.
func (r *run) pass(p *mip.Problem) {
	const byRow, minimize, maximize = 2, 1, -1
	sense := minimize
	if p.Maximize {
		sense = maximize
	}
	cost, lower, upper := slices.Clone(p.Cost), slices.Clone(p.Lower), slices.Clone(p.Upper)
	kinds := make([]int32, len(cost)) // 1: whole
	r.scale = scale(cost)
	for j := range cost {
		cost[j] *= r.scale
		if p.Integer != nil && p.Integer[j] {
			kinds[j], lower[j], upper[j] = 1, math.Ceil(lower[j]), math.Floor(upper[j])
		}
	}
	start := p.RowStart
	if len(start) == 0 {
		start = []int32{0}
	}
	r.do("Highs_passMip", uint64(len(cost)), uint64(len(p.RowLower)), uint64(len(p.Index)), byRow, api.EncodeI32(int32(sense)), api.EncodeF64(0),
		r.floats(cost), r.floats(lower), r.floats(upper), r.floats(p.RowLower), r.floats(p.RowUpper),
		r.ints(start), r.ints(p.Index), r.floats(p.Value), r.ints(kinds))
}

// scale is a power of two that brings the largest cost to some ten thousand, if it is
// less. HiGHS takes objectives that differ by a millionth for equal, whatever they are.
func scale(cost []float64) float64 {
	largest := 0.0
	for _, c := range cost {
		largest = max(largest, math.Abs(c))
	}
	_, exponent := math.Frexp(largest)
	if largest == 0 || exponent > 14 {
		return 1
	}
	return math.Ldexp(1, 14-exponent)
}

// Model statuses of HiGHS, as types.d.ts beside the file lists them.
const (
	modelOptimal               = 7
	modelInfeasible            = 8
	modelUnboundedOrInfeasible = 9
	modelUnbounded             = 10
	modelTimeLimit             = 13
)

// answer makes a Solution of what the run found.
func (r *run) answer(status uint64, p *mip.Problem, o mip.Options) (mip.Solution, error) {
	switch {
	case status == modelInfeasible && o.Start != nil:
		return mip.Solution{}, errors.New("it calls infeasible what has a point, the start")
	case status == modelInfeasible:
		return p.Nothing(), nil
	case status == modelUnbounded:
		return p.Endless(), nil
	case status != modelOptimal && status != modelTimeLimit:
		return mip.Solution{}, fmt.Errorf("it stopped with model status %d", status)
	}
	values := r.values(len(p.Cost), len(p.RowLower))
	bound, nodes := p.Endless().Bound, int64(0)
	if p.Integers() > 0 {
		bound, nodes = r.infoFloat("mip_dual_bound")/r.scale, max(0, r.infoInt64("mip_node_count"))
	} else if status == modelOptimal && values != nil {
		bound = p.Objective(values)
	}
	if r.err != nil {
		return mip.Solution{}, r.err
	}
	found, err := o.Conclude(p, values, bound)
	found.Nodes = nodes
	return found, err
}

// values returns the point that was found; nil: none.
func (r *run) values(columns, rows int) []float64 {
	const feasible = 2
	if r.infoInt("primal_solution_status") != feasible {
		return nil
	}
	at, _ := r.room(8 * columns)
	others := make([]uint64, 3) // duals of columns; values and duals of rows
	for i, n := range []int{columns, rows, rows} {
		others[i], _ = r.room(8 * n)
	}
	r.do("Highs_getSolution", at, others[0], others[1], others[2])
	return r.readFloats(at, columns)
}
