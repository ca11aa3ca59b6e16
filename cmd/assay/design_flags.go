package main

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/stats/power"
)

// designFlags are the flags of assay design, as they were given.
type designFlags struct {
	mean, sd, treatmentSD                                          amount
	baseline                                                       amount
	numerator, denominator, numeratorSD, denominatorSD, covariance amount
	rate, exposure, dispersion                                     amount

	mde, mdeAbsolute, users, totalUsers, margin, marginAbsolute amount
	solve                                                       choice
	alpha, power                                                amount
	sides, test                                                 choice
	strict, lowerIsBetter                                       bool
	allocation, treatments                                      amount
	correction, goal                                            choice
	clusterSize, icc, clusterCV, cuped, population              amount
	reference                                                   choice

	weeklyUsers, growth, share, weeks amount
	reach                             string

	looks, spending, futility string
	binding, continuous       bool
	plot                      string
}

// metricFlags says which flags describe which metric: those it needs first.
var metricFlags = map[string]struct{ needs, takes []string }{
	"mean":       {[]string{"sd"}, []string{"mean", "treatment-sd"}},
	"proportion": {[]string{"baseline"}, nil},
	"ratio":      {[]string{"numerator", "denominator", "numerator-sd", "denominator-sd"}, []string{"covariance"}},
	"count":      {[]string{"rate"}, []string{"exposure", "dispersion"}},
}

var metricNames = []string{"mean", "proportion", "ratio", "count"}

func (f *designFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	num := func(a *amount, k kind, name, help string) {
		a.kind = k
		flags.Var(a, name, help)
	}
	word := func(w *choice, of []string, name, help string) {
		w.of = of
		flags.Var(w, name, help)
	}
	num(&f.mean, anyNumber, "mean", "mean: per user in control, in the metric's unit; needed for relative numbers")
	num(&f.sd, anyNumber, "sd", "mean: standard deviation between users")
	num(&f.treatmentSD, anyNumber, "treatment-sd", "mean: that of treatment, if it is another")
	num(&f.baseline, fractionKind, "baseline", "proportion: rate in control, as 2% or 0.02")
	num(&f.numerator, anyNumber, "numerator", "ratio: mean of the numerator per user, such as clicks")
	num(&f.denominator, anyNumber, "denominator", "ratio: mean of the denominator per user, such as views")
	num(&f.numeratorSD, anyNumber, "numerator-sd", "ratio: its standard deviation between users")
	num(&f.denominatorSD, anyNumber, "denominator-sd", "ratio: its standard deviation between users")
	num(&f.covariance, anyNumber, "covariance", "ratio: covariance of the two between users (default 0)")
	num(&f.rate, anyNumber, "rate", "count: events per user and unit of exposure in control")
	num(&f.exposure, anyNumber, "exposure", "count: units of exposure of each user, such as weeks (default 1)")
	num(&f.dispersion, anyNumber, "dispersion", "count: variance of a user's count over its mean (default 1, Poisson)")

	num(&f.mde, liftKind, "mde", "smallest relative lift worth finding, as 2% or 0.02; below 0 for a fall")
	num(&f.mdeAbsolute, anyNumber, "mde-absolute", "the same in the metric's unit: 0.004 of a rate is 0.4 points")
	num(&f.users, userCount, "users", "users in control")
	num(&f.totalUsers, userCount, "total-users", "users in all arms together, instead of --users")
	num(&f.margin, liftKind, "margin", "relative loss to rule out: a guardrail's test of non-inferiority")
	num(&f.marginAbsolute, anyNumber, "margin-absolute", "the same in the metric's unit")
	word(&f.solve, []string{"users", "mde", "power", "alpha", "margin"}, "solve", "what to find: users, mde, power, alpha or margin (default: what is missing)")
	num(&f.alpha, fractionKind, "alpha", "type I error, both sides and all arms together (default 5%)")
	num(&f.power, fractionKind, "power", "power asked for (default 80%)")
	word(&f.sides, []string{"two-sided", "one-sided"}, "sides", "two-sided or one-sided (default two-sided)")
	word(&f.test, []string{"score", "wald", "lift", "stabilised"}, "test", "score, wald, lift or stabilised (default score)")
	flags.BoolVar(&f.strict, "strict", false, "a significant effect of the wrong sign counts as power too")
	flags.BoolVar(&f.lowerIsBetter, "lower-is-better", false, "a rise is the harm: latency, crashes")

	num(&f.treatments, wholeNumber, "treatments", "treatment arms against one control (default 1)")
	num(&f.allocation, anyNumber, "allocation", "users of each treatment arm per user of control (default 1)")
	word(&f.correction, []string{"dunnett", "holm", "bonferroni", "none"}, "correction", "for several arms: dunnett, holm, bonferroni or none (default dunnett)")
	word(&f.goal, []string{"one", "any", "all"}, "goal", "for several arms: power that one given arm, any or all are found (default one)")
	num(&f.clusterSize, anyNumber, "cluster-size", "users per cluster, if shops or teams are randomised whole")
	num(&f.icc, fractionKind, "icc", "intraclass correlation of the clusters, 0 to 1")
	num(&f.clusterCV, anyNumber, "cluster-cv", "coefficient of variation of the clusters' sizes (default 0)")
	num(&f.cuped, anyNumber, "cuped", "correlation of the metric with its covariate, such as 0.6")
	num(&f.population, userCount, "population", "users there are at all, if the test takes a good part of them")
	word(&f.reference, []string{"normal", "t"}, "reference", "distribution of the statistic: normal or t (default normal)")

	num(&f.weeklyUsers, userCount, "weekly-users", "different users of the first week, as 2e6 or 2M")
	num(&f.growth, anyNumber, "growth", "exponent e: users·wᵉ different users in w weeks, 0 to 1 (default 0.5)")
	flags.StringVar(&f.reach, "reach", "", "`file`.csv of day,users (different users so far), to fit instead")
	num(&f.share, fractionKind, "share", "share of these users that is in the test, all arms together (default 100%)")
	num(&f.weeks, wholeNumber, "weeks", "weeks to show (default 12, or up to 26 if it takes as long; 4 to solve for)")

	flags.StringVar(&f.looks, "looks", "", "`K` planned looks, the end included; or when: 25%,50%,100% of the users")
	flags.StringVar(&f.spending, "spending", "obf", "`rule` by which looks spend α: obf, pocock, hsd:γ or kd:γ")
	flags.StringVar(&f.futility, "futility", "none", "`rule` by which looks spend β to stop what is hopeless: none, obf, pocock, hsd:γ or kd:γ")
	flags.BoolVar(&f.binding, "binding", false, "one-sided: the test always stops for futility, which makes success easier")
	flags.BoolVar(&f.continuous, "continuous", false, "look whenever you like, by an always-valid test")
	flags.StringVar(&f.plot, "plot", "", "also write the curve to this `file`: .svg, .png or .pdf")
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if bad := invalidFlag.FindStringSubmatch(err.Error()); bad != nil {
			return usage("%s: %s: %s", bad[2], cmp.Or(strings.TrimSpace(bad[1]), `""`), bad[3]).next("see %s --help", c.CommandPath())
		}
		return usage("%v", err).next("see %s --help", c.CommandPath())
	})
}

