package planner

import (
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/allocator"
)

const week = 7 * 24 * time.Hour

// heldHours returns the GPU-hours of a pool that running work keeps in each
// rolling week of the plan: seven days at the highest rate that it reaches in
// that week. A week of a running test lasts from one night to the seventh night
// after; rolling weeks begin on any night, so they cut such weeks in two.
//
// The average over the rolling week would be less, but not safe. A test that
// trains for 700 hours in [0, 7) days and then serves for nothing holds, on
// average, 600 in [1, 8); were 100 hours of a pool of 700 given away there, at
// an even pace, then day 1 to day 6 would be overbooked.
func heldHours(running []Start, pool string, at time.Time, weeks int) []int64 {
	held := make([]int64, weeks)
	for k := range held {
		from := at.Add(time.Duration(k) * week)
		for _, t := range rateChanges(running, from) {
			held[k] = max(held[k], int64(math.Ceil(weeklyRate(running, pool, t))))
		}
	}
	return held
}

// rateChanges lists the moments of [from, from+week) at which the demand of
// running work may change: the first, and where a week of some test begins.
func rateChanges(running []Start, from time.Time) []time.Time {
	moments := []time.Time{from}
	for _, r := range running {
		if shift := from.Sub(r.From) % week; shift != 0 {
			moments = append(moments, from.Add(week-shift))
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return slices.CompactFunc(moments, time.Time.Equal)
}

// weeklyRate is the demand on the pool at a moment, in GPU-hours per week.
func weeklyRate(running []Start, pool string, t time.Time) float64 {
	rate := 0.0
	for _, r := range running {
		if k := int(t.Sub(r.From) / week); r.Design.Pool == pool && t.Before(r.Until) && k < len(r.Design.GPUHours) {
			rate += r.Design.GPUHours[k]
		}
	}
	return rate
}

// holds returns the buckets of one layer that running work keeps, each until
// the end of the rolling week in which it ends.
func holds(running []Start, segment, layer string, at time.Time) []allocator.Hold {
	held := []allocator.Hold{}
	for _, r := range running {
		if ranges := slices.Concat(r.Control, r.Treatment); r.Segment == segment && r.Layer == layer && len(ranges) > 0 {
			held = append(held, allocator.Hold{Owner: r.Experiment, Ranges: joined(ranges), Until: weeksUntil(at, r.Until)})
		}
	}
	return held
}

// weeksUntil counts the rolling weeks from at that the time t touches.
func weeksUntil(at, t time.Time) int { return int((t.Sub(at) + week - 1) / week) }

// split halves a cohort: the first half of its buckets is control, the second
// treatment. Users are spread over buckets by a salted hash, so any half is as
// good as any other. An odd bucket goes to control.
func split(cohort []allocator.Range) (control, treatment []allocator.Range) {
	left := (size(cohort) + 1) / 2
	for _, r := range cohort {
		n := min(left, r.To-r.From)
		if left -= n; n > 0 {
			control = append(control, allocator.Range{From: r.From, To: r.From + n})
		}
		if n < r.To-r.From {
			treatment = append(treatment, allocator.Range{From: r.From + n, To: r.To})
		}
	}
	return control, treatment
}

// joined sorts ranges and merges those that touch.
func joined(ranges []allocator.Range) []allocator.Range {
	slices.SortFunc(ranges, func(a, b allocator.Range) int { return a.From - b.From })
	var out []allocator.Range
	for _, r := range ranges {
		if n := len(out); n > 0 && out[n-1].To == r.From {
			out[n-1].To = r.To
		} else {
			out = append(out, r)
		}
	}
	return out
}

// size counts the buckets of ranges.
func size(ranges []allocator.Range) int {
	n := 0
	for _, r := range ranges {
		n += r.To - r.From
	}
	return n
}
