package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
)

// of is the change of a hypothesis, or nil.
func (st *Stability) of(id string) *Change {
	if st == nil {
		return nil
	}
	if i := slices.IndexFunc(st.Changes, func(c Change) bool { return c.Hypothesis == id }); i >= 0 {
		return &st.Changes[i]
	}
	return nil
}

// tell lists every announced start that is not made as announced, and why.
func (st *Stability) tell(s Snapshot, cs []candidate, solution allocator.Plan, together promises) {
	j := newJudge(s, cs, solution, together)
	j.gain = st.Gain
	st.Changes = []Change{}
	for _, was := range s.Announced.Starts {
		i := slices.IndexFunc(cs, func(c candidate) bool { return c.ID == was.Hypothesis })
		if i < 0 {
			st.Changes = append(st.Changes, s.takenBack(was))
			continue
		}
		if c := cs[i]; !j.kept[c.ID] {
			st.Changes = append(st.Changes, j.change(c))
		}
	}
	st.Kept = st.Announced - len(st.Changes)
}

// takenBack is the change of an announced start whose hypothesis waits no more.
func (s Snapshot) takenBack(was Start) Change {
	c := Change{Hypothesis: was.Hypothesis, Title: was.Hypothesis, Was: was.place(), Cause: causeWithdrawn, Reason: "it is not in the backlog any more"}
	if h, found := find(s.Hypotheses, func(h Hypothesis) bool { return h.ID == was.Hypothesis }); found {
		c.Title = h.Title
		if h.Withdrawn != nil {
			c.Reason = "it was withdrawn on " + day(*h.Withdrawn)
		}
	}
	return c
}

// judge finds the cause of a change, against a finished plan.
type judge struct {
	around
	cs       []candidate
	now      map[string]verdict
	kept     promises // by the plan
	together promises // that can be kept together
	gain     float64  // by all changes of those
	free     map[capacity]float64
	prices   prices
	chosen   map[string]way
	currency string
}

func newJudge(s Snapshot, cs []candidate, solution allocator.Plan, together promises) judge {
	j := judge{around: s.around(), cs: cs, now: byCandidate(solution), kept: keptIn(cs, solution), together: together, free: newBook(problem(s, cs)).free,
		prices: pricesOf(uses(s, solution.Prices)), chosen: map[string]way{}, currency: s.Policy.Currency}
	for _, c := range cs {
		if v := j.now[c.ID]; v.choice != nil {
			j.chosen[c.ID] = c.ways[v.choice.Option]
		}
	}
	return j
}

func (j judge) change(c candidate) Change {
	out := Change{Hypothesis: c.ID, Title: c.Title, Was: c.promise.place()}
	if w, placed := j.chosen[c.ID]; placed {
		place := c.start(j.Snapshot, *j.now[c.ID].choice).place()
		place.Value = w.value
		out.Now = &place
	}
	if j.together[c.ID] {
		out.Cost = c.promise.cost
	}
	out.Cause, out.Reason, out.Others = j.cause(c)
	return out
}

// cause tests in the order of the causes' precedence.
func (j judge) cause(c candidate) (Cause, string, []string) {
	w := c.promise.way
	switch {
	case w == nil && c.blocked != nil:
		return Cause(c.blocked.Kind), c.blocked.Reason, nil
	case c.promise.From.Before(j.At):
		return causeMissed, "no plan was made then", nil
	case w == nil:
		return causePolicy, fmt.Sprintf("the policy does not offer %s in %s any more", c.promise.Design.Name, LayerKey(c.promise.Segment, c.promise.Layer)), nil
	case w.end() > j.weeks.weeks:
		return causePolicy, "it would end beyond the weeks that the policy plans", nil
	case w.value <= 0:
		return causeForecast, fmt.Sprintf("it is worth %s there, and was worth %s when it was announced", j.money(w.value), j.money(c.promise.Value)), nil
	}
	if others, text := j.conflicting(c, *w); len(others) > 0 {
		return causeConflict, text, others
	}
	if others, text := j.unready(c, *w); len(others) > 0 {
		return causePrerequisite, text, others
	}
	if text := j.lacking(*w); text != "" {
		return causeCapacity, text, nil
	}
	if v := j.now[c.ID]; v.Kind == allocator.OverQuota {
		_, text := c.reason(j.Snapshot, v, j.prices, j.now)
		return causeQuota, "it " + text, nil
	}
	return j.unpaid(c, *w)
}

func (j judge) money(x float64) string { return Money(x, j.currency) }

// conflicting names what runs, or is in the plan, and may not meet the way.
func (j judge) conflicting(c candidate, w way) ([]string, string) {
	for _, r := range j.running {
		if j.conflict(c.Hypothesis, r.Hypothesis) && w.segment == r.Segment && w.layer != r.Layer && w.from.Before(r.Until) {
			return []string{r.Hypothesis}, fmt.Sprintf("it must not meet %s on the same users, which runs in %s until %s", r.Hypothesis, LayerKey(r.Segment, r.Layer), day(r.Until))
		}
	}
	var others []string
	for _, o := range j.cs {
		if at, placed := j.chosen[o.ID]; placed && o.ID != c.ID && w.meets(at) && j.conflict(c.Hypothesis, o.ID) {
			others = append(others, o.ID)
		}
	}
	return others, fmt.Sprintf("it must not meet %s on the same users, which is in the plan", strings.Join(others, ", "))
}

