package main

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
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
		if q.control > 1 {
			q.control = math.Floor(q.control) // no more than there are
		}
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
		for _, a := range []struct {
			name string
			amount
		}{{"growth", f.growth}, {"share", f.share}, {"weeks", f.weeks}} {
			if a.set {
				return usage("--%s says nothing without traffic", a.name).next("add --weekly-users 2M, or --reach FILE.csv with day,users")
			}
		}
	}
	return err
}
