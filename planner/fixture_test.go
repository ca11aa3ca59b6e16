package planner

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with testdata/NAME.golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// tonight is the night of the tests.
var tonight = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// smallPolicy has numbers that a reader can multiply in the head: a million
// users a week that grow with the square root of the weeks, so 2,000,000 in
// four; a lift of 1 is worth a billion a year, half of it in feed-us.
func smallPolicy() Policy {
	return Policy{
		Currency: "USD", HorizonWeeks: 4, GainYears: 2, DelayCost: 0.01, UserWeekCost: 0.001,
		ShipRule: ShipRule{Rule: "posterior-mean"},
		Metrics: []Metric{
			{Name: "rpm", Worth: map[string]float64{"feed": 1e9, "search": 5e8}},
			{Name: "hide_rate", Down: true, Worth: map[string]float64{"feed": 1e7}},
		},
		Pools: []Pool{{Name: "a100", GPUHours: 300.9, CostPerHour: 2}, {Name: "l4", GPUHours: 50, CostPerHour: 0.5}},
		Segments: []Segment{
			{Name: "feed-us", Surface: "feed", WeeklyUsers: 1e6, Growth: 0.5, Share: 0.5,
				Layers: []Layer{{Name: "ranking", Components: []string{"ranking"}}, {Name: "any"}}},
			{Name: "feed-eu", Surface: "feed", WeeklyUsers: 5e5, Growth: 0.5, Share: 0.3, Layers: []Layer{{Name: "any"}}},
			{Name: "search-all", Surface: "search", WeeklyUsers: 2e6, Growth: 0.5, Share: 1,
				Layers: []Layer{{Name: "ranking", Components: []string{"ranking"}}}},
		},
		Designs: Menu{Shares: []float64{0.1, 0.5}, Weeks: []int{1, 2, 4}},
	}
}

// belief is a prior N(0, 0.003²) for rpm wherever it is tried, and users that
// vary by twice the mean on feed and thrice on search.
func belief(p Policy) Model {
	return Model{
		Policy: p,
		Priors: []PriorFit{{Metric: "rpm", Fit: stats.GroupsFit{Population: stats.Normal{Mean: 0, SD: 0.003}}}},
		Noise:  []Noise{{"feed", "rpm", 2, 40}, {"search", "rpm", 3, 20}},
	}
}

// idea is a complete hypothesis on feed ranking.
func idea(id string) Hypothesis {
	return Hypothesis{
		ID: id, Title: "Idea " + id, Surface: "feed", Component: "ranking", Source: Human, Metric: "rpm",
		Compute: Demand{Pool: "a100", Train: 100, Serve: 10}, Submitted: tonight.Add(-time.Hour),
	}
}

// near fails unless the number is want to six digits.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6*math.Max(1e-3, math.Abs(want))) {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

func ids(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("h-%02d", i)
	}
	return all
}
