package similar_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/planner/similar"
)

// Three documents of 2, 2 and 4 words, worked out by hand: the mean length is 8/3,
// idf(1) = log(1 + 2.5/1.5), idf(2) = log(1 + 1.5/2.5).
func TestNearestByHand(t *testing.T) {
	x := similar.New(similar.Options{})
	x.Add(
		similar.Document{ID: "a", Title: "click loss", Traits: map[string]string{"surface": "feed"}},
		similar.Document{ID: "b", Title: "click bid", Traits: map[string]string{"surface": "search"}},
		similar.Document{ID: "c", Title: "loss loss margin rank", Traits: map[string]string{"surface": "search"}},
	)
	idf1, idf2 := math.Log1p(2.5/1.5), math.Log1p(1.5/2.5)
	bm := func(tf, length float64) float64 {
		f := tf / (1 - 0.75 + 0.75*length/(8.0/3))
		return f * 2.2 / (f + 1.2)
	}
	got := x.Nearest(similar.Document{Title: "loss", Text: "margin", Traits: map[string]string{"surface": "feed"}}, 9)
	want := []similar.Match{
		{At: 0, ID: "a", Score: idf2*bm(1, 2) + idf1},
		{At: 2, ID: "c", Score: idf2*bm(2, 4) + idf1*bm(1, 4)},
	}
	self := idf2*bm(1, 2) + idf1*bm(1, 2) + idf1
	for i := range want {
		want[i].Likeness = want[i].Score / self
	}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
	if d := cmp.Diff(want, got, near); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestNearestOnTheSample(t *testing.T) {
	c := bundled()
	x := c.index()
	for _, q := range c.queued[:100] {
		first := x.Nearest(mild(q), 1)
		if len(first) == 0 || first[0].ID != q.ID || first[0].Likeness < 0.8 {
			t.Errorf("nearest to a paraphrase of %q is %v", q.Title, first)
		}
	}
}

// Order of documents says nothing; likeness lies in (0, 1]; an exact copy comes
// first, and it is a near-duplicate; nothing is found that has nothing in common.
func TestOrderSaysNothing(t *testing.T) {
	word := rapid.SampledFrom([]string{"click", "loss", "bid", "7", "28", "raise", "lower", "user", "the", "ads", "rank", "広告"})
	text := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprint(rapid.SliceOfN(word, 0, 12).Draw(t, "words"))
	})
	rapid.Check(t, func(t *rapid.T) {
		docs := make([]similar.Document, rapid.IntRange(1, 30).Draw(t, "documents"))
		for i := range docs {
			docs[i] = similar.Document{ID: fmt.Sprintf("d%02d", i), Title: text.Draw(t, "title"), Text: text.Draw(t, "text"),
				Traits: map[string]string{"surface": rapid.SampledFrom([]string{"", "feed", "search"}).Draw(t, "surface")}}
		}
		ask := docs[0]
		ask.ID = ""
		x, y := similar.New(similar.Options{}), similar.New(similar.Options{})
		x.Add(docs...)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for _, i := range r.Perm(len(docs)) {
			y.Add(docs[i])
		}
		matches := x.Nearest(ask, len(docs))
		for i, m := range y.Nearest(ask, len(docs)) {
			if i >= len(matches) || m.ID != matches[i].ID || m.Score != matches[i].Score || m.Likeness <= 0 || m.Likeness > 1 {
				t.Fatalf("match %d is %v in another order, %v in this", i, m, matches)
			}
		}
		twins := x.Duplicates(ask, len(docs))
		for i, d := range y.Duplicates(ask, len(docs)) {
			if i >= len(twins) || d.ID != twins[i].ID || d.Jaccard != twins[i].Jaccard || d.Jaccard <= 0 || d.Jaccard > 1 {
				t.Fatalf("duplicate %d is %v in another order, %v in this", i, d, twins)
			}
		}
		if len(matches) > 0 && !similar.Wordless(ask) && (len(twins) == 0 || twins[0].Jaccard != 1) {
			t.Fatalf("a copy of %q is not among %v", ask.Title, twins)
		}
	})
}

// What the index leaves out before it compares could not have passed.
func TestNothingIsLeftOut(t *testing.T) {
	c := bundled()
	x := c.index()
	r := rand.New(rand.NewPCG(2, 2))
	for range 40 {
		d := harsh(r, c.queued[r.IntN(len(c.queued))])
		if diff := cmp.Diff(similar.Exhaustive(x, d), x.Duplicates(d, x.Len())); diff != "" {
			t.Errorf("%q (-all pairs +index):\n%s", d.Title, diff)
		}
	}
}

func TestEmptyIndex(t *testing.T) {
	x := similar.New(similar.Options{})
	if n := len(x.Nearest(similar.Document{Title: "anything"}, 5)) + len(x.Duplicates(similar.Document{Title: "anything"}, 5)); n > 0 {
		t.Errorf("%d documents of none", n)
	}
	x.Add(similar.Document{}, similar.Document{Title: "the"})
	if n := len(x.Nearest(similar.Document{Title: "anything"}, 5)) + len(x.Nearest(similar.Document{}, 5)); n > 0 {
		t.Errorf("%d documents that say nothing are near", n)
	}
}
