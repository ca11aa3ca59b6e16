package importer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// csvSource reads CSV and TSV. encoding/csv is used rather than Arrow's reader,
// because it knows the line of every record, also where quoted cells span lines.
type csvSource struct {
	r       *csv.Reader
	bounded *rowLimit
	line    int // of the last good row
	header  []string
	at      []int // wanted column → position in the record
	report  *reader
	release func() error
}

func openCSV(text *bufio.Reader, tabs bool, wanted []string, report *reader, release func() error) (source, error) {
	bounded := &rowLimit{r: text, left: maxLine}
	s := &csvSource{r: csv.NewReader(bounded), bounded: bounded, report: report, release: release}
	if tabs {
		s.r.Comma = '\t'
	}
	header, err := s.r.Read()
	if err != nil {
		if err == io.EOF {
			err = errEmpty
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
		s.bounded.left = maxLine
		record, err := s.r.Read()
		switch {
		case err == io.EOF && len(t.lines) == 0:
			return nil, io.EOF
		case err == io.EOF:
			return t.done(), nil
		case err != nil:
			var bad *csv.ParseError
			if !errors.As(err, &bad) {
				return nil, fmt.Errorf("after line %d: %w", s.line, err)
			}
			s.report.badLine(int64(bad.StartLine), int64(bad.Line-bad.StartLine+1), strings.Join(record, ","),
				csvReason(bad, len(record), len(s.header)))
			continue
		}
		s.line, _ = s.r.FieldPos(0)
		t.lines = append(t.lines, int64(s.line))
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
	reason := fmt.Sprintf("%s at character %d of line %d", err.Err, err.Column, err.Line)
	if err.Line > err.StartLine {
		reason += fmt.Sprintf(", so lines %d to %d are lost", err.StartLine, err.Line)
	}
	return reason
}

// errLongRow ends the reading of a file: what a quote opens that nobody closes
// can be all the rest of it, which is not to be held in memory.
var errLongRow = fmt.Errorf("a row is longer than %d MB: is a quote not closed?", maxLine>>20)

// rowLimit lets so many bytes pass; who reads rows gives more with each.
type rowLimit struct {
	r    io.Reader
	left int
}

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRow
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}
