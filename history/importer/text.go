package importer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
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

// maxLine is the longest row of text that is read.
const maxLine = 64 << 20

// errEmpty is told of a file that does not even say which columns it has.
var errEmpty = errors.New("the file is empty")

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
	if err == io.EOF && report.result.Bad == 0 {
		err = errEmpty
	}
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
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(text, &object); err != nil || object == nil {
			s.report.badLine(s.line, 1, string(text), jsonReason(text))
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
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("is longer than %d MB", maxLine>>20)
		}
		return nil, fmt.Errorf("line %d: %w", s.line+1, err)
	}
	if len(t.lines) == 0 {
		return nil, io.EOF
	}
	return t.done(), nil
}

func jsonReason(text []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		return "is a JSON list: write one object per line"
	}
	return "is not a JSON object"
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
