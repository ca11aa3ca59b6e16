package mapping

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/assay-planner/assay/history/mapping/document"
)

// decoder walks the YAML tree by hand, because a mistake must name its line
// and the key that was probably meant, and one run must find all of them.
type decoder struct {
	document.Reader
	lines map[string]int // section → line, for mistakes found after reading
}

func (d *decoder) flag(name string, to *bool) func(ast.Node) {
	return func(n ast.Node) {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.Wrong(n, "%s must be true or false", name)
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
			text, ok := document.Scalar(item)
			if !ok {
				d.Wrong(item, "%s must be a plain value or a list of them", name)
				continue
			}
			*to = append(*to, text)
		}
	}
}
