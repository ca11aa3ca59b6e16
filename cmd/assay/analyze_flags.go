package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	wrong := usage("--looks %q is neither a number of looks, at most 100, nor rising shares that end at 1", looks).next("write --looks 5 or --looks 0.5,0.75,1")
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
