package planner

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
)

// Scores are what reviewers or models said of an idea before its test, by the name of
// each: in units of their own, as long as they are the same from idea to idea. A forecast
// believes a score as far as those of the same name came true, and one without a record
// not at all.
type Scores map[string]float64

const (
	authorClaim = "author" // who makes the claim that is the author's own forecast

	reserved = "assay." // of names: no mapping can give a past arm such a claim

	maxScores    = 100
	maxScoreName = 64
	maxScore     = 1e6 // from which on forecasts take a past score for a mistake
)

// UnmarshalJSON reads numbers by name. A score that is null is none, where a plain map
// would read 0; one that is no number is named.
func (s *Scores) UnmarshalJSON(text []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	*s = nil
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var score *float64
		if err := json.Unmarshal(members[name], &score); err != nil {
			if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
				wrong.Field = name
			}
			return err
		}
		if score == nil {
			continue
		}
		if *s == nil {
			*s = Scores{}
		}
		(*s)[name] = *score
	}
	return nil
}

// wrong lists the scores that cannot be taken.
func (s Scores) wrong() (bad []FieldError) {
	if len(s) > maxScores {
		return []FieldError{{"scores", fmt.Sprint(len(s)), fmt.Sprintf("at most %d fit", maxScores)}}
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		field := "scores." + name
		if reason := wrongScoreName(name); reason != "" {
			bad = append(bad, FieldError{field, fmt.Sprint(s[name]), reason})
		} else if v := s[name]; !(math.Abs(v) < maxScore) {
			bad = append(bad, FieldError{field, fmt.Sprint(v), "must lie between -1e+06 and 1e+06; score in other units, always the same ones"})
		}
	}
	return bad
}

// wrongScoreName says why a score cannot have the name; "" when it can. Imported claims of
// past arms go by the same names (docs/mapping.md).
func wrongScoreName(name string) string {
	switch n := len([]rune(name)); {
	case strings.TrimSpace(name) != name || n == 0:
		return "has no name, or space around it; write who scored, as reviewer"
	case n > maxScoreName:
		return fmt.Sprintf("has a name of %d characters; at most %d fit", n, maxScoreName)
	case strings.ContainsFunc(name, unprintable):
		return "has a name with a character that cannot be printed, or the end of a line"
	case name == authorClaim:
		return "is the author's own forecast: give it as claim"
	case name == history.ICEClaim:
		return "is the ICE score: give impact, confidence and ease as ice"
	case strings.HasPrefix(name, reserved):
		return "has a name that starts with " + reserved + ", which is kept for Assay's own"
	}
	return ""
}

// String lists the scores by name: "gpt 0.7, reviewer 3".
func (s Scores) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		all = append(all, fmt.Sprintf("%s %g", name, s[name]))
	}
	return strings.Join(all, ", ")
}
