package planner

import (
	"math"
	"strings"

	"github.com/assay-planner/assay/allocator"
)

// uses tells, for every capacity and week of the plan, what there is and who
// has it.
func uses(s Snapshot, from []allocator.Price) []Use {
	running, weeks := s.running(), s.calendar()
	hours := map[string][]int64{}
	for _, q := range s.Policy.Pools {
		hours[q.Name] = heldHours(running, q.Name, weeks)
	}
	layers, resting := map[string]Partition{}, map[string][]int{}
	for _, p := range s.Policy.Partitions() {
		layers[p.Key()] = p
		resting[p.Key()] = s.restingIn(p)
	}
	out := make([]Use, 0, len(from))
	for _, f := range from {
		u := Use{Name: f.Name, Unit: f.Unit, Week: f.Week, Planned: float64(f.Used), Price: f.Price}
		if f.Unit == allocator.Bucket {
			u.Capacity = float64(layers[f.Name].free())
			u.Held = u.Capacity - float64(f.Capacity)
			u.Resting = float64(resting[f.Name][f.Week])
		} else {
			pool, _ := s.Policy.pool(f.Name)
			u.Capacity = math.Floor(pool.GPUHours)
			u.Held = float64(hours[f.Name][f.Week])
		}
		out = append(out, u)
	}
	return out
}

// restingIn counts, by week of the plan, the buckets that rest and that no running work
// and no holdout has.
func (s Snapshot) restingIn(p Partition) []int {
	resting := make([]int, s.calendar().weeks)
	for _, h := range s.holds(p) {
		if strings.HasPrefix(h.Owner, restOf) {
			n := 0
			for _, r := range h.Ranges { // what lies in the holdout is not counted as capacity
				n += min(r.To, p.free()) - min(r.From, p.free())
			}
			for k := range min(h.Until, len(resting)) {
				resting[k] += n
			}
		}
	}
	return resting
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

// hours is what the way takes of its pool, by week of the plan from its first on.
func (w way) hours() []float64 { return w.spread(w.GPUHours, w.rows > w.Weeks || w.Late > 0) }

// needs lists what a way takes: its buckets, then those of its treatment that rest,
// then its GPU-hours, by week.
func (w way) needs() []need {
	var ns []need
	for k := w.week; k < w.end(); k++ {
		ns = append(ns, need{capacity{allocator.Bucket, LayerKey(w.segment, w.layer), k}, float64(w.Buckets)})
	}
	for k := range w.CoolDown {
		ns = append(ns, need{capacity{allocator.Bucket, LayerKey(w.segment, w.layer), w.end() + k}, float64(w.Buckets / 2)})
	}
	for k, hours := range w.hours() {
		if w.Pool != "" && hours > 0 {
			ns = append(ns, need{capacity{allocator.GPUHour, w.Pool, w.week + k}, hours})
		}
	}
	return ns
}
