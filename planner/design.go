package planner

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/power"
)

// designs returns every way on the policy's menu to test the hypothesis, with
// its size, costs and worth, in the order of the menu: by share, then weeks.
// The error is an *unplannableError if there is none.
func (m Model) designs(h Hypothesis) ([]Design, error) { return m.designsFrom(h, 0) }

// designsFrom are those of a test that begins so many days late in a week, and ends with one.
// A test of a week is not cut: it would miss days that the others have.
func (m Model) designsFrom(h Hypothesis, late int) ([]Design, error) {
	believed, err := m.believed(h, h.Metric)
	if err != nil {
		return nil, err
	}
	segment, err := m.Policy.testable(h)
	if err != nil {
		return nil, err
	}
	sd, err := m.relativeSD(h)
	if err != nil {
		return nil, err
	}
	var designs []Design
	ramp := m.Policy.rampOf(h)
	if !m.Policy.Designs.offers(ramp) {
		return nil, unplannable("infeasible", "its ramp takes %s and leaves no design a week at full exposure", count(daysOf(ramp), "day"))
	}
	for _, share := range m.Policy.Designs.Shares {
		for _, weeks := range m.Policy.Designs.Weeks {
			stages := below(ramp, evenBuckets(share))
			if !leavesAWeek(stages, 7*weeks-late) {
				continue
			}
			d, err := sized(h, segment, share, weeks, late, stages, sd)
			d.CoolDown = m.Policy.coolDown(h, Layer{})
			if err != nil {
				return nil, fmt.Errorf("size %s of %s: %w", d.Name, h.ID, err)
			}
			if !slices.ContainsFunc(designs, func(e Design) bool { return e.Name == d.Name }) {
				if d, err = m.Policy.valued(d, h, segment, believed.Effect); err != nil {
					return nil, fmt.Errorf("value %s of %s: %w", d.Name, h.ID, err)
				}
				designs = append(designs, d)
			}
		}
	}
	return designs, nil
}

// testable returns the segment that the hypothesis is tested on, if the policy
// (which may have changed since the idea was taken) has room for it in kind.
func (p Policy) testable(h Hypothesis) (Segment, error) {
	segment, ok := p.segment(h)
	if !ok {
		return Segment{}, unplannable("infeasible", "the policy has no segment %s", LayerKey(h.Surface, h.Segment))
	}
	if len(segment.layersFor(h.Component)) == 0 {
		return Segment{}, unplannable("infeasible", "no layer of %s takes changes of %s", segment.Name, h.Component)
	}
	if _, ok := p.pool(h.Compute.Pool); !ok && h.Compute.Pool != "" {
		return Segment{}, unplannable("infeasible", "the policy has no pool %s", h.Compute.Pool)
	}
	return segment, nil
}

// layersFor lists the layers in which the component may be tested.
func (s Segment) layersFor(component string) []Layer {
	return keep(s.Layers, func(l Layer) bool { return l.takes(component) })
}

// sized works out the users, precision and compute of one line of the menu.
//
// Buckets are rounded to an even number, so that both arms get as many. Users
// per arm n are those of half the buckets over all the weeks; the standard
// error of the relative lift is sd·√(2/n) with sd the relative standard
// deviation of one user, taken to be the same for any number of weeks.
//
// For 5% of a segment with 2,000,000 users a week that grows with √weeks, over
// 4 weeks: 500 buckets, 4,000,000·5%/2 = 100,000 users per arm; with sd 4 the
// standard error is 4·√(2/100,000) = 0.0179 and the MDE 2.80 times that.
//
// With a ramp, users count from the time on at which their part of the cohort is exposed
// (see usersPer), and compute is reserved for as many as are exposed at the end of each
// week.
func sized(h Hypothesis, s Segment, share float64, weeks, late int, ramp []Stage, sd float64) (Design, error) {
	buckets := evenBuckets(share)
	share = float64(buckets) / Buckets
	d := Design{
		Name:    fmt.Sprintf("%g%% × %s", float64(buckets)*100/Buckets, count(weeks, "week")),
		Share:   share,
		Buckets: buckets,
		Weeks:   weeks,
		Pool:    h.Compute.Pool,
		Ramp:    ramp,
		Late:    late,
	}
	if late > 0 {
		d.Name += " less " + count(late, "day")
	}
	d.UsersPer, d.GPUHours = d.usersPer(s), d.gpuHours(h.Compute, s)
	size, err := power.Design{Metric: power.Mean{Mean: 1, SD: sd}}.MDEAt(d.UsersPer)
	if err != nil {
		return d, err
	}
	d.SE, d.MDE = size.RelativeSE, size.RelativeMDE
	return d, nil
}

// gpuHours returns the whole GPU-hours that a test reserves in each of its
// weeks: it trains in the first, and serves the treated users of every week.
func (d Design) gpuHours(demand Demand, s Segment) []float64 {
	hours := make([]float64, d.Weeks)
	for k := range hours {
		treated := s.WeeklyUsers * float64(d.exposed(float64(7*k+6))) / Buckets / 2
		hours[k] = demand.Serve * treated / 1e6
	}
	hours[0] += demand.Train
	for k := range hours {
		// The tolerance keeps 3.0000000001, a rounding error, from taking 4.
		hours[k] = max(0, math.Ceil(hours[k]-1e-9))
	}
	return hours
}
