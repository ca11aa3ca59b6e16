package similar_test

import (
	"fmt"

	"github.com/assay-planner/assay/planner/similar"
)

func ExampleIndex_Nearest() {
	past := similar.New(similar.Options{})
	past.Add(
		similar.Document{ID: "E-1", Title: "Feed: add dwell time to the ranker", Traits: map[string]string{"surface": "feed"}},
		similar.Document{ID: "E-2", Title: "Search: reserve prices by category", Traits: map[string]string{"surface": "search"}},
		similar.Document{ID: "E-3", Title: "Feed: reserve prices by hour of day", Traits: map[string]string{"surface": "feed"}},
	)
	idea := similar.Document{Title: "Reserve prices by market", Traits: map[string]string{"surface": "feed"}}
	for _, m := range past.Nearest(idea, 2) {
		fmt.Printf("%s %.2f\n", m.ID, m.Likeness)
	}
	// Output:
	// E-3 0.35
	// E-2 0.25
}

func ExampleIndex_Duplicates() {
	past := similar.New(similar.Options{})
	past.Add(
		similar.Document{ID: "E-1", Title: "Feed: add the dwell time of an ad to the ranker"},
		similar.Document{ID: "E-2", Title: "Feed: add the dwell time of the last 7 days to the ranker"},
	)
	for _, d := range past.Duplicates(similar.Document{Title: "Adding ad dwell-time to feed ranker"}, 5) {
		fmt.Printf("%s %.2f\n", d.ID, d.Jaccard)
	}
	// Output: E-1 0.84
}
