package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history/mapping/document"
	"github.com/goccy/go-yaml/ast"
)

// Error lists every mistake in a mapping file, in order of line.
type Error struct {
	File     string
	Mistakes []Mistake
}

// Mistake is one thing wrong with a mapping.
type Mistake = document.Mistake

func (e *Error) Error() string {
	lines := make([]string, len(e.Mistakes))
	for i, m := range e.Mistakes {
		lines[i] = fmt.Sprintf("%s:%d: %s", e.File, m.Line, m.Reason)
	}
	return strings.Join(lines, "\n")
}

// Parse reads a mapping. The name of the file is for error messages only; the
// error is an *Error with all mistakes.
func Parse(file string, text []byte) (*Mapping, error) {
	d := decoder{}
	m := d.parse(text)
	if len(d.Mistakes) == 0 {
		d.check(m)
	}
	if len(d.Mistakes) > 0 {
		slices.SortFunc(d.Mistakes, func(a, b Mistake) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
		})
		return nil, &Error{File: file, Mistakes: d.Mistakes}
	}
	return m, nil
}

// longest is how many bytes a mapping may have; it needs far fewer.
const longest = 32 << 10

// parse turns text into a Mapping and notes what it cannot understand.
func (d *decoder) parse(text []byte) *Mapping {
	m := &Mapping{}
	if len(text) > longest {
		d.Note(1, "is %d bytes long, a mapping has at most %d", len(text), longest)
		return m
	}
	d.Parse(text, "a mapping", func(n ast.Node) { d.mapping(n, m) })
	return m
}
