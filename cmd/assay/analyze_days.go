package main

import (
	"math"
	"time"
)

// calendar numbers a test's days from 1.
type calendar struct {
	dated, cumulative bool
	start             time.Time // midnight of the first date
	least             float64   // of numbered days
}

func calendarOf(rows []statRow) calendar {
	c := calendar{least: math.Inf(1)}
	for _, r := range rows {
		switch {
		case r.numbered:
			c.least = min(c.least, r.Day)
		case r.when.IsZero():
			continue
		case !c.dated || r.when.Before(c.start):
			c.dated, c.start = true, r.when
		}
		c.cumulative = c.cumulative || r.cumulative
	}
	c.start = c.start.Truncate(24 * time.Hour)
	return c
}

// number is the row's day, 0 if it has none. A file may count from 0 or from 1.
func (c calendar) number(r statRow) float64 {
	switch {
	case r.numbered && c.least < 1:
		return r.Day + 1
	case r.numbered:
		return r.Day
	case r.when.IsZero():
		return 0
	}
	return 1 + r.when.Sub(c.start).Hours()/24
}
