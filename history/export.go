package history

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// effectColumn is one column of an export: a text, a number, an instant or a flag.
type effectColumn struct {
	name string
	of   func(*Effect) any
}

// effectColumns are the columns of every export, in order.
var effectColumns = []effectColumn{
	{"experiment", func(e *Effect) any { return e.Experiment }},
	{"title", func(e *Effect) any { return e.Title }},
	{"arm", func(e *Effect) any { return e.Arm }},
	{"control", func(e *Effect) any { return e.Control }},
	{"metric", func(e *Effect) any { return e.Metric }},
	{"segment", func(e *Effect) any { return e.Segment }},
	{"surface", func(e *Effect) any { return e.Surface }},
	{"component", func(e *Effect) any { return e.Component }},
	{"change_type", func(e *Effect) any { return e.ChangeType }},
	{"source", func(e *Effect) any { return e.Source }},
	{"generator", func(e *Effect) any { return e.Generator }},
	{"team", func(e *Effect) any { return e.Team }},
	{"author", func(e *Effect) any { return e.Author }},
	{"started", func(e *Effect) any { return e.Started }},
	{"ended", func(e *Effect) any { return e.Ended }},
	{"control_users", func(e *Effect) any { return e.ControlUsers }},
	{"treatment_users", func(e *Effect) any { return e.TreatmentUsers }},
	{"baseline", func(e *Effect) any { return e.Baseline }},
	{"lift", func(e *Effect) any { return e.Lift }},
	{"se", func(e *Effect) any { return e.SE }},
	{"adjusted", func(e *Effect) any { return e.Adjusted }},
	{"unadjusted_lift", func(e *Effect) any { return e.UnadjustedLift }},
	{"unadjusted_se", func(e *Effect) any { return e.UnadjustedSE }},
	{"sample_ratio_p", func(e *Effect) any { return e.SampleRatioP }},
	{"usable", func(e *Effect) any { return e.Usable }},
	{"verdict", func(e *Effect) any { return e.Verdict }},
	{"hypothesis", func(e *Effect) any { return e.Hypothesis }},
	{"decision", func(e *Effect) any { return e.Decision }},
}

// effectsRecord puts effects into an Arrow record, with a column for each field
// in snake case. Unknown instants are null. The caller releases it.
func effectsRecord(effects []Effect) arrow.Record {
	fields := make([]arrow.Field, len(effectColumns))
	for i, c := range effectColumns {
		switch c.of(&Effect{}).(type) {
		case string:
			fields[i] = arrow.Field{Name: c.name, Type: arrow.BinaryTypes.String}
		case time.Time:
			fields[i] = arrow.Field{Name: c.name, Type: &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"}, Nullable: true}
		case bool:
			fields[i] = arrow.Field{Name: c.name, Type: arrow.FixedWidthTypes.Boolean}
		default:
			fields[i] = arrow.Field{Name: c.name, Type: arrow.PrimitiveTypes.Float64}
		}
	}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema(fields, nil))
	defer b.Release()
	for i, c := range effectColumns {
		for k := range effects {
			switch v := c.of(&effects[k]).(type) {
			case string:
				b.Field(i).(*array.StringBuilder).Append(v)
			case bool:
				b.Field(i).(*array.BooleanBuilder).Append(v)
			case float64:
				b.Field(i).(*array.Float64Builder).Append(v)
			case time.Time:
				if to := b.Field(i).(*array.TimestampBuilder); v.IsZero() {
					to.AppendNull()
				} else {
					to.Append(arrow.Timestamp(v.Unix()))
				}
			}
		}
	}
	return b.NewRecord()
}

// WriteEffects writes effects as csv, parquet or arrow (IPC with a footer).
// The same effects always give the same bytes.
func WriteEffects(w io.Writer, format string, effects []Effect) error {
	if format == "csv" {
		return writeCSV(w, effects)
	}
	record := effectsRecord(effects)
	defer record.Release()
	switch format {
	case "parquet":
		properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))
		to, err := pqarrow.NewFileWriter(record.Schema(), w, properties, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
		if err != nil {
			return err
		}
		if err := to.Write(record); err != nil {
			return err
		}
		return to.Close()
	case "arrow":
		to, err := ipc.NewFileWriter(&position{Writer: w}, ipc.WithSchema(record.Schema()))
		if err != nil {
			return err
		}
		if err := to.Write(record); err != nil {
			return err
		}
		return to.Close()
	}
	return fmt.Errorf("cannot write effects as %q: csv, parquet and arrow are known", format)
}

// position tells the Arrow writer how far it has come, all that it seeks for.
type position struct {
	io.Writer
	at int64
}

func (p *position) Write(b []byte) (int, error) {
	n, err := p.Writer.Write(b)
	p.at += int64(n)
	return n, err
}

func (p *position) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, fmt.Errorf("cannot move to %d from %d while writing", offset, whence)
	}
	return p.at, nil
}

func writeCSV(w io.Writer, effects []Effect) error {
	to := csv.NewWriter(w)
	row := make([]string, len(effectColumns))
	for i, c := range effectColumns {
		row[i] = c.name
	}
	if err := to.Write(row); err != nil {
		return err
	}
	for k := range effects {
		for i, c := range effectColumns {
			row[i] = cell(c.of(&effects[k]))
		}
		if err := to.Write(row); err != nil {
			return err
		}
	}
	to.Flush()
	return to.Error()
}

func cell(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		if !v.IsZero() {
			return v.UTC().Format(time.RFC3339)
		}
	}
	return ""
}
