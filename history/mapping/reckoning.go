package mapping

import (
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/assay-planner/assay/history/mapping/document"
)

// reckoning adds the keys of a metric's rules. Any of them makes a new rule of all
// three, and none takes one back.
func (d *decoder) reckoning(known document.Keys, to **Reckoning) {
	key := func(name string, read func(ast.Node, *Reckoning)) {
		known[name] = func(n ast.Node) {
			if *to == nil {
				*to = &Reckoning{}
			}
			if text, _ := document.Scalar(n); text != none {
				read(n, *to)
			}
		}
	}
	key("window", func(n ast.Node, r *Reckoning) { d.seconds("window", n, &r.Window) })
	key("look_back", func(n ast.Node, r *Reckoning) { d.seconds("look_back", n, &r.LookBack) })
	key("cap", func(n ast.Node, r *Reckoning) { d.Cap("metric.cap", &r.Cap, &r.CapShare)(n) })
}

const none = "none"

// longestSpan of a window or a look-back: in seconds it must fit 32 bits.
const longestSpan = 10_000 * 24 * time.Hour

// seconds reads a span of whole seconds.
func (d *decoder) seconds(name string, n ast.Node, to *time.Duration) {
	before := len(d.Mistakes)
	d.Span("metric."+name, to)(n)
	if len(d.Mistakes) == before && (*to < time.Second || *to > longestSpan || *to%time.Second != 0) {
		text, _ := document.Scalar(n)
		d.Wrong(n, "metric.%s must be whole seconds, from 1s to 10000d, or none, not %q", name, text)
	}
}
