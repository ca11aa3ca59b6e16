package similar_test

import (
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/assay-planner/assay/planner/sample"
	"github.com/assay-planner/assay/planner/similar"
)

// bundled is the sample: 2,000 past experiments with a title, and 500 hypotheses
// with a text as well. Its grammar makes many ideas that differ in one part.
var bundled = sync.OnceValue(func() (c corpus) {
	p := sample.Generate(sample.Seed)
	return corpus{pastOf(p), queuedOf(p)}
})

type corpus struct{ past, queued []similar.Document }

func (c corpus) all() []similar.Document {
	return append(append([]similar.Document{}, c.past...), c.queued...)
}

func (c corpus) index() *similar.Index {
	x := similar.New(similar.Options{})
	x.Add(c.all()...)
	return x
}

func pastOf(p sample.Programme) (all []similar.Document) {
	for _, e := range p.Experiments {
		all = append(all, similar.Document{ID: e.ID, Title: e.Title,
			Traits: map[string]string{"surface": e.Surface, "component": e.Component, "change_type": e.ChangeType}})
	}
	return all
}

func queuedOf(p sample.Programme) (all []similar.Document) {
	for _, h := range p.Hypotheses {
		all = append(all, similar.Document{ID: h.ID, Title: h.Title, Text: h.Text,
			Traits: map[string]string{"surface": h.Surface, "component": h.Component, "change_type": h.ChangeType}})
	}
	return all
}

// verbs are what another author writes instead.
var verbs = strings.NewReplacer(
	"replace the", "swap out the", "train the ranker", "fit the ranking model", "retrieve", "fetch", "mine hard negatives", "collect difficult negatives",
	"rebuild", "refresh", "set reserve prices", "choose floor prices", "choose", "select", "generate", "write", "show ", "display ", "retire", "take out",
	"let the", "allow the", "Because", "Since", "should rise", "ought to go up", "cannot", "can not", "predicts", "forecasts", "order ", "sort ",
)

// mild is the same idea with the surface elsewhere, in other case and punctuation,
// and the two halves of its text turned round.
func mild(d similar.Document) similar.Document {
	surface, what, _ := strings.Cut(d.Title, ": ")
	d.ID, d.Title = "", strings.ReplaceAll(what, ", ", " – ")+" (on "+strings.ToUpper(surface)+")"
	if reason, then, ok := strings.Cut(d.Text, ": if we "); ok {
		d.Text = "If we " + then + " Why? " + reason
	}
	return d
}

// harsh also takes other verbs and leaves out one word in twenty.
func harsh(r *rand.Rand, d similar.Document) similar.Document {
	d = mild(d)
	for _, s := range []*string{&d.Title, &d.Text} {
		var kept []string
		for _, w := range strings.Fields(verbs.Replace(*s)) {
			if r.Float64() >= 0.05 || strings.ContainsAny(w, "0123456789") {
				kept = append(kept, w)
			}
		}
		*s = strings.Join(kept, " ")
	}
	return d
}
