package planner

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Setting is one change of what a plan is made from: a key and what it is set to.
//
//	pools.a100=+20%                 GPU-hours of a pool in every week
//	segments.feed-us=-10%           users of a segment in a week
//	metrics.rpm.feed=2.5e9          worth of a lift of a metric on a surface
//	hypotheses.h-0123456789ab=+50%  gain of a hypothesis, whatever its design
//	quotas.ai.gpu_hours.most=0.4    a quota of a source or team: least or most, or none
//	change_cost=0                   share that a change of an announced start costs
//
// +20% and -20% change what there is by a share of it, +500 and -500 by an amount, and a
// number without a sign, or a percentage of a share as 40%, replaces it.
type Setting struct {
	Key string `json:"key"`
	Was string `json:"was"`
	Now string `json:"now"`
}

// scenario is a policy, and factors of gains, that differ from what is.
type scenario struct {
	policy Policy
	gains  map[string]float64 // by hypothesis
}

// settings applies KEY=VALUE to a policy. The error wraps ErrRequest.
func (p Policy) settings(texts []string, hypotheses []Hypothesis) (scenario, []Setting, error) {
	sc := scenario{p.copied(), map[string]float64{}}
	all := []Setting{}
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return sc, nil, fmt.Errorf("%w: %q is no setting; write KEY=VALUE, as pools.%s=+20%%", ErrRequest, text, p.Pools[0].Name)
		}
		set, err := sc.set(strings.TrimSpace(key), strings.TrimSpace(value), hypotheses)
		if err != nil {
			return sc, nil, fmt.Errorf("%w: %q: %w", ErrRequest, text, err)
		}
		all = append(all, set)
	}
	if len(all) == 0 {
		return sc, nil, fmt.Errorf("%w: nothing is set; write, say, pools.%s=+20%%", ErrRequest, p.Pools[0].Name)
	}
	if err := sc.policy.Check(); err != nil {
		return sc, nil, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return sc, all, nil
}

// copied is the policy with lists of its own where settings change them.
func (p Policy) copied() Policy {
	p.Pools, p.Segments, p.Metrics, p.Quotas = slices.Clone(p.Pools), slices.Clone(p.Segments), slices.Clone(p.Metrics), slices.Clone(p.Quotas)
	for i, m := range p.Metrics {
		worth := map[string]float64{}
		for surface, w := range m.Worth {
			worth[surface] = w
		}
		p.Metrics[i].Worth = worth
	}
	return p
}

func (sc *scenario) set(key, value string, hypotheses []Hypothesis) (Setting, error) {
	kind, name, _ := strings.Cut(key, ".")
	p := &sc.policy
	switch kind {
	case "pools":
		i := slices.IndexFunc(p.Pools, func(q Pool) bool { return q.Name == name })
		if i < 0 {
			return Setting{}, unknown("pool", name, p.poolNames())
		}
		return changed(key, value, &p.Pools[i].GPUHours)
	case "segments":
		i := slices.IndexFunc(p.Segments, func(s Segment) bool { return s.Name == name })
		if i < 0 {
			return Setting{}, unknown("segment", name, p.segmentNames())
		}
		return changed(key, value, &p.Segments[i].WeeklyUsers)
	case "metrics":
		name, surface, _ := cutLast(name)
		i := slices.IndexFunc(p.Metrics, func(m Metric) bool { return m.Name == name })
		if i < 0 {
			return Setting{}, unknown("metric", name, p.metricNames())
		}
		if !slices.Contains(p.surfaces(), surface) {
			return Setting{}, unknown("surface", surface, p.surfaces())
		}
		worth := p.Metrics[i].Worth[surface]
		set, err := changed(key, value, &worth)
		p.Metrics[i].Worth[surface] = worth
		return set, err
	case "hypotheses":
		if !slices.ContainsFunc(hypotheses, func(h Hypothesis) bool { return h.ID == name }) {
			return Setting{}, fmt.Errorf("there is no hypothesis %q in the plan's night; assay hypothesis list shows them", name)
		}
		if !strings.HasSuffix(value, "%") || !strings.ContainsAny(value[:1], "+-") {
			return Setting{}, fmt.Errorf("the gain of a hypothesis depends on its design: change it by a share, as %s=+50%%", key)
		}
		factor := 1.0
		set, err := changed(key, value, &factor)
		sc.gains[name] = factor
		return set, err
	case "quotas":
		return sc.setQuota(key, name, value)
	case "change_cost":
		cost := p.changeCost()
		set, err := changed(key, value, &cost)
		p.ChangeCost = &cost
		return set, err
	}
	return Setting{}, unknown("key", key, []string{"pools.NAME", "segments.NAME", "metrics.NAME.SURFACE", "hypotheses.ID", "quotas.WHO.OF.least", "quotas.WHO.OF.most", "change_cost"})
}

