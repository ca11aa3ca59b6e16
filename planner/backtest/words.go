package backtest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// word is a run of letters, digits, _ and apostrophes.
var word = regexp.MustCompile(`[\p{L}\p{M}\p{N}_']+`)

// wordsOf are the different words of a text, in lower case.
func wordsOf(text string) []string {
	words := word.FindAllString(strings.ToLower(text), -1)
	slices.Sort(words)
	return slices.Compact(words)
}

// counts is how many numbers countsOf gives.
const counts = 24

// flags are words of which one or more may stand in a text.
var flags = [10][]string{
	{"i", "i'm", "i've", "me", "my", "mine"},
	{"you", "you're", "you've", "you'll", "your", "yours"},
	{"he", "he's", "him", "his"},
	{"she", "she's", "her", "hers"},
	{"we", "we're", "us", "our"},
	{"they", "they're", "them", "their"},
	{"this", "these", "that", "those", "here's", "here"},
	{"not", "no", "never", "don't", "can't", "won't", "isn't", "doesn't", "nothing"},
	{"what", "why", "how", "when", "who", "which", "where"},
	{"most", "best", "worst", "greatest", "biggest", "ever", "every", "all", "everyone"},
}

// countsOf describes a text by its form: lengths, marks, capitals, and kinds of words.
func countsOf(text string) (x [counts]float64) {
	words := word.FindAllString(text, -1)
	letters, digits, longest, shouted, titled := 0, 0, 0, 0, 0
	for _, r := range text {
		letters += bit(unicode.IsLetter(r))
		digits += bit(unicode.IsDigit(r))
	}
	for _, w := range words {
		runes := []rune(w)
		longest = max(longest, len(runes))
		shouted += bit(len(runes) > 1 && strings.ToUpper(w) == w && strings.ToLower(w) != w)
		titled += bit(unicode.IsUpper(runes[0]))
	}
	n := float64(max(1, len(words)))
	form := [counts - len(flags)]float64{
		float64(len([]rune(text))), float64(len(words)), float64(letters) / n, float64(longest),
		float64(bit(digits > 0)), float64(bit(text != "" && unicode.IsDigit([]rune(text)[0]))),
		float64(strings.Count(text, "?")), float64(strings.Count(text, "!")), float64(strings.Count(text, ",")),
		float64(bit(strings.ContainsAny(text, `"“”`))), float64(bit(strings.Contains(text, "...") || strings.Contains(text, "…"))),
		float64(strings.Count(text, ". ")),
		float64(shouted), float64(titled) / n,
	}
	copy(x[:], form[:])
	lower := wordsOf(text)
	for k, of := range flags {
		x[len(form)+k] = float64(bit(slices.ContainsFunc(of, func(w string) bool { return slices.Contains(lower, w) })))
	}
	return x
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
