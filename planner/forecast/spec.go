package forecast

import (
	"slices"

	"github.com/assay-planner/assay/stats/mixed"
)

// Spec is what a model is made of. Its numbers are learned.
type Spec struct {
	// Blocks are the kinds of features: names of traits, two of them as in
	// "surface × change_type", "claims", "claims by author", "text shape", "kinds of words",
	// "words", "word pairs", "letters" and "first and last word". With " within a set", a kind of text
	// says that ideas of a set that share it are alike, and nothing of other sets. One that tells no past ideas apart is left out.
	Blocks []string `json:"blocks"`
	// Spread are traits whose levels say how large effects are, in either direction.
	Spread []string    `json:"spread,omitempty"`
	Tail   mixed.Shape `json:"tail"` // of what features do not explain
	// HalfLife is after how many days an effect counts for half; 0 means that effects do
	// not age.
	HalfLife float64 `json:"half_life_days,omitempty"`
}

// Base is the plainest model of the past: every trait, every claim, normal residuals.
func Base(past []Past) Spec {
	s := Spec{Blocks: traits(past), Tail: mixed.Normal}
	if slices.ContainsFunc(past, func(p Past) bool { return len(p.Claims) > 0 }) {
		s.Blocks = append(s.Blocks, claimBlock)
	}
	return s
}

// Full is Base with sizes of effects by every trait and a t for a tail: what
// says nothing is shrunk to nothing. Where means are large beside what is left, they are
// taken for size in part; Choose tells.
func Full(past []Past) Spec {
	s := Base(past)
	s.Spread, s.Tail = traits(past), mixed.Student
	return s
}

// traits lists the names of those that tell ideas apart, sorted.
func traits(past []Past) (names []string) {
	all := map[string]bool{}
	for i := range past {
		for name := range past[i].Traits {
			all[name] = true
		}
	}
	for name := range all {
		if slices.ContainsFunc(past, func(p Past) bool { return p.Traits[name] != past[0].Traits[name] }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
