package source

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/assay-planner/assay/history/mapping"
)

// Fetched is what a source had to say.
type Fetched struct {
	Rows      int64            // written; 0: there is nothing new, and no header either
	Watermark time.Time        // the newest of them; zero without a watermark or rows
	Mapping   *mapping.Mapping // of what was written; nil: that of the source's MappingFile
	Whole     []string         // the metrics of which this is all, for the experiments in it; none where somebody else has added up
	Silent    []string         // experiments that have users, but no facts of any metric (any more)
}

// instant is how a time is told to a parameter of type DateTime64(6, 'UTC').
const instant = "2006-01-02 15:04:05.000000"

// Fetch writes what is new since a watermark as CSV with a header line; all there
// is for a zero since. Rows come in the same order every time, so that the same
// answer is the same file. Progress is called with the number of rows so far.
func (s *Source) Fetch(ctx context.Context, q Queryer, since time.Time, to io.Writer, progress func(rows int64)) (Fetched, error) {
	var window time.Duration // in which facts of experiments that have ended still count
	for _, f := range s.Facts {
		window = max(window, f.Window)
	}
	if since = since.Add(-s.Again - window); since.Unix() < 0 {
		since = time.Unix(0, 0)
	}
	params := []any{clickhouse.Named("since", since.UTC().Format(instant))}
	views := s.views()
	looks := make([]Look, len(views))
	for i, v := range views {
		var err error
		if looks[i], err = s.look(ctx, q, v); err != nil {
			return Fetched{}, err
		}
	}
	got := Fetched{Whole: []string{}}
	mark := s.Watermark
	at := ""
	if mark != "" && s.Outcomes != "" {
		at = views[0].instant(looks[0].Columns, mark)
	}
	sql := outcomesSQL(s.Outcomes, at)
	if s.Outcomes == "" {
		p := s.sums(views, looks)
		var err error
		if sql, err = p.sql(); err != nil {
			return Fetched{}, err
		}
		got.Mapping = p.mapping(s)
		for _, f := range s.Facts {
			got.Whole = append(got.Whole, f.Metric)
		}
		if mark != "" {
			mark = "as_new_as"
		}
	}
	w, column, metric := csv.NewWriter(to), -1, -1
	err := s.stream(ctx, q, "the sums of all views", sql, params, func(columns []Column) error {
		var names []string
		for _, c := range columns {
			names = append(names, c.Name)
		}
		if column = slices.Index(names, mark); names == nil {
			return nil
		}
		if got.Mapping != nil {
			metric = slices.Index(names, "metric")
		}
		return w.Write(names)
	}, func(cells []string) error {
		if column >= 0 {
			t, err := watermark(cells[column])
			if err != nil {
				return fmt.Errorf("the watermark %s is no instant: %q", s.Watermark, cells[column])
			}
			if t.After(got.Watermark) {
				got.Watermark = t
			}
		}
		if metric >= 0 && cells[metric] == "" {
			if n := len(got.Silent); n == 0 || got.Silent[n-1] != cells[0] {
				got.Silent = append(got.Silent, strings.Clone(cells[0]))
			}
			return nil
		}
		if got.Rows++; got.Rows%4096 == 0 {
			progress(got.Rows)
		}
		return w.Write(cells)
	})
	if thrown(err) { // which value it was, a look at all views tells
		if _, odd := s.Look(ctx, q); odd != nil {
			err = odd
		}
	} else if notParsed(err) {
		err = cmp.Or(s.garbled(ctx, q, views, looks), err) // whose text it was
	}
	if err != nil {
		return Fetched{}, err
	}
	w.Flush()
	return got, w.Error()
}

// outcomesSQL is the user's own view, of which the instant of the watermark selects.
func outcomesSQL(view, at string) string {
	where := ""
	if at != "" {
		where = "\nWHERE " + at + " >= {since:DateTime64(6, 'UTC')} AND " + at + " <= now64(6)"
	}
	return "SELECT * FROM (\n" + view + "\n) AS v" + where + "\nORDER BY tuple(*)"
}

// watermark reads an instant; one that the warehouse keeps as text is UTC.
func watermark(text string) (t time.Time, err error) {
	for _, form := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if t, err = time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return t, err
}
