package planner

import (
	"fmt"
	"math"
	"time"

	"github.com/assay-planner/assay/allocator/cohort"
	"github.com/assay-planner/assay/history"
)

// Rest is the buckets of a past treatment that nobody gets for a while: its users may
// still behave as it taught them.
type Rest struct {
	Experiment string         `json:"experiment"`
	Hypothesis string         `json:"hypothesis"`
	Segment    string         `json:"segment"`
	Layer      string         `json:"layer"`
	Ranges     []cohort.Range `json:"ranges"`
	From       time.Time      `json:"from"`
	Until      time.Time      `json:"until"`
	Reason     string         `json:"reason"`
}

// rests lists the treatments that ended by At, or were withdrawn while they ran, and
// rest still, by start, then hypothesis. A treatment rests if
//
//   - its design says so (Hypothesis.Strong), for as long as was decided then;
//   - |posterior mean of its lift| ≥ cool-down's lift on any metric that was measured;
//   - no usable outcome has come back: in doubt it rests, its layer's weeks at most.
//
// Buckets of a layer that has since been given another salt or number do not rest:
// their users are spread over all of it.
func rests(s Snapshot, m Model) []Rest {
	withdrawn := map[string]*time.Time{}
	for _, h := range s.Hypotheses {
		withdrawn[h.ID] = h.Withdrawn
	}
	layers := map[string]Partition{}
	for _, p := range s.Policy.Partitions() {
		layers[p.Key()] = p
	}
	measured := map[string][]history.Effect{}
	for _, e := range s.Effects {
		if e.Usable && e.Segment == "" {
			measured[e.Experiment] = append(measured[e.Experiment], e)
		}
	}
	var all []Rest
	for _, t := range s.Starts {
		end := t.Until
		if at := withdrawn[t.Hypothesis]; at != nil && at.Before(end) {
			end = *at
		}
		now := layers[LayerKey(t.Segment, t.Layer)]
		if end.After(s.At) || len(t.Treatment) == 0 || now.Hash() != t.Partition().Hash() {
			continue
		}
		weeks, reason := t.Design.CoolDown, "its treatment was submitted as strong"
		if weeks == 0 {
			cool := s.Policy.coolDownOf(t.Segment, t.Layer)
			if weeks, reason = cool.Weeks, m.strong(measured[t.Experiment], cool.Lift); reason == "" {
				continue
			}
		}
		if until := end.Add(time.Duration(weeks) * week); until.After(s.At) {
			all = append(all, Rest{t.Experiment, t.Hypothesis, t.Segment, t.Layer, t.Treatment, end, until, reason})
		}
	}
	return all
}

// strong says why the treatment with these effects rests; empty: it need not.
func (m Model) strong(effects []history.Effect, least float64) string {
	if len(effects) == 0 {
		return "its outcome has not come back"
	}
	strongest, metric := -1.0, ""
	for _, e := range effects {
		if lift := math.Abs(m.posterior(e)); lift > strongest {
			strongest, metric = lift, e.Metric
		}
	}
	if strongest < least {
		return ""
	}
	return fmt.Sprintf("its lift of %s is %.2g%% after shrinkage, up or down; cool_down.lift is %g%%", metric, strongest*100, least*100)
}

// posterior is the mean of an effect's true lift, as a precedent tells it. A metric
// without a prior is taken as it was measured.
func (m Model) posterior(e history.Effect) float64 {
	past := m.pastLift(e)
	if past.Shrunk == nil {
		return past.Lift
	}
	return *past.Shrunk
}

// coolDown is for how many weeks the treatment of a hypothesis rests in any case.
// The layer's own cool-down goes before that of all.
func (p Policy) coolDown(h Hypothesis, l Layer) int {
	if !h.Strong {
		return 0
	}
	return p.coolDownIn(l).Weeks
}

func (p Policy) coolDownIn(l Layer) CoolDown {
	if l.CoolDown != nil {
		return *l.CoolDown
	}
	return p.CoolDown
}

// coolDownOf is that of a layer by name; one that the policy has no more cools as all.
func (p Policy) coolDownOf(segment, layer string) CoolDown {
	s, _ := find(p.Segments, func(s Segment) bool { return s.Name == segment })
	l, _ := find(s.Layers, func(l Layer) bool { return l.Name == layer })
	return p.coolDownIn(l)
}
