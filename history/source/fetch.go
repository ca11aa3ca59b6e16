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
	views := s.views()
	looks := make([]Look, len(views))
	for i, v := range views {
		var err error
		if looks[i], err = s.look(ctx, q, v); err != nil {
			return Fetched{}, err
		}
	}
	f := fetching{Source: s, mark: s.Watermark, column: -1, metric: -1, to: csv.NewWriter(to), progress: progress}
	sql, err := f.sql(views, looks)
	if err != nil {
		return Fetched{}, err
	}
	params := []any{clickhouse.Named("since", s.reaching(since).UTC().Format(instant))}
	err = s.stream(ctx, q, "the sums of all views", sql, params, f.head, f.row)
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
	f.to.Flush()
	return f.got, f.to.Error()
}

// reaching is how far back it is read for what is new since a watermark.
func (s *Source) reaching(since time.Time) time.Time {
	var window time.Duration // in which facts of experiments that have ended still count
	for _, f := range s.Facts {
		window = max(window, f.Window)
	}
	if since = since.Add(-s.Again - window); since.Unix() < 0 {
		return time.Unix(0, 0)
	}
	return since
}

// fetching writes rows as they come.
type fetching struct {
	*Source
	got            Fetched
	mark           string // name of the watermark's column, of those that come
	column, metric int    // the watermark's and the metric's; -1: there is none
	to             *csv.Writer
	progress       func(rows int64)
}

// sql is what is asked, and says of the answer what is known before.
func (f *fetching) sql(views []view, looks []Look) (string, error) {
	f.got.Whole = []string{}
	if f.Outcomes != "" {
		at := ""
		if f.mark != "" {
			at = views[0].instant(looks[0].Columns, f.mark)
		}
		return outcomesSQL(f.Outcomes, at), nil
	}
	p := f.sums(views, looks)
	f.got.Mapping = p.mapping(f.Source)
	for _, of := range f.Facts {
		f.got.Whole = append(f.got.Whole, of.Metric)
	}
	if f.mark != "" {
		f.mark = "as_new_as"
	}
	return p.sql()
}

func (f *fetching) head(columns []Column) error {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	if f.column = slices.Index(names, f.mark); names == nil {
		return nil
	}
	if f.got.Mapping != nil {
		f.metric = slices.Index(names, "metric")
	}
	return f.to.Write(names)
}

func (f *fetching) row(cells []string) error {
	if f.column >= 0 {
		t, err := watermark(cells[f.column])
		if err != nil {
			return fmt.Errorf("the watermark %s is no instant: %q", f.Watermark, cells[f.column])
		}
		if t.After(f.got.Watermark) {
			f.got.Watermark = t
		}
	}
	if f.metric >= 0 && cells[f.metric] == "" {
		if n := len(f.got.Silent); n == 0 || f.got.Silent[n-1] != cells[0] {
			f.got.Silent = append(f.got.Silent, strings.Clone(cells[0]))
		}
		return nil
	}
	if f.got.Rows++; f.got.Rows%4096 == 0 {
		f.progress(f.got.Rows)
	}
	return f.to.Write(cells)
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
