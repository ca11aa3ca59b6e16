package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
	"github.com/assay-planner/assay/stats/sequential"
)

// designQuestion is what is asked: a test, what of it is to be found, and how it is
// fed and looked at.
type designQuestion struct {
	metric  string
	test    duration.Test
	solve   string  // users, mde, power, alpha or margin
	control float64 // users in control; 0: to be found
	weeks   int     // to show; 0: as many as it takes
	traffic string  // where it comes from, in words; empty: no traffic
	notes   []string
	byEnd   bool // the users are those of the last week shown

	spending, futility string // of looks, as they were given
}

// question puts the flags together, and refuses what contradicts itself.
func (f *designFlags) question(metric string) (designQuestion, error) {
	q := designQuestion{metric: metric, weeks: int(f.weeks.value)}
	for _, pair := range []struct {
		a, b         amount
		names, which string
	}{
		{f.mde, f.mdeAbsolute, "--mde and --mde-absolute", "the effect"},
		{f.margin, f.marginAbsolute, "--margin and --margin-absolute", "the margin"},
		{f.users, f.totalUsers, "--users and --total-users", "the users"},
	} {
		if pair.a.set && pair.b.set {
			return q, usage("%s both give %s: keep one", pair.names, pair.which)
		}
	}
	if (f.mde.set && f.marginAbsolute.set) || (f.mdeAbsolute.set && f.margin.set) {
		return q, usage("the effect and the margin are in different units").next("give both relative, or both absolute")
	}
	q.test.Design = f.design(metric)
	if f.users.set {
		q.control = f.users.value
	} else if f.totalUsers.set {
		q.control = f.totalUsers.value / armsOf(q.test.Design)
	}
	if err := f.feed(&q); err != nil {
		return q, err
	}
	if err := f.find(&q); err != nil {
		return q, err
	}
	if d := q.test.Design; d.LowerIsBetter && d.MDE > 0 && !q.guards() {
		q.notes = append(q.notes, "the effect to find is a rise; with lower is better an improvement is below 0, as --mde -2%")
	}
	return q, f.watch(&q)
}

func (f *designFlags) design(metric string) power.Design {
	d := power.Design{
		Metric: f.metric(metric), Alpha: f.alpha.value, Power: f.power.value, Sides: stats.Sides(f.sides.value), Test: power.Test(f.test.value),
		Strict: f.strict, LowerIsBetter: f.lowerIsBetter, Allocation: f.allocation.value, Treatments: int(f.treatments.value),
		Correction: power.Correction(f.correction.value), Goal: power.Goal(f.goal.value),
		Cluster: power.Cluster{Size: f.clusterSize.value, ICC: f.icc.value, CV: f.clusterCV.value}, Correlation: f.cuped.value,
		Population: f.population.value, Reference: power.Reference(f.reference.value),
		MDE: f.mde.value, Margin: f.margin.value, Relative: true,
	}
	if f.mdeAbsolute.set || f.marginAbsolute.set {
		d.MDE, d.Margin, d.Relative = f.mdeAbsolute.value, f.marginAbsolute.value, false
	}
	if metric == "mean" && !f.mean.set && !f.mde.set && !f.margin.set {
		d.Relative = false // a mean without its value has no relative effects
	}
	return d
}

// armsOf are the users of all arms per user of control.
func armsOf(d power.Design) float64 {
	return 1 + float64(max(1, d.Treatments))*cmp.Or(d.Allocation, 1)
}

