package source

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Fault is what a source answered instead of rows: which source, which view,
// why, and the way out.
type Fault struct {
	Source, View string
	Err          error
	WayOut       string
}

func (f *Fault) Error() string {
	if f.View == "" {
		return fmt.Sprintf("source %q: %v", f.Source, f.Err)
	}
	return fmt.Sprintf("source %q, %s: %v", f.Source, f.View, f.Err)
}

func (f *Fault) Unwrap() error { return f.Err }

// Codes of ClickHouse's own list of errors, by what a user can do about them.
const (
	cannotParseText   = 6
	unexpectedText    = 27
	endOfText         = 32
	cannotParseDate   = 41
	unknownIdentifier = 47
	unknownTable      = 60
	cannotParseNumber = 72
	tooManyRows       = 158
	timeLimit         = 159
	tooSlow           = 160
	readOnly          = 164
	quota             = 201
	memoryLimit       = 241
	tooManyBytes      = 307
	accessDenied      = 497
)

// maximum is how the server names the limit that a query met.
var maximum = regexp.MustCompile(`maximum: ([0-9][0-9.e+]*)( ?[a-z]+)?`)

// explain turns an error of the server into one that says what to do.
func (s *Source) explain(view string, err error) error {
	f := &Fault{Source: s.Name, View: view, Err: err}
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) {
		return f
	}
	less := "let the view read less, as by a condition on dates"
	if s.Watermark == "" && s.Outcomes+s.Experiments != "" {
		less += "; give the source a watermark, so that it reads what is new only"
	}
	switch ex.Code {
	case timeLimit, tooSlow:
		limit := "the server's time limit"
		if m := maximum.FindStringSubmatch(ex.Message); m != nil {
			unit := m[2]
			if unit == "" {
				unit = " seconds"
			}
			limit += " of " + m[1] + unit
		}
		f.Err = fmt.Errorf("%s ended the query (%w)", limit, err)
		f.WayOut = less + "; or have max_execution_time raised for this user. Assay cannot: a read-only user may not set it"
	case tooManyRows, tooManyBytes, memoryLimit, quota:
		f.Err = fmt.Errorf("a limit of the server ended the query: %w", err)
		f.WayOut = less + "; or have the limit raised for this user"
	case readOnly:
		f.Err = fmt.Errorf("the user is read-only: %w", err)
		f.WayOut = "Assay sends no settings and writes nothing; take settings out of the address (after ?) and SETTINGS out of the views"
	case accessDenied:
		f.WayOut = "GRANT SELECT on the tables of the view to this user"
	case cannotParseText, unexpectedText, endOfText, cannotParseDate, cannotParseNumber:
		f.WayOut = "mend the view's SQL: make of a text the number or the instant that it means, as by toFloat64OrNull(x) or parseDateTimeBestEffort(x)"
	case unknownTable, unknownIdentifier:
		f.WayOut = "mend the view's SQL; tables of another database than the address names are written database.table"
	}
	return f
}
