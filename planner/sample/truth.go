package sample

import (
	"slices"

	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/stats/bayes"
)

// Drawn is the distribution that the true lift of a hypothesis of a sample was drawn from,
// on its target metric and as measured: what could be known of the idea, at best, from
// where, how and by whom it was proposed. It does not know of the few draws that bulk
// limits, nor of what the author's hunch says beside.
func Drawn(h planner.Hypothesis) bayes.StudentT {
	var d draft
	d.surface = surfaces[slices.IndexFunc(surfaces, func(s surface) bool { return s.name == h.Surface })]
	d.component = components[slices.IndexFunc(components, func(c component) bool { return c.name == h.Component })]
	d.idea.change = h.ChangeType
	w := writers[slices.IndexFunc(writers, func(w writer) bool { return w.generator == h.Generator })]
	m := metrics[slices.IndexFunc(metrics, func(m metric) bool { return m.name == h.Metric })]
	unit := m.scale * d.scale()
	if m.down {
		w.mean = -w.mean
	}
	return bayes.StudentT{Location: unit * w.mean, Scale: unit * w.spread, DF: tail}
}
