package forecast

import (
	"hash/fnv"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hashed is the number of columns that words and other parts of texts are hashed into. Two
// words that share one are taken for the same.
const hashed = 1 << 18

// column hashes a term by FNV-1a, the same on every machine.
func column(term string) int {
	h := fnv.New32a()
	h.Write([]byte(term))
	return int(h.Sum32() % hashed)
}

// words of a text in lower case: runs of letters, digits and apostrophes.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
}

// textBlocks are the kinds of parts of texts.
var textBlocks = map[string]func(text string) []term{wordBlock: unigrams, pairBlock: bigrams, endBlock: ends, letterBlock: letters}

// counts are numbers that a text has, whatever it is about, with their names.
type counts struct {
	names []string
	of    func(text string) []float64
}

// countBlocks are the kinds of counts.
var countBlocks = map[string]counts{shapeBlock: {shapes, shape}, kindBlock: {kinds, countKinds}}

// term is a part of a text and how much it counts.
type term struct {
	text  string
	value float64
}

// unigrams are the different words. Each counts 1 in a text of at most 16, and less in
// longer ones, so that a text's variance has a limit.
func unigrams(text string) []term { return different(words(text)) }

// bigrams are pairs of neighbouring words.
func bigrams(text string) []term {
	w := words(text)
	pairs := make([]string, 0, len(w))
	for i := 1; i < len(w); i++ {
		pairs = append(pairs, w[i-1]+" "+w[i])
	}
	return different(pairs)
}

// ends are the first and the last word.
func ends(text string) []term {
	w := words(text)
	if len(w) == 0 {
		return nil
	}
	return []term{{"first: " + w[0], 1}, {"last: " + w[len(w)-1], 1}}
}

// letters are the different runs of four letters, with the spaces between words. Each
// counts 1 in a text of at most 64.
func letters(text string) []term {
	runes := []rune(" " + strings.Join(words(text), " ") + " ")
	seen := map[string]bool{}
	var terms []term
	for i := range len(runes) - 3 {
		if s := string(runes[i : i+4]); !seen[s] {
			seen[s] = true
			terms = append(terms, term{s, 1})
		}
	}
	for i := range terms {
		terms[i].value = math.Sqrt(math.Min(1, 64/float64(len(terms))))
	}
	return terms
}

func different(all []string) []term {
	seen := map[string]bool{}
	terms := []term{}
	for _, t := range all {
		if !seen[t] {
			seen[t] = true
			terms = append(terms, term{t, 1})
		}
	}
	for i := range terms {
		terms[i].value = math.Sqrt(math.Min(1, 16/float64(len(terms))))
	}
	return terms
}

// shapes are the names of what shape measures.
var shapes = []string{"length", "words", "length of words", "capitals", "digit", "starts with a digit", "question mark",
	"exclamation mark", "quotation mark", "colon or dash", "ellipsis", "several sentences", "comma", "speaks of I or we",
	"speaks of you", "speaks of him or her", "this or these", "question word", "no or not", "capitalised word"}

// shape counts what the form of a text has, whatever it says.
func shape(text string) []float64 {
	text = strings.TrimSpace(text)
	w := words(text)
	has := func(any ...string) float64 {
		for _, a := range any {
			if strings.Contains(text, a) {
				return 1
			}
		}
		return 0
	}
	says := func(list string) (n float64) {
		for _, one := range w {
			if strings.Contains(list, " "+one+" ") {
				n++
			}
		}
		return math.Min(n, 3)
	}
	length, letters, capitals, shouted := float64(utf8.RuneCountInString(text)), 0.0, 0.0, 0.0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	for _, f := range strings.Fields(text) {
		if len(f) > 2 && strings.ToUpper(f) == f && strings.ToLower(f) != f {
			shouted = 1
		}
	}
	digit := 0.0
	if strings.ContainsFunc(text, unicode.IsDigit) {
		digit = 1
	}
	first := 0.0
	if r, _ := utf8.DecodeRuneInString(text); unicode.IsDigit(r) {
		first = 1
	}
	sentences := float64(strings.Count(text, ". ") + strings.Count(text, "? ") + strings.Count(text, "! "))
	return []float64{math.Log1p(length), math.Log1p(float64(len(w))), letters / math.Max(float64(len(w)), 1), capitals / math.Max(letters, 1),
		digit, first, has("?"), has("!"), has(`"`, "“", "‘", " '"), has(":", " - ", "—", "–"), has("...", "…"), math.Min(sentences, 3), has(","),
		says(" i i'm i've my me we our us we're "), says(" you your you're you'll "), says(" he she his her him he's she's they their "),
		says(" this these that's here's "), says(" why how what who when where which "), says(" no not never don't can't won't isn't doesn't "), shouted}
}
