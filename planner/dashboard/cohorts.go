package dashboard

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/cohort"
	"github.com/assay-planner/assay/planner"
)

// CohortsView is who holds which buckets: the ledger, and the plan in force for what it
// foresees.
type CohortsView struct {
	Ledger planner.Ledger
	Plan   *planner.Plan // nil before the first one
	Layer  string        // only this one; empty: all
}

// Cohorts draws each layer as a strip of buckets by week.
func Cohorts(w io.Writer, f Frame, v CohortsView) error {
	drawn, err := v.draw(f.Now)
	if err != nil {
		return err
	}
	return render(w, "cohorts", "Cohorts", f, drawn)
}

type cohorts struct {
	Now    time.Time
	Known  []string
	Layer  string
	Layers []layer
}

// layer is one layer with its strips, the earliest first, and who holds it now.
type layer struct {
	planner.Tenancy
	Id    string // of its heading
	Facts string
	Weeks []layerWeek
}

// layerWeek is the layer at the first moment of a week.
type layerWeek struct {
	Label string
	Now   bool
	Parts []part
	Text  string
	Used  string
}

// part is some buckets of a strip with what they are.
type part struct {
	span
	Kind, Text string
}

// weeksBack and weeksAhead bound what is drawn; of a plan as far as it looks ahead.
const (
	weeksBack  = 4
	weeksAhead = 7
)

func (v CohortsView) draw(now time.Time) (cohorts, error) {
	c := cohorts{Now: v.Ledger.Now(now), Known: v.Ledger.Layers(), Layer: v.Layer}
	last := weeksAhead
	if v.Plan != nil {
		last = v.Plan.Weeks - 1
	}
	keys := c.Known
	if v.Layer != "" {
		keys = []string{v.Layer}
	}
	for i, key := range keys {
		l, book := layer{Id: fmt.Sprintf("layer-%d", i+1)}, v.Ledger.Of(key)
		var err error
		if l.Tenancy, err = book.Tenancy(key, c.Now); err != nil {
			return c, err
		}
		l.Facts = factsOf(l.Tenancy)
		for k := first(book, c.Now); k <= last; k++ {
			held, err := book.Tenancy(key, c.Now.AddDate(0, 0, 7*k))
			if err != nil {
				return c, err
			}
			l.Weeks = append(l.Weeks, v.week(held, k))
		}
		c.Layers = append(c.Layers, l)
	}
	return c, nil
}

// first is how many weeks before now the strips begin: with the first test, but not
// more than weeksBack ago.
func first(book planner.Ledger, now time.Time) int {
	first := 0
	for _, l := range book {
		if l.Event == planner.TestStarted {
			weeks := int(now.Sub(l.From).Hours() / (24 * 7))
			first = min(first, -weeks)
		}
	}
	return max(first, -weeksBack)
}

func factsOf(t planner.Tenancy) string {
	text := fmt.Sprintf("%s buckets by the hash of %s; %s free now", thousands(float64(t.Buckets)), t.Salt, thousands(float64(cohort.Size(t.Free))))
	if n := cohort.Size(t.Holdout); n > 0 {
		text += fmt.Sprintf("; %s never given out", thousands(float64(n)))
	}
	return text
}

// week draws the layer at the beginning of a week; k weeks from now.
func (v CohortsView) week(t planner.Tenancy, k int) layerWeek {
	w := layerWeek{Label: t.At.Format("2 Jan"), Now: k == 0}
	if w.Now {
		w.Label = "now"
	}
	counts := map[string]int{}
	add := func(kind, who string, rs []allocator.Range) {
		for i, s := range spans(rs, t.Buckets) {
			w.Parts = append(w.Parts, part{s, kind, fmt.Sprintf("%s: %s", who, ranges(rs[i:i+1]))})
		}
		counts[kind] += cohort.Size(rs)
	}
	add("holdout", "holdout", t.Holdout)
	for _, r := range t.Rests {
		add("resting", "rests from "+r.Experiment, r.Resting)
	}
	if v.Plan != nil {
		t.Foresee(*v.Plan)
	}
	for _, l := range t.Foreseen {
		add("foreseen", "foreseen for "+l.Hypothesis, cohort.Join(slices.Concat(l.Control, l.Treatment)))
	}
	for _, l := range t.Tests {
		add("waiting", "waits for "+l.Experiment, l.Waiting)
		add("control", l.Experiment+", control", l.Control)
		add("treatment", l.Experiment+", treatment", l.Treatment)
	}
	var words []string
	for _, kind := range []string{"control", "treatment", "waiting", "resting", "holdout", "foreseen"} {
		if n := counts[kind]; n > 0 {
			words = append(words, fmt.Sprintf("%s %s", thousands(float64(n)), kind))
		}
	}
	free := cohort.Size(t.Unclaimed())
	w.Used = percent(1 - float64(free)/float64(t.Buckets))
	w.Text = fmt.Sprintf("%s on %s: %s of %s buckets free", t.Key(), day(t.At), thousands(float64(free)), thousands(float64(t.Buckets)))
	if len(words) > 0 {
		w.Text += ", " + strings.Join(words, ", ")
	}
	return w
}

// held is one line of who holds a layer now.
type held struct {
	Experiment, Hypothesis string
	State                  string
	Buckets                string
	Control, Treatment     string // of a test
	Others, Kind           string // what waits or rests
	Until                  time.Time
	Why                    string
}

// Held lists the tests of the layer and what rests.
func (l layer) Held() []held {
	var all []held
	for _, t := range l.Tests {
		h := held{Experiment: t.Experiment, Hypothesis: t.Hypothesis, State: "in test", Control: ranges(t.Control), Treatment: ranges(t.Treatment),
			Buckets: thousands(float64(cohort.Size(t.Control) + cohort.Size(t.Treatment) + cohort.Size(t.Waiting))), Until: t.Until}
		if n := cohort.Size(t.Waiting); n > 0 {
			h.State, h.Others, h.Kind = "ramping up", ranges(t.Waiting), "waiting"
			h.Why = fmt.Sprintf("%s buckets wait", thousands(float64(n)))
		}
		all = append(all, h)
	}
	for _, r := range l.Rests {
		all = append(all, held{Experiment: r.Experiment, Hypothesis: r.Hypothesis, State: "resting", Others: ranges(r.Resting), Kind: "resting", Buckets: thousands(float64(cohort.Size(r.Resting))), Until: r.Until, Why: r.Reason})
	}
	return all
}
