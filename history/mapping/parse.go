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

// A mapping needs far less. Beyond, the YAML library takes time that grows with
// the square of the nesting, and in the end all of the stack.
const (
	longest = 32 << 10 // bytes
	deepest = 30       // brackets, or items that begin in one line
)

// depth is how deep text nests, more or less: brackets in comments count too.
func depth(text []byte) int {
	open, dashes, most := 0, 0, 0
	for i, b := range text {
		switch {
		case b == '[' || b == '{':
			open++
		case b == ']' || b == '}':
			open = max(0, open-1)
		case b == '\n':
			dashes = 0
		case (b == '-' || b == '?') && i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t'):
			dashes++
		}
		most = max(most, open, dashes)
	}
	return most
}

// parse turns text into a Mapping and notes what it cannot understand.
func (d *decoder) parse(text []byte) *Mapping {
	m := &Mapping{}
	defer func() { // the YAML library indexes past its tokens on some malformed input
		if r := recover(); r != nil {
			d.mistakes = append(d.mistakes, Mistake{Line: 1, Reason: "is not YAML"})
		}
	}()
	if len(text) > longest {
		d.mistakes = append(d.mistakes, Mistake{Line: 1, Reason: fmt.Sprintf("is %d bytes long, a mapping has at most %d", len(text), longest)})
		return m
	}
	if depth(text) > deepest {
		d.mistakes = append(d.mistakes, Mistake{Line: 1, Reason: fmt.Sprintf("nests deeper than %d levels, a mapping has five", deepest)})
		return m
	}
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
