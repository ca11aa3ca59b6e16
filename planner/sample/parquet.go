package sample

import (
	"io"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// texts are the columns that repeat; they are written as dictionaries, with
// "" as null.
var texts = []string{"experiment", "title", "surface", "component", "change_type", "source", "generator", "team", "author", "decision", "overlap", "arm", "metric", "definition"}

var dates = []string{"started", "ended", "planned_end"}

// sumsOf are the columns of numbers, after users.
var sumsOf = []string{"sum_y", "sum_yy", "sum_d", "sum_dd", "sum_yd"}

func schema() *arrow.Schema {
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	var fields []arrow.Field
	for _, name := range texts {
		fields = append(fields, arrow.Field{Name: name, Type: dictionary, Nullable: true})
	}
	for _, name := range dates {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Timestamp_ms, Nullable: true})
	}
	fields = append(fields, arrow.Field{Name: "users", Type: arrow.PrimitiveTypes.Int64})
	for _, name := range sumsOf {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Float64})
	}
	return arrow.NewSchema(fields, nil)
}

func (p Programme) writeOutcomes(w io.Writer) error {
	rows := array.NewRecordBuilder(memory.NewGoAllocator(), schema())
	defer rows.Release()
	for _, e := range p.imported() {
		for _, a := range e.Arms {
			for _, o := range a.Outcomes {
				if err := appendRow(rows, e, a, o); err != nil {
					return err
				}
			}
		}
	}
	record := rows.NewRecord()
	defer record.Release()
	// Wrapped, w is not closed by the writer. Stable bytes: the writer's version is not part of the data.
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("assay sample"))
	out, err := pqarrow.NewFileWriter(record.Schema(), struct{ io.Writer }{w}, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	if err := out.Write(record); err != nil {
		return err
	}
	return out.Close()
}

func appendRow(rows *array.RecordBuilder, e Experiment, a Arm, o Outcome) error {
	cells := []string{e.ID, e.Title, e.Surface, e.Component, e.ChangeType, string(e.Source), e.Generator, e.Team, e.Author, e.Decision, e.Overlap, a.Name, o.Metric, o.Definition}
	for i, cell := range cells {
		b := rows.Field(i).(*array.BinaryDictionaryBuilder)
		if cell == "" {
			b.AppendNull()
		} else if err := b.AppendString(cell); err != nil {
			return err
		}
	}
	for i, at := range []time.Time{e.Started, e.Ended, e.Planned} {
		appendTime(rows.Field(len(texts)+i), at)
	}
	before := len(texts) + len(dates)
	rows.Field(before).(*array.Int64Builder).Append(a.Users)
	for i, x := range []float64{o.Sum, o.SumSquares, o.Den, o.DenSquares, o.SumDen} {
		rows.Field(before + 1 + i).(*array.Float64Builder).Append(x)
	}
	return nil
}

func appendTime(b array.Builder, t time.Time) {
	if t.IsZero() {
		b.AppendNull()
		return
	}
	b.(*array.TimestampBuilder).Append(arrow.Timestamp(t.UnixMilli()))
}
