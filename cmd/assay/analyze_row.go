package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/assay-planner/assay/stats/analysis"
)

// statNames are what a row of sufficient statistics may be called, besides the
// letters of sums (y, yy, d, yd, x, x1, x2x1 …).
var statNames = map[string][]string{
	"experiment": {"experiment_id", "test", "test_id"},
	"arm":        {"arm_id", "variant", "variant_id", "variation", "group", "branch"},
	"metric":     {"metric_id", "metric_name"},
	"segment":    {},
	"day":        {"date"},
	"snapshot":   {"as_of", "taken_at"},
	"weight":     {"planned_weight"},
	"n":          {"users", "trials", "count", "units"},
	"y":          {"sum", "total"},
	"yy":         {"sum_squares", "sum_of_squares", "squares"},
	"mean":       {"average", "avg"},
	"variance":   {"var"},
	"sd":         {"std", "stddev", "std_dev"},
	"se":         {"sem", "stderr", "std_err"},
	"successes":  {"conversions", "converted"},
}

// letters are a sum, or a sum of products of two values.
var letters = regexp.MustCompile(`^(y|d|x\d*)(y|d|x\d*)?$`)

// statName is the one name of a column, or "" for a column of something else.
func statName(column string) string {
	name := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(column)))
	if _, ok := statNames[name]; ok || letters.MatchString(name) {
		return name
	}
	for known, aliases := range statNames {
		for _, alias := range aliases {
			if name == alias {
				return known
			}
		}
	}
	return ""
}

// statRow is one row of a file with the place to point at.
type statRow struct {
	analysis.Row
	experiment string
	weight     float64
	when       time.Time // of a row whose day is a date
	numbered   bool      // the day is a number
	cumulative bool
	line       int
}

// hasDay: the row is of a day or a snapshot.
func (r statRow) hasDay() bool { return r.numbered || !r.when.IsZero() }

// dayText is the day as a file may have it.
func (r statRow) dayText() string {
	switch {
	case r.numbered:
		return fmt.Sprint(r.Day)
	case r.when.IsZero():
		return ""
	}
	return r.when.Format(time.DateOnly)
}

// statCells are the cells of one row by statName. Columns remember what the file
// calls them.
type statCells struct {
	cells   map[string]string
	columns map[string]string
	line    int
	report  func(line int, column, value, reason string)
	failed  bool
}

func (c *statCells) wrong(name, format string, args ...any) {
	c.failed = true
	column := c.columns[name]
	if column == "" {
		column = name
	}
	c.report(c.line, column, c.cells[name], fmt.Sprintf(format, args...))
}

func (c *statCells) has(name string) bool { return c.cells[name] != "" }

// number reads a cell that must be there.
func (c *statCells) number(name, meaning string) float64 {
	text := c.cells[name]
	if text == "" {
		c.wrong(name, "is missing: %s", meaning)
		return math.NaN()
	}
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && strings.Contains(text, ","):
		c.wrong(name, "is not a number: write a decimal point and no separators of thousands")
	case err != nil || math.IsNaN(x) || math.IsInf(x, 0):
		c.wrong(name, "is not a number")
	case math.Abs(x) > 1e40:
		c.wrong(name, "is too large: magnitudes of 1e40 at most")
	default:
		return x
	}
	return math.NaN()
}

// row turns the cells into a row; ok is false if something was reported.
func (c *statCells) row() (statRow, bool) {
	r := statRow{line: c.line, experiment: c.cells["experiment"]}
	r.Arm, r.Metric, r.Segment = c.cells["arm"], c.cells["metric"], c.cells["segment"]
	if r.Arm == "" {
		c.wrong("arm", "is missing: the name of the arm")
	}
	if r.Metric == "" {
		r.Metric = "outcome"
	}
	if c.has("weight") {
		if r.weight = c.number("weight", ""); r.weight <= 0 {
			c.wrong("weight", "is not a positive share of users")
		}
	}
	c.when(&r)
	return r, !c.failed
}

// when reads the day or the snapshot.
func (c *statCells) when(r *statRow) {
	name := "day"
	if c.has("snapshot") {
		name, r.cumulative = "snapshot", true
		if c.has("day") {
			c.wrong("snapshot", "contradicts the day beside it: a day's users add up, a snapshot holds everybody so far")
			return
		}
	}
	text := c.cells[name]
	if text == "" {
		return
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		if r.Day, r.numbered = x, true; !(x >= 0 && x <= 1e5) {
			c.wrong(name, "is not a number of days, from 0 or 1 to 100,000")
		}
		return
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02 15:04", time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1970 && at.Year() < 2106 {
			r.when = at.UTC()
			return
		}
	}
	c.wrong(name, "is neither the number of a day nor a date as 2026-01-31 or 2026-01-31 18:00:00")
}

// users reads n: a whole number of at least one; 0 if it is anything else.
func (c *statCells) users() int {
	n := c.number("n", "the number of users")
	switch {
	case math.IsNaN(n):
	case n <= 0:
		c.wrong("n", "is not a positive number of users")
	case n != math.Trunc(n):
		c.wrong("n", "is not a whole number of users")
	case c.grouped("n"):
	case n >= 1<<53:
		c.wrong("n", "is more users than can be counted")
	default:
		return int(n)
	}
	return 0
}

// thousands may be a whole number with decimals, or with a point between thousands.
var thousands = regexp.MustCompile(`^\d{1,3}\.000$`)

func (c *statCells) grouped(name string) bool {
	text := c.cells[name]
	if !thousands.MatchString(text) {
		return false
	}
	whole, _, _ := strings.Cut(text, ".")
	c.wrong(name, "may be %s or %s000: write it without a point", whole, whole)
	return true
}
