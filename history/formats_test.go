package history

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// anyFormat reads two metrics per row, and users of segments, from any format.
const anyFormat = `
layout: outcomes
experiment: {id: experiment, started: started, ended: {column: started, plus: 14d}}
arm: {id: arm}
day: day
segment: country
metrics:
  - {name: conversion, proportion: {trials: users, successes: buyers}}
  - {name: revenue, mean: {n: users, mean: revenue, sd: revenue_sd}}
`

// sample is a table of every type that outcomes come in: text, dates, whole
// numbers and floats, and a missing value.
type sample struct {
	experiment, arm, country, started, day string
	users, buyers                          int64
	revenue                                float64
	sd                                     *float64
}

func samples() []sample {
	var all []sample
	for i := range 60 {
		sd := 1.5 + float64(i)/8
		s := sample{experiment: fmt.Sprintf("é %d", i/20), arm: []string{"control", "blue"}[i%2], country: []string{"", "DE"}[i/2%2],
			started: "2026-01-01", day: fmt.Sprintf("2026-01-%02d", 1+i%20/4), users: int64(1000 + i), buyers: int64(100 + i),
			revenue: 1.25 + float64(i)/16, sd: &sd}
		if i == 7 {
			s.sd = nil
		}
		all = append(all, s)
	}
	return all
}

var sampleColumns = []string{"experiment", "arm", "country", "started", "day", "users", "buyers", "revenue", "revenue_sd"}

func (s sample) cells() []string {
	sd := ""
	if s.sd != nil {
		sd = fmt.Sprint(*s.sd)
	}
	return []string{s.experiment, s.arm, s.country, s.started, s.day, fmt.Sprint(s.users), fmt.Sprint(s.buyers), fmt.Sprint(s.revenue), sd}
}

func sampleCSV(tabs bool) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if tabs {
		w.Comma = '\t'
	}
	_ = w.Write(sampleColumns)
	for _, s := range samples() {
		_ = w.Write(s.cells())
	}
	w.Flush()
	return b.Bytes()
}

func sampleNDJSON() []byte {
	var b strings.Builder
	for i, s := range samples() {
		c := s.cells()
		sd := "null"
		if s.sd != nil {
			sd = c[8]
		}
		text := `{"experiment":%q,"arm":%q,"country":%q,"started":%q,"day":%q,"users":%s,"buyers":%s,"revenue":%s,"revenue_sd":%s,"other":[1]}` + "\n"
		fmt.Fprintf(&b, text, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], sd)
		if i%10 == 0 {
			b.WriteString("\n") // empty lines do no harm
		}
	}
	return []byte(b.String())
}

// sampleRecord has text as a dictionary, dates as dates and one null.
func sampleRecord(t *testing.T) arrow.Record {
	t.Helper()
	text, whole, number := arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64
	words := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: text}
	types := []arrow.DataType{text, words, text, arrow.FixedWidthTypes.Timestamp_ms, arrow.FixedWidthTypes.Date32, whole, whole, number, number}
	var fields []arrow.Field
	for i, name := range sampleColumns {
		fields = append(fields, arrow.Field{Name: name, Type: types[i], Nullable: true})
	}
	b := array.NewRecordBuilder(memory.NewGoAllocator(), arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, s := range samples() {
		for i, cell := range s.cells() {
			if cell == "" {
				b.Field(i).AppendNull()
			} else if err := b.Field(i).AppendValueFromString(cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.NewRecord()
}

func sampleArrow(t *testing.T, stream bool) []byte {
	t.Helper()
	record := sampleRecord(t)
	var b bytes.Buffer
	var w interface {
		Write(arrow.Record) error
		Close() error
	}
	if stream {
		w = ipc.NewWriter(&b, ipc.WithSchema(record.Schema()))
	} else {
		f, err := ipc.NewFileWriter(&position{Writer: &b}, ipc.WithSchema(record.Schema()))
		if err != nil {
			t.Fatal(err)
		}
		w = f
	}
	for _, part := range []arrow.Record{record.NewSlice(0, 25), record.NewSlice(25, record.NumRows())} {
		if err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sampleParquet(t *testing.T) []byte {
	t.Helper()
	record := sampleRecord(t)
	var b bytes.Buffer
	w, err := pqarrow.NewFileWriter(record.Schema(), &b, parquet.NewWriterProperties(parquet.WithMaxRowGroupLength(17)),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(record); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEveryFormatAndCompression(t *testing.T) {
	formats := map[string][]byte{
		"csv": sampleCSV(false), "tsv": sampleCSV(true), "ndjson": sampleNDJSON(), "parquet": sampleParquet(t),
		"arrow": sampleArrow(t, false), "arrows": sampleArrow(t, true),
	}
	zip := map[string]func([]byte) []byte{
		"": func(b []byte) []byte { return b },
		".gz": func(b []byte) []byte {
			var to bytes.Buffer
			w := gzip.NewWriter(&to)
			_, _ = w.Write(b)
			_ = w.Close()
			return to.Bytes()
		},
		".zst": func(b []byte) []byte {
			w, err := zstd.NewWriter(nil)
			if err != nil {
				t.Fatal(err)
			}
			return w.EncodeAll(b, nil)
		},
	}
	m := parse(t, anyFormat)
	var want []string
	for _, format := range []string{"csv", "tsv", "ndjson", "parquet", "arrow", "arrows"} {
		for ext, compress := range zip {
			t.Run(format+ext, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "outcomes."+format+ext)
				if err := os.WriteFile(path, compress(formats[format]), 0o644); err != nil {
					t.Fatal(err)
				}
				h := newHistory(t)
				report := mustImport(t, h, ImportRequest{Files: []string{path}, Mapping: m})
				if f := report.Files[0]; f.Read != 60 || f.Imported != 120 || report.Metrics != 2 || report.Days != 5 {
					t.Errorf("%+v", report)
				}
				got := stored(t, h, outcomeLines)
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
	if len(want) != 120 || !strings.Contains(strings.Join(want, "\n"), "nan") {
		t.Errorf("%d rows, want 120 and one without variance", len(want))
	}
}
