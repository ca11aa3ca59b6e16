package dashboard

import (
	"strings"
	"testing"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// A row of tonight says what one more costs in every week, wherever the price
// sits; where running work holds everything there is no price to speak of.
func TestCapacityPrices(t *testing.T) {
	use := func(name string, week int, held, price float64) planner.Use {
		return planner.Use{Name: name, Unit: allocator.Bucket, Week: week, Capacity: 10_000, Held: held, Planned: 10_000 - held, Price: price}
	}
	p := planner.Plan{Currency: "USD", Uses: []planner.Use{
		use("full/later", 0, 0, 0), use("full/later", 1, 0, 3.2), use("full/later", 2, 0, 0.8),
		use("held/all", 0, 10_000, 0), use("held/all", 1, 10_000, 0), use("held/all", 2, 0, 0),
		use("held/now", 0, 10_000, 0), use("held/now", 1, 0, 5), use("held/now", 2, 0, 0),
		use("room", 0, 0, 0), use("room", 1, 0, 0), use("room", 2, 0, 0),
	}}
	want := map[string]string{"full/later": "$4", "held/all": "all held", "held/now": "$5", "room": "no price"}
	for _, c := range capacities(&p) {
		if c.Price != want[c.Name] || c.Paid != strings.HasPrefix(c.Price, "$") {
			t.Errorf("%s: %s, %t; want %s", c.Name, c.Price, c.Paid, want[c.Name])
		}
		all := strings.HasPrefix(c.Tonight().Text, "all 10,000 buckets tonight held")
		if held := strings.HasPrefix(c.Name, "held/"); held != all {
			t.Errorf("%s: %s", c.Name, c.Tonight().Text)
		}
	}
	if got := priceOf(p.Uses[3], "USD") + ", " + priceOf(p.Uses[1], "USD") + ", " + priceOf(p.Uses[9], "USD"); got != "all held, $3.20, $0" {
		t.Errorf("by week: %s", got)
	}
}
