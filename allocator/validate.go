package allocator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Limits of what is taken as sense. Every amount is exact as a float64, and all
// candidates together cannot need so much of a capacity that the sum overflows:
// maxCandidates · maxUnits is 2^60.
const (
	maxWeeks      = 520
	maxCandidates = 1 << 20
	maxUnits      = 1 << 40 // of one pool, by week and by option; a million times a large company's
	maxBuckets    = 1 << 30
	maxValue      = 1e100
	maxQuota      = 1 << 42 // of all candidates together that is 2^62
)

// validate returns the first fault of p, in the order in which p is written.
func validate(p Problem) error {
	if p.Weeks < 1 || p.Weeks > maxWeeks {
		return wrong(p.Weeks, fmt.Sprintf("must be 1 to %d", maxWeeks), "weeks")
	}
	pools, err := validatePools(p)
	if err != nil {
		return err
	}
	segments, err := validateLayers(p)
	if err != nil {
		return err
	}
	if len(p.Candidates) > maxCandidates {
		return wrong(len(p.Candidates), "must be at most 2^20", "number of candidates")
	}
	ids := map[string]bool{}
	for i, c := range p.Candidates {
		switch {
		case c.ID == "":
			return wrong(`""`, "must not be empty", "candidates[%d].id", i)
		case ids[c.ID]:
			return &InputError{c.ID, "id", strconv.Quote(c.ID), "is given twice"}
		}
		ids[c.ID] = true
		if i := slices.Index(c.Conflicts, c.ID); i >= 0 {
			return &InputError{c.ID, fmt.Sprintf("conflicts[%d]", i), strconv.Quote(c.ID), "must not name the candidate itself"}
		}
		if i := slices.Index(c.Requires, c.ID); i >= 0 {
			return &InputError{c.ID, fmt.Sprintf("requires[%d]", i), strconv.Quote(c.ID), "must not name the candidate itself"}
		}
		for j, o := range c.Options {
			if field, value, want := optionFault(p, o, pools, segments); field != "" {
				return &InputError{c.ID, fmt.Sprintf("options[%d].%s", j, field), value, want}
			}
		}
	}
	if err := validateQuotas(p.Quotas); err != nil {
		return err
	}
	return validateRequires(p)
}

// validateQuotas names a quota by its group. A group that no candidate has is no fault:
// a team may have no ideas tonight.
func validateQuotas(quotas []Quota) error {
	known := map[[2]string]bool{}
	for i, q := range quotas {
		fault := func(field string, value any, want string) error {
			return wrong(value, want, "quotas[%q].%s", q.Group, field)
		}
		switch {
		case q.Group == "":
			return wrong(`""`, "must not be empty", "quotas[%d].group", i)
		case q.Unit != GPUHour && q.Unit != BucketWeek && q.Unit != Start:
			return fault("unit", strconv.Quote(q.Unit), fmt.Sprintf("must be %q, %q or %q", GPUHour, BucketWeek, Start))
		case known[[2]string{q.Group, q.Unit}]:
			return fault("unit", strconv.Quote(q.Unit), "is given twice")
		case q.Least < 0 || q.Least > maxQuota:
			return fault("least", q.Least, "must be 0 to 2^42")
		case q.Most != nil && (*q.Most < 0 || *q.Most > maxQuota):
			return fault("most", *q.Most, "must be 0 to 2^42")
		case q.Most != nil && *q.Most < q.Least:
			return fault("most", *q.Most, fmt.Sprintf("must not be less than the least, %d", q.Least))
		}
		known[[2]string{q.Group, q.Unit}] = true
	}
	return nil
}

// validate returns the first fault of o.
func (o Options) validate() error {
	if !(o.Gap >= 0) || math.IsInf(o.Gap, 1) {
		return wrong(o.Gap, "must be a fraction, 0 or more", "options.gap")
	}
	if o.Open < 0 {
		return wrong(o.Open, "must be 0 or more", "options.open")
	}
	if o.Work < 0 {
		return wrong(o.Work, "must be 0 or more", "options.work")
	}
	return nil
}

func validatePools(p Problem) (map[string]bool, error) {
	known := map[string]bool{}
	for i, pool := range p.Pools {
		switch {
		case pool.Name == "":
			return nil, wrong(`""`, "must not be empty", "pools[%d].name", i)
		case known[pool.Name]:
			return nil, wrong(strconv.Quote(pool.Name), "is given twice", "pools[%d].name", i)
		}
		known[pool.Name] = true
		if len(pool.GPUHours) != p.Weeks {
			return nil, wrong(len(pool.GPUHours), fmt.Sprintf("must be one for each of the %d weeks", p.Weeks),
				"number of pools[%q].gpu_hours", pool.Name)
		}
		for k, h := range pool.GPUHours {
			if h < 0 || h > maxUnits {
				return nil, wrong(h, "must be 0 to 2^40", "pools[%q].gpu_hours[%d]", pool.Name, k)
			}
		}
	}
	return known, nil
}

