package similar

import (
	"maps"
	"math"
	"slices"
)

// Document is an idea, tested or not.
type Document struct {
	ID     string            // a document is never near another of its own ID; "" has none
	Title  string            // one line
	Text   string            // the hypothesis in full, where there is one
	Traits map[string]string // surface, component, change_type …; "" is not known
}

// Options are choices of an Index; the zero value is what the tests hold.
type Options struct {
	// K1 says how soon a word that is repeated stops to count, B how far a long text
	// is held against a short one, 0 to 1. Zero means 1.2 and 0.75, within what
	// Robertson & Zaragoza, §3.3, report as reasonable: 1.2 < k1 < 2, 0.5 < b < 0.8.
	K1, B float64
	// Jaccard is the share of common words from which two ideas are near-duplicates,
	// Swapped the share of words in place of others up to which they are; zero means
	// 0.55 and 0.05. See Index.Duplicates.
	Jaccard, Swapped float64
	// Apart are traits in which near-duplicates never differ where both have them;
	// nil means surface and segment: the same change elsewhere is another idea.
	Apart []string
}

// Index finds documents by what they say. Many goroutines may ask it at once, but
// nobody while it is added to.
type Index struct {
	o      Options
	docs   []Document
	read   []reading // of each document
	posts  map[string][]posting
	traits map[string][]int32 // by "name\x1fvalue"
	length int                // words in all documents
}

// reading is what is kept of a document's words.
type reading struct {
	length      int // words of title and text, with repetitions
	title, text wording
}

// posting is one document that has a word, tf times.
type posting struct {
	doc int32
	tf  float32
}

// New returns an index of no documents.
func New(o Options) *Index {
	for _, d := range []struct {
		of    *float64
		value float64
	}{{&o.K1, 1.2}, {&o.B, 0.75}, {&o.Jaccard, 0.55}, {&o.Swapped, 0.05}} {
		if *d.of == 0 {
			*d.of = d.value
		}
	}
	if o.Apart == nil {
		o.Apart = []string{"surface", "segment"}
	}
	return &Index{o: o, posts: map[string][]posting{}, traits: map[string][]int32{}}
}

// Add puts documents into the index. In which order, and in how many calls, says
// nothing.
func (x *Index) Add(docs ...Document) {
	for _, d := range docs {
		doc := int32(len(x.docs))
		counts, r := read(d)
		for _, w := range sorted(counts) {
			x.posts[w] = append(x.posts[w], posting{doc, float32(counts[w])})
		}
		for _, t := range traitsOf(d) {
			x.traits[t] = append(x.traits[t], doc)
		}
		x.docs, x.read, x.length = append(x.docs, d), append(x.read, r), x.length+r.length
	}
}

// Len is the number of documents, Document the one that was added as number at.
func (x *Index) Len() int                 { return len(x.docs) }
func (x *Index) Document(at int) Document { return x.docs[at] }

// read counts the words of a document.
func read(d Document) (map[string]int, reading) {
	title, text := terms(d.Title), terms(d.Text)
	counts := make(map[string]int, len(title)+len(text))
	for _, w := range title {
		counts[w]++
	}
	for _, w := range text {
		counts[w]++
	}
	return counts, reading{len(title) + len(text), wordingOf(title), wordingOf(text)}
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// idf is the weight of what n of all documents have:
//
//	log(1 + (N − n + ½)/(n + ½))
//
// the Robertson–Spärck Jones weight, with 1 inside the logarithm so that what
// more than half of the documents have does not count against them.
func (x *Index) idf(n int) float64 {
	return math.Log1p((float64(len(x.docs)-n) + 0.5) / (float64(n) + 0.5))
}

// traitsOf lists the traits of a document that are known, by name.
func traitsOf(d Document) []string {
	var all []string
	for _, name := range sorted(d.Traits) {
		if value := d.Traits[name]; value != "" {
			all = append(all, name+"\x1f"+value)
		}
	}
	return all
}
