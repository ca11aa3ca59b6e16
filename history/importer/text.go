package importer

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A batch of text ends after so many rows or bytes, whichever comes first.
const (
	batchRows  = 1 << 15
	batchBytes = 16 << 20
)

// textTable gathers rows of text into columns.
type textTable struct {
	table
	cells [][]string
	bytes int
}

func newTextTable(columns int) *textTable { return &textTable{cells: make([][]string, columns)} }

func (t *textTable) full() bool { return len(t.lines) >= batchRows || t.bytes >= batchBytes }

func (t *textTable) done() *table {
	t.columns = make([]column, len(t.cells))
	for i, cells := range t.cells {
		t.columns[i] = textColumn(cells)
	}
	return &t.table
}

// csvSource reads CSV and TSV. encoding/csv is used rather than Arrow's reader,
// because it knows the line of every record, also where quoted cells span lines.
type csvSource struct {
	r       *csv.Reader
	header  []string
	at      []int // wanted column → position in the record
	report  *reader
	release func() error
}

func openCSV(text *bufio.Reader, tabs bool, wanted []string, report *reader, release func() error) (source, error) {
	if mark, _ := text.Peek(3); string(mark) == "\xef\xbb\xbf" {
		_, _ = text.Discard(3) // a byte order mark would become part of the first column's name
	}
	s := &csvSource{r: csv.NewReader(text), report: report, release: release}
	if tabs {
		s.r.Comma = '\t'
	}
	header, err := s.r.Read()
	if err != nil {
		if err == io.EOF {
			err = errors.New("has no header line")
		}
		return nil, errors.Join(err, release())
	}
	s.header = header
	for _, name := range wanted {
		s.at = append(s.at, slices.Index(header, name))
	}
	return s, nil
}

func (s *csvSource) names() []string { return s.header }
func (s *csvSource) close() error    { return s.release() }

func (s *csvSource) next() (*table, error) {
	t := newTextTable(len(s.at))
	for !t.full() {
		before := s.r.InputOffset()
		record, err := s.r.Read()
		switch {
		case err == io.EOF && len(t.lines) == 0:
			return nil, io.EOF
		case err == io.EOF:
			return t.done(), nil
		case err != nil:
			var bad *csv.ParseError
			if !errors.As(err, &bad) {
				return nil, err
			}
			s.report.badLine(int64(bad.StartLine), strings.Join(record, ","), csvReason(bad, len(record), len(s.header)))
			continue
		}
		line, _ := s.r.FieldPos(0)
		t.lines = append(t.lines, int64(line))
		t.bytes += int(s.r.InputOffset() - before)
		for i, at := range s.at {
			t.cells[i] = append(t.cells[i], record[at])
		}
	}
	return t.done(), nil
}

func csvReason(err *csv.ParseError, cells, columns int) string {
	if errors.Is(err.Err, csv.ErrFieldCount) {
		return fmt.Sprintf("has %d cells, the header has %d", cells, columns)
	}
	return fmt.Sprintf("%s at character %d of line %d", err.Err, err.Column, err.Line)
}

// maxLine is the longest line of NDJSON that is read.
const maxLine = 64 << 20

// ndjsonSource reads one JSON object per line. Its columns are those of the
// objects in its first batch; a key that an object lacks is an empty cell.
type ndjsonSource struct {
	lines   *bufio.Scanner
	line    int64
	wanted  map[string]int
	seen    []string
	first   *table
	report  *reader
	release func() error
}

func openNDJSON(text *bufio.Reader, wanted []string, report *reader, release func() error) (source, error) {
	s := &ndjsonSource{lines: bufio.NewScanner(text), wanted: map[string]int{}, report: report, release: release}
	s.lines.Buffer(make([]byte, 1<<16), maxLine)
	for i, name := range wanted {
		s.wanted[name] = i
	}
	seen := map[string]bool{}
	first, err := s.read(seen)
	if err != nil && err != io.EOF {
		return nil, errors.Join(err, release())
	}
	s.first, s.seen = first, slices.Sorted(maps.Keys(seen))
	return s, nil
}

func (s *ndjsonSource) names() []string { return s.seen }
func (s *ndjsonSource) close() error    { return s.release() }

func (s *ndjsonSource) next() (*table, error) {
	if t := s.first; t != nil {
		s.first = nil
		return t, nil
	}
	return s.read(nil)
}

func (s *ndjsonSource) read(seen map[string]bool) (*table, error) {
	t := newTextTable(len(s.wanted))
	for !t.full() && s.lines.Scan() {
		s.line++
		text := s.lines.Bytes()
		if len(strings.TrimSpace(string(text))) == 0 {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(text, &object); err != nil || object == nil {
			s.report.badLine(s.line, string(text), "is not a JSON object")
			continue
		}
		for name := range object {
			if seen != nil {
				seen[name] = true
			}
		}
		t.lines = append(t.lines, s.line)
		t.bytes += len(text)
		for name, i := range s.wanted {
			t.cells[i] = append(t.cells[i], jsonCell(object[name]))
		}
	}
	if err := s.lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", s.line+1, err)
	}
	if len(t.lines) == 0 {
		return nil, io.EOF
	}
	return t.done(), nil
}

// jsonCell is the text of a JSON value: a string without its quotes, anything
// else as it is written, null and absence as empty.
func jsonCell(raw json.RawMessage) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			return text
		}
	}
	return string(raw)
}