// validateLayers returns each layer's segment by the layer's full name. Two layers of
// one full name are refused, even "a" of "x/y" and "y/a" of "x": prices go by it.
func validateLayers(p Problem) (map[string]string, error) {
	segments := map[string]string{}
	for i, l := range p.Layers {
		if _, known := segments[l.name()]; known {
			return nil, wrong(strconv.Quote(l.name()), "is given twice", "layers[%d]", i)
		}
		segments[l.name()] = l.Segment
		if l.Buckets < 0 || l.Buckets > maxBuckets {
			return nil, wrong(l.Buckets, "must be 0 to 2^30", "layers[%q].buckets", l.name())
		}
		if err := validateHolds(l); err != nil {
			return nil, err
		}
	}
	return segments, nil
}

// validateHolds checks ranges against the layer and against each other: all holds
// begin before week 0, so two that are in force always meet.
func validateHolds(l Layer) error {
	var all []Range
	for i, h := range l.Held {
		if h.Until < 0 {
			return wrong(h.Until, "must be a week, 0 or later", "layers[%q].held[%d].until", l.name(), i)
		}
		for j, r := range h.Ranges {
			if r.From < 0 || r.From >= r.To || r.To > l.Buckets {
				return wrong(r, fmt.Sprintf("must be a range within the %d buckets", l.Buckets),
					"layers[%q].held[%d].ranges[%d]", l.name(), i, j)
			}
			if h.Until > 0 {
				all = append(all, r)
			}
		}
	}
	if r, ok := overlap(all); ok {
		return wrong(r, "overlaps another range that is held", "layers[%q].held", l.name())
	}
	return nil
}

// overlap returns a range that shares a bucket with another one, if any.
func overlap(rs []Range) (Range, bool) {
	rs = slices.Clone(rs)
	slices.SortFunc(rs, func(a, b Range) int { return a.From - b.From })
	for i := 1; i < len(rs); i++ {
		if rs[i].From < rs[i-1].To {
			return rs[i], true
		}
	}
	return Range{}, false
}

// optionFault returns the faulty field of o, or "" if all is well.
func optionFault(p Problem, o Option, pools map[string]bool, segments map[string]string) (field, value, want string) {
	segment, known := segments[Layer{Segment: o.Segment, Name: o.Layer}.name()]
	switch {
	case o.Start < 0 || o.Start >= p.Weeks:
		return "start", strconv.Itoa(o.Start), fmt.Sprintf("must be a week of the horizon, 0 to %d", p.Weeks-1)
	case o.Weeks < 1 || o.Weeks > maxWeeks:
		return "weeks", strconv.Itoa(o.Weeks), fmt.Sprintf("must be 1 to %d", maxWeeks)
	case math.IsNaN(o.Value) || math.Abs(o.Value) > maxValue:
		return "value", fmt.Sprint(o.Value), "must be a number of magnitude at most 1e100"
	case o.Buckets < 0 || o.Buckets > maxBuckets:
		return "buckets", strconv.Itoa(o.Buckets), "must be 0 to 2^30"
	case o.Cool < 0 || o.Cool > maxWeeks:
		return "cool", strconv.Itoa(o.Cool), fmt.Sprintf("must be 0 to %d weeks", maxWeeks)
	case o.Buckets > 0 && (!known || segment != o.Segment):
		return "layer", strconv.Quote(o.Segment + "/" + o.Layer), "must be one of the problem's layers"
	}
	total := map[string]int64{} // several entries for one pool must not overflow together
	for i, c := range o.Compute {
		if !pools[c.Pool] {
			return fmt.Sprintf("compute[%d].pool", i), strconv.Quote(c.Pool), "must be one of the problem's pools"
		}
		for k, h := range c.GPUHours {
			if total[c.Pool] += max(h, 0); h < 0 || h > maxUnits || total[c.Pool] > maxUnits {
				return fmt.Sprintf("compute[%d].gpu_hours[%d]", i, k), strconv.FormatInt(h, 10), "must be 0 to 2^40, also in sum"
			}
		}
	}
	return "", "", ""
}

// validateRequires walks the prerequisites depth first and names a cycle if there is one.
func validateRequires(p Problem) error {
	requires := map[string][]string{}
	for _, c := range p.Candidates {
		requires[c.ID] = c.Requires
	}
	done := map[string]bool{}
	for _, c := range p.Candidates {
		if cycle := findCycle(c.ID, requires, done); cycle != nil {
			return &InputError{cycle[0], "requires", strings.Join(cycle, " → "), "must not lead back to itself"}
		}
	}
	return nil
}

// findCycle follows requirements from id with its own stack, since chains may be
// as long as the backlog. It returns a closed walk, or nil.
func findCycle(id string, requires map[string][]string, done map[string]bool) []string {
	path, next, on := []string{id}, []int{0}, map[string]bool{id: true}
	if done[id] {
		return nil
	}
	for len(path) > 0 {
		last := len(path) - 1
		at := path[last]
		if next[last] == len(requires[at]) {
			done[at], on[at] = true, false
			path, next = path[:last], next[:last]
			continue
		}
		to := requires[at][next[last]]
		next[last]++
		if on[to] {
			return append(path[slices.Index(path, to):], to)
		}
		if !done[to] {
			path, next, on[to] = append(path, to), append(next, 0), true
		}
	}
	return nil
}