// unready names prerequisites of a candidate that are not done by the time of the way.
func (j judge) unready(c candidate, w way) ([]string, string) {
	var others []string
	for _, id := range c.Requires {
		r, runs := find(j.running, func(r Start) bool { return r.Hypothesis == id })
		at, placed := j.chosen[id]
		switch {
		case j.ended[id], runs && !r.Until.After(w.from), placed && at.end() <= w.week:
		default:
			others = append(others, id)
		}
	}
	return others, "it waits for " + strings.Join(others, ", ")
}

// lacking says which capacity the way has lost: there is not enough of it even for the
// way alone, or not for all that was announced.
func (j judge) lacking(w way) string {
	for _, n := range w.needs() {
		free, known := j.free[n.capacity]
		if !known {
			continue
		}
		if n.amount > free {
			return fmt.Sprintf("it needs %s of %s in week %d, and running tests, rests and the policy leave %.0f", count(int(n.amount), n.unit), n.name, n.week, free)
		}
		if all := j.promisedOf(n.capacity); all > free {
			return fmt.Sprintf("all that was announced needs %s of %s in week %d, and running tests, rests and the policy leave %.0f", count(int(all), n.unit), n.name, n.week, free)
		}
	}
	return ""
}

// promisedOf is what all promises need of a capacity.
func (j judge) promisedOf(of capacity) float64 {
	total := 0.0
	for _, c := range j.cs {
		if c.promise != nil && c.promise.index >= 0 {
			total += c.promise.way.of(of)
		}
	}
	return total
}

// of is what the way needs of one capacity.
func (w way) of(c capacity) float64 {
	for _, n := range w.needs() {
		if n.capacity == c {
			return n.amount
		}
	}
	return 0
}

// unpaid tells why a plan gains by changing what it could keep.
func (j judge) unpaid(c candidate, w way) (Cause, string, []string) {
	price := j.prices.of(w)
	if at, placed := j.chosen[c.ID]; placed && at.value >= w.value {
		return causeBetter, fmt.Sprintf("it is worth %s as it is planned now, and %s as announced", j.money(at.value), j.money(w.value)), nil
	}
	if fell := c.promise.Value - w.value; fell > 0 && price > w.value+c.promise.cost && price <= w.value+fell+c.promise.cost {
		return causeForecast, fmt.Sprintf("it is worth %s there, which was %s when it was announced, for capacity that costs %s", j.money(w.value), j.money(c.promise.Value), j.money(price)), nil
	}
	others := j.takers(c, w)
	if price <= w.value {
		return causeOutpriced, j.outweighed(c, w, price, others), others
	}
	if len(others) == 0 {
		return causeOutpriced, fmt.Sprintf("the plan earns more without it: its place costs %s for a value of %s", j.money(price), j.money(w.value)), nil
	}
	return causeOutpriced, fmt.Sprintf("%s earn%s more there: the place costs %s for a value of %s", strings.Join(others, ", "), third(others), j.money(price), j.money(w.value)), others
}

// outweighed tells why a way is given up that would cover its price. Prices are of one unit
// more or less; what a whole test takes can be worth more to the plan than they say.
func (j judge) outweighed(c candidate, w way, price float64, others []string) string {
	place := "without it"
	if _, moved := j.chosen[c.ID]; moved {
		place = "with it elsewhere"
	}
	if len(others) > 0 {
		place = fmt.Sprintf("with %s in its place", strings.Join(others, ", "))
	}
	text := "the plan as a whole is worth as much " + place
	switch n := j.changed(); {
	case !j.together[c.ID]:
		text = "it cannot be kept beside the others that were announced"
	case j.gain > 0 && n > 1:
		text = fmt.Sprintf("the plan as a whole is worth %s more %s, together with %s", j.money(j.gain), place, count(n-1, "other change"))
	case j.gain > 0:
		text = fmt.Sprintf("the plan as a whole is worth %s more %s", j.money(j.gain), place)
	}
	return fmt.Sprintf("%s; its value of %s would cover the price, %s", text, j.money(w.value), j.money(price))
}

// changed counts the changes of what could be kept.
func (j judge) changed() int {
	n := 0
	for id := range j.together {
		if !j.kept[id] {
			n++
		}
	}
	return n
}

// third is the ending of a verb.
func third(who []string) string {
	if len(who) == 1 {
		return "s"
	}
	return ""
}

// takers names those of the plan that were not announced and pay most for capacity which
// the way needs, three at most.
func (j judge) takers(c candidate, w way) []string {
	type taker struct {
		id   string
		pays float64
	}
	var all []taker
	for _, o := range j.cs {
		at, placed := j.chosen[o.ID]
		if !placed || o.ID == c.ID || j.kept[o.ID] {
			continue
		}
		t := taker{id: o.ID}
		for _, n := range w.needs() {
			t.pays += at.of(n.capacity) * j.prices[n.capacity]
		}
		if t.pays > 0 {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b taker) int { return cmp.Or(-cmp.Compare(a.pays, b.pays), strings.Compare(a.id, b.id)) })
	var ids []string
	for _, t := range all[:min(3, len(all))] {
		ids = append(ids, t.id)
	}
	return ids
}
