package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
)

const designHelp = `Design a test before it starts: how many users it needs, what effect so many users can
show, with what power, and how many weeks that takes. No data and no ClickHouse needed.

The metric is one of
  mean        per user, such as revenue or watch time       --mean --sd
  proportion  share of users who do something               --baseline
  ratio       of two means per user, such as clicks a view  --numerator --denominator, their
                                                            --…-sd and --covariance
  count       events per user, such as sessions             --rate --dispersion --exposure

What is missing is found: users for an --mde, the MDE for --users, the power for both.
With traffic and no effect, every week says what it could detect. --solve names it
where that is not clear (alpha, margin).

  numbers      2000000, 2e6, 2,000,000 or 2M (k, M, B); fractions 2% or 0.02
  lift, mde    of treatment over control as a fraction of control: 1% and 0.01 are the
               same; in the metric's unit with --mde-absolute
  users        in control; each treatment arm has --allocation times as many
  alpha        probability of finding an effect where there is none: 5% of both sides
               and all arms together
  power        probability of finding an effect of the size of the MDE: 80%
  margin       a guardrail's: show that no more than this is lost; the MDE is then the
               true effect, 0 unless given, and --sides two-sided means alpha/2
  looks        planned moments at which the test may stop early; users are then the
               most it can take, and the expected ones are said
  weeks        different users, not visits: those who come back are counted once
  test         score: the usual z-test, for a proportion with pooled variance; wald: with
               separate variances; lift: of the relative lift, where the control's own
               error counts; stabilised: on the arcsine or square-root scale
  correction   dunnett: exact for several arms; holm, bonferroni: for any dependence
  spending     obf stops early only for large effects, pocock spends evenly; hsd:-4 is
               close to obf, hsd:1 to pocock; kd:1 is even, kd:3 close to obf

-o json has inputs, sizing, weeks and looks in one document, null where there is no such
number; -o csv has the table.`

const designExamples = `  assay design proportion --baseline 2% --mde 5%
  assay design mean --mean 1.2 --sd 4 --mde 1% --weekly-users 2M --share 50%
  assay design mean --mean 1.2 --sd 4 --weekly-users 2M --weeks 8       # what can I detect?
  assay design proportion --baseline 2% --users 200000 --mde 5%         # with what power?
  assay design ratio --numerator 1.2 --denominator 6 --numerator-sd 3 --denominator-sd 8 --mde 2%
  assay design count --rate 0.3 --dispersion 2 --exposure 2 --mde 3% --cuped 0.6
  assay design proportion --baseline 2% --mde 5% --treatments 3 --goal all
  assay design mean --mean 1.2 --sd 4 --mde 5% --cluster-size 20 --icc 0.05 --reference t
  assay design proportion --baseline 2% --mde 5% --users 200k --solve alpha
  assay design mean --mean 340 --sd 120 --margin 0.5% --lower-is-better  # a guardrail on latency
  assay design proportion --baseline 2% --mde 5% --weekly-users 2M --looks 4 --futility hsd:-2
  assay design proportion --baseline 2% --mde 5% --weekly-users 2M --continuous
  assay design proportion --baseline 2% --mde 5% --reach docs/examples/reach.csv --plot power.svg`

func (a *app) design() *cobra.Command {
	var f designFlags
	c := &cobra.Command{
		Use:       "design METRIC",
		Short:     "How many users, which effect, what power, how many weeks a test takes",
		Long:      designHelp,
		Example:   designExamples,
		ValidArgs: metricNames,
		Args: args(func(_ *cobra.Command, names []string) error {
			if len(names) != 1 {
				return fmt.Errorf("which metric? %s", alternatives(metricNames))
			}
			return nil
		}),
		RunE: func(c *cobra.Command, names []string) error {
			for _, check := range []error{checkMetric(c, names[0]), f.zeros(c), checkPlot(f.plot)} {
				if check != nil {
					return check
				}
			}
			q, err := f.question(names[0])
			if err != nil {
				return f.blame(c, err)
			}
			ans, err := q.answer()
			if err != nil {
				return f.blame(c, err)
			}
			if f.plot != "" {
				if err := a.plotted(f.plot, ans.poster().Save(f.plot)); err != nil {
					return err
				}
			}
			return a.printDesign(ans)
		},
	}
	f.register(c)
	return c
}

func checkPlot(path string) error {
	if path != "" && !slices.Contains(render.FileKinds, strings.ToLower(filepath.Ext(path))) {
		return usage("--plot: %s: a chart is written as %s", path, alternatives(render.FileKinds))
	}
	return nil
}

// plotted says that a chart was written, or names the flag if it was not.
func (a *app) plotted(path string, err error) error {
	if err != nil {
		return fmt.Errorf("--plot: %w", err)
	}
	a.note("wrote %s", path)
	return nil
}
