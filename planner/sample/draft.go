package sample

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assay-planner/assay/planner"
)

// idea is a rule of the grammar: one kind of change, with what can vary in it.
// {a} and {b} in the title are drawn from the lists; every pair makes sense on
// every surface. The reason completes the sentence "Because …".
type idea struct {
	change string // the kind of change
	title  string
	reason string
	a, b   []string
	cost   float64 // of training and serving, against the component's median; zero means 1
}

// draft is an idea that somebody had, before it is an experiment or a
// hypothesis.
type draft struct {
	surface   surface
	component component
	idea      idea
	writer    writer
	metric    metric
	team      string
	author    string
	title     string
	text      string
}

// draft draws an idea that nobody had before. The writer is given: the two
// generators came late.
func (g generator) draft(w writer) draft {
	for {
		d := draft{
			surface:   surfaces[g.pick(column(surfaces, func(s surface) float64 { return s.share })...)],
			component: components[g.pick(column(components, func(c component) float64 { return c.share })...)],
			metric:    metrics[g.pick(column(metrics, func(m metric) float64 { return m.aim })...)],
			writer:    w,
		}
		d.idea = one(g, d.component.ideas)
		d.compose(one(g, d.idea.a), one(g, d.idea.b))
		d.team = d.component.team
		if d.team == "" || g.Float64() < 0.3 {
			d.team = d.surface.team
		}
		if w.generator == "" {
			d.author = one(g, people[d.team])
		}
		if !g.titles[d.title] {
			g.titles[d.title] = true
			return d
		}
	}
}

// compose writes the title and the text:
//
//	Search: add hides of the advertiser over 7 days as a feature
//	Because …, clicks alone mislead. If we add … for ads on search, then
//	revenue per thousand impressions should rise without more ads being hidden.
func (d *draft) compose(a, b string) {
	what := strings.NewReplacer("{a}", a, "{b}", b).Replace(d.idea.title)
	reason := strings.NewReplacer("{a}", a, "{b}", b).Replace(d.idea.reason)
	d.title = capital(d.surface.name) + ": " + what
	d.text = "Because " + reason + ": if we " + what + " for ads on " + d.surface.name + ", then " +
		d.metric.words + " should rise without more ads being hidden."
}

func (d draft) source() planner.Source {
	if d.writer.generator != "" {
		return planner.AI
	}
	return planner.Human
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

func column[T any](rows []T, of func(T) float64) []float64 {
	values := make([]float64, len(rows))
	for i, r := range rows {
		values[i] = of(r)
	}
	return values
}

// people are the authors of each team: invented first names.
var people = map[string][]string{
	"feed-ads":        {"Robin", "Noor", "Kim", "Sasha", "Lin", "Ariel"},
	"search-ads":      {"Alex", "Yuki", "Jo", "Remy", "Dara"},
	"stories-ads":     {"Sam", "Ines", "Toni", "Kai"},
	"marketplace-ads": {"Charlie", "Amal", "Nico", "Wen"},
	"video-ads":       {"Andrea", "Jules", "Mika", "Ravi"},
	"candidates":      {"Eden", "Taylor", "Ilya"},
	"auction":         {"Morgan", "Chi", "Lou"},
	"creative":        {"Sky", "Pat", "Zoe"},
}
