package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Error lists every mistake in a mapping file, in order of line.
type Error struct {
	File     string
	Mistakes []Mistake
}

// Mistake is one thing wrong with a mapping.
type Mistake struct {
	Line   int // from 1; 0 when it is something that is nowhere in the file
	Reason string
}

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
	if len(d.mistakes) == 0 {
		d.check(m)
	}
	if len(d.mistakes) > 0 {
		slices.SortFunc(d.mistakes, func(a, b Mistake) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
		})
		return nil, &Error{File: file, Mistakes: d.mistakes}
	}
	return m, nil
}

// parse turns text into a Mapping and notes what it cannot understand.
func (d *decoder) parse(text []byte) *Mapping {
	m := &Mapping{}
	defer func() { // the YAML library indexes past its tokens on some malformed input
		if r := recover(); r != nil {
			d.mistakes = append(d.mistakes, Mistake{Line: 1, Reason: "is not YAML"})
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		line, reason := 1, err.Error()
		if e, ok := err.(yaml.Error); ok {
			reason = e.GetMessage()
			if t := e.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
		}
		d.mistakes = append(d.mistakes, Mistake{Line: line, Reason: "is not YAML: " + reason})
		return m
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc != nil && doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) != 1 {
		d.mistakes = append(d.mistakes, Mistake{Line: 1, Reason: fmt.Sprintf("holds %d YAML documents, a mapping is one", len(bodies))})
		return m
	}
	d.mapping(bodies[0], m)
	return m
}
