package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/power"
)

// zeros reports flags that were given as 0 where 0 would silently mean the default.
func (f *designFlags) zeros(c *cobra.Command) error {
	for _, name := range []string{"alpha", "power", "treatments", "allocation", "exposure", "dispersion", "treatment-sd", "share", "weeks", "cluster-size"} {
		flag := c.Flags().Lookup(name)
		if a, ok := flag.Value.(*amount); ok && a.set && a.value <= 0 {
			return usage("--%s: %s: must be above 0", name, a.text)
		}
	}
	for _, a := range []struct {
		name string
		amount
	}{{"numerator-sd", f.numeratorSD}, {"denominator-sd", f.denominatorSD}, {"sd", f.sd}} {
		if a.set && a.value < 0 {
			return usage("--%s: %s: a standard deviation is not below 0", a.name, a.text)
		}
	}
	for _, a := range []struct {
		name string
		amount
		kind string
	}{{"margin", f.margin, "1%"}, {"margin-absolute", f.marginAbsolute, "0.001"}} {
		if a.set && a.value <= 0 {
			return usage("--%s: %s: a margin is above 0", a.name, a.text).next("give the loss to rule out, as %s; with --lower-is-better it is a rise", a.kind)
		}
	}
	for _, a := range []struct {
		name string
		amount
	}{{"mde", f.mde}, {"mde-absolute", f.mdeAbsolute}} {
		if a.set && a.value == 0 && !f.margin.set && !f.marginAbsolute.set && f.solve.value != "margin" {
			return usage("--%s: %s: no test finds an effect of 0", a.name, a.text).next("give the smallest lift worth finding, as 2%% or 0.02; to show that nothing is lost give a --margin")
		}
	}
	if f.weeks.set && f.weeks.value > 520 {
		return usage("--weeks: %s: at most 520", f.weeks.text)
	}
	if f.treatments.set && (f.treatments.value > 50 || math.IsNaN(f.treatments.value)) {
		return usage("--treatments: %s: at most 50", f.treatments.text)
	}
	return nil
}

// fieldFlags names the flag behind a field of stats, for errors.
var fieldFlags = map[string]string{
	"Metric.Mean": "mean", "Metric.SD": "sd", "Metric.TreatmentSD": "treatment-sd", "Metric.Baseline": "baseline",
	"Metric.Numerator": "numerator", "Metric.Denominator": "denominator", "Metric.NumeratorVariance": "numerator-sd",
	"Metric.DenominatorVariance": "denominator-sd", "Metric.Covariance": "covariance",
	"Metric.Rate": "rate", "Metric.Exposure": "exposure", "Metric.Dispersion": "dispersion",
	"MDE": "mde", "Margin": "margin", "Alpha": "alpha", "Power": "power", "Sides": "sides", "Test": "test",
	"Allocation": "allocation", "Treatments": "treatments", "Correction": "correction", "Goal": "goal",
	"Cluster.Size": "cluster-size", "Cluster.ICC": "icc", "Cluster.CV": "cluster-cv", "Correlation": "cuped",
	"Population": "population", "Reference": "reference", "control": "users",
	"Share": "share", "share": "share", "users": "weekly-users", "Scale": "weekly-users", "exponent": "growth", "Exponent": "growth", "weeks": "weeks",
	"Looks": "looks", "Information": "looks", "Efficacy": "spending", "Futility": "futility", "Binding": "binding",
	"Efficacy.gamma": "spending", "Futility.gamma": "futility",
}

// flagOf is the flag that was given for a field: the absolute or total one of a pair,
// if it was that one.
func (f *designFlags) flagOf(field string) string {
	name, known := fieldFlags[field]
	switch {
	case !known:
		return field
	case name == "mde" && f.mdeAbsolute.set, name == "margin" && f.marginAbsolute.set:
		name += "-absolute"
	case name == "users" && f.totalUsers.set:
		name = "total-users"
	case name == "users" && !f.users.set && f.weeklyUsers.set:
		name = "weekly-users"
	}
	return fmt.Sprintf("--%s", name)
}

// blame turns an error of stats into one that names the flag, with its value as it was
// written.
func (f *designFlags) blame(c *cobra.Command, err error) error {
	bad, ok := errors.AsType[*stats.InputError](err)
	if !ok {
		return err
	}
	if bad.Field == "Power" && f.alpha.set && !f.power.set {
		return usage("--alpha: %s: must be below the power of 80%%", f.alpha.text).next("give the chance of a false alarm, as 5%% or 0.05")
	}
	name := f.flagOf(bad.Field)
	value := strconv.FormatFloat(bad.Value, 'g', 6, 64)
	if flag := c.Flags().Lookup(strings.TrimPrefix(name, "--")); flag != nil && flag.Changed {
		value = flag.Value.String()
	} else if bad.Field == "Correction" {
		value = string(power.Dunnett)
	} else if bad.Value == 0 {
		value = "not given"
	}
	said := usage("%s: %s: %s", name, value, inFlags.Replace(bad.Reason))
	if step := wayOut(bad); step != "" {
		said.next("%s", step)
	}
	return said
}

// inFlags writes the fields that reasons speak of as flags.
var inFlags = strings.NewReplacer("Reference t", "--reference t", "Population", "--population", "Alpha", "--alpha", "OneArm", "--goal one",
	"MDE", "--mde", "Margin", "--margin", "Power", "--power", "Bonferroni or Uncorrected", "--correction bonferroni or none")

// wayOut is what to do about an error that stats finds.
func wayOut(bad *stats.InputError) string {
	switch bad.Field {
	case "MDE":
		if strings.HasPrefix(bad.Reason, "puts") || strings.HasPrefix(bad.Reason, "must") {
			return "a relative effect is given as 2% or 0.02, one in the metric's unit with --mde-absolute"
		}
	case "Population":
		if strings.HasPrefix(bad.Reason, "more users") {
			return "lower --share or --weeks, or leave --population out"
		}
		return "raise --mde, or lower --power"
	case "Metric.Mean":
		return "give --mean, or the effect in the metric's unit with --mde-absolute"
	case "control":
		return "give more users"
	case "Binding":
		return "add --sides one-sided, or drop --binding"
	case "Power":
		return "give a power above --alpha and below 100%, as 80% or 0.8"
	}
	return ""
}
