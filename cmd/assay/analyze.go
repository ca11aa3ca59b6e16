package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/analysis"
)

const analyzeHelp = `Analyse one finished or running test from sufficient statistics: the users, sums and sums of
squares of each arm and metric. No raw rows, no database.

FILE is a table with a header (CSV, TSV or semicolons; gzip and zstd are undone), a YAML or
JSON document for what a table cannot say, or with --mapping any file that assay import
outcomes takes. "-" is standard input. Without FILE, the experiment is one of the history,
whose users are added up by the day of their first exposure. A table needs the columns arm
and n, and one of
  successes           of n users (a proportion)
  y, yy               Σy and Σy² over the users, also called sum and sum_squares
  mean and one of variance, sd (both of users), se (of the mean)
It may have metric, experiment, segment (platform=ios), weight (planned share), d, dd, yd
(the denominator of a ratio), and x, xx, xy (a value from before the test), or x1, x1x1, x1y,
x2, x2x1, x2x2, x2y for several.
  day                 users first seen on that day: days add up
  snapshot            everybody so far: the last one counts

In the answer, LIFT is the relative change against the control with its interval; P is the
p-value of no difference as if looked at once, and the column after it the same corrected
over all comparisons. ▲ is established and better, ▼ established and worse, ✓ a guardrail
that holds, ✗ one that does not. Where rows have x, numbers are adjusted for it (CUPED),
and the line below tells what they are without. With days, the curve shows the lift of
everybody so far with bounds that hold however often one looks.

The chart of --plot is the forest plot, or with days the curve of the first comparison.`

