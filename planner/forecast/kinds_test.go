package forecast

import (
	"slices"
	"testing"
)

// Words of a kind are words as texts have them, each once, and what is counted has a limit.
func TestKinds(t *testing.T) {
	if len(kinds) != 17 || kinds[0] != "speaks of harm and grief" {
		t.Fatalf("%d kinds: %q", len(kinds), kinds)
	}
	for w, of := range kindsOf {
		if !slices.Equal(words(w), []string{w}) {
			t.Errorf("%q is no word: texts have %q", w, words(w))
		}
		if len(slices.Compact(slices.Clone(of))) < len(of) {
			t.Errorf("%q is listed twice in one kind", w)
		}
	}
	got := map[string]float64{}
	for k, n := range countKinds("She’s afraid, AFRAID, afraid, afraid of a Senator's two dogs") {
		if n > 0 {
			got[kinds[k]] = n
		}
	}
	if len(got) != 4 || got["speaks of harm and grief"] != 3 || got["speaks of women"] != 1 || got["speaks of numbers"] != 1 || got["speaks of nature"] != 1 {
		t.Error(got)
	}
}
