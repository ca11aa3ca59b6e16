package document

// Nearest returns the candidate with the fewest edits from word, or "" when
// none is near enough to be a likely slip (a third of the word's letters, and
// not all of them). Ties go to the earlier candidate.
func Nearest(word string, candidates []string) string {
	best, bestEdits := "", min(max(1, len(word)/3)+1, len(word))
	for _, candidate := range candidates {
		if edits := distance(word, candidate); edits < bestEdits {
			best, bestEdits = candidate, edits
		}
	}
	return best
}

// distance is the Levenshtein distance in bytes, with a swap of two
// neighbouring letters counted as one edit, the commonest slip of all.
func distance(a, b string) int {
	const longest = 64 // names of columns; longer ones are not slips of each other
	if len(a) > longest || len(b) > longest {
		return longest
	}
	var before, above [longest + 1]int // two rows up, one row up
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := [longest + 1]int{0: i}
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
