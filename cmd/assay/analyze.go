package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/multiple"
	"github.com/assay-planner/assay/stats/sequential"
)

// analyzeFlags are the command's flags as they were written.
type analyzeFlags struct {
	control, mapping, experiment, segment string
	level, sides, adjust, correction      string
	lift, prior, mde                      string
	margins, lower                        []string
	looks, spending                       string
	plannedUsers                          int
	plot                                  string
}

const analyzeHelp = `Analyse one finished or running test from sufficient statistics: the users, sums and sums of
squares of each arm and metric. No raw rows, no database.

FILE is a table with a header (CSV, TSV or semicolons; gzip and zstd are undone), a YAML or
JSON document for what a table cannot say, or with --mapping any file that assay import
outcomes takes. "-" is standard input. A table needs the columns arm and n, and one of
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
		Use:   "analyze FILE",
		Short: "Analyse a test from sufficient statistics: lifts, intervals, health, verdicts",
		Long:  analyzeHelp,
		Example: `  assay analyze docs/examples/analyze.csv
  assay analyze docs/examples/analyze.yaml --correction bh
  assay analyze results.csv --control A --margin latency=2% --lower latency
  assay analyze results.csv --prior 0,0.02 -o json
  assay analyze daily.csv --looks 0.25,0.5,0.75,1 --planned-users 200000
  assay analyze upworthy.csv.gz --mapping docs/examples/upworthy.yaml --experiment 51436061220cb800020001e7`,
		Args: args(func(_ *cobra.Command, files []string) error {
			if len(files) != 1 {
				return fmt.Errorf("one file at a time, or - for standard input; there are %d", len(files))
			}
			return nil
		}),
		RunE: func(c *cobra.Command, files []string) error {
			if err := checkPlot(f.plot); err != nil {
				return err
			}
			return a.runAnalyze(c.Context(), files[0], f)
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

func (a *app) runAnalyze(ctx context.Context, path string, f analyzeFlags) error {
	var file fileTests
	var err error
	if f.mapping != "" {
		file, err = a.mappedTests(ctx, path, f.mapping)
	} else {
		var text []byte
		var name string
		if name, text, err = readText(ctx, path, a.in); err != nil {
			return err
		}
		file, err = parseTests(name, text)
	}
	if err != nil {
		return refused(err)
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

// narrow keeps the experiment and the segment that were asked for.
func (f analyzeFlags) narrow(file *fileTests) error {
	if f.experiment != "" {
		var names []string
		at := -1
		for i, t := range file.tests {
			names = append(names, t.Name)
			if t.Name == f.experiment {
				at = i
			}
		}
		if at < 0 {
			return usage("--experiment %q: %s has no such experiment", f.experiment, file.name).next("it has %s", some(names))
		}
		file.tests, file.lines = file.tests[at:at+1], file.lines[at:at+1]
	}
	if f.segment == "" {
		return nil
	}
	var names []string
	found := false
	for i := range file.tests {
		t := &file.tests[i]
		var rows []analysis.Row
		var lines []int
		for j, r := range t.Rows {
			if r.Segment != "" && !slices.Contains(names, r.Segment) {
				names = append(names, r.Segment)
			}
			if r.Segment == f.segment {
				r.Segment = ""
				rows, lines = append(rows, r), append(lines, file.lines[i][j])
			}
		}
		t.Rows, file.lines[i] = rows, lines
		found = found || len(rows) > 0
	}
	if !found {
		return usage("--segment %q: %s has no such segment", f.segment, file.name).next("it has %s", some(names))
	}
	empty := func(t analysis.Test) bool { return len(t.Rows) == 0 }
	file.lines = slices.DeleteFunc(file.lines, func(l []int) bool { return len(l) == 0 })
	file.tests = slices.DeleteFunc(file.tests, empty)
	return nil
}

// some lists names, not more than a person reads.
func some(names []string) string {
	const most = 10
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// describe adds what flags say of metrics.
func (f analyzeFlags) describe(t *analysis.Test) error {
	for _, text := range f.margins {
		name, margin, found := strings.Cut(text, "=")
		x, err := parseShare(margin)
		switch {
		case !found || err != nil:
			return usage("--margin %q is not a metric and a margin", text).next("write --margin latency=2%%")
		case x <= 0 || x >= 1:
			return usage("--margin %q: the margin must be above 0 and below 100%%", text).next("write the relative lift that would still be accepted, as %s=2%%", name)
		}
		m, err := metricOf(t, "--margin", name)
		if err != nil {
			return err
		}
		m.Margin = x
	}
	for _, name := range f.lower {
		m, err := metricOf(t, "--lower", name)
		if err != nil {
			return err
		}
		m.LowerIsBetter = true
	}
	return nil
}

// metricOf finds what is known of a metric of the rows. The others follow in
// their own order, as they would without flags.
func metricOf(t *analysis.Test, flag, name string) (*analysis.Metric, error) {
	if len(t.Metrics) == 0 {
		for _, r := range t.Rows {
			if !slices.ContainsFunc(t.Metrics, func(m analysis.Metric) bool { return m.Name == r.Metric }) {
				t.Metrics = append(t.Metrics, analysis.Metric{Name: r.Metric})
			}
		}
	}
	var names []string
	for i := range t.Metrics {
		if t.Metrics[i].Name == name {
			return &t.Metrics[i], nil
		}
		names = append(names, t.Metrics[i].Name)
	}
	for _, r := range t.Rows {
		if r.Metric == name {
			t.Metrics = append(t.Metrics, analysis.Metric{Name: name})
			return &t.Metrics[len(t.Metrics)-1], nil
		}
	}
	return nil, usage("%s %q: there is no such metric", flag, name).next("the metrics are %s", some(names))
}

// options turns flags, and below them what a document says, into those of the
// analysis.
func (f analyzeFlags) options(d documentOptions) (o analysis.Options, err error) {
	if text := firstOf(f.level, d.level); text != "" {
		x, err := parseShare(text)
		if err == nil && x > 1 && x < 100 {
			return o, usage("--level %s: a level is below 1", text).next("write %s%% or %g", text, x/100)
		}
		if err != nil || x < 0.5 || x >= 1 {
			return o, usage("--level %q is not a level", text).next("write one from 50%% to below 100%%, as 95%% or 0.95")
		}
		o.Level = x
	}
	choice := func(flag, value string, known ...string) {
		if err == nil && !slices.Contains(known, value) {
			err = usage("--%s %q is not known", flag, value).next("use one of %s", strings.Join(known, ", "))
		}
	}
	choice("sides", f.sides, "two-sided", "greater", "less")
	choice("adjust", f.adjust, "none", "cuped", "ols", "lin")
	choice("correction", f.correction, "holm", "bh", "bonferroni", "none")
	choice("spending", f.spending, "obf", "pocock")
	if f.lift != "" {
		choice("lift", f.lift, "delta", "log-ratio", "fieller")
	}
	if err != nil {
		return o, err
	}
	o.Sides, o.Adjustment, o.Lift = stats.Sides(f.sides), effect.Adjustment(f.adjust), effect.Method(f.lift)
	if o.Correction = multiple.Correction(f.correction); f.correction == "bh" {
		o.Correction = multiple.BH
	}
	if text := firstOf(f.prior, d.prior); text != "" {
		if o.Prior, err = parsePrior(text); err != nil {
			return o, err
		}
	}
	if text := firstOf(f.mde, d.mde); text != "" {
		if o.MDE, err = liftKind.parse(text); err != nil || o.MDE <= 0 {
			return o, usage("--mde %q is not a lift above 0", text).next("give the smallest lift worth finding, as 2%% or 0.02")
		}
	}
	o.Plan, err = f.plan(d)
	return o, err
}

// parsePrior reads mean,sd or t:location,scale,df.
func parsePrior(text string) (bayes.Prior, error) {
	wrong := usage("--prior %q is not a prior", text).next("write mean,sd of a normal as 0,0.02 or 0,2%%; or t:location,scale,df as t:0,0.01,3")
	numbers, student := strings.CutPrefix(text, "t:")
	var xs []float64
	for part := range strings.SplitSeq(numbers, ",") {
		kind := liftKind // 2 is no lift of 200%
		if student && len(xs) == 2 {
			kind = anyNumber
		}
		x, err := kind.parse(part)
		if err != nil {
			return nil, wrong
		}
		xs = append(xs, x)
	}
	var prior bayes.Prior
	switch {
	case student && len(xs) == 3:
		prior = bayes.StudentT{Location: xs[0], Scale: xs[1], DF: xs[2]}
	case !student && len(xs) == 2 && xs[1] > 0:
		prior = bayes.Single(stats.Normal{Mean: xs[0], SD: xs[1]})
	default:
		return nil, wrong
	}
	if err := prior.Check(); err != nil {
		return nil, wrong
	}
	return prior, nil
}

// plan reads --looks and what belongs to it.
func (f analyzeFlags) plan(d documentOptions) (*analysis.Plan, error) {
	looks, users := firstOf(f.looks, d.looks), f.plannedUsers
	if users == 0 && d.plannedUsers != "" {
		n, err := strconv.Atoi(d.plannedUsers)
		if err != nil || n <= 0 {
			return nil, badInput(fmt.Errorf("planned_users %q is not a number of users", d.plannedUsers))
		}
		users = n
	}
	switch {
	case looks == "" && users == 0:
		return nil, nil
	case looks == "":
		return nil, usage("--planned-users is given without --looks").next("add --looks 5, or their shares of the planned users as --looks 0.5,0.75,1")
	case users <= 0:
		return nil, usage("--looks needs the users that were planned").next("add --planned-users with those of all arms at the last look, as --planned-users 200000")
	}
	wrong := usage("--looks %q is neither a number of looks nor rising shares that end at 1", looks).next("write --looks 5 or --looks 0.5,0.75,1")
	p := analysis.Plan{Users: users}
	if f.spending == "pocock" {
		p.Design.Efficacy = sequential.PocockSpending()
	}
	if n, err := strconv.Atoi(looks); err == nil {
		if n < 1 || n > 100 {
			return nil, wrong
		}
		p.Design.Looks = n
		return &p, nil
	}
	for part := range strings.SplitSeq(looks, ",") {
		x, err := parseShare(part)
		if err != nil {
			return nil, wrong
		}
		p.Design.Information = append(p.Design.Information, x)
	}
	if _, err := p.Design.Plan(); err != nil {
		return nil, wrong
	}
	return &p, nil
}
