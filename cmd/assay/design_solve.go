package main

import (
	"cmp"

	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
)

// find says what is to be found, and refuses more or fewer numbers than that takes.
func (f *designFlags) find(q *designQuestion) (err error) {
	given := map[string]bool{
		"users": q.control > 0, "mde": f.mde.set || f.mdeAbsolute.set, "margin": f.margin.set || f.marginAbsolute.set,
		"power": f.power.set, "alpha": f.alpha.set,
	}
	stated := given["mde"] || given["margin"]
	if q.solve = f.solve.value; q.solve == "" {
		if q.solve, err = missing(stated, given["users"], given["power"], q.traffic != ""); err != nil {
			return err
		}
	}
	switch {
	case given[q.solve]:
		return usage("--solve %s: %s is given", q.solve, f.flagOf(solvedFlag[q.solve])).next("drop it, or solve for something else")
	case !stated && q.solve != "mde" && q.solve != "margin":
		return usage("--solve %s needs an effect", q.solve).next("give --mde 2%%, or for a guardrail --margin 1%%")
	case q.solve == "users" || given["users"]:
	case q.traffic == "":
		return usage("--solve %s needs the users", q.solve).next("give --users 100000, --total-users 200000, or --weekly-users 2M with --weeks 4")
	default:
		err = q.atTheEnd()
	}
	q.test.Guardrail = q.solve == "margin"
	return err
}

// solvedFlag is the field of stats behind each word of --solve.
var solvedFlag = map[string]string{"users": "control", "mde": "MDE", "margin": "Margin", "power": "Power", "alpha": "Alpha"}

// missing is what to find if no --solve says so.
func missing(stated, users, power, traffic bool) (string, error) {
	switch {
	case !stated && !users && !traffic:
		return "", usage("nothing says how large an effect to find, or how many users there are").next("give --mde 2%% for the users it needs, or --users 100000 for what they can show, or --weekly-users 2M for both by week")
	case !stated:
		return "mde", nil
	case !users:
		return "users", nil
	case power:
		return "", usage("--users, --power and the effect are all given: nothing is left to find").next("drop one of them, or find another with --solve alpha or --solve margin")
	}
	return "power", nil
}

// atTheEnd takes the users to be those of the last week shown.
func (q *designQuestion) atTheEnd() error {
	q.byEnd, q.weeks = true, cmp.Or(q.weeks, 4)
	inTest, err := q.test.Traffic.Share(cmp.Or(q.test.Share, 1))
	q.control = inTest.Users(float64(7*q.weeks)) / armsOf(q.test.Design)
	return err
}

// find is the sizing that solves the question, and the test: another one if its level,
// and so its looks, are what was found.
func (q designQuestion) find() (t duration.Test, s power.Sizing, err error) {
	t = q.test
	switch q.solve {
	case "users":
		s, err = t.SampleSize()
	case "mde":
		s, err = t.MDEAt(q.control)
	case "margin":
		s, err = t.MarginAt(q.control)
	case "alpha":
		t, s, err = t.AlphaAt(q.control)
	default:
		s, err = t.PowerAt(q.control)
	}
	return t, s, err
}
