package planner

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Check returns everything that is wrong with the policy, joined.
func (p Policy) Check() error {
	var bad mistakes
	bad.need(p.Currency != "", "currency is missing; write, say, currency: USD")
	bad.within("horizon_weeks", float64(p.HorizonWeeks), 1, 52)
	bad.within("gain_years", p.GainYears, 0.01, 20)
	bad.within("delay_cost", p.DelayCost, 0, 0.5)
	bad.within("user_week_cost", p.UserWeekCost, 0, 1e6)
	bad.shipRule(p.ShipRule)
	bad.unique("metrics", p.metricNames())
	bad.unique("pools", p.poolNames())
	bad.metrics(p)
	bad.pools(p.Pools)
	bad.segments(p.Segments)
	bad = append(bad, p.checkLayers()...)
	bad = append(bad, p.checkQuotas()...)
	bad.coolDown("cool_down", p.CoolDown)
	bad.within("change_cost", p.changeCost(), 0, 10)
	for _, s := range p.Segments {
		for _, l := range s.Layers {
			if l.CoolDown != nil {
				bad.coolDown(fmt.Sprintf("segments %s: layers %s: cool_down", s.Name, l.Name), *l.CoolDown)
			}
		}
	}
	bad.unique("segments", p.segmentNames())
	bad.designs(p.Designs, p.HorizonWeeks)
	if err := errors.Join(bad...); err != nil {
		return fmt.Errorf("%w: %w", ErrPolicy, err)
	}
	return nil
}

// mistakes are what is wrong with a policy.
type mistakes []error

func (bad *mistakes) need(ok bool, format string, args ...any) {
	if !ok {
		*bad = append(*bad, fmt.Errorf(format, args...))
	}
}

func (bad *mistakes) within(field string, v, low, high float64) {
	bad.need(v >= low && v <= high, "%s is %g; it must lie between %g and %g", field, v, low, high)
}

func (bad *mistakes) unique(what string, names []string) {
	bad.need(len(names) > 0, "%s: at least one is needed", what)
	seen := map[string]bool{}
	for i, n := range names {
		bad.need(n != "", "%s[%d] has no name", what, i)
		bad.need(!seen[n], "%s: the name %q occurs twice", what, n)
		seen[n] = true
	}
}

func (bad *mistakes) shipRule(r ShipRule) {
	switch r.Rule {
	case "posterior-mean":
		bad.within("ship_rule.cut", r.Cut, -1, 1)
	case "significant":
		bad.within("ship_rule.alpha", r.Alpha, 1e-6, 0.5)
	default:
		bad.need(false, "ship_rule.rule is %q; it must be posterior-mean or significant", r.Rule)
	}
}

func (bad *mistakes) metrics(p Policy) {
	surfaces := p.surfaces()
	for _, m := range p.Metrics {
		bad.within("metrics "+m.Name+": least", m.Least, 0, 1)
		bad.within("metrics "+m.Name+": margin", m.Margin, 0, 1)
		for _, s := range surfaces {
			bad.within(fmt.Sprintf("metrics %s: worth of %s", m.Name, s), m.Worth[s], 0, 1e15)
		}
		for _, s := range slices.Sorted(maps.Keys(m.Worth)) {
			bad.need(slices.Contains(surfaces, s), "metrics %s: worth names the surface %q, which no segment has", m.Name, s)
		}
	}
}

func (bad *mistakes) pools(pools []Pool) {
	for _, q := range pools {
		bad.within("pools "+q.Name+": gpu_hours_per_week", q.GPUHours, 0, 1e9)
		bad.within("pools "+q.Name+": cost_per_gpu_hour", q.CostPerHour, 0, 1e6)
	}
}

func (bad *mistakes) segments(segments []Segment) {
	for _, s := range segments {
		bad.need(s.Surface != "", "segments %s: surface is missing", s.Name)
		bad.within("segments "+s.Name+": weekly_users", s.WeeklyUsers, 1, 1e11)
		bad.within("segments "+s.Name+": growth", s.Growth, 0, 1)
		bad.need(s.Share > 0 && s.Share <= 1, "segments %s: share is %g; it must lie in (0, 1]", s.Name, s.Share)
		var layers []string
		for _, l := range s.Layers {
			layers = append(layers, l.Name)
		}
		bad.unique("segments "+s.Name+": layers", layers)
	}
}

func (bad *mistakes) coolDown(field string, c CoolDown) {
	bad.within(field+".weeks", float64(c.Weeks), 0, 104)
	bad.within(field+".lift", c.Lift, 0, 10)
}

func (bad *mistakes) designs(d Menu, horizon int) {
	bad.need(len(d.Shares) > 0 && len(d.Weeks) > 0, "designs: shares and weeks need at least one value each")
	for _, s := range d.Shares {
		bad.within("designs: a share", s, 2.0/Buckets, 1)
	}
	for _, w := range d.Weeks {
		bad.within("designs: weeks", float64(w), 1, float64(max(1, horizon)))
	}
	if stages, err := parseRamp(d.Ramp); err != nil {
		bad.need(false, "designs: ramp: %s", err)
	} else if !d.offers(stages) {
		bad.need(false, "designs: ramp takes %d days and leaves none of designs.weeks a week at full exposure; shorten it, or offer longer designs", daysOf(stages))
	}
}
