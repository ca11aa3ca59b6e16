// Package document reads a YAML or JSON file that a person wrote, and finds all of
// its mistakes in one run, each with its line and what was probably meant.
//
// A caller embeds a [Reader] and walks the tree by hand: [Reader.Parse] hands over
// the one document of a text, [Reader.Section] each value of a mapping to its key's
// function, and whatever is wrong is noted by [Reader.Wrong]:
//
//	var r document.Reader
//	r.Parse(text, "a policy", func(n ast.Node) {
//		r.Section(n, "the policy", document.Keys{"name": r.Text("name", &name)})
//	})
//	err := r.Err("policy.yaml") // policy.yaml:3: unknown key …
//
// It does not know what any key means.
package document

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Mistake is one thing wrong with a document.
type Mistake struct {
	Line   int // from 1; 0 when it is something that is nowhere in the file
	Reason string
}

// Reader gathers the mistakes of one document.
type Reader struct {
	Mistakes []Mistake
}

// deepest is how far brackets, or items that begin in one line, may nest. Beyond, the
// YAML library takes time that grows with the square of the nesting, and in the end
// all of the stack.
const deepest = 30

// Parse hands the text's one YAML document to read, or notes why there is none. What
// the document should be ("a mapping") is for the reasons only.
func (r *Reader) Parse(text []byte, what string, read func(ast.Node)) {
	defer func() { // the YAML library indexes past its tokens on some malformed input
		if recover() != nil {
			r.Note(1, "is not YAML")
		}
	}()
	if depth(text) > deepest {
		r.Note(1, "nests deeper than %d levels, %s does not", deepest, what)
		return
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
		r.Note(line, "is not YAML: %s", reason)
		return
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc != nil && doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) != 1 {
		r.Note(1, "holds %d YAML documents, %s is one", len(bodies), what)
		return
	}
	read(bodies[0])
}

// Note notes a mistake of a line.
func (r *Reader) Note(line int, format string, args ...any) {
	r.Mistakes = append(r.Mistakes, Mistake{Line: line, Reason: fmt.Sprintf(format, args...)})
}

// Err has all mistakes of the file, a line each, in their order there; nil if there is none.
func (r *Reader) Err(file string) error {
	if len(r.Mistakes) == 0 {
		return nil
	}
	inOrder := slices.SortedFunc(slices.Values(r.Mistakes), func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	lines := make([]string, len(inOrder))
	for i, m := range inOrder {
		lines[i] = fmt.Sprintf("%s:%d: %s", file, m.Line, m.Reason)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// Wrong notes a mistake where a node begins: a mapping's own token is its first colon.
func (r *Reader) Wrong(n ast.Node, format string, args ...any) {
	r.Note(Line(n), format, args...)
}

// Line is where a node begins; 1 if it does not know.
func Line(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil {
			return t.Position.Line
		}
	}
	return 1
}

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

// Keys are what a section may hold, and what to do with each.
type Keys map[string]func(ast.Node)

// Section hands each value of a YAML mapping to its key's function.
func (r *Reader) Section(n ast.Node, name string, known Keys) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.Wrong(n, "%s must be a list of keys and values", name)
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		set, ok := known[key]
		switch {
		case seen[key]:
			r.Wrong(pair.Key, "%q is given twice in %s", key, name)
		case !ok:
			r.unknown(pair.Key, key, name, slices.Sorted(maps.Keys(known)))
		default:
			set(pair.Value)
		}
		seen[key] = true
	}
}

// unknown notes a word that is none of those known, with the nearest of them.
func (r *Reader) unknown(n ast.Node, word, where string, known []string) {
	hint := "known are " + strings.Join(known, ", ")
	if near := Nearest(word, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	r.Wrong(n, "unknown key %q in %s: %s", word, where, hint)
}

// Scalar reads a plain value as the text that stands in the file.
func Scalar(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// Text returns a setter for a non-empty plain value.
func (r *Reader) Text(name string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		text, ok := Scalar(n)
		if !ok || text == "" {
			r.Wrong(n, "%s must be a plain, non-empty value", name)
		}
		*to = text
	}
}

// List hands each item of a YAML list to read.
func (r *Reader) List(name string, read func(ast.Node)) func(ast.Node) {
	return func(n ast.Node) {
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			r.Wrong(n, "%s must be a list, each item after a dash", name)
			return
		}
		for _, item := range list.Values {
			read(item)
		}
	}
}

// Span returns a setter for a span of time: "7d", "36h" or "90m". Go's own
// notation has no days.
func (r *Reader) Span(name string, to *time.Duration) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := Scalar(n)
		if rest, ok := strings.CutSuffix(text, "d"); ok {
			if days, err := strconv.ParseFloat(rest, 64); err == nil && math.Abs(days) < 1e5 {
				*to = time.Duration(days * 24 * float64(time.Hour))
				return
			}
		}
		span, err := time.ParseDuration(text)
		if err != nil {
			r.Wrong(n, "%s must be a span of time such as 7d or 36h, not %q", name, text)
		}
		*to = span
	}
}

// Cap returns a setter for a value above which nothing counts: 100, or as 99.9% the
// share of users below it. One of value and share is set.
func (r *Reader) Cap(name string, value, share *float64) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := Scalar(n)
		number, percent := strings.CutSuffix(text, "%")
		if percent {
			number += "e-2" // 99.9 / 100 is not quite 0.999
		}
		x, err := strconv.ParseFloat(number, 64)
		switch {
		case err != nil || math.IsNaN(x) || math.IsInf(x, 0) || x <= 0 || percent && x >= 1:
			r.Wrong(n, "%s must be a value above zero such as 100, or a share of users below 100%% such as 99.9%%, not %q", name, text)
		case percent:
			*share = x
		default:
			*value = x
		}
	}
}