// setQuota sets one end of a quota, which need not have been there.
func (sc *scenario) setQuota(key, name, value string) (Setting, error) {
	name, end, _ := cutLast(name)
	who, of, _ := cutLast(name)
	q := Quota{Team: who, Of: of}
	if s := Source(who); s == Human || s == AI {
		q = Quota{Source: s, Of: of}
	}
	if end != "least" && end != "most" {
		return Setting{}, fmt.Errorf("write quotas.WHO.OF.least or quotas.WHO.OF.most, as quotas.ai.gpu_hours.most=0.4")
	}
	p := &sc.policy
	i := slices.IndexFunc(p.Quotas, func(o Quota) bool { return o.Group() == q.Group() && o.Of == q.Of })
	if i < 0 {
		i = len(p.Quotas)
		p.Quotas = append(p.Quotas, q)
	}
	at := &p.Quotas[i]
	was, limited := at.Least, at.Least > 0
	if end == "most" {
		limited = at.Most != nil
		if was = math.Inf(1); limited {
			was = *at.Most
		}
	}
	set := Setting{Key: key, Was: "none", Now: "none"}
	if value != "none" {
		x := was
		var err error
		if set, err = changed(key, value, &x); err != nil {
			return set, err
		}
		if math.IsInf(x, 0) {
			return set, fmt.Errorf("there is no such quota to change; write a number, as %s=0.4", key)
		}
		if end == "most" {
			at.Most = &x
		} else {
			at.Least = x
		}
	} else if end == "most" {
		at.Most = nil
	} else {
		at.Least = 0
	}
	if !limited {
		set.Was = "none"
	} else if value == "none" {
		set.Was = plainNumber(was)
	}
	if at.Least == 0 && at.Most == nil {
		p.Quotas = slices.Delete(p.Quotas, i, i+1)
	}
	return set, nil
}

// changed sets a number as a value says.
func changed(key, value string, x *float64) (Setting, error) {
	was := *x
	number, percent := strings.CutSuffix(value, "%")
	signed := number != "" && strings.ContainsAny(number[:1], "+-")
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return Setting{}, fmt.Errorf("%q is no number; write +20%%, -20%%, +500, -500 or 500", value)
	}
	switch {
	case percent && signed:
		*x *= 1 + n/100
	case percent && (key == "change_cost" || strings.HasPrefix(key, "quotas.")):
		*x = n / 100
	case percent:
		return Setting{}, fmt.Errorf("%q may mean two things; write +%s to add that share, or -%s to take it away", value, value, value)
	case signed:
		*x += n
	default:
		*x = n
	}
	return Setting{key, plainNumber(was), plainNumber(*x)}, nil
}

func plainNumber(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// cutLast splits a name at its last dot.
func cutLast(name string) (before, after string, found bool) {
	i := strings.LastIndex(name, ".")
	if i < 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}

func unknown(what, name string, known []string) error {
	return fmt.Errorf("there is no %s %q; there is %s", what, name, strings.Join(known, ", "))
}

func (p Policy) segmentNames() []string {
	var names []string
	for _, s := range p.Segments {
		names = append(names, s.Name)
	}
	return names
}
