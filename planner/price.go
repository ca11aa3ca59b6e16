package planner

import (
	"math"

	"github.com/assay-planner/assay/allocator"
)

// uses tells, for every capacity and week of the plan, what there is and who
// has it.
func uses(s Snapshot, from []allocator.Price) []Use {
	running := s.running()
	hours := map[string][]int64{}
	for _, q := range s.Policy.Pools {
		hours[q.Name] = heldHours(running, q.Name, s.At, s.Policy.HorizonWeeks)
	}
	out := make([]Use, 0, len(from))
	for _, f := range from {
		u := Use{Name: f.Name, Unit: f.Unit, Week: f.Week, Planned: float64(f.Used), Price: f.Price}
		if f.Unit == allocator.Bucket {
			u.Capacity = Buckets
			u.Held = Buckets - float64(f.Capacity)
		} else {
			pool, _ := s.Policy.Pool(f.Name)
			u.Capacity = math.Floor(pool.GPUHours)
			u.Held = float64(hours[f.Name][f.Week])
		}
		out = append(out, u)
	}
	return out
}

// prices looks up what one unit of a capacity costs in a week.
type prices map[capacity]float64

type capacity struct {
	unit, name string
	week       int
}

func pricesOf(uses []Use) prices {
	p := make(prices, len(uses))
	for _, u := range uses {
		p[capacity{u.Unit, u.Name, u.Week}] = u.Price
	}
	return p
}

// of is what a way pays: every unit that it takes.
func (p prices) of(w way) float64 {
	total := 0.0
	for _, n := range w.needs() {
		total += n.amount * p[n.capacity]
	}
	return total
}

// need is what a way takes of one capacity.
type need struct {
	capacity
	amount float64
}

// needs lists what a way takes: its buckets, then its GPU-hours, by week.
func (w way) needs() []need {
	var ns []need
	for k := w.week; k < w.end(); k++ {
		ns = append(ns, need{capacity{allocator.Bucket, LayerKey(w.segment, w.layer), k}, float64(w.Buckets)})
	}
	for k, hours := range w.GPUHours {
		if w.Pool != "" && hours > 0 {
			ns = append(ns, need{capacity{allocator.GPUHour, w.Pool, w.week + k}, hours})
		}
	}
	return ns
}
