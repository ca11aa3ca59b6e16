package similar

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Duplicate is a document that says nearly the same as another.
type Duplicate struct {
	At int    // its index among the documents of the Index
	ID string // its ID
	// Jaccard is the weight of the words that both have over that of the words that
	// either has, in titles or texts, whichever is more alike.
	Jaccard float64
}

// Duplicates returns up to k near-duplicates of an idea, the likest first, ties
// by ID. A title, and likewise a text of eight words or more, is a set of words,
// each with a weight that is less the more documents have it, and 1 if all have:
//
//	w = 1 + log((N + 1)/(n + 1))
//	Jaccard = w(A ∩ B)/w(A ∪ B)
//	Swapped = min(w(A \ B), w(B \ A))/w(A ∪ B)   of words that two documents or more have
//
// Titles or texts with a Jaccard of at least its threshold and a Swapped of at
// most its own (see Options) make two ideas near-duplicates. Swapped is what tells
// a paraphrase from a sibling. Both have other words in places, but where ideas
// differ in substance, clicks here stand for conversions there, and both are words
// that other ideas are made of; another author's verb is one that few use. Three
// more things keep ideas apart that are only alike:
//
//   - a trait of Options.Apart in which they differ;
//   - other numbers in their titles, or in their texts where those decide: 7 days
//     and 28 days are two settings of one idea;
//   - opposites in their titles, such as raise here and lower there, or a not in one alone.
//
// Source: Broder (1997), "On the resemblance and containment of documents",
// Compression and Complexity of Sequences, 21–29, with shingles of one word, since
// a paraphrase changes the order of words too, and weights; Swapped is ours.
func (x *Index) Duplicates(idea Document, k int) []Duplicate {
	_, own := read(idea)
	found := x.among(idea, own, x.candidates(own))
	return found[:min(k, len(found))]
}

// among compares the idea with some of the documents.
func (x *Index) among(idea Document, own reading, docs []int) []Duplicate {
	var found []Duplicate
	for _, doc := range docs {
		d := Duplicate{At: doc, ID: x.docs[doc].ID}
		if x.itself(idea, doc) || x.apart(idea, x.docs[doc]) || own.title.opposes(x.read[doc].title) {
			continue
		}
		if d.Jaccard = x.alike(own, x.read[doc]); d.Jaccard > 0 {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b Duplicate) int {
		return cmp.Or(-cmp.Compare(a.Jaccard, b.Jaccard), x.tie(a.At, b.At))
	})
	return found
}

// candidates returns the documents whose common words could be enough: a Jaccard
// of j needs w(A ∩ B) ≥ j w(A), so a document that has none of A's rarest words
// is out, as long as all the others together weigh less than j w(A).
func (x *Index) candidates(own reading) []int {
	seen := make([]bool, len(x.docs))
	var all []int
	for _, part := range []wording{own.title, own.text} {
		rest := x.weigh(part)
		enough := x.o.Jaccard * rest * (1 - 1e-9)
		rare := slices.Clone(part.words)
		slices.SortStableFunc(rare, func(v, w string) int { return cmp.Compare(len(x.posts[v]), len(x.posts[w])) })
		for _, w := range rare {
			if rest < enough {
				break
			}
			rest -= x.wordWeight(len(x.posts[w]))
			for _, p := range x.posts[w] {
				if !seen[p.doc] {
					seen[p.doc] = true
					all = append(all, int(p.doc))
				}
			}
		}
	}
	return all
}

// alike returns the Jaccard of titles or texts that say nearly the same; 0 if
// neither do.
func (x *Index) alike(a, b reading) (most float64) {
	if !a.title.otherNumbers(b.title) {
		most = x.same(a.title, b.title)
	}
	if min(len(a.text.words), len(b.text.words)) >= 8 && !a.text.otherNumbers(b.text) {
		most = max(most, x.same(a.text, b.text))
	}
	return most
}

// same walks two sorted sets of words side by side.
func (x *Index) same(a, b wording) float64 {
	var both, all, onlyA, onlyB float64
	for i, j := 0, 0; i < len(a.words) || j < len(b.words); {
		side := order(a.words, b.words, i, j)
		var w string
		if side <= 0 {
			w = a.words[i]
			i++
		} else {
			w = b.words[j]
		}
		if side >= 0 {
			j++
		}
		n := len(x.posts[w])
		weight := x.wordWeight(n)
		all += weight
		switch {
		case side == 0:
			both += weight
		case n < 2:
		case side < 0:
			onlyA += weight
		default:
			onlyB += weight
		}
	}
	if both < x.o.Jaccard*all || min(onlyA, onlyB) > x.o.Swapped*all || all == 0 {
		return 0
	}
	return both / all
}

// order says which of two sorted lists has the next word: −1, 1, or 0 for both.
func order(a, b []string, i, j int) int {
	switch {
	case i == len(a):
		return 1
	case j == len(b):
		return -1
	}
	return strings.Compare(a[i], b[j])
}

func (x *Index) wordWeight(n int) float64 {
	return 1 + math.Log(float64(len(x.docs)+1)/float64(n+1))
}

func (x *Index) weigh(w wording) (sum float64) {
	for _, word := range w.words {
		sum += x.wordWeight(len(x.posts[word]))
	}
	return sum
}

func (x *Index) apart(a, b Document) bool {
	return slices.ContainsFunc(x.o.Apart, func(trait string) bool {
		return a.Traits[trait] != "" && b.Traits[trait] != "" && a.Traits[trait] != b.Traits[trait]
	})
}
