package mapping

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// decoder walks the YAML tree by hand, because a mistake must name its line
// and the key that was probably meant, and one run must find all of them.
type decoder struct {
	mistakes []Mistake
	lines    map[string]int // section → line, for mistakes found after reading
}

func (d *decoder) wrong(n ast.Node, format string, args ...any) {
	d.mistakes = append(d.mistakes, Mistake{Line: lineOf(n), Reason: fmt.Sprintf(format, args...)})
}

func lineOf(n ast.Node) int {
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil {
			return t.Position.Line
		}
	}
	return 1
}

// keys are what a section of the file may hold, and what to do with each.
type keys map[string]func(ast.Node)

// section hands each value of a YAML mapping to its key's function.
func (d *decoder) section(n ast.Node, name string, known keys) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.wrong(n, "%s must be a list of keys and values", name)
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		set, ok := known[key]
		switch {
		case seen[key]:
			d.wrong(pair.Key, "%q is given twice in %s", key, name)
		case !ok:
			d.unknown(pair.Key, key, name, slices.Sorted(maps.Keys(known)))
		default:
			seen[key] = true
			set(pair.Value)
		}
	}
}

func (d *decoder) unknown(n ast.Node, word, where string, known []string) {
	hint := "known are " + strings.Join(known, ", ")
	if near := Nearest(word, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.wrong(n, "unknown key %q in %s: %s", word, where, hint)
}

// scalar reads a plain value as the text that stands in the file.
func (d *decoder) scalar(n ast.Node) (text string, ok bool) {
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

// text returns a setter for a non-empty plain value.
func (d *decoder) text(name string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		text, ok := d.scalar(n)
		if !ok || text == "" {
			d.wrong(n, "%s must be a plain, non-empty value", name)
		}
		*to = text
	}
}

func (d *decoder) flag(name string, to *bool) func(ast.Node) {
	return func(n ast.Node) {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.wrong(n, "%s must be true or false", name)
			return
		}
		*to = b.Value
	}
}

// texts returns a setter for one plain value or a list of them.
func (d *decoder) texts(name string, to *[]string) func(ast.Node) {
	return func(n ast.Node) {
		items := []ast.Node{n}
		if list, ok := n.(*ast.SequenceNode); ok {
			items = list.Values
		}
		for _, item := range items {
			text, ok := d.scalar(item)
			if !ok {
				d.wrong(item, "%s must be a plain value or a list of them", name)
				continue
			}
			*to = append(*to, text)
		}
	}
}

// list hands each item of a YAML list to read.
func (d *decoder) list(name string, read func(ast.Node)) func(ast.Node) {
	return func(n ast.Node) {
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.wrong(n, "%s must be a list, each item after a dash", name)
			return
		}
		for _, item := range list.Values {
			read(item)
		}
	}
}

// duration reads "7d", "36h" or "90m". Go's own notation has no days.
func (d *decoder) duration(name string, to *time.Duration) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := d.scalar(n)
		if rest, ok := strings.CutSuffix(text, "d"); ok {
			if days, err := strconv.ParseFloat(rest, 64); err == nil && math.Abs(days) < 1e5 {
				*to = time.Duration(days * 24 * float64(time.Hour))
				return
			}
		}
		span, err := time.ParseDuration(text)
		if err != nil {
			d.wrong(n, "%s must be a span of time such as 7d or 36h, not %q", name, text)
		}
		*to = span
	}
}
