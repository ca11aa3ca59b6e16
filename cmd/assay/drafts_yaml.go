package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assay-planner/assay/history/mapping/document"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/assay-planner/assay/planner"
)

// yamlDrafts reads a list, one mapping, or several documents. YAML goes
// through JSON, so that both have the same fields, names and strictness.
func yamlDrafts(name string, text []byte) (ds []draft, bad []problem) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, []problem{{File: name, Line: 1, Reason: "not YAML: " + yaml.FormatError(err, false, true)}}
	}
	for _, doc := range file.Docs {
		nodes := []ast.Node{doc.Body}
		if list, ok := doc.Body.(*ast.SequenceNode); ok {
			nodes = list.Values
		}
		for _, node := range nodes {
			if node == nil {
				continue
			}
			line := document.Line(node)
			h, err := yamlDraft(node)
			if err != nil {
				bad = append(bad, decodeProblem(name, line, err))
				continue
			}
			ds = append(ds, draft{h, name, line})
		}
	}
	return ds, bad
}

func yamlDraft(node ast.Node) (planner.Hypothesis, error) {
	var v any
	if err := yaml.NodeToValue(node, &v); err != nil {
		return planner.Hypothesis{}, errors.New(yaml.FormatError(err, false, false))
	}
	text, err := json.Marshal(v)
	if err != nil {
		return planner.Hypothesis{}, fmt.Errorf("a key is not text: %w", err)
	}
	return decodeDraft(text)
}