// find says what is to be found, and refuses more or fewer numbers than that takes.
func (f *designFlags) find(q *designQuestion) error {
	effect := f.mde.set || f.mdeAbsolute.set
	margin := f.margin.set || f.marginAbsolute.set
	q.solve = f.solve.value
	switch {
	case q.solve != "":
	case !effect && !margin && q.control == 0 && q.traffic == "":
		return usage("nothing says how large an effect to find, or how many users there are").next("give --mde 2%% for the users it needs, or --users 100000 for what they can show, or --weekly-users 2M for both by week")
	case !effect && !margin:
		q.solve = "mde"
	case q.control == 0:
		q.solve = "users"
	case f.power.set:
		return usage("--users, --power and the effect are all given: nothing is left to find").next("drop one of them, or find another with --solve alpha or --solve margin")
	default:
		q.solve = "power"
	}
	users := q.control > 0
	switch q.solve {
	case "users":
		if users {
			return usage("--solve users: the users are given").next("drop --users, or the number to find")
		}
		if !effect && !margin {
			return usage("--solve users needs an effect").next("give --mde 2%%, or for a guardrail --margin 1%%")
		}
	case "mde":
		if effect {
			return usage("--solve mde: the effect is given").next("drop --mde, or solve for users or power")
		}
	case "margin":
		if margin {
			return usage("--solve margin: the margin is given").next("drop --margin, or solve for users or power")
		}
		q.test.Guardrail = true
	case "power":
		if f.power.set {
			return usage("--solve power: the power is given").next("drop --power, or solve for users or alpha")
		}
		fallthrough
	case "alpha":
		if q.solve == "alpha" && f.alpha.set {
			return usage("--solve alpha: alpha is given").next("drop --alpha, or solve for users or power")
		}
		if !effect && !margin {
			return usage("--solve %s needs an effect", q.solve).next("give --mde 2%%, or for a guardrail --margin 1%%")
		}
	}
	if q.solve != "users" && !users {
		if q.traffic == "" {
			return usage("--solve %s needs the users", q.solve).next("give --users 100000, --total-users 200000, or --weekly-users 2M with --weeks 4")
		}
		if q.weeks == 0 {
			q.weeks = 4
		}
		inTest, err := q.test.Traffic.Share(cmp.Or(q.test.Share, 1))
		if err != nil {
			return err
		}
		q.byEnd = true
		q.control = inTest.Users(float64(7*q.weeks)) / armsOf(q.test.Design)
	}
	return nil
}

// feed finds the traffic.
func (f *designFlags) feed(q *designQuestion) (err error) {
	q.test.Share = f.share.value
	growth := 0.5
	if f.growth.set {
		growth = f.growth.value
	}
	switch {
	case f.weeklyUsers.set && f.reach != "":
		return usage("--weekly-users and --reach both give the traffic: keep one")
	case f.growth.set && f.reach != "":
		return usage("--growth goes with --weekly-users: --reach is fitted to its file")
	case f.weeklyUsers.set:
		if growth < 0 || growth > 1 {
			return usage("--growth: %s: must lie between 0 (the same users every week) and 1 (new ones every week)", f.growth.text).next("0.5 is usual: users grow with the square root of the weeks")
		}
		q.test.Traffic, err = reach.Weekly(f.weeklyUsers.value, growth)
		q.traffic = "stated"
	case f.reach != "":
		q.test.Traffic, err = readReach(f.reach, f.growth.value)
		q.traffic = f.reach
	default:
		for name, given := range map[string]bool{"--growth": f.growth.set, "--share": f.share.set, "--weeks": f.weeks.set} {
			if given {
				return usage("%s says nothing without traffic", name).next("add --weekly-users 2M, or --reach FILE.csv with day,users")
			}
		}
	}
	return err
}

