package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner/backtest"
)

// backtestFlags are those of assay backtest.
type backtestFlags struct {
	mapping       string
	train, test   []string
	cut           string
	share         float64
	folds, blocks int
	metric, model string
	forecasts     string
	replicates    int
}

const backtestHelp = `Walk forward through history: at each cut, learn from what had ended by then, forecast
what started next, and hold the forecasts against what was measured. The models stand side
by side: the one that plans, a normal prior, adaptive shrinkage and, where texts of one
set compete, a ridge on their words. A model sees past effects and, of what it forecasts,
text, traits and claims; never an outcome of the block.

Without files the history of --data is walked through. With files and their mapping, they
are imported as always, into a database that is gone afterwards:

  --train FILE… --test FILE…   learn from these, forecast those
  FILE… --cut DATE             learn from what had ended by the date
  FILE… --train-share 0.6      learn from the first 60% of the experiments
  FILE… --folds 10             without dates: ten parts of whole experiments, each forecast
                               from the others
  FILE…                        walk forward, in --blocks

A split never goes through an experiment. Intervals are 95%, by a bootstrap over
experiments with a fixed seed; differences of models are on the same draws. Where the
mapping has arm.set, ideas of a set are compared with each other, and else with control.
What is measured, and how leaks are looked for, stands in docs/cli.md.`

func (a *app) backtest() *cobra.Command {
	var f backtestFlags
	c := &cobra.Command{
		Use:   "backtest [FILE…]",
		Short: "Hold forecasts against what past experiments then measured",
		Long:  backtestHelp,
		Example: `  assay backtest
  assay backtest --mapping docs/examples/upworthy.yaml --train a.csv b.csv --test c.csv
  assay backtest --mapping docs/examples/upworthy.yaml headlines.csv.gz --train-share 0.6`,
		RunE: func(c *cobra.Command, files []string) error {
			if err := f.check(files); err != nil {
				return err
			}
			return unfinished(c.Context(), a.runBacktest(c.Context(), files, f), "the backtest was not finished; it keeps nothing")
		},
	}
	flags := c.Flags()
	flags.StringVarP(&f.mapping, "mapping", "m", "", "`file` that says what the columns of files mean")
	flags.StringArrayVar(&f.train, "train", nil, "`files` to learn from")
	flags.StringArrayVar(&f.test, "test", nil, "`files` to forecast")
	flags.StringVar(&f.cut, "cut", "", "learn from experiments that had ended by this `date`, as 2026-06-01, and forecast those that started then or later")
	flags.Float64Var(&f.share, "train-share", 0, "learn from this `fraction` of the experiments, the first to start, as 0.6")
	flags.IntVar(&f.folds, "folds", 0, "deal experiments into so many `parts` whatever their dates, as 10")
	flags.IntVar(&f.blocks, "blocks", 5, "walk forward in so many `blocks`")
	flags.StringVar(&f.metric, "metric", "", "one `metric` only, as ctr; default all")
	flags.StringVar(&f.model, "model", "forecast", "`model` whose measures lead: forecast, normal prior, adaptive shrinkage or ridge on words")
	flags.StringVar(&f.forecasts, "forecasts", "", "write every idea's forecasts and outcome to this `file`, as CSV")
	flags.IntVar(&f.replicates, "replicates", 1000, "`draws` of the bootstrap")
	return c
}

// repeatFileFlags lets --train and --test take several files, as a shell expands
// 2014-*.csv to: what follows one of them, up to the next flag, is its own.
func repeatFileFlags(args []string) []string {
	at := slices.Index(args, "backtest")
	if at < 0 {
		return args
	}
	out := slices.Clone(args[:at+1])
	current, own := "", false
	for _, arg := range args[at+1:] {
		switch {
		case arg == "--train" || arg == "--test":
			current, own = arg, true
		case strings.HasPrefix(arg, "-") && arg != "-":
			current = ""
		case current != "" && !own:
			out = append(out, current)
		default:
			own = false
		}
		out = append(out, arg)
	}
	return out
}

func (f backtestFlags) check(files []string) error {
	ways := 0
	for _, given := range []bool{f.cut != "", f.share != 0, f.folds != 0, len(f.train)+len(f.test) > 0} {
		if given {
			ways++
		}
	}
	if f.cut != "" {
		if _, err := f.cutAt(); err != nil {
			return usage("--cut %q %v", f.cut, err)
		}
	}
	any := len(files)+len(f.train)+len(f.test) > 0
	switch {
	case ways > 1:
		return usage("--train with --test, --cut, --train-share and --folds are ways to split: give one of them")
	case len(f.train) > 0 != (len(f.test) > 0):
		return usage("--train and --test go together").next("one file is split by --cut DATE or --train-share 0.6")
	case len(f.train) > 0 && len(files) > 0:
		return usage("%s is neither --train nor --test", files[0]).next("put files behind one of them")
	case any && f.mapping == "":
		return usage("--mapping is missing").next("it says what the columns of the files mean; docs/mapping.md explains it")
	case !any && f.mapping != "":
		return usage("--mapping is for files, and there are none").next("name them, or leave out --mapping to walk through the history of --data")
	case f.share != 0 && !(f.share > 0 && f.share < 1):
		return usage("--train-share is %g; it must lie between 0 and 1", f.share).next("as --train-share 0.6")
	case !slices.Contains(modelNames(), f.model):
		return usage("--model %q is none of the models", f.model).next("use one of: %s", strings.Join(modelNames(), ", "))
	case f.folds < 0 || f.folds == 1 || f.folds > 1000:
		return usage("--folds is %d; it must lie between 2 and 1,000", f.folds)
	case f.blocks < 1 || f.blocks > 1000:
		return usage("--blocks is %d; it must lie between 1 and 1,000", f.blocks)
	case f.replicates < 20 || f.replicates > 100_000:
		return usage("--replicates is %d; it must lie between 20 and 100,000", f.replicates)
	}
	return nil
}

