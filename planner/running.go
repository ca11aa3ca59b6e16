package planner

import (
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/cohort"
)

// restOf begins the name of a hold that rests from an experiment.
const restOf = "rest of "

// heldHours returns the GPU-hours of a pool that running work keeps in each
// week of the plan: seven days at the highest rate that it reaches in
// that week. A week of a running test lasts from one night to the seventh night
// after; rolling weeks begin on any night, so they cut such weeks in two.
//
// The average over the rolling week would be less, but not safe. A test that
// trains for 700 hours in [0, 7) days and then serves for nothing holds, on
// average, 600 in [1, 8); were 100 hours of a pool of 700 given away there, at
// an even pace, then day 1 to day 6 would be overbooked.
func heldHours(running []Start, pool string, c calendar) []int64 {
	held := make([]int64, c.weeks)
	for k := range held {
		for _, t := range rateChanges(running, c.begin(k), c.begin(k+1)) {
			held[k] = max(held[k], int64(math.Ceil(weeklyRate(running, pool, t))))
		}
	}
	return held
}

// rateChanges lists the moments of [from, to), a week at most, at which the demand of
// running work may change: the first, and where a week of some test begins.
func rateChanges(running []Start, from, to time.Time) []time.Time {
	moments := []time.Time{from}
	for _, r := range running {
		if begin := from.Add(week - from.Sub(r.From)%week); begin.Before(to) {
			moments = append(moments, begin)
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return slices.CompactFunc(moments, time.Time.Equal)
}

// weeklyRate is the demand on the pool at a moment, in GPU-hours per week.
func weeklyRate(running []Start, pool string, t time.Time) float64 {
	rate := 0.0
	for _, r := range running {
		if k := int(t.Sub(r.From) / week); r.Design.Pool == pool && !t.Before(r.From) && t.Before(r.Until) && k < len(r.Design.GPUHours) {
			rate += r.Design.GPUHours[k]
		}
	}
	return rate
}

// holds returns the buckets of one layer that nobody can have: those of running work,
// each until the end of the week in which it ends and, if its treatment rests
// in any case, the treatment's until the end of its rest; those that rest from past
// treatments; and the holdout, which is never free, also where work that ran before
// there was a holdout still has some of it. A bucket that several have is the first
// one's, as long as any of them has it.
func (s Snapshot) holds(p Partition) []allocator.Hold {
	type lease struct {
		owner string
		until int
	}
	slots := make([]lease, p.Buckets)
	take := func(owner string, ranges []allocator.Range, until int) {
		for _, r := range ranges {
			for b := r.From; b < min(r.To, p.Buckets); b++ {
				if slots[b].until = max(slots[b].until, until); slots[b].owner == "" {
					slots[b].owner = owner
				}
			}
		}
	}
	c := s.calendar()
	for _, r := range s.running() {
		if r.Segment == p.Segment && r.Layer == p.Layer {
			take(r.Experiment, r.Control, c.until(r.Until))
			take(r.Experiment, r.Treatment, c.until(r.Until.Add(time.Duration(r.Design.CoolDown)*week)))
		}
	}
	for _, r := range s.rests {
		if r.Segment == p.Segment && r.Layer == p.Layer {
			take(restOf+r.Experiment, r.Ranges, c.until(r.Until))
		}
	}
	take("holdout", p.Holdout, c.weeks)
	held, place := []allocator.Hold{}, map[lease]int{}
	for b, l := range slots {
		if l.owner == "" {
			continue
		}
		i, seen := place[l]
		if !seen {
			i = len(held)
			place[l] = i
			held = append(held, allocator.Hold{Owner: l.owner, Until: l.until})
		}
		held[i].Ranges = append(held[i].Ranges, allocator.Range{From: b, To: b + 1})
	}
	for i := range held {
		held[i].Ranges = cohort.Join(held[i].Ranges)
	}
	return held
}
