package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/knapsack"
	"github.com/assay-planner/assay/allocator/mip"
)

// allocation is the answer to one problem.
type allocation struct {
	File     string          `json:"file"`
	Problem  int             `json:"problem,omitempty"` // counted from 1, if the file has several
	Feasible bool            `json:"feasible"`
	Proved   string          `json:"proved,omitempty"` // "optimal" or "infeasible"
	Value    *float64        `json:"value"`
	Bound    *float64        `json:"bound"`
	Gap      *float64        `json:"gap"`
	Seconds  float64         `json:"seconds"`
	Cut      bool            `json:"cut"`    // the time limit or an interruption ended the work
	Choice   []int           `json:"choice"` // chosen item of each class, counted from 0; −1 for none
	Prices   []rowPrice      `json:"prices"`
	Plan     *allocator.Plan `json:"plan,omitempty"` // of a night, instead of choice and prices

	lines []int // what --solutions writes: the choice, or by candidate the option that the plan has
}

// rowPrice is what one more of a row is worth, all in the units of the file.
type rowPrice struct {
	Row   string   `json:"row"`
	Least float64  `json:"least"`
	Most  *float64 `json:"most"`
	Used  float64  `json:"used"`
	Price float64  `json:"price"`
}

// triesEach is how much of the effort of a night an --effort of 1 stands for.
const triesEach = 1_000_000

// How many options of a night the exact solver is asked for: with a time limit, as many as
// it brings on with in a minute.
const (
	openCounted = 4_000
	openTimed   = 12_000
)

// workCounted is what HiGHS may do for a night at a time without a time limit: some seconds.
const workCounted = 100_000

// solveFile solves every problem of a file, writes the choice where --solutions wants it,
// and tells the answer to problem k of so many. It ends early with the context, after the
// best that was found by then.
func (a *app) solveFile(ctx context.Context, path string, exact mip.Solver, f allocateFlags, tell func(k, of int, one allocation)) error {
	began := time.Now() // reading is part of the time of the first problem
	file, err := a.readProblems(ctx, path, f)
	if err != nil {
		return err
	}
	if file.Night != nil {
		one, err := a.solveNight(ctx, path, *file.Night, exact, f, began)
		if err == nil {
			err = f.write(one)
		}
		if err != nil {
			return err
		}
		tell(0, 1, one)
	}
	of := len(file.Problems)
	for k, p := range file.Problems {
		name := path
		if of > 1 {
			name = fmt.Sprintf("%s, problem %d of %d", path, k+1, of)
		}
		one, err := a.solveProblem(ctx, name, p, exact, f, began)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		one.File = path
		if of > 1 {
			one.Problem = k + 1
		}
		if err := f.write(one); err != nil {
			return err
		}
		if tell(k, of, one); ctx.Err() != nil {
			return nil
		}
		began = time.Now()
	}
	return nil
}

// solveNight asks the planner's own allocator.
func (a *app) solveNight(ctx context.Context, path string, p allocator.Problem, exact mip.Solver, f allocateFlags, began time.Time) (allocation, error) {
	ctx, cancel := f.limited(ctx, began)
	defer cancel()
	o := allocator.Options{Effort: int(f.effort * triesEach), Seed: f.seed, Gap: f.gap, Exact: exact, Open: openCounted}
	if f.timeLimit > 0 {
		o.Open = openTimed
	}
	if _, own := exact.(mip.BranchAndBound); !own {
		o.Work = workCounted
	}
	plan, err := allocator.Solve(ctx, p, o)
	if input := (*allocator.InputError)(nil); err != nil && !errors.As(err, &input) {
		return allocation{}, fmt.Errorf("%s: %w", path, err)
	}
	if err != nil {
		return allocation{}, badInput(fmt.Errorf("%s: %w", path, err)).next("mend that field; docs/allocate.md describes the form")
	}
	one := allocation{File: path, Feasible: true, Value: &plan.Value, Bound: &plan.Bound,
		Seconds: time.Since(began).Seconds(), Cut: plan.Cut, Plan: &plan, lines: optionsOf(p, plan)}
	if plan.Gap != allocator.Unproved {
		one.Gap = &plan.Gap
	}
	if plan.Optimal {
		one.Proved = "optimal"
	}
	return one, nil
}

func (a *app) solveProblem(ctx context.Context, name string, p *knapsack.Problem, exact mip.Solver, f allocateFlags, began time.Time) (allocation, error) {
	ctx, cancel := f.limited(ctx, began)
	defer cancel()
	show := a.steps(name)
	s, err := knapsack.Solve(ctx, p, knapsack.Options{Effort: int64(f.effort * 1e9), Seed: f.seed, Gap: f.gap, Exact: exact,
		Progress: func(value, bound float64) { show.text(foundSoFar(name, value, bound)) }})
	show.end()
	if err != nil {
		if input := (*knapsack.InputError)(nil); errors.As(err, &input) {
			return allocation{}, badInput(err)
		}
		return allocation{}, err
	}
	one := allocation{Feasible: s.Feasible, Seconds: time.Since(began).Seconds(), Cut: s.Cut, Choice: s.Choice, Prices: pricesOf(p, s), lines: s.Choice}
	if s.Feasible {
		one.Value = &s.Value
		if gap := s.Gap(); !math.IsInf(gap, 0) {
			one.Gap = &gap
		}
	}
	if !math.IsInf(s.Bound, 0) {
		one.Bound = &s.Bound
	}
	switch {
	case s.Impossible:
		one.Proved = "infeasible"
	case s.Optimal:
		one.Proved = "optimal"
	}
	return one, nil
}

// foundSoFar is a line of progress.
func foundSoFar(name string, value, bound float64) string {
	if math.IsInf(value, -1) {
		return fmt.Sprintf("%s: looking for a choice worth at most %.6g", name, bound)
	}
	return fmt.Sprintf("%s: %.8g of at most %.8g", name, value, bound)
}

// pricesOf joins the rows with what the choice uses of them.
func pricesOf(p *knapsack.Problem, s knapsack.Solution) []rowPrice {
	used := make([]int64, len(p.Rows))
	for c, k := range s.Choice {
		if k == knapsack.None {
			continue
		}
		item := p.Items[int(p.Classes[c].First)+k]
		for _, u := range p.Uses[item.First:item.Last] {
			used[u.Row] += int64(u.Units)
		}
	}
	prices := make([]rowPrice, len(p.Rows))
	for r, row := range p.Rows {
		name := row.Name
		if name == "" {
			name = fmt.Sprintf("row %d", r)
		}
		prices[r] = rowPrice{Row: name, Least: row.Amount(row.Least), Used: row.Amount(used[r]), Price: s.Prices[r] / row.Amount(1)}
		if row.Most != knapsack.Unlimited {
			most := row.Amount(row.Most)
			prices[r].Most = &most
		}
	}
	return prices
}

// optionsOf lists for each candidate of a night, in its order, the option that a plan has
// of it.
func optionsOf(p allocator.Problem, plan allocator.Plan) []int {
	chosen := map[string]int{}
	for _, c := range plan.Choices {
		chosen[c.Candidate] = c.Option
	}
	options := make([]int, len(p.Candidates))
	for i, c := range p.Candidates {
		options[i] = knapsack.None
		if k, ok := chosen[c.ID]; ok {
			options[i] = k
		}
	}
	return options
}
