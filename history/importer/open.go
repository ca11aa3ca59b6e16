package importer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// format is how the rows of a file are written.
type format string

const (
	csvFormat     format = "csv"
	tsvFormat     format = "tsv"
	ndjsonFormat  format = "ndjson"
	parquetFormat format = "parquet"
	arrowFile     format = "arrow" // IPC with a footer
	streamFormat  format = "arrows"
)

// table is a batch of rows, with a column for each that the mapping reads.
type table struct {
	lines   []int64
	columns []column // aligned with the wanted columns
}

// source yields the rows of one file.
type source interface {
	names() []string       // the file's own columns, in its order
	next() (*table, error) // io.EOF at the end
	close() error
}

// The first bytes of what a file can be.
var (
	gzipMagic    = []byte{0x1f, 0x8b}
	zstdMagic    = []byte{0x28, 0xb5, 0x2f, 0xfd}
	parquetMagic = []byte("PAR1")
	arrowMagic   = []byte("ARROW1")
	streamMagic  = []byte{0xff, 0xff, 0xff, 0xff}

	byteOrderMark = []byte{0xef, 0xbb, 0xbf} // what some programs put before text
)

// open returns the rows of the file, of which only the wanted columns are read.
// Content decides over name: a gzip file without .gz is still one.
func open(ctx context.Context, path string, wanted []string, r *reader, progress func(done int64)) (source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	counted := &countingReader{r: file, done: progress}
	body := bufio.NewReaderSize(counted, 1<<18)
	head, _ := body.Peek(8)
	var plain io.Reader = body
	undo := file.Close
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		unzip, err := gzip.NewReader(body)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read gzip: %w", err), file.Close())
		}
		plain = unzip
	case bytes.HasPrefix(head, zstdMagic):
		unzip, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read zstd: %w", err), file.Close())
		}
		plain, undo = unzip, func() error { unzip.Close(); return file.Close() }
	}
	compressed := plain != io.Reader(body)
	text := body
	if compressed {
		text = bufio.NewReaderSize(plain, 1<<18)
		head, _ = text.Peek(8)
	}
	if bytes.HasPrefix(head, byteOrderMark) { // it would become part of the first column's name
		_, _ = text.Discard(len(byteOrderMark))
		head, _ = text.Peek(8)
	}
	switch f := formatOf(path, head); f {
	case parquetFormat, arrowFile:
		if compressed { // both are read from their end, so they must lie on disk in plain
			plainFile, err := spool(text)
			if err := errors.Join(err, undo()); err != nil {
				return nil, err
			}
			file, undo = plainFile, func() error { return errors.Join(plainFile.Close(), os.Remove(plainFile.Name())) }
		}
		return openArrow(ctx, f, file, wanted, progress, undo)
	case streamFormat:
		return openStream(text, wanted, undo)
	case ndjsonFormat:
		return openNDJSON(text, wanted, r, undo)
	default:
		return openCSV(text, f == tsvFormat, wanted, r, undo)
	}
}

// formatOf tells a format by its first bytes, then by name, then by its first
// character: a JSON object starts with a brace, and no header of a table does.
func formatOf(path string, head []byte) format {
	switch {
	case bytes.HasPrefix(head, parquetMagic):
		return parquetFormat
	case bytes.HasPrefix(head, arrowMagic):
		return arrowFile
	case bytes.HasPrefix(head, streamMagic):
		return streamFormat
	}
	name := strings.ToLower(filepath.Base(path))
	for _, zip := range []string{".gz", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, zip)
	}
	switch ext := filepath.Ext(name); {
	case ext == ".tsv" || ext == ".tab":
		return tsvFormat
	case slices.Contains([]string{".ndjson", ".jsonl", ".json"}, ext):
		return ndjsonFormat
	case ext != ".csv" && bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")):
		return ndjsonFormat
	}
	return csvFormat
}

// spool writes r to a temporary file.
func spool(r io.Reader) (*os.File, error) {
	file, err := os.CreateTemp("", "assay-import-*")
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(file, r); err != nil {
		return nil, errors.Join(fmt.Errorf("decompress: %w", err), file.Close(), os.Remove(file.Name()))
	}
	return file, nil
}

// countingReader tells how many bytes of the file have been read.
type countingReader struct {
	r    io.Reader
	n    int64
	done func(int64)
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.done(c.n)
	return n, err
}
