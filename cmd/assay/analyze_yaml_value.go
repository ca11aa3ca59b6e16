package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/assay-planner/assay/history/mapping"
)

// nesting is how deep brackets, and items that begin in one line, go.
func nesting(text []byte) int {
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

type documentKeys map[string]func(ast.Node)

// section hands each value of a mapping to its key's function.
func (d *document) section(n ast.Node, what string, known documentKeys) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.wrong(n, "%s must be keys with values", what)
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		set, ok := known[key]
		switch names := slices.Sorted(maps.Keys(known)); {
		case seen[key]:
			d.wrong(pair.Key, "%q is given twice in %s", key, what)
		case !ok:
			hint := "known are " + strings.Join(names, ", ")
			if near := mapping.Nearest(key, names); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			d.wrong(pair.Key, "unknown key %q in %s: %s", key, what, hint)
		default:
			set(pair.Value)
		}
		seen[key] = true
	}
}

func (d *document) list(what string, read func(ast.Node)) func(ast.Node) {
	return func(n ast.Node) {
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.wrong(n, "%s must be a list, each item after a dash", what)
			return
		}
		for _, item := range list.Values {
			read(item)
		}
	}
}

func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func (d *document) text(what string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		text, ok := scalar(n)
		if !ok || text == "" {
			d.wrong(n, "%s must be a plain, non-empty value", what)
		}
		*to = text
	}
}

// number reads a number; percent allows 2% too.
func (d *document) number(what string, to *float64) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := scalar(n)
		x, err := parseShare(text)
		if err != nil {
			d.wrong(n, "%s %q is not a number", what, text)
		}
		*to = x
	}
}

func (d *document) numbers(what string, to *[]float64) func(ast.Node) {
	return d.list(what, func(n ast.Node) {
		x := 0.0
		d.number(what, &x)(n)
		*to = append(*to, x)
	})
}

// parseShare reads a number, or a percentage with its sign: 0.02, 2%.
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	x, err := parseNumber(strings.TrimSpace(number))
	if err != nil {
		return 0, fmt.Errorf("%q %w", text, err)
	}
	if percent {
		x /= 100
	}
	return x, nil
}
