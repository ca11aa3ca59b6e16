package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/allocator"
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

// triesEach is how much of the effort of a night an --effort of 1 stands for.
const triesEach = 1_000_000

// How many options of a night the exact solver is asked for: with a time limit, as many as
// it brings on with in a minute.
const (
	openCounted = 4_000
	openTimed   = 12_000
)

// readProblems reads one file of problems, or "-".
func (a *app) readProblems(ctx context.Context, path string, f allocateFlags) (form.File, error) {
	var in io.Reader = a.in
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return form.File{}, err
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() {
			return form.File{}, usage("%s is a directory", path).next("add --bench to solve all instances in it")
		}
		in = file
	}
	file, err := form.Read(untilDone{ctx, in}, form.Kind(f.form))
	if err == nil {
		return file, nil
	}
	if ctx.Err() != nil {
		return form.File{}, &fault{code: exitInterrupted, err: fmt.Errorf("%s was not read to its end", path)}
	}
	bad := badInput(fmt.Errorf("%s: %w", path, err)).next("docs/allocate.md describes the forms; --form says which it is")
	return form.File{}, bad
}

// untilDone reads until the context ends.
type untilDone struct {
	ctx context.Context
	in  io.Reader
}

func (u untilDone) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.in.Read(b)
}

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
	plan, err := allocator.Solve(ctx, p, o)
	if input := (*allocator.InputError)(nil); err != nil && !errors.As(err, &input) {
		return allocation{}, fmt.Errorf("%s: %w", path, err)
	}
	if err != nil {
		return allocation{}, badInput(fmt.Errorf("%s: %w", path, err)).next("mend that field; docs/allocate.md describes the form")
	}
	one := allocation{File: path, Feasible: true, Value: &plan.Value, Bound: &plan.Bound, Gap: &plan.Gap,
		Seconds: time.Since(began).Seconds(), Cut: plan.Cut, Plan: &plan, lines: optionsOf(p, plan)}
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

// write puts a choice into the directory of --solutions.
func (f allocateFlags) write(one allocation) error {
	if f.solutions == "" || one.lines == nil {
		return nil
	}
	if err := os.MkdirAll(f.solutions, 0o777); err != nil {
		return err
	}
	return writeFile(filepath.Join(f.solutions, one.solutionName()), func(w io.Writer) error { return form.WriteChoice(w, one.lines) })
}

// apart refuses files whose choices would overwrite each other's.
func (f allocateFlags) apart(paths []string) error {
	from := map[string]string{}
	for _, path := range paths {
		name := allocation{File: path}.solutionName()
		if other, twice := from[name]; twice && f.solutions != "" {
			return usage("--solutions would write the choices of %s and of %s to the same file, %s", other, path, name).
				next("solve them in two runs, with another directory each")
		}
		from[name] = path
	}
	return nil
}

// solutionName is the file's own name with .sol after it, and before that the problem's
// number if the file has several: mknapcb1.txt.3.sol.
func (one allocation) solutionName() string {
	name := bareName(one.File)
	if one.Problem > 0 {
		name += fmt.Sprintf(".%d", one.Problem)
	}
	return name + ".sol"
}

// bareName is a file's name without its directory and .gz.
func bareName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".gz") }