// thereAre names the files that are missing, by the flag that they came with.
func thereAre(flag string, files []string) (err error) {
	for _, path := range files {
		if _, missing := os.Stat(path); errors.Is(missing, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("%s%s: there is no such file", flag, path))
		}
	}
	return err
}

// runBacktest loads, splits, runs and prints.
func (a *app) runBacktest(ctx context.Context, files []string, f backtestFlags) error {
	if err := a.standsAlone("backtest", ""); err != nil {
		return err
	}
	if err := errors.Join(thereAre("", files), thereAre("--train ", f.train), thereAre("--test ", f.test)); err != nil {
		return (&fault{code: exitNotFound, err: err}).next("look at the paths; they are relative to the directory that you are in")
	}
	folds, notes, err := a.folds(ctx, files, f)
	if err != nil {
		return err
	}
	models, err := modelsFor(folds, f.model)
	if err != nil {
		return err
	}
	steps := a.steps("forecasting")
	r, err := backtest.Run(ctx, folds, models, backtest.Options{Chosen: f.model, Replicates: f.replicates, Progress: steps.show})
	steps.end()
	if errors.Is(err, backtest.ErrNothing) {
		return badInput(err).next("learn from more experiments, and forecast others than those that are learned from")
	}
	if err != nil {
		return err
	}
	r.Notes = append(notes, r.Notes...)
	if f.forecasts != "" {
		if err := writeFile(f.forecasts, func(w io.Writer) error { return render.CSV(w, ideaForecastColumns, r.Forecasts) }); err != nil {
			return err
		}
	}
	return a.answerBacktest(r)
}

// everyModel is what can stand side by side; the last knows nothing but texts in sets.
func everyModel() []backtest.Model {
	return []backtest.Model{backtest.Learned{}, backtest.NormalPrior{}, backtest.Shrunk{}, backtest.Ridge{}}
}

func modelNames() (names []string) {
	for _, m := range everyModel() {
		names = append(names, m.Name())
	}
	return names
}

// modelsFor are those that can say something of the ideas.
func modelsFor(folds []backtest.Fold, chosen string) ([]backtest.Model, error) {
	models := everyModel()
	for _, f := range folds {
		for _, c := range slices.Concat(f.Past, f.Block) {
			if c.Set == "" {
				models = models[:3]
				break
			}
		}
	}
	if !slices.ContainsFunc(models, func(m backtest.Model) bool { return m.Name() == chosen }) {
		return nil, usage("--model %q compares texts within sets, and some ideas here are in none", chosen).next("see arm.set in docs/mapping.md, or use another model")
	}
	return models, nil
}

// split makes the folds of one history.
func (f backtestFlags) split(cases []backtest.Case) ([]backtest.Fold, error) {
	one := func(fold backtest.Fold, err error) ([]backtest.Fold, error) { return []backtest.Fold{fold}, err }
	switch {
	case f.cut != "":
		cut, err := f.cutAt()
		if err != nil {
			return nil, err
		}
		return splittable(one(backtest.At(cases, cut)))
	case f.share != 0:
		return splittable(one(backtest.Share(cases, f.share)))
	case f.folds != 0:
		return splittable(backtest.Folds(cases, f.folds))
	}
	return splittable(backtest.Walk(cases, f.blocks))
}

func (f backtestFlags) cutAt() (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, f.cut); err == nil {
		return day, nil
	}
	return parseTime(f.cut)
}

func splittable(folds []backtest.Fold, err error) ([]backtest.Fold, error) {
	if err != nil {
		return nil, badInput(fmt.Errorf("this history cannot be split: %w", err)).
			next("split it another way: --cut DATE, --train-share 0.6, or without dates --folds 10")
	}
	return folds, nil
}

// steps shows on a terminal how far long work has come; elsewhere it is silent.
type steps struct {
	a     *app
	what  string
	shown bool
}

func (a *app) steps(what string) *steps { return &steps{a: a, what: what} }

func (s *steps) show(done, all int) {
	if render.IsTerminal(s.a.err) {
		s.end()
		s.a.status("%s: %d%%", s.what, 100*done/cmp.Or(all, 1))
		s.shown = true
	}
}

// text shows a line of its own.
func (s *steps) text(line string) {
	if render.IsTerminal(s.a.err) {
		s.end()
		s.a.status("%s", render.Cut(line, render.Width-1))
		s.shown = true
	}
}

func (s *steps) end() {
	if s.shown {
		s.a.erase()
	}
}
