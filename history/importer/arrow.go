package importer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// recordSource yields Arrow record batches, from Parquet or IPC.
type recordSource struct {
	schema   *arrow.Schema
	at       []int // wanted column → position in the record
	row      int64
	read     func() (arrow.Record, error)
	advanced func(row int64)
	release  func() error
}

func (s *recordSource) names() []string {
	names := make([]string, s.schema.NumFields())
	for i, f := range s.schema.Fields() {
		names[i] = f.Name
	}
	return names
}

func (s *recordSource) close() error { return s.release() }

// next wraps a record batch. Its memory is Go's own and therefore lives as long
// as the strings cut from it do.
func (s *recordSource) next() (t *table, err error) {
	defer notPanic(&err)
	record, err := s.read()
	if err != nil {
		return nil, err
	}
	t = &table{lines: make([]int64, record.NumRows()), columns: make([]column, len(s.at))}
	for i := range t.lines {
		s.row++
		t.lines[i] = s.row
	}
	for i, at := range s.at {
		t.columns[i] = arrowColumn{record.Column(at)}
	}
	s.advanced(s.row)
	return t, nil
}

// notPanic turns a panic of the Arrow library, which trusts what a file says of
// itself, into an error: a broken file is not a broken program.
func notPanic(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the file is damaged: %v", r)
	}
}

// positions finds the wanted columns; −1 where there is none.
func positions(schema *arrow.Schema, wanted []string) []int {
	at := make([]int, len(wanted))
	for i, name := range wanted {
		at[i] = -1
		if found := schema.FieldIndices(name); len(found) > 0 {
			at[i] = found[0]
		}
	}
	return at
}

// openArrow reads a Parquet file, or an Arrow file with a footer.
func openArrow(ctx context.Context, f format, on *os.File, wanted []string, progress func(int64), release func() error) (s source, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, release())
		}
	}()
	defer notPanic(&err)
	info, err := on.Stat()
	if err != nil {
		return nil, err
	}
	bytesAt := func(rows int64) func(int64) { // progress by rows, since neither is read from front to end
		return func(row int64) { progress(info.Size() * row / max(1, rows)) }
	}
	if f == parquetFormat {
		return openParquet(ctx, on, wanted, bytesAt, release)
	}
	r, err := ipc.NewFileReader(on, ipc.WithAllocator(memory.NewGoAllocator()))
	if err != nil {
		return nil, err
	}
	batch := 0
	return &recordSource{
		schema: r.Schema(), at: positions(r.Schema(), wanted), release: release,
		advanced: func(int64) { progress(info.Size() * int64(batch) / int64(r.NumRecords())) },
		read: func() (arrow.Record, error) {
			if batch == r.NumRecords() {
				return nil, io.EOF
			}
			batch++
			return r.Record(batch - 1)
		},
	}, nil
}

func openStream(text *bufio.Reader, wanted []string, release func() error) (s source, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, release())
		}
	}()
	defer notPanic(&err)
	r, err := ipc.NewReader(text, ipc.WithAllocator(memory.NewGoAllocator()))
	if err != nil {
		return nil, err
	}
	return &recordSource{
		schema: r.Schema(), at: positions(r.Schema(), wanted), release: release, advanced: func(int64) {},
		read: func() (arrow.Record, error) { return r.Read() },
	}, nil
}

// openParquet reads only the wanted columns.
func openParquet(ctx context.Context, on *os.File, wanted []string, bytesAt func(int64) func(int64), release func() error) (source, error) {
	pool := memory.NewGoAllocator()
	buffers := parquet.NewReaderProperties(pool)
	buffers.BufferSize, buffers.BufferedStreamEnabled = 1<<17, true // pages as they come, never a whole row group
	pf, err := file.NewParquetReader(on, file.WithReadProps(buffers))
	if err != nil {
		return nil, err
	}
	// The writer's Arrow schema would bring back its dictionaries, which the reader
	// cannot join across row groups; Parquet's own schema has all that is needed.
	pf.MetaData().FileMetaData.KeyValueMetadata = nil
	fr, err := pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: batchRows}, pool)
	if err != nil {
		return nil, err
	}
	schema, err := fr.Schema()
	if err != nil {
		return nil, err
	}
	s := &recordSource{schema: schema, at: positions(schema, wanted), release: release, advanced: bytesAt(pf.NumRows())}
	var leaves []int
	for i, at := range s.at {
		if at < 0 {
			continue
		}
		leaf := pf.MetaData().Schema.ColumnIndexByName(wanted[i])
		if leaf < 0 {
			return nil, fmt.Errorf("column %s is nested, a mapping reads plain columns", wanted[i])
		}
		leaves = append(leaves, leaf)
	}
	records, err := fr.GetRecordReader(ctx, leaves, nil)
	if err != nil {
		return nil, err
	}
	s.at = positions(records.Schema(), wanted) // the reader yields the chosen columns only
	s.read = func() (arrow.Record, error) { return records.Read() }
	return s, nil
}