func (a *app) analyze() *cobra.Command {
	f := analyzeFlags{}
	c := &cobra.Command{
		Use:   "analyze [FILE]",
		Short: "Analyse a test from sufficient statistics: lifts, intervals, health, verdicts",
		Long:  analyzeHelp,
		Example: `  assay analyze docs/examples/analyze.csv
  assay analyze docs/examples/analyze.yaml --correction bh
  assay analyze results.csv --control A --margin latency=2% --lower latency
  assay analyze results.csv --prior 0,0.02 -o json
  assay analyze daily.csv --looks 0.25,0.5,0.75,1 --planned-users 200000
  assay analyze --experiment E-0042
  assay analyze upworthy.csv.gz --mapping upworthy.yaml --experiment 51436061220cb800020001e7`,
		Args: args(func(_ *cobra.Command, files []string) error {
			switch {
			case len(files) > 1:
				return fmt.Errorf("one file at a time, or - for standard input; there are %d", len(files))
			case len(files) == 0 && f.experiment == "":
				return errors.New("no file to analyse: name one, - for standard input, or with --experiment a past experiment")
			case len(files) == 0 && f.mapping != "":
				return errors.New("--mapping says what the columns of a file mean, and there is no file")
			}
			return nil
		}),
		RunE: func(c *cobra.Command, files []string) error {
			if err := checkPlot(f.plot); err != nil {
				return err
			}
			return a.runAnalyze(c.Context(), files, f)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.control, "control", "", "`arm` that the others are compared with (default: the one called control)")
	flags.StringVarP(&f.mapping, "mapping", "m", "", "`file` that says what the columns mean (docs/mapping.md)")
	flags.StringVar(&f.experiment, "experiment", "", "only the experiment of this `name`, of a file with several")
	flags.StringVar(&f.segment, "segment", "", "only the rows of this `segment`")
	flags.StringVar(&f.level, "level", "", "`level` of intervals, as 95% or 0.95; 1 − level is the α of decisions (default 95%)")
	flags.StringVar(&f.sides, "sides", "two-sided", "which differences count: two-sided, greater or less")
	flags.StringVar(&f.adjust, "adjust", "cuped", "use of x, where rows have it: none, cuped, ols or lin")
	flags.StringVar(&f.correction, "correction", "holm", "over all comparisons: holm or bonferroni (no false one), bh (few false ones) or none")
	flags.StringVar(&f.lift, "lift", "", "interval of the lift: delta, log-ratio or fieller (default: score for proportions, else delta, or fieller where the control is near 0)")
	flags.StringVar(&f.prior, "prior", "", "true lifts before the test: `mean,sd` of a normal, or t:location,scale,df, as 0,0.02")
	flags.StringVar(&f.mde, "mde", "", "`lift` at which the bounds by day are tightest, as 1% (default: the prior's, or 2%)")
	flags.StringArrayVar(&f.margins, "margin", nil, "make a metric a guardrail: `metric=2%` must not get worse by 2%; may be repeated")
	flags.StringArrayVar(&f.lower, "lower", nil, "`metric` of which less is better; may be repeated")
	flags.StringVar(&f.looks, "looks", "", "`looks` of a group-sequential plan: how many, or their shares of the planned users as 0.5,0.75,1")
	flags.IntVar(&f.plannedUsers, "planned-users", 0, "`users` planned in all arms at the last look; with --looks")
	flags.StringVar(&f.spending, "spending", "obf", "how --looks spend α: obf (little early) or pocock (evenly)")
	flags.StringVar(&f.plot, "plot", "", "write a chart to this `file`: .svg, .png or .pdf")
	return c
}

func (a *app) runAnalyze(ctx context.Context, files []string, f analyzeFlags) error {
	file, err := a.tests(ctx, files, f)
	if err != nil {
		return err
	}
	o, err := f.options(file.options)
	if err != nil {
		return err
	}
	if err := f.narrow(&file); err != nil {
		return err
	}
	reports := []analysis.Report{}
	for i := range file.tests {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := &file.tests[i]
		if err := chooseControl(t, firstOf(f.control, file.options.control)); err != nil {
			return err
		}
		if err := f.describe(t); err != nil {
			return err
		}
		r, err := analysis.Run(*t, o)
		if err != nil {
			return file.explain(i, err)
		}
		reports = append(reports, r)
	}
	for _, n := range file.notes {
		a.note("%s", render.Clean(n))
	}
	return a.answerAnalysis(reports, f)
}

// tests are those of the file, or of the history where there is none.
func (a *app) tests(ctx context.Context, files []string, f analyzeFlags) (fileTests, error) {
	if len(files) == 0 {
		return a.pastTest(ctx, f.experiment)
	}
	if f.mapping != "" {
		file, err := a.mappedTests(ctx, files[0], f.mapping)
		return file, refused(err)
	}
	name, text, err := readText(ctx, files[0], a.in)
	if err != nil {
		return fileTests{}, err
	}
	file, err := parseTests(name, text)
	return file, refused(err)
}

// refused gives what is wrong with a file its exit code.
func refused(err error) error {
	if bad, ok := errors.AsType[mistakes](err); ok {
		return badInput(fmt.Errorf("%w", bad)).next("mend the file: assay analyze --help lists the columns; nothing was analysed")
	}
	return err
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// explain points an error of the analysis at the row of the file that it is of.
func (f fileTests) explain(test int, err error) error {
	e, ok := errors.AsType[*stats.InputError](err)
	if !ok {
		return err
	}
	at := 0
	if _, scanned := fmt.Sscanf(e.Field, "Rows[%d]", &at); scanned == nil && at < len(f.lines[test]) {
		return refused(mistakes{{File: f.name, Line: f.lines[test][at], Column: "metric", Value: f.tests[test].Rows[at].Metric, Reason: rowReason(e)}})
	}
	if _, scanned := fmt.Sscanf(e.Field, "Metrics[%d]", &at); scanned == nil && at < len(f.tests[test].Metrics) {
		return badInput(fmt.Errorf("%s: metric %s: %s", f.name, f.tests[test].Metrics[at].Name, e.Reason))
	}
	switch e.Field {
	case "Options.Plan.Users":
		return usage("--planned-users: %s: %s", render.Thousands(e.Value), e.Reason).next("give the users that were planned in all arms together at the last look")
	case "Options.Level":
		return usage("--level: %s", e.Reason).next("write 95%% or 0.95")
	}
	if strings.HasPrefix(e.Field, "Options.Plan") || strings.HasPrefix(e.Field, "Looks") || strings.HasPrefix(e.Field, "Information") {
		return usage("--looks: %s", e.Reason).next("give a number of looks, or rising shares of the planned users that end at 1, as 0.5,0.75,1")
	}
	return badInput(fmt.Errorf("%s: %s", f.name, e.Reason))
}

// rowReason names the part of a row that an error is of as files do.
func rowReason(e *stats.InputError) string {
	_, field, _ := strings.Cut(e.Field, "].")
	sketch, of := strings.CutPrefix(field, "Sketch.")
	switch {
	case of:
		return fmt.Sprintf("%s = %.4g %s", strings.ToLower(sketch), e.Value, e.Reason)
	case field == "Kind":
		return "its kind (mean, proportion or ratio) " + e.Reason
	case field == "Moments.Means":
		return "its values " + e.Reason
	}
	return e.Reason
}
