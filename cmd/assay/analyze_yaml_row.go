package main

import (
	"math"
	"strings"

	"github.com/assay-planner/assay/history/mapping/document"

	"github.com/goccy/go-yaml/ast"

	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/quantile"
)

// row reads a row as one of a table, or one with a sketch.
func (d *testDocument) row(n ast.Node) {
	line := document.Line(n)
	c := statCells{cells: map[string]string{}, columns: map[string]string{}, line: line,
		report: func(line int, column, value, reason string) {
			d.bad = append(d.bad, problem{File: d.name, Line: line, Column: column, Value: value, Reason: reason})
		}}
	var sketch quantile.Sketch
	var clusters quantile.Clusters
	known := document.Keys{
		"histogram": func(n ast.Node) { sketch = d.histogram(n) },
		"digest":    func(n ast.Node) { sketch = d.digest(n) },
		"clusters":  func(n ast.Node) { clusters = d.clusters(n) },
	}
	for _, pair := range pairsOf(n) {
		key := pair.Key.GetToken().Value
		if name := statName(key); name != "" && name != "experiment" {
			known[key] = func(n ast.Node) {
				text, ok := document.Scalar(n)
				if !ok {
					d.Wrong(n, "%s must be a plain value", key)
				}
				if _, twice := c.columns[name]; twice {
					d.Wrong(n, "%s means the same as %s", key, c.columns[name])
				}
				c.cells[name], c.columns[name] = strings.TrimSpace(text), key
			}
		}
	}
	for name := range statNames {
		if known[name] == nil && name != "experiment" {
			known[name] = func(ast.Node) {}
		}
	}
	before := len(d.Mistakes)
	d.Section(n, "a row", known)
	if len(d.Mistakes) > before {
		return
	}
	r, ok := c.row()
	if sketch != nil {
		r.Sketch, r.Clusters = sketch, clusters
		for _, name := range []string{"n", "y", "mean", "successes"} {
			if c.has(name) {
				c.wrong(name, "stands beside a histogram or a digest, which says it already: a row has one of them")
				ok = false
			}
		}
	} else {
		ok = c.statistics(&r) && ok
	}
	r.cumulative = r.cumulative || d.days == string(analysis.Cumulative)
	if ok {
		d.rows = append(d.rows, r)
	}
}

func pairsOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func (d *testDocument) histogram(n ast.Node) quantile.Sketch {
	h := quantile.Histogram{}
	d.Section(n, "a histogram", document.Keys{"edges": d.numbers("edges", &h.Edges), "counts": d.numbers("counts", &h.Counts),
		"under": d.number("under", &h.Under), "over": d.number("over", &h.Over),
		"sums": d.numbers("sums", &h.Sums), "squares": d.numbers("squares", &h.Squares)})
	if len(h.Edges) != len(h.Counts)+1 {
		d.Wrong(n, "a histogram of %d counts has %d edges; it must be one more than counts", len(h.Counts), len(h.Edges))
	}
	return h
}

func (d *testDocument) digest(n ast.Node) quantile.Sketch {
	g := quantile.Digest{}
	d.Section(n, "a digest", document.Keys{"min": d.number("min", &g.Min), "max": d.number("max", &g.Max),
		"centroids": d.List("centroids", func(n ast.Node) {
			var parts []float64
			d.numbers("a centroid", &parts)(n)
			if len(parts) != 2 && len(parts) != 3 {
				d.Wrong(n, "a centroid is [mean, weight], or [mean, weight, sum of squares]")
				return
			}
			c := quantile.Centroid{Mean: parts[0], Weight: parts[1]}
			if len(parts) == 3 {
				c.Squares = parts[2]
			}
			g.Centroids = append(g.Centroids, c)
		})})
	return g
}

func (d *testDocument) clusters(n ast.Node) quantile.Clusters {
	c, users := quantile.Clusters{}, 0.0
	d.Section(n, "clusters", document.Keys{"users": d.number("users", &users), "events": d.number("events", &c.Events),
		"below": d.number("below", &c.Below), "event_squares": d.number("event_squares", &c.EventSquares),
		"below_squares": d.number("below_squares", &c.BelowSquares), "product": d.number("product", &c.Product)})
	if users != math.Trunc(users) || users < 0 || users > 1<<53 {
		d.Wrong(n, "clusters have %v users; it must be a whole number", users)
		users = 0
	}
	c.Users = int(users)
	return c
}
