package forecast

import (
	_ "embed"
	"math"
	"strings"
)

// kindsText lists words of English by what they speak of: a few broad kinds, each a line
// that ends with a colon and lines of words. It was put together by the meaning of words,
// with no outcome in sight; what a kind brings, if anything, is learned. A few kinds are
// learned from far fewer texts than as many words are: with twice as many, finer ones,
// most of the gain was lost.
//
//go:embed kinds.txt
var kindsText string

// kinds are the names of what countKinds counts, and kindsOf says of which of them a word is.
var kinds, kindsOf = readKinds(kindsText)

func readKinds(text string) (names []string, of map[string][]int) {
	of = map[string][]int{}
	for line := range strings.Lines(text) {
		if name, is := strings.CutSuffix(strings.TrimSpace(line), ":"); is {
			names = append(names, "speaks of "+name)
			continue
		}
		for _, w := range strings.Fields(line) {
			of[w] = append(of[w], len(names)-1)
		}
	}
	return names, of
}

// countKinds counts the words of each kind, at most three.
func countKinds(text string) []float64 {
	n := make([]float64, len(kinds))
	for _, w := range words(text) {
		for _, k := range kindsOf[w] {
			n[k] = math.Min(n[k]+1, 3)
		}
	}
	return n
}
