package similar

import "slices"

// wording is a text as a set of words, and what tells two sets apart that are
// nearly the same.
type wording struct {
	words   []string // distinct and sorted, numbers among them
	numbers []string
	negated bool                 // it says not
	sides   [len(opposites)]int8 // of each pair: −1, 1, or 0 for neither or both
}

// opposites are words of which a title has one side. They are stems.
var opposites = [...][2][]string{
	{{"increas", "rais", "higher", "grow"}, {"decreas", "reduc", "lower", "shrink", "cut"}},
	{{"more", "longer", "larger", "bigger"}, {"less", "fewer", "shorter", "smaller"}},
	{{"add", "enabl", "insert", "introduc"}, {"remov", "disabl", "drop", "delet"}},
	{{"up"}, {"down"}},
	{{"befor"}, {"after"}},
	{{"show"}, {"hide"}},
	{{"with"}, {"without"}},
}

func wordingOf(said []string) wording {
	w := wording{words: slices.Compact(slices.Sorted(slices.Values(said)))}
	for _, word := range w.words {
		if numeric(word) {
			w.numbers = append(w.numbers, word)
		}
	}
	w.negated = slices.ContainsFunc(nots, w.has)
	for i, pair := range opposites {
		for side, words := range pair {
			if slices.ContainsFunc(words, w.has) {
				w.sides[i] += int8(2*side - 1)
			}
		}
	}
	return w
}

func (w wording) has(word string) bool {
	_, ok := slices.BinarySearch(w.words, word)
	return ok
}

// nots turn a title round, unlike the one that has none of them.
var nots = []string{"not", "no", "never", "cannot", "don", "doesn", "isn", "aren"}

func (w wording) opposes(v wording) bool {
	if w.negated != v.negated {
		return true
	}
	for i := range w.sides {
		if w.sides[i]*v.sides[i] < 0 {
			return true
		}
	}
	return false
}

func (w wording) otherNumbers(v wording) bool { return !slices.Equal(w.numbers, v.numbers) }
