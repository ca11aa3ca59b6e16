package main

import (
	"fmt"
	"strings"

	"github.com/assay-planner/assay/history/mapping/document"

	"github.com/goccy/go-yaml/ast"
)

// number reads a number; percent allows 2% too.
func (d *testDocument) number(what string, to *float64) func(ast.Node) {
	return func(n ast.Node) {
		text, _ := document.Scalar(n)
		x, err := parseShare(text)
		if err != nil {
			d.Wrong(n, "%s %q is not a number", what, text)
		}
		*to = x
	}
}

func (d *testDocument) numbers(what string, to *[]float64) func(ast.Node) {
	return d.List(what, func(n ast.Node) {
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
