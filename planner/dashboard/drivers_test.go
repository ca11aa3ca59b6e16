package dashboard

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/planner"
)

// What neither moves a forecast nor might have is left out; an uncertain nothing stays.
func TestDrivers(t *testing.T) {
	f := planner.Forecast{Drivers: []planner.Driver{
		{Block: "mean", Feature: "all past effects", Effect: -0.0004, SD: 0.0003, Past: 2111},
		{Block: "component", Feature: "ranking", Effect: 0.00001, SD: 0.0002, Past: 565},
		{Block: "change_type", Feature: "loss", Effect: 0.0001, SD: 0.0001, Past: 12},
		{Block: "surface", Feature: "feed", Effect: 0.00001, SD: 0.00001, Past: 33},
		{Block: "others", Feature: "2 features", Effect: 0.0001},
	}}
	var names []string
	for _, d := range drivers(f) {
		names = append(names, d.Name)
	}
	want := []string{"all past effects", "component: ranking", "change type: loss", "others: 2 features"}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("drivers (-want +got):\n%s", d)
	}
}
