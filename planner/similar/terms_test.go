package similar

import (
	"strings"
	"testing"
)

func TestTerms(t *testing.T) {
	for text, want := range map[string]string{
		"1,000 Page-Views, 0.5% more!":     "1000 page view 0.5 more",
		"Pricing prices a price priced.":   "pric pric pric pric",
		"set the settings; setting":        "set set set",
		"queries of the classes, a status": "query class status",
		"over seven days":                  "7 day",
		"one session":                      "one session",
		"広告の順位 ranking":                    "広告 告の の順 順位 rank",
		"naïve Ünïcode":                    "naïv ünïcod",
		"3.  end. 1,":                      "3 end 1",
		"cafe\u0301 ＣＡＦＥ\u0301 ２０":         "café café 20",
		"":                                 "",
	} {
		if got := strings.Join(terms(text), " "); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

// Whatever is written, no word is empty, and reading the words again changes nothing
// that a search depends on: it ends and holds no space.
func FuzzTerms(f *testing.F) {
	for _, s := range []string{"", "1,000.5 …", "a\u0301bc", "広告 ad", "\xff\xfe", "İstanbul", "ing ed s es ies"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range terms(s) {
			if w == "" || strings.ContainsAny(w, " \x1f") {
				t.Errorf("%q holds the word %q", s, w)
			}
		}
		wordingOf(terms(s))
	})
}
