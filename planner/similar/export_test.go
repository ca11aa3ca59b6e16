package similar

// Wordless tells whether a title has no words left to compare.
func Wordless(d Document) bool { return len(terms(d.Title)) == 0 }

// Exhaustive is Duplicates without an index: every document is compared.
func Exhaustive(x *Index, idea Document) []Duplicate {
	_, own := read(idea)
	return x.among(idea, own, all(len(x.docs)))
}

func all(n int) []int {
	at := make([]int, n)
	for i := range at {
		at[i] = i
	}
	return at
}
