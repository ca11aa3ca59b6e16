// Package similar answers two questions about an idea: which ideas of the past
// are nearest to it, and has somebody had it before?
//
// A Document is an idea as far as this package cares: a title, a text, and
// traits such as its surface. An Index holds many of them. Nearest ranks them by
// BM25 over words joined with traits, which finds what is worth reading.
// Duplicates finds those that say the same in other words, by what share of
// their words they have in common, which is a claim that can be wrong. On the
// bundled sample, whose 2,500 ideas come from one grammar and are often alike, it
// finds every idea that is written in another order, 85% of those with other verbs
// and words left out, and takes 2.7% of the ideas for another one.
//
//	x := similar.New(similar.Options{})
//	x.Add(past...)
//	for _, m := range x.Nearest(idea, 5) {
//		fmt.Println(x.Document(m.At).Title, m.Likeness)
//	}
//	twins := x.Duplicates(idea, 3)
//
// Words are what they look like: the package knows no synonyms and no grammar,
// takes off English endings, and reads scripts without spaces two
// characters at a time. It is pure: equal input, in any order, gives equal answers.
package similar
