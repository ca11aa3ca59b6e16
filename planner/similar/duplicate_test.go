package similar_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/planner/similar"
)

// Every mild paraphrase is found, three in four of the harsh ones, and of the
// 2,500 ideas of the sample, each had once but many alike, no more than one in
// thirty is taken for another.
func TestDuplicatesOnTheSample(t *testing.T) {
	c := bundled()
	x, r := c.index(), rand.New(rand.NewPCG(1, 1))
	var mildly, harshly, flagged int
	for _, d := range c.queued {
		if finds(x, mild(d), d.ID) {
			mildly++
		} else {
			t.Logf("missed: %q for %q", mild(d).Title, d.Title)
		}
		if finds(x, harsh(r, d), d.ID) {
			harshly++
		}
	}
	for _, d := range c.all() {
		if len(x.Duplicates(d, 1)) > 0 {
			flagged++
		}
	}
	n := len(c.queued)
	t.Logf("of %d paraphrases %d mild and %d harsh ones are found; %d of %d ideas are flagged", n, mildly, harshly, flagged, x.Len())
	if mildly < n || harshly < n*3/4 || flagged > x.Len()/30 {
		t.Error("these are not the rates that the thresholds were set for")
	}
}

func finds(x *similar.Index, d similar.Document, id string) bool {
	return slices.ContainsFunc(x.Duplicates(d, 10), func(f similar.Duplicate) bool { return f.ID == id })
}

func TestDuplicates(t *testing.T) {
	idea := similar.Document{ID: "a", Title: "Add the freshness of an ad as a feature of the feed ranker", Traits: map[string]string{"surface": "feed"}}
	x := similar.New(similar.Options{})
	x.Add(idea)
	text := "Users leave the feed when the same advertiser comes back within one session, so cap it."
	x.Add(similar.Document{ID: "b", Title: "Idea 17", Text: text, Traits: map[string]string{"surface": "feed"}})
	for _, c := range []struct {
		title, text, surface, want string
	}{
		{"Feed ranker: add ad freshness as feature", "", "feed", "a"},
		{"Feed ranker: do not add ad freshness as feature", "", "feed", ""},
		{"ＦＥＥＤ ｒａｎｋｅｒ: add ad freshness as feature", "", "feed", "a"},
		{"FEED RANKER – adding the freshness of ads as features!", "", "", "a"},
		{"Feed ranker: add ad freshness as feature", "", "search", ""},
		{"Feed ranker: remove ad freshness as feature", "", "feed", ""},
		{"Add the dwell time of an ad as a feature of the feed ranker", "", "feed", ""},
		{"Feed ranker: add ad freshness over 7 days as feature", "", "feed", ""},
		{"Cap repeats", "Cap it when the same advertiser comes back within a session, so that users do not leave the feed", "feed", "b"},
		{"Cap repeats", "Cap it when the same advertiser comes back within 3 sessions, so that users do not leave the feed", "feed", ""},
		{"", "", "", ""},
		{"!?", "…", "", ""},
	} {
		var got string
		for _, d := range x.Duplicates(similar.Document{Title: c.title, Text: c.text, Traits: map[string]string{"surface": c.surface}}, 5) {
			got += d.ID
		}
		if got != c.want {
			t.Errorf("%q %q on %q is taken for %q, want %q", c.title, c.text, c.surface, got, c.want)
		}
	}
	if d := x.Duplicates(idea, 5); len(d) > 0 {
		t.Errorf("an idea is taken for itself: %v", d)
	}
}
