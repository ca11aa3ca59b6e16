package similar

import (
	"cmp"
	"slices"
	"strings"
)

// Match is a document near another one.
type Match struct {
	At    int    // its index among the documents of the Index
	ID    string // its ID
	Score float64
	// Likeness is Score over that of the idea itself, were it in the Index: 1 is the
	// same in every word and trait, 0 has nothing in common.
	Likeness float64
}

// Nearest returns up to k documents by falling score, those that have anything
// in common with the idea, ties by ID:
//
//	Σ over its words in the document  idf · f(k1 + 1)/(f + k1)   f = tf/(1 − b + b·length/mean length)
//	+ Σ over its traits that the document has  idf
//
// with tf the occurrences of the word in the document, lengths in words, and idf
// of the word or trait (see Options for k1 and b). A trait counts as a word
// would that occurs once in a text of mean length, so that a rare component says
// much and a surface of a third of all ideas little. Words are those of title and
// text together.
//
// Source: Robertson & Zaragoza (2009), "The Probabilistic Relevance Framework:
// BM25 and Beyond", Foundations and Trends in Information Retrieval 3(4):333–389,
// eq. 3.15; traits as a term of their own are ours.
func (x *Index) Nearest(idea Document, k int) []Match {
	scores, mean := make([]float64, len(x.docs)), float64(x.length)/float64(len(x.docs))
	counts, r := read(idea)
	var self float64
	for _, w := range sorted(counts) {
		posts := x.posts[w]
		idf := x.idf(len(posts))
		self += idf * x.saturated(float64(counts[w]), float64(r.length)/mean)
		for _, p := range posts {
			scores[p.doc] += idf * x.saturated(float64(p.tf), float64(x.read[p.doc].length)/mean)
		}
	}
	for _, t := range traitsOf(idea) {
		idf := x.idf(len(x.traits[t]))
		self += idf
		for _, doc := range x.traits[t] {
			scores[doc] += idf
		}
	}
	return x.best(idea, scores, self, k)
}

// saturated is what a word counts that occurs tf times in a text so many times as
// long as the mean: 1 once in one of mean length, and never above k1 + 1.
func (x *Index) saturated(tf, length float64) float64 {
	f := tf / (1 - x.o.B + x.o.B*length)
	return f * (x.o.K1 + 1) / (f + x.o.K1)
}

// best keeps the k best while it goes through all.
func (x *Index) best(idea Document, scores []float64, self float64, k int) []Match {
	var found []Match
	for i, score := range scores {
		if score == 0 || len(found) == k && (k == 0 || score < found[k-1].Score) || x.itself(idea, i) {
			continue
		}
		m := Match{i, x.docs[i].ID, score, min(1, score/self)}
		at, _ := slices.BinarySearchFunc(found, m, func(a, b Match) int {
			return cmp.Or(-cmp.Compare(a.Score, b.Score), x.tie(a.At, b.At))
		})
		found = slices.Insert(found, at, m)
		found = found[:min(k, len(found))]
	}
	return found
}

// tie orders documents that are equally near.
func (x *Index) tie(a, b int) int {
	return cmp.Or(strings.Compare(x.docs[a].ID, x.docs[b].ID), strings.Compare(x.docs[a].Title, x.docs[b].Title), cmp.Compare(a, b))
}

// itself is true of a document that is the idea.
func (x *Index) itself(idea Document, i int) bool { return idea.ID != "" && x.docs[i].ID == idea.ID }
