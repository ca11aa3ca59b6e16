package forecast

import (
	"maps"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats/mixed"
)

// trait is a kind of feature with the levels that past effects had. Unknown is a level
// like any other.
type trait struct {
	name   string
	levels []string // sorted
	counts []int
}

// traits lists those that tell past ideas apart, sorted by name.
func traits(past []Past) (all []trait) {
	counts := map[string]map[string]int{}
	for _, p := range past {
		for name := range p.Traits {
			counts[name] = map[string]int{}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		for _, p := range past {
			counts[name][p.Traits[name]]++
		}
		if len(counts[name]) < 2 {
			continue
		}
		t := trait{name: name, levels: slices.Sorted(maps.Keys(counts[name]))}
		for _, l := range t.levels {
			t.counts = append(t.counts, counts[name][l])
		}
		all = append(all, t)
	}
	return all
}

// column is the place of a level; one never seen has that after the last.
func (t trait) column(level string) int {
	c, seen := slices.BinarySearchFunc(t.levels, level, strings.Compare)
	if !seen {
		return len(t.levels)
	}
	return c
}

// past is how many effects had the level of a column.
func (t trait) past(column int) int {
	if column == len(t.counts) {
		return 0
	}
	return t.counts[column]
}

// features are the idea's in the blocks of the model: the mean, then traits.
func (m *Model) features(i Idea) []mixed.Feature {
	z := []mixed.Feature{}
	if i.Set == "" {
		z = append(z, mixed.Feature{Block: 0, Column: 0, Value: 1})
	}
	for b, t := range m.traits {
		z = append(z, mixed.Feature{Block: b + 1, Column: t.column(i.Traits[t.name]), Value: 1})
	}
	return z
}