// watch plans how the test is looked at.
func (f *designFlags) watch(q *designQuestion) (err error) {
	if f.looks != "" && f.continuous {
		return usage("--looks and --continuous are two ways to look: keep one").next("--looks costs fewer users, --continuous lets you look at any time")
	}
	d := &q.test.Design
	q.spending, q.futility = f.spending, f.futility
	if f.looks == "" && !f.continuous {
		if f.spending != "obf" || f.futility != "none" || f.binding {
			return usage("--spending, --futility and --binding plan looks: there are none").next("add --looks 4")
		}
		return nil
	}
	if q.solve == "alpha" {
		return usage("--solve alpha is for a test that is looked at once").next("drop --looks and --continuous")
	}
	if d.Treatments > 1 && d.Correction == "" {
		d.Correction = power.Bonferroni
		q.notes = append(q.notes, "several treatments with looks are corrected by Bonferroni: Dunnett's value does not hold over looks")
	}
	planned := *d
	if q.solve == "margin" {
		planned.Margin = 1 // any: that it is one-sided is what counts
	}
	if f.continuous {
		if f.spending != "obf" || f.futility != "none" || f.binding {
			return usage("--spending, --futility and --binding plan --looks: --continuous has no plan")
		}
		q.test.Monitoring, err = duration.Continuous(planned, 0)
		return err
	}
	s := sequential.Design{Binding: f.binding}
	if s.Looks, s.Information, err = parseLooks(f.looks); err != nil {
		return err
	}
	if s.Efficacy, err = parseSpending("spending", f.spending); err != nil {
		return err
	}
	if f.futility != "none" {
		if s.Futility, err = parseSpending("futility", f.futility); err != nil {
			return err
		}
	}
	q.test.Monitoring, err = duration.Looks(planned, s)
	return err
}

// parseLooks reads a number of looks, or their parts of the users.
func parseLooks(text string) (looks int, information []float64, err error) {
	bad := func(why string) error {
		return usage("--looks: %s: %s", text, why).next("give how many, as 4, or when in parts of the users: 25%%,50%%,100%%")
	}
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		if n < 1 || n > 100 {
			return 0, nil, bad("must be 1 to 100 looks")
		}
		return n, nil, nil
	}
	last := 0.0
	for part := range strings.SplitSeq(text, ",") {
		x, err := fractionKind.parse(part)
		switch {
		case err != nil:
			return 0, nil, bad(fmt.Sprintf("%s %v", strings.TrimSpace(part), err))
		case x < last+1e-6:
			return 0, nil, bad("must rise from look to look")
		}
		information, last = append(information, x), x
	}
	if last != 1 {
		return 0, nil, bad("the last look is at 100%")
	}
	return 0, information, nil
}

// parseSpending reads obf, pocock, hsd:γ or kd:γ.
func parseSpending(flag, text string) (sequential.Boundary, error) {
	name, parameter, has := strings.Cut(strings.ToLower(text), ":")
	gamma, err := parseNumber(parameter)
	switch {
	case name == "obf" && !has:
		return sequential.OBFSpending(), nil
	case name == "pocock" && !has:
		return sequential.PocockSpending(), nil
	case name == "hsd" && has && err == nil && math.Abs(gamma) <= 40:
		return sequential.HwangShihDeCani(gamma), nil
	case name == "kd" && has && err == nil && gamma > 0 && gamma <= 50:
		return sequential.KimDeMets(gamma), nil
	}
	return sequential.Boundary{}, usage("--%s: %s: is no spending function", flag, text).next("use obf, pocock, hsd:γ with γ in −40 to 40 (as hsd:-4), or kd:γ with γ above 0, at most 50 (as kd:3)")
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
	if step, ok := designSteps[bad.Field]; ok {
		said.next("%s", step)
	}
	return said
}

// inFlags writes the fields that reasons speak of as flags.
var inFlags = strings.NewReplacer("Reference t", "--reference t", "Population", "--population", "Alpha", "--alpha", "OneArm", "--goal one",
	"MDE", "--mde", "Margin", "--margin", "Power", "--power", "Bonferroni or Uncorrected", "--correction bonferroni or none")

// designSteps is the way out of the errors that stats finds.
var designSteps = map[string]string{
	"MDE":         "a relative effect is given as 2% or 0.02, one in the metric's unit with --mde-absolute",
	"Metric.Mean": "give --mean, or the effect in the metric's unit with --mde-absolute",
	"control":     "give more users",
	"Population":  "lower --share or --weeks, or leave --population out",
	"Binding":     "add --sides one-sided, or drop --binding",
	"Power":       "give more power than alpha, as 80% or 0.8",
}