// invalidFlag is how pflag says that a value was refused.
var invalidFlag = regexp.MustCompile(`^invalid argument "(.*)" for "(?:-\w, )?(--[\w-]+)" flag: (.*)$`)

// checkMetric reports flags that the metric needs, and those of other metrics.
func checkMetric(c *cobra.Command, metric string) error {
	own, known := metricFlags[metric]
	if !known {
		return usage("%q is no metric", metric).next("use %s, as in: assay design proportion --baseline 2%% --mde 5%%", alternatives(metricNames))
	}
	for _, other := range metricNames {
		all := slices.Concat(metricFlags[other].needs, metricFlags[other].takes)
		for _, name := range all {
			if other != metric && c.Flags().Changed(name) {
				return usage("--%s describes a %s, not a %s", name, other, metric).next("a %s takes %s", metric, flagList(slices.Concat(own.needs, own.takes)))
			}
		}
	}
	var missing []string
	for _, name := range own.needs {
		if !c.Flags().Changed(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return usage("a %s needs %s", metric, flagList(missing)).next("as in: %s", designExample[metric])
	}
	return nil
}

var designExample = map[string]string{
	"mean":       "assay design mean --mean 1.2 --sd 4 --mde 1%",
	"proportion": "assay design proportion --baseline 2% --mde 5%",
	"ratio":      "assay design ratio --numerator 1.2 --denominator 6 --numerator-sd 3 --denominator-sd 8 --covariance 15 --mde 2%",
	"count":      "assay design count --rate 0.3 --dispersion 2 --exposure 2 --mde 3%",
}

func flagList(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = "--" + name
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}

// metric is what the flags describe.
func (f *designFlags) metric(name string) power.Metric {
	switch name {
	case "mean":
		return power.Mean{Mean: f.mean.value, SD: f.sd.value, TreatmentSD: f.treatmentSD.value}
	case "proportion":
		return power.Proportion{Baseline: f.baseline.value}
	case "ratio":
		return power.Ratio{Numerator: f.numerator.value, Denominator: f.denominator.value,
			NumeratorVariance: f.numeratorSD.value * f.numeratorSD.value, DenominatorVariance: f.denominatorSD.value * f.denominatorSD.value,
			Covariance: f.covariance.value}
	}
	return power.Count{Rate: f.rate.value, Exposure: f.exposure.value, Dispersion: f.dispersion.value}
}
