package history

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/history/mapping"
)

// catalog is what is known of experiments and their arms before a file of an import
// says more: what is stored, and what earlier files of the same import say.
type catalog map[string]*importer.Experiment

// read adds what is stored of those experiments that the catalog does not have. Of more
// than one parameter holds, all are asked for: there are about 10,000.
func (c catalog) read(ctx context.Context, conn driver.Conn, of []*importer.Experiment) error {
	wanted, names := map[string]bool{}, []string{}
	for _, e := range of {
		if _, known := c[e.ID]; !known {
			wanted[e.ID], names = true, append(names, e.ID)
		}
	}
	if len(names) == 0 {
		return nil
	}
	if len(slices.Collect(lists(names))) > 1 {
		names = []string{}
	}
	return each(ctx, conn, "catalog", func(rows driver.Rows) error {
		e := importer.Experiment{}
		var arms, titles []string
		var weights []float64
		var attributes []map[string]string
		err := rows.Scan(&e.ID, &e.Title, &e.Hypothesis, &e.Surface, &e.Component, &e.ChangeType, &e.Source, &e.Generator, &e.Team, &e.Author, &e.Decision,
			&e.Started, &e.Ended, &e.PlannedEnd, &e.PlannedUsers, &e.Analysis, &e.Layer, &e.Overlap, &e.Control, &e.Excluded, &arms, &titles, &weights, &attributes)
		if !wanted[e.ID] {
			return err
		}
		for i, id := range arms {
			e.Arms = append(e.Arms, &importer.Arm{ID: id, Title: titles[i], Weight: weights[i], Attributes: attributes[i]})
		}
		c[e.ID] = &e
		return err
	}, param("experiments", names))
}

// complete gives the experiments of a file what is known of them and the file's mapping
// does not say, and enters them. Of layout experiments, whose rows are nothing else, it
// returns those that say anything new, and counts.
func (c catalog) complete(result *importer.Result, m *mapping.Mapping, f *FileReport) []*importer.Experiment {
	var told []*importer.Experiment
	for _, e := range result.Experiments {
		was := c[e.ID]
		if was != nil {
			e.Complete(was, m)
			agreeDates(e, was, m, f.File, result)
		}
		switch {
		case m.Layout != mapping.Experiments:
		case was == nil:
			f.Imported++
		case e.Differs(was):
			f.Superseded++
		default:
			f.Unchanged++
			continue
		}
		told = append(told, e)
		c.enter(e, was)
	}
	return told
}

// enter adds e, with the arms that only was has; was may be nil.
func (c catalog) enter(e, was *importer.Experiment) {
	entry := *e
	if was != nil {
		entry.Arms = slices.Clone(e.Arms)
		for _, a := range was.Arms {
			if e.Arm(a.ID) == nil {
				entry.Arms = append(entry.Arms, a)
			}
		}
	}
	c[e.ID] = &entry
}

// agreeDates reports an experiment that would end before it starts, where a file says
// one of both and the other is known, and leaves its dates as they are known.
func agreeDates(e, was *importer.Experiment, m *mapping.Mapping, file string, result *importer.Result) {
	told := m.Experiment.Started.Given() || m.Experiment.Ended.Given()
	if !told || e.Ended == 0 || e.Ended >= e.Started {
		return
	}
	day := func(t int64) string { return time.Unix(t, 0).UTC().Format(time.DateTime) }
	p := Problem{File: file, Line: e.Line, Column: m.Experiment.Ended.Column, Value: day(e.Ended),
		Reason: fmt.Sprintf("is before the start of experiment %s, %s, which was imported before: map experiment.started as well", e.ID, day(e.Started))}
	if !m.Experiment.Ended.Given() {
		p.Column, p.Value = m.Experiment.Started.Column, day(e.Started)
		p.Reason = fmt.Sprintf("is after the end of experiment %s, %s, which was imported before: map experiment.ended as well", e.ID, day(e.Ended))
	}
	result.Problems = append(result.Problems, p)
	result.Bad++
	e.Started, e.Ended = was.Started, was.Ended
}
