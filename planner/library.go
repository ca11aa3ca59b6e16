package planner

import (
	"sync"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/similar"
)

// document is a hypothesis as the search sees it.
func (h Hypothesis) document() similar.Document {
	return similar.Document{ID: h.ID, Title: h.Title, Text: h.Text, Traits: map[string]string{"surface": h.Surface, "component": h.Component,
		"change_type": h.ChangeType, "segment": h.Segment, "source": string(h.Source), "generator": h.Generator, "team": h.Team}}
}

// library is every idea that is known, read once: imports add to the past, and
// submissions to the queue. It is read anew only if something was taken back.
type library struct {
	mu sync.Mutex
	catalogue
}

type catalogue struct {
	Index  *similar.Index
	of     []known
	at     map[shelfmark]int
	queued int // of the known
}

// known is what a document of the index is of: a past experiment's effects, or a
// hypothesis.
type known struct {
	past       []history.Effect
	hypothesis string
}

// shelfmark tells documents apart.
type shelfmark struct{ kind, id, title, text string }

// open brings the library up to date and holds it until close.
func (l *library) open(effects []history.Effect, queue []Hypothesis) catalogue {
	l.mu.Lock()
	past := map[shelfmark][]history.Effect{}
	var fresh []shelfmark
	for _, e := range effects {
		key := shelfmark{"past", e.Experiment, e.Title, e.Hypothesis}
		if past[key] == nil {
			fresh = append(fresh, key)
		}
		past[key] = append(past[key], e)
	}
	waiting := map[shelfmark]Hypothesis{}
	for _, h := range queue {
		if h.Withdrawn == nil {
			key := shelfmark{"queued", h.ID, h.Title, h.Text}
			waiting[key], fresh = h, append(fresh, key)
		}
	}
	kept := 0
	for _, key := range fresh {
		if _, ok := l.at[key]; ok {
			kept++
		}
	}
	if l.Index == nil || kept < len(l.of) { // something is gone
		l.catalogue = catalogue{Index: similar.New(similar.Options{}), at: map[shelfmark]int{}}
	}
	for _, key := range fresh {
		at, ok := l.at[key]
		if !ok {
			at = len(l.of)
			l.at[key] = at
			l.Index.Add(documentOf(key, past[key], waiting[key]))
			l.of = append(l.of, known{})
		}
		l.of[at] = known{past[key], waiting[key].ID}
	}
	l.queued = len(waiting)
	return l.catalogue
}

func (l *library) close() { l.mu.Unlock() }

func documentOf(key shelfmark, past []history.Effect, h Hypothesis) similar.Document {
	if key.kind == "queued" {
		return h.document()
	}
	e := past[0]
	return similar.Document{ID: e.Experiment, Title: e.Title, Text: e.Hypothesis, Traits: map[string]string{"surface": e.Surface, "component": e.Component,
		"change_type": e.ChangeType, "source": e.Source, "generator": e.Generator, "team": e.Team}}
}

// duplicates lists what says nearly the same as a hypothesis, but for the
// experiment that it became.
func (c catalogue) duplicates(h Hypothesis, own string) []Duplicate {
	found := []Duplicate{}
	for _, d := range c.Index.Duplicates(h.document(), fewTwins+1) {
		of := c.of[d.At]
		twin := Duplicate{Hypothesis: of.hypothesis, Title: c.Index.Document(d.At).Title, Likeness: d.Jaccard}
		if of.past != nil {
			twin.Experiment = of.past[0].Experiment
		}
		if (own == "" || twin.Experiment != own) && len(found) < fewTwins {
			found = append(found, twin)
		}
	}
	return found
}
