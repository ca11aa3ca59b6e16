package similar

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// terms returns the words of a text in order: lower case, without punctuation,
// stop words and endings. "1,000 Page-Views!" is 1000, page, view.
func terms(text string) []string {
	var all []string
	for _, w := range words(text) {
		if d, ok := digits[w]; ok {
			w = d
		}
		if !stop[w] {
			all = append(all, stem(w))
		}
	}
	return all
}

// words splits at everything that is neither letter nor digit, except for a
// point or comma between digits: 0.5 stays one number, and 1,000 becomes 1000.
// Runs of a script that has no spaces become overlapping pairs of characters. Unicode
// writes some characters in several ways, é as one or as two, Ａ as wide as 広: they are
// read as the same (normal form KC).
func words(text string) []string {
	var all []string
	for rs := []rune(strings.ToLower(norm.NFKC.String(text))); len(rs) > 0; {
		n := 1
		switch {
		case spaceless(rs[0]):
			for n < len(rs) && spaceless(rs[n]) {
				n++
			}
			all = append(all, pairs(rs[:n])...)
		case wordy(rs[0]):
			var w string
			w, n = word(rs)
			all = append(all, w)
		}
		rs = rs[n:]
	}
	return all
}

// word is the one at the beginning, and over how many characters it goes.
func word(rs []rune) (w string, n int) {
	var kept []rune
	for ; n < len(rs); n++ {
		switch r := rs[n]; {
		case wordy(r) && !spaceless(r):
			kept = append(kept, r)
		case !insideNumber(rs, n):
			return string(kept), n
		case r == '.':
			kept = append(kept, r)
		}
	}
	return string(kept), n
}

// wordy is true of what words are made of; a mark belongs to the letter before it.
func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

func insideNumber(rs []rune, i int) bool {
	return (rs[i] == '.' || rs[i] == ',') && i > 0 && i+1 < len(rs) && unicode.IsDigit(rs[i-1]) && unicode.IsDigit(rs[i+1])
}

func spaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func pairs(rs []rune) []string {
	if len(rs) == 1 {
		return []string{string(rs)}
	}
	all := make([]string, len(rs)-1)
	for i := range all {
		all[i] = string(rs[i : i+2])
	}
	return all
}

// stem takes off what English grammar puts behind a word: the s of plurals, ing,
// ed, and a last e, so that price, prices, priced and pricing are one word.
//
// Source: steps 1a, 1b and 5a of Porter (1980), "An algorithm for suffix
// stripping", Program 14(3):130–137, without their measure of a stem; plurals as
// the S stemmer of Harman (1991), J. American Society for Information Science 42(1):7–15.
func stem(w string) string {
	w = singular(w)
	for _, suffix := range []string{"ing", "ed"} {
		if s, ok := strings.CutSuffix(w, suffix); ok && len(s) >= 3 && strings.ContainsAny(s, "aeiouy") {
			if n := len(s); s[n-1] == s[n-2] && !ends(s, "ll", "ss", "zz") {
				s = s[:n-1]
			}
			return s
		}
	}
	if len(w) > 4 {
		w = strings.TrimSuffix(w, "e")
	}
	return w
}

func singular(w string) string {
	switch {
	case len(w) < 4 || !strings.HasSuffix(w, "s"):
	case strings.HasSuffix(w, "ies") && !ends(w, "eies", "aies"):
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "es") && !ends(w, "aes", "ees", "oes"), !ends(w, "es", "us", "ss"):
		return w[:len(w)-1]
	}
	return w
}

func ends(w string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(w, s) })
}

// stop words join others and say nothing by themselves. What turns a sentence
// round (no, not, without, more, less, up, down) is not among them.
var stop = set(strings.Fields(`a an the and or of on in to for by with from at as into onto over per via
	is are be was were will would should could can may that this these those it its their our we they you i
	if then because so when while which who what than also just only`)...)

func set(words ...string) map[string]bool {
	s := map[string]bool{}
	for _, w := range words {
		s[w] = true
	}
	return s
}

// digits leaves out one, which is an article more often than a number.
var digits = map[string]string{"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
	"eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12"}

// numeric is true of a number, with or without a unit behind it: 7, 0.5, 30m.
func numeric(w string) bool { return w[0] >= '0' && w[0] <= '9' }
