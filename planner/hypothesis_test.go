package planner

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValidate(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Hypothesis)
		want   []string
	}{
		{"a good one", func(*Hypothesis) {}, nil},
		{"nothing at all", func(h *Hypothesis) { *h = Hypothesis{} }, []string{
			`id: use up to 64 letters, digits and . _ : -, beginning with a letter or digit`,
			`title: is required`, `component: is required`,
			`source: is required: one of human, ai`, `surface: is required: one of feed, search`, `metric: is required: one of rpm, hide_rate`}},
		{"id", func(h *Hypothesis) { h.ID = "../x" }, []string{`id "../x": use up to 64 letters, digits and . _ : -, beginning with a letter or digit`}},
		{"title too long", func(h *Hypothesis) { h.Title = strings.Repeat("é", 201) },
			[]string{`title "` + strings.Repeat("é", 40) + `…": has 201 characters; at most 200 fit`}},
		{"title of two lines", func(h *Hypothesis) { h.Title = "a\nb" }, []string{`title "a\nb": holds a character that cannot be printed, or the end of a line`}},
		{"what cannot be printed", func(h *Hypothesis) {
			h.Component, h.Team, h.Text = "rank\x00ing", "\u202eads", "\x1b[2J"
		}, []string{
			`text "\x1b[2J": holds a character that cannot be printed, or the end of a line`,
			`component "rank\x00ing": holds a character that cannot be printed, or the end of a line`,
			`team "\u202eads": holds a character that cannot be printed, or the end of a line`}},
		{"text of several lines, in any script", func(h *Hypothesis) { h.Text, h.Title = "because:\r\n\tعربى 🧪", "Ünïcode عربى 👩‍🔬" }, nil},
		{"ids without end", func(h *Hypothesis) { h.Conflicts, h.Requires = make([]string, 1001), ids(1000) }, []string{`conflicts "1001": at most 1000 ids fit`}},
		{"ai without a generator", func(h *Hypothesis) { h.Source = AI }, []string{`generator: is required`}},
		{"segment of another surface", func(h *Hypothesis) { h.Segment = "search-all" }, []string{`segment "search-all": is not one of: feed-us, feed-eu`}},
		{"guardrail", func(h *Hypothesis) { h.Guardrails = []string{"hide_rate", "joy"} }, []string{`guardrails[1] "joy": is not one of: rpm, hide_rate`}},
		{"pool", func(h *Hypothesis) { h.Compute.Pool = "" }, []string{`compute.pool: is required: one of a100, l4`}},
		{"no compute, no pool", func(h *Hypothesis) { h.Compute = Demand{} }, nil},
		{"hours", func(h *Hypothesis) { h.Compute.Train, h.Compute.Serve = math.NaN(), -1 }, []string{
			`compute.train_gpu_hours "NaN": must lie between 0 and 1e+07`, `compute.serve_gpu_hours_per_million_users "-1": must lie between 0 and 1e+07`}},
		{"claim in per cent", func(h *Hypothesis) { h.Claim = &Claim{Low: 1, Mid: 20, High: 30} }, []string{
			`claim.mid "20": must lie between -1 and 10`, `claim.high "30": must lie between -1 and 10`}},
		{"claim falls", func(h *Hypothesis) { h.Claim = &Claim{Low: 0.03, Mid: 0.02, High: 0.01} }, []string{
			`claim "0.03, 0.02, 0.01": low, mid and high must rise; lifts are fractions: 0.02 is +2%`}},
		{"ice", func(h *Hypothesis) { h.ICE = &ICE{Impact: 0, Confidence: 5, Ease: 11} }, []string{
			`ice.impact "0": must lie between 1 and 10`, `ice.ease "11": must lie between 1 and 10`}},
		{"scores", func(h *Hypothesis) {
			h.Scores = Scores{"author": 1, "big": -1e6, "ice": 2, "no": math.NaN(), " ": 3, "assay.x": 4, strings.Repeat("é", 65): 5, "the 2nd model (v1.3)": -7.5}
		}, []string{
			`scores.  "3": has no name, or space around it; write who scored, as reviewer`,
			`scores.assay.x "4": has a name that starts with assay., which is kept for Assay's own`,
			`scores.author "1": is the author's own forecast: give it as claim`,
			`scores.big "-1e+06": must lie between -1e+06 and 1e+06; score in other units, always the same ones`,
			`scores.ice "2": is the ICE score: give impact, confidence and ease as ice`,
			`scores.no "NaN": must lie between -1e+06 and 1e+06; score in other units, always the same ones`,
			`scores.` + strings.Repeat("é", 65) + ` "5": has a name of 65 characters; at most 64 fit`}},
		{"itself", func(h *Hypothesis) { h.Conflicts, h.Requires = []string{"a"}, []string{"b", "c d"} }, []string{
			`conflicts[0] "a": names the hypothesis itself`, `requires[1] "c d": is not an id`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := idea("a")
			tc.change(&h)
			var got []string
			for _, f := range h.Validate(smallPolicy()) {
				got = append(got, f.Error())
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestNormalize(t *testing.T) {
	h := idea("")
	h.Title, h.Source, h.Surface = "  A title ", " HUMAN", " feed\n"
	n := h.Normalize()
	if n.Title != "A title" || n.Source != Human || n.Surface != "feed" || n.ID == "" || n.ID != n.contentID() {
		t.Errorf("%+v", n)
	}
	if again := n.Normalize(); !slices.Equal([]string{again.ID, again.Title}, []string{n.ID, n.Title}) {
		t.Errorf("normalizing twice differs: %+v", again)
	}
	other := h
	other.Title = "Another title"
	if other.Normalize().ID == n.ID {
		t.Error("two ideas have one id")
	}
}
