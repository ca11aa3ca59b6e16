package sample

import "github.com/assay-planner/assay/planner"

// market is a population of users of one surface.
type market struct {
	name  string
	share float64 // of the surface's worth
	users float64 // different users in a week, in millions, on feed
}

var markets = []market{
	{"americas", 0.50, 5.0},
	{"europe", 0.30, 4.0},
	{"asia", 0.20, 6.0},
}

// policy states the capacities so that they are scarce: docs/sample.md says
// how many ideas fit.
func policy() planner.Policy {
	p := planner.Policy{
		Currency:     "USD",
		HorizonWeeks: 8,
		GainYears:    1,
		DelayCost:    0.015,
		UserWeekCost: 0.002,
		ShipRule:     planner.ShipRule{Rule: "posterior-mean"},
		Pools: []planner.Pool{
			{Name: "h100", GPUHours: 60_000, CostPerHour: 3.2},
			{Name: "a100", GPUHours: 25_000, CostPerHour: 1.6},
			{Name: "l4", GPUHours: 9_000, CostPerHour: 0.6},
		},
		Designs: planner.Menu{Shares: []float64{0.05, 0.1, 0.2, 0.5, 1}, Weeks: []int{1, 2, 4}},
	}
	for _, m := range metrics {
		q := planner.Metric{Name: m.name, Down: m.down}
		for _, s := range surfaces {
			if m.worth > 0 {
				if q.Worth == nil {
					q.Worth = map[string]float64{}
				}
				q.Worth[s.name] = m.worth * s.worth
			}
		}
		p.Metrics = append(p.Metrics, q)
	}
	for _, s := range surfaces {
		for _, m := range markets {
			p.Segments = append(p.Segments, planner.Segment{
				Name: s.name + "-" + m.name, Surface: s.name, Share: m.share,
				WeeklyUsers: m.users * 1e6 * s.size, Growth: 0.4,
				Layers: []planner.Layer{
					{Name: "models", Components: []string{"ranking", "features", "calibration"}},
					{Name: "supply", Components: []string{"retrieval", "auction", "creative"}},
				},
			})
		}
	}
	return p
}
