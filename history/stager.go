package history

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/history/mapping"
)

// stager writes the checked columns of one file into the staging tables.
type stager struct {
	ctx      context.Context // of the import; a Sink's methods have none of their own
	conn     driver.Conn
	version  uint64
	rows     int64 // of outcomes, assignments and facts so far
	versions []uint64
	sent     chan error // of the block that is on its way
	zeros    []uint8
	ones     []uint8
}

// insert sends columns as one block. Its copy of them is under way while the
// next batch is read; flush waits for it.
func (s *stager) insert(into table, columns ...any) error {
	batch, err := s.conn.PrepareBatch(clickhouse.Context(s.ctx, clickhouse.WithColumnNamesAndTypes(into.columns)), into.insert)
	if err != nil {
		return err
	}
	for i, column := range columns {
		if err := batch.Column(i).Append(column); err != nil {
			return errors.Join(err, batch.Close())
		}
	}
	if err := s.flush(); err != nil {
		return errors.Join(err, batch.Close())
	}
	sent := make(chan error, 1)
	s.sent = sent
	go func() { sent <- errors.Join(batch.Send(), batch.Close()) }()
	return nil
}

// flush waits until the last block is stored.
func (s *stager) flush() error {
	if s.sent == nil {
		return nil
	}
	err := <-s.sent
	s.sent = nil
	return err
}

// table is a staging table and the columns that an import fills. They are
// named, so that a later migration may add one, and typed, so that the driver
// need not ask for each block.
type table struct {
	insert  string
	columns []clickhouse.ColumnNameAndType
}

func tableOf(name string, columns ...string) table {
	t := table{}
	names := make([]string, len(columns))
	for i, column := range columns {
		column, kind, typed := strings.Cut(column, " ")
		if !typed {
			kind = "Float64"
		}
		names[i] = column
		t.columns = append(t.columns, clickhouse.ColumnNameAndType{Name: column, Type: kind})
	}
	t.insert = "INSERT INTO " + name + " (" + strings.Join(names, ", ") + ")"
	return t
}

var (
	outcomesTable = tableOf("staging_outcomes", "experiment String", "metric String", "segment String", "arm String",
		"at DateTime('UTC')", "cumulative UInt8", "n", "sum_y", "sum_yy", "sum_d", "sum_dd", "sum_yd", "sum_x", "sum_xx", "sum_xy", "sum_xd",
		"definition String", "line Int64", "version UInt64")
	assignmentsTable = tableOf("staging_assignments", "experiment String", "unit String", "arm String",
		"exposed_at DateTime('UTC')", "segment String", "logged UInt8", "line Int64", "version UInt64")
	factsTable = tableOf("staging_facts", "experiment String", "metric String", "unit String", "at DateTime('UTC')",
		"event String", "value", "pre", "ratio UInt8", "denominator", "definition String", "line Int64", "version UInt64")
)

// The statements for what is inserted row by row.
const (
	insertExperiments = `INSERT INTO staging_experiments (experiment, title, hypothesis, surface, component, change_type,
		source, generator, team, author, decision, started, ended, planned_end, planned_users, analysis, layer, overlap, control, excluded, line, version)`
	insertArms  = `INSERT INTO staging_arms (experiment, arm, title, weight, attributes, version)`
	insertRules = `INSERT INTO staging_metric_rules (metric, window_seconds, look_back_seconds, cap, cap_share, version)`
)

func (s *stager) Outcomes(o *importer.Outcomes) error {
	n := len(o.Line)
	cumulative := s.same(n, 0)
	if o.Cumulative {
		cumulative = s.same(n, 1)
	}
	return s.insert(outcomesTable, o.Experiment, o.Metric, o.Segment, o.Arm, o.At, cumulative, o.N,
		o.Y, o.YY, o.D, o.DD, o.YD, o.X, o.XX, o.XY, o.XD, o.Definition, o.Line, s.version64(n))
}

func (s *stager) Assignments(a *importer.Assignments) error {
	return s.insert(assignmentsTable, a.Experiment, a.Unit, a.Arm, a.ExposedAt, a.Segment, s.same(len(a.Line), flag(a.Logged)), a.Line, s.version64(len(a.Line)))
}

func (s *stager) Facts(f *importer.Facts) error {
	n := len(f.Line)
	return s.insert(factsTable, f.Experiment, f.Metric, f.Unit, f.At, f.Event, f.Value, f.Pre, s.same(n, flag(f.Ratio)), f.Denominator, f.Definition, f.Line, s.version64(n))
}

// version64 is the version column of n more rows.
func (s *stager) version64(n int) []uint64 {
	s.rows += int64(n)
	for len(s.versions) < n {
		s.versions = append(s.versions, s.version)
	}
	return s.versions[:n]
}

// same is a column of n flags.
func (s *stager) same(n int, flag uint8) []uint8 {
	column := &s.zeros
	if flag == 1 {
		column = &s.ones
	}
	for len(*column) < n {
		*column = append(*column, flag)
	}
	return (*column)[:n]
}

// catalog stages what the file says of its experiments and arms.
func (s *stager) catalog(all []*importer.Experiment) error {
	for experiments := range slices.Chunk(all, 50_000) {
		batch, err := s.conn.PrepareBatch(s.ctx, insertExperiments)
		if err != nil {
			return err
		}
		for _, e := range experiments {
			err := batch.Append(e.ID, e.Title, e.Hypothesis, e.Surface, e.Component, e.ChangeType, e.Source, e.Generator,
				e.Team, e.Author, e.Decision, e.Started, e.Ended, e.PlannedEnd, e.PlannedUsers, e.Analysis, e.Layer, e.Overlap, e.Control, e.Excluded, e.Line, s.version)
			if err != nil {
				return err
			}
		}
		if err := batch.Send(); err != nil {
			return err
		}
		if batch, err = s.conn.PrepareBatch(s.ctx, insertArms); err != nil {
			return err
		}
		for _, e := range experiments {
			for _, a := range e.Arms {
				if err := batch.Append(e.ID, a.ID, a.Title, a.Weight, a.Attributes, s.version); err != nil {
					return err
				}
			}
		}
		if err := batch.Send(); err != nil {
			return err
		}
	}
	return nil
}

// rules stages how the mapping has the metrics of the file reckoned, where that is
// another way than before: a new version of a rule has everything of its metric mined
// again.
func (s *stager) rules(of map[string]mapping.Reckoning) error {
	if len(of) == 0 {
		return nil
	}
	err := each(s.ctx, s.conn, "metric_rules", func(rows driver.Rows) error {
		var metric string
		var window, lookBack uint32
		var r mapping.Reckoning
		if err := rows.Scan(&metric, &window, &lookBack, &r.Cap, &r.CapShare); err != nil {
			return err
		}
		r.Window, r.LookBack = time.Duration(window)*time.Second, time.Duration(lookBack)*time.Second
		if now, given := of[metric]; given && now == r {
			delete(of, metric)
		}
		return nil
	})
	if err != nil {
		return err
	}
	batch, err := s.conn.PrepareBatch(s.ctx, insertRules)
	if err != nil {
		return err
	}
	for _, metric := range slices.Sorted(maps.Keys(of)) {
		r := of[metric]
		err := batch.Append(metric, uint32(r.Window/time.Second), uint32(r.LookBack/time.Second), r.Cap, r.CapShare, s.version)
		if err != nil {
			return errors.Join(err, batch.Close())
		}
	}
	return errors.Join(batch.Send(), batch.Close())
}
