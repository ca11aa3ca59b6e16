package form

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/knapsack"
)

// Kind is one of the forms.
type Kind string

const (
	Unknown   Kind = ""          // recognise it
	MMKP      Kind = "mmkp"      // classes and resources, capacities, then the items of each class
	MKnap     Kind = "mknap"     // number of problems; of each: n, m, optimum; values, rows, capacities
	Portfolio Kind = "portfolio" // begins with "mmkp 1"
	Night     Kind = "json"      // an allocator.Problem
)

// Kinds are those that can be asked for.
var Kinds = []Kind{MMKP, MKnap, Portfolio, Night}

// File is what a file held: some problems, or one night.
type File struct {
	Kind     Kind
	Problems []*knapsack.Problem
	Night    *allocator.Problem
}

// Error says what is wrong with a text, and where.
type Error struct {
	Line  int    // counted from 1
	Field string // for example "class 3, item 0: value"
	Value string // as given; empty if it is missing
	Want  string
}

func (e *Error) Error() string {
	value := "is missing"
	if e.Value != "" {
		value = fmt.Sprintf("is %q", e.Value)
	}
	return fmt.Sprintf("line %d: %s %s; %s", e.Line, e.Field, value, e.Want)
}

// Read reads a file of a kind, unpacked if it is gzip.
func Read(r io.Reader, kind Kind) (File, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return File{}, fmt.Errorf("unpack: %w", err)
		}
		in = bufio.NewReaderSize(unpacked, 1<<20)
	}
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" { // some programs put a byte order mark before text
		_, _ = in.Discard(len(mark))
	}
	if kind == Unknown {
		start, err := in.Peek(1 << 12)
		if err != nil && len(start) == 0 && !errors.Is(err, io.EOF) { // a later fault is told where the text is read
			return File{}, fmt.Errorf("read: %w", err)
		}
		if kind = recognise(start); kind == Unknown {
			return File{}, &Error{1, "the beginning", firstWord(start),
				`must be { for a night, "mmkp 1" for a portfolio, "classes resources" or the number of problems; say which it is with --form`}
		}
	}
	file := File{Kind: kind}
	var err error
	switch kind {
	case MMKP:
		file.Problems, err = readMMKP(newLexer(in))
	case MKnap:
		file.Problems, err = readMKnap(newLexer(in))
	case Portfolio:
		file.Problems, err = readPortfolio(newLexer(in))
	case Night:
		file.Night, err = readNight(in)
	default:
		err = fmt.Errorf("there is no form %q", kind)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the packed text is cut short: %w", err)
	}
	if err != nil {
		return File{}, err
	}
	return file, nil
}

// recognise tells the kind from how a text begins: a brace, the word mmkp, or by how
// many numbers its first line has: two are classes and resources, one is the number
// of problems.
func recognise(start []byte) Kind {
	start = bytes.TrimLeft(start, " \t\r\n")
	line, _, _ := bytes.Cut(start, []byte("\n"))
	words := bytes.Fields(line)
	switch {
	case bytes.HasPrefix(start, []byte("{")):
		return Night
	case len(words) > 0 && string(words[0]) == "mmkp":
		return Portfolio
	case len(words) == 2 && isNumber(words[0]) && isNumber(words[1]):
		return MMKP
	case len(words) == 1 && isNumber(words[0]):
		return MKnap
	}
	return Unknown
}

func isNumber(word []byte) bool {
	_, ok := parseNumber(word)
	return ok
}

func firstWord(start []byte) string {
	if words := bytes.Fields(start); len(words) > 0 {
		return string(words[0][:min(len(words[0]), 32)])
	}
	return ""
}
