package backtest

import "github.com/assay-planner/assay/planner/forecast"

// choices are what models were chosen to be made of in one backtest. To choose afresh at
// every cut, and once more for the mirrored past, takes most of the time of a backtest, and
// a somewhat longer past seldom says anything else. A choice is used again only where all
// that it was made from is past too, so that a cut never sees what came after it.
type choices struct{ made []choice }

type choice struct {
	metric string
	past   map[string]bool // IDs of ideas that it was made from
	spec   forecast.Spec
}

// grown is by how much the past may have grown since a choice.
const grown = 1.5

func (l Learned) remembering() Learned {
	l.choices = &choices{}
	return l
}

// of is the last choice that was made from this past or most of it, or nil.
func (c *choices) of(past []forecast.Past) *forecast.Spec {
	if c == nil || len(past) == 0 {
		return nil
	}
	ids := idsOf(past)
	for k := len(c.made) - 1; k >= 0; k-- {
		m := c.made[k]
		if m.metric == past[0].Metric && float64(len(ids)) <= grown*float64(len(m.past)) && within(m.past, ids) {
			return &m.spec
		}
	}
	return nil
}

// keep remembers a choice unless it is an old one.
func (c *choices) keep(past []forecast.Past, spec forecast.Spec) {
	if c != nil && c.of(past) == nil {
		c.made = append(c.made, choice{past[0].Metric, idsOf(past), spec})
	}
}

func idsOf(past []forecast.Past) map[string]bool {
	ids := make(map[string]bool, len(past))
	for _, p := range past {
		ids[p.ID] = true
	}
	return ids
}

func within(part, all map[string]bool) bool {
	for id := range part {
		if !all[id] {
			return false
		}
	}
	return true
}
