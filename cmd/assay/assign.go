package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) assign() *cobra.Command {
	var layer, file string
	var units []string
	var when moment
	c := &cobra.Command{
		Use:   "assign --layer LAYER [--unit UNIT | UNIT…]",
		Short: "Tell in which bucket, experiment and arm a unit is",
		Long: `Tell for units (users, devices, accounts: whatever is assigned) in which bucket of a layer
they are, and whose it is. States:
  exposed   the unit is in an arm of an experiment
  waiting   an experiment holds the bucket, and has not come to it in its ramp
  resting   the bucket rests from the treatment of a past experiment
  holdout   the bucket is never given out
  free      nobody holds the bucket

Units are compared byte by byte: 7, 07 and " 7" are three. --units reads one a line.
The answer comes from the ledger of cohorts (assay cohorts) and needs no ClickHouse. Of the
future it tells what is firm: tests that a later night may start are not in it.
docs/cohorts.md says how to compute a bucket elsewhere, with test vectors.`,
		Example: `  assay assign --layer feed-all/ranking --unit user-1
  assay assign --layer feed-all/ranking user-1 user-2 user-3 -o json
  assay assign --layer ranking --units ids.txt --at 2026-12-07 -o csv > assigned.csv`,
		RunE: func(c *cobra.Command, more []string) error {
			units = append(units, more...)
			if file != "" {
				read, err := a.readUnits(c.Context(), file)
				if err != nil {
					return err
				}
				units = append(units, read...)
			}
			return a.answerAssign(c.Context(), layer, units, when)
		},
	}
	c.Flags().StringVar(&layer, "layer", "", "the `layer`, as SEGMENT/LAYER, or its name alone if one segment has it")
	c.Flags().StringArrayVar(&units, "unit", nil, "a `unit`; may be repeated, and more may follow")
	c.Flags().StringVar(&file, "units", "", "`file` with a unit in each line, or - for standard input")
	when.flags(c)
	return c
}

// readUnits reads a unit from each line. A line ends with a line feed, or with carriage
// return and line feed; what else is in it is the unit's.
func (a *app) readUnits(ctx context.Context, path string) ([]string, error) {
	name, text, err := readInput(ctx, path, a.in, "nothing was assigned")
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	var units []string
	line := 0
	for unit := range strings.Lines(string(text)) {
		line++
		unit = strings.TrimSuffix(strings.TrimSuffix(unit, "\n"), "\r")
		if unit == "" {
			return nil, badInput(fmt.Errorf("%s:%d is empty", name, line)).next("every line needs a unit")
		}
		units = append(units, unit)
	}
	if len(units) == 0 {
		return nil, badInput(fmt.Errorf("%s holds no unit", name)).next("write one in each line")
	}
	return units, nil
}

func (a *app) answerAssign(ctx context.Context, layer string, units []string, when moment) error {
	switch {
	case len(units) == 0:
		return usage("no unit is given").next("assay assign --layer %s --unit user-1", orWord(layer, "LAYER"))
	case strings.Join(units, "") == "":
		return usage("--unit is empty").next("a unit has at least one byte")
	}
	book, at, err := a.ledger(ctx, when)
	if err != nil {
		return err
	}
	key, err := layerNamed(book, layer)
	if err != nil {
		return err
	}
	held, err := book.Tenancy(key, at)
	if err != nil {
		return err
	}
	assigned, err := held.Assign(units)
	if err != nil {
		return err
	}
	if err := answer(a, assigned, assignColumns, assigned.Assignments); err != nil {
		return err
	}
	if a.output == string(render.TableFormat) {
		a.note("%s on %s: salt %s, %s buckets", key, night(at), assigned.Salt, render.Thousands(float64(assigned.Buckets)))
	}
	return nil
}

var assignColumns = []render.Column[planner.Assignment]{
	{Name: "unit", Title: "UNIT", Grow: true, Value: func(u planner.Assignment) any { return u.Unit }},
	{Name: "bucket", Title: "BUCKET", Right: true, Value: func(u planner.Assignment) any { return u.Bucket }},
	{Name: "state", Title: "STATE", Value: func(u planner.Assignment) any { return string(u.State) }},
	{Name: "experiment", Title: "EXPERIMENT", Grow: true, Value: func(u planner.Assignment) any { return u.Experiment }, Text: func(u planner.Assignment) string { return orWord(u.Experiment, "–") }},
	{Name: "arm", Title: "ARM", Value: func(u planner.Assignment) any { return u.Arm }, Text: func(u planner.Assignment) string { return orWord(u.Arm, "–") }},
}

func orWord(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// layerNamed finds a layer by what the user typed.
func layerNamed(book planner.Ledger, layer string) (string, error) {
	if layer == "" {
		return "", usage("--layer is missing").next("the layers are %s", strings.Join(book.Layers(), ", "))
	}
	key, err := book.LayerNamed(layer)
	if err != nil {
		return "", &fault{code: exitNotFound, err: err, step: "assay cohorts shows them all"}
	}
	return key, nil
}

// moment is the time that the flags --at and --week name.
type moment struct {
	at   string
	week int
}

func (m *moment) flags(c *cobra.Command) {
	c.Flags().StringVar(&m.at, "at", "", "the `time`: 2026-11-23, 2026-11-23T02:00, or the ISO week 2026-W48 (default: now)")
	c.Flags().IntVar(&m.week, "week", 0, "so many `weeks` after --at, or before it if negative")
}

func (m moment) of(book planner.Ledger, now time.Time) (time.Time, error) {
	at := book.Now(now)
	if m.at != "" {
		var err error
		if at, err = parseMoment(m.at); err != nil {
			return at, usage("--at %q %v", m.at, err)
		}
	}
	if m.week < -1000 || m.week > 1000 {
		return at, usage("--week %d is too far; use -1000 to 1000", m.week)
	}
	return at.AddDate(0, 0, 7*m.week), nil
}

// parseMoment reads a time, or the first moment of an ISO week.
func parseMoment(s string) (time.Time, error) {
	var year, week int
	if n, err := fmt.Sscanf(s, "%4d-W%2d", &year, &week); n == 2 && err == nil && s == fmt.Sprintf("%04d-W%02d", year, week) {
		// The fourth of January is in the first week of its year.
		fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
		monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7+7*(week-1))
		if y, w := monday.ISOWeek(); y == year && w == week {
			return monday, nil
		}
		return time.Time{}, fmt.Errorf("is not a week of %d", year)
	}
	at, err := parseTime(s)
	if err != nil {
		return at, fmt.Errorf("is not a time; write 2026-11-23, 2026-11-23T02:00, or 2026-W48")
	}
	return at, nil
}

// ledger reads who holds which buckets, and finds the time that is asked for.
func (a *app) ledger(ctx context.Context, when moment) (planner.Ledger, time.Time, error) {
	svc, done, err := a.service(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer done()
	book, err := svc.Ledger(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	at, err := when.of(book, a.clock()())
	return book, at, err
}
