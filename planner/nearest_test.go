package planner_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
)

// tested adds a past experiment to the house's history.
func (h house) tested(id, title string, lift float64, decision string) {
	h.history.effects = append(h.history.effects, history.Effect{Experiment: id, Title: title, Arm: "blue", Control: "control", Metric: "rpm",
		Surface: "feed", Component: "ranking", Source: "human", Lift: lift, SE: 0.002, Ended: tonight.AddDate(0, 0, -30), Usable: true, Verdict: history.Usable, Decision: decision})
}

func TestNearest(t *testing.T) {
	h := open(t)
	h.tested("old-1", "Rank fresher ads first in the evening", 0.004, "shipped")
	h.tested("old-2", "Lower the reserve price of video", -0.001, "")
	fresh := idea("fresh")
	fresh.Title = "In the evening, rank fresh ads first"
	if _, err := h.Submit(t.Context(), []planner.Hypothesis{fresh}); err != nil {
		t.Fatal(err)
	}
	nearest := func(ids ...string) []planner.Nearest {
		t.Helper()
		all, err := h.Nearest(t.Context(), ids...)
		if err != nil || len(all) != len(ids) {
			t.Fatal(len(all), err)
		}
		return all
	}
	if l := nearest("fresh")[0].Past[0].Lift; l.Shrunk != nil {
		t.Errorf("before the first plan there is nothing to shrink to: %+v", l)
	}
	h.plan(t, planner.PlanRequest{})
	n := nearest("fresh")[0]
	p := n.Past[0]
	if p.Experiment != "old-1" || p.Decision != "shipped" || p.Verdict != history.Usable || p.Likeness < 0.5 || p.Likeness > 1 {
		t.Errorf("%+v", p)
	}
	if l := p.Lift; math.Abs(l.Low-(0.004-1.959964*0.002)) > 1e-8 || *l.Shrunk <= 0 || *l.Shrunk >= 0.004 || *l.ShrunkSD >= 0.002 {
		t.Errorf("%+v, shrunk to %g ± %g", l, *l.Shrunk, *l.ShrunkSD)
	}
	if len(n.Duplicates) != 1 || n.Duplicates[0].Experiment != "old-1" {
		t.Errorf("%+v", n.Duplicates)
	}
	for _, q := range n.Past[1:] {
		if q.Likeness > p.Likeness {
			t.Errorf("%+v comes after %+v", q, p)
		}
	}
	other := idea("other")
	other.Title = "Raise the reserve price of video"
	if _, err := h.Submit(t.Context(), []planner.Hypothesis{other}); err != nil {
		t.Fatal(err)
	}
	if both := nearest("other", "fresh"); both[0].Past[0].Experiment != "old-2" || both[1].Past[0].Experiment != "old-1" {
		t.Errorf("of each its own: %+v", both)
	}
	if _, err := h.Nearest(t.Context(), "fresh", "nobody's"); !errors.Is(err, planner.ErrNotFound) {
		t.Errorf("an unknown id gives %v", err)
	}
}

// The new one is told of the old one, never the other way round; the same idea
// again is no duplicate of itself; what was withdrawn is forgotten.
func TestReceiptsTellOfDuplicates(t *testing.T) {
	h := open(t)
	h.tested("old-1", "Rank fresher ads first in the evening", 0.004, "")
	first, second, other := idea("first"), idea("second"), idea("other")
	first.Title, second.Title, other.Title = "Cap the views of one advertiser in a session", "In one session, cap views of an advertiser", "First in the evening: rank fresher ads"
	told := func(drafts ...planner.Hypothesis) string {
		t.Helper()
		receipts, err := h.Submit(t.Context(), drafts)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range receipts {
			for _, d := range r.Duplicates {
				all = append(all, r.ID+" is like "+d.Hypothesis+d.Experiment)
			}
		}
		return strings.Join(all, ", ")
	}
	for i, c := range []struct {
		drafts []planner.Hypothesis
		want   string
	}{
		{[]planner.Hypothesis{first, second, other}, "second is like first, other is like old-1"},
		{[]planner.Hypothesis{first, second}, ""},
	} {
		if got := told(c.drafts...); got != c.want {
			t.Errorf("submission %d: %q, want %q", i, got, c.want)
		}
	}
	for _, id := range []string{"first", "second"} {
		if _, err := h.Withdraw(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	h.history.broken = errors.New("in use by another process")
	alone := other
	alone.ID, alone.Title = "alone", "Rank fresher ads first in the evening"
	receipts, err := h.Submit(t.Context(), []planner.Hypothesis{alone, first})
	if err != nil || !receipts[0].QueueOnly || receipts[1].QueueOnly {
		t.Errorf("where the history cannot be read: %+v, %v", receipts, err)
	}
	h.history.broken = nil
	again := second
	again.ID = "again"
	if got := told(again); got != "" {
		t.Errorf("%q, of what was withdrawn", got)
	}
}
