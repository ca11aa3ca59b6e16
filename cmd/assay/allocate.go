package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/allocator/form"
	"github.com/assay-planner/assay/allocator/knapsack"
	"github.com/assay-planner/assay/allocator/mip"
	"github.com/assay-planner/assay/allocator/mip/highs"
)

// allocateFlags are those of assay allocate.
type allocateFlags struct {
	timeLimit time.Duration
	gap       float64
	effort    float64
	seed      uint64
	form      string
	exact     string
	check     string
	bench     bool
	solutions string
}

const allocateHelp = `Solve allocation problems from files: at most one item of each class (exactly one, if the
class is mandatory), within all capacities, for the largest total value. The answer comes
with a bound that no choice can beat, and the gap between them.

A file is a night as JSON, a published multiple-choice instance, a file of the OR-Library's
multidimensional knapsacks, or a portfolio with conflicts, quotas and minimum shares; plain
or gzip. docs/allocate.md describes the forms.

  --check PLAN   verify a choice against the problem, with nothing of the solver: PLAN has
                 the chosen item of each class, counted from 0, one per line, -1 for none;
                 or what -o json printed; for a night, its plan as JSON
  --bench        take directories; a best_known.csv or instances.csv beside the files says
                 what to compare with

Work is counted, so the same input gives the same choice on any machine, unless the time
limit or Ctrl-C ends it: then the best so far is printed, and "cut" says so.`

func (a *app) allocate() *cobra.Command {
	var f allocateFlags
	c := &cobra.Command{
		Use:   "allocate FILE…",
		Short: "Solve allocation problems from files, with a bound on any choice",
		Long:  allocateHelp,
		Example: `  assay allocate instance.txt.gz
  assay allocate night.json -o json > plan.json
  assay allocate night.json --check plan.json
  assay allocate --bench instances/ --time-limit 10s --solutions out/`,
		Args: atLeastOne("FILE"),
		RunE: func(c *cobra.Command, files []string) error {
			if err := f.validate(); err != nil {
				return err
			}
			switch {
			case f.bench:
				return a.benchAllocate(c.Context(), files, f)
			case f.check != "":
				return a.checkAllocation(c.Context(), files, f)
			}
			return a.runAllocate(c.Context(), files, f)
		},
	}
	flags := c.Flags()
	flags.DurationVar(&f.timeLimit, "time-limit", 0, "work on a problem for this `time` at most, as 10s; 0 leaves it to the effort")
	flags.Float64Var(&f.gap, "gap", 0, "end as soon as the gap is at most this `fraction`, as 0.001 for 0.1%")
	flags.Float64Var(&f.effort, "effort", 0, fmt.Sprintf("`work` of each of the two searches: about seconds, but counted, so that answers repeat; 0 is %g, or with a time limit all that there is time for", knapsack.DefaultEffort/1e9))
	flags.Uint64Var(&f.seed, "seed", 1, "`number` that steers the random part")
	flags.StringVar(&f.form, "form", "", "`kind` of the files if it is not recognised: mmkp, mknap, portfolio or json")
	flags.StringVar(&f.exact, "exact", "highs", "exact solver for what is left open: highs, own or none")
	flags.StringVar(&f.check, "check", "", "verify the choice in this `file` and solve nothing")
	flags.BoolVar(&f.bench, "bench", false, "take directories of instances and compare with what is known of them")
	flags.StringVar(&f.solutions, "solutions", "", "write the chosen items of every problem to a file in this `directory`, one per line")
	return c
}

func (f allocateFlags) validate() error {
	if err := checkLimits(f.timeLimit, f.gap); err != nil {
		return err
	}
	switch {
	case !(f.effort >= 0) || f.effort > 1e8:
		return usage("--effort is %g; it must be from 0 to 1e8", f.effort).next("as --effort 6")
	case f.form != "" && !slices.Contains(form.Kinds, form.Kind(f.form)):
		return usage("--form %q is not a form", f.form).next("use mmkp, mknap, portfolio or json")
	case !slices.Contains([]string{"highs", "own", "none"}, f.exact):
		return usage("--exact %q is not a solver", f.exact).next("use highs, own or none")
	case f.bench && f.check != "":
		return usage("--bench and --check exclude each other").next("check one file at a time")
	}
	return nil
}

// solver is the exact one that was asked for. Without HiGHS in the binary it is our own.
func (a *app) solver(f allocateFlags) (mip.Solver, error) {
	switch f.exact {
	case "none":
		return nil, nil
	case "own":
		return mip.BranchAndBound{}, nil
	}
	s, err := highs.New(highs.CacheDir())
	if errors.Is(err, highs.ErrMissing) {
		a.note("this binary was built without HiGHS; what is left open goes to our own branch and bound")
		return mip.BranchAndBound{}, nil
	}
	return s, err
}

// limited is the context of one problem, whose time began then.
func (f allocateFlags) limited(ctx context.Context, began time.Time) (context.Context, context.CancelFunc) {
	if f.timeLimit > 0 {
		return context.WithDeadline(ctx, began.Add(f.timeLimit))
	}
	return context.WithCancel(ctx)
}

func (a *app) runAllocate(ctx context.Context, files []string, f allocateFlags) error {
	exact, err := a.solver(f)
	if err != nil {
		return err
	}
	if err := f.apart(files); err != nil {
		return err
	}
	var all []allocation
	var failed error
	for i := 0; i < len(files) && failed == nil && ctx.Err() == nil; i++ {
		failed = a.solveFile(ctx, files[i], exact, f, func(_, _ int, one allocation) { all = append(all, one) })
	}
	if len(all) == 0 && failed != nil {
		return failed
	}
	if err := a.answerAllocations(all); err != nil { // what was solved before a fault is not lost
		return err
	}
	if ctx.Err() != nil {
		return &fault{code: exitInterrupted, err: errors.New("what is printed is the best so far")}
	}
	return failed
}
