package allocator

import (
	"fmt"
	"math"
	"strings"
)

// whyChosen compares the chosen option with the candidate's next best one.
func (e explainer) whyChosen(c int32) Reason {
	o := &e.m.opts[e.chosen[c]]
	r := e.about(Chosen, o)
	next := 0.0
	for i := range e.m.optionsOf(c) {
		if other := &e.m.optionsOf(c)[i]; other.index != o.index {
			next = max(next, other.value-e.cost(other))
		}
	}
	r.Text = fmt.Sprintf("is worth %s, takes capacity for %s at tonight's prices", e.money(o.value), e.money(r.Cost))
	lead := r.Margin
	r.Margin -= next
	for _, d := range e.m.dependents[c] {
		if e.chosen[d] != none {
			r.Others = append(r.Others, e.id(d))
		}
	}
	switch {
	case lead < -evens*r.Value && len(e.served(o)) > 0:
		r.Text += fmt.Sprintf(", more than it is worth, but the least share of %s asks for it", strings.Join(e.served(o), " and of "))
	case lead < -evens*r.Value && len(r.Others) > 0:
		r.Text += ", more than it is worth, but another needs it first"
	case lead <= evens*r.Value:
		r.Text += ", and fills room that would be left over"
	case next == 0:
		r.Text += fmt.Sprintf(", and leads doing nothing by %s", e.money(lead))
	case math.Abs(r.Margin) <= evens*r.Value:
		r.Text += ", and is level with its next best option"
	case r.Margin > 0:
		r.Text += fmt.Sprintf(", and leads its next best option by %s", e.money(r.Margin))
	default:
		r.Text += fmt.Sprintf("; another of its options would lead by %s but found no place", e.money(-r.Margin))
	}
	if len(r.Others) > 0 {
		r.Text += "; required by " + strings.Join(r.Others, ", ")
	}
	return r
}

// infeasible names the limit that the best option breaks; there is none that fits.
func (e explainer) infeasible(c int32) Reason {
	options := e.m.candidate(int(c)).Options
	if len(options) == 0 {
		return Reason{Kind: Infeasible, Option: none, Text: "has no design to run"}
	}
	var best *option
	for i := range options {
		if l := e.m.newOption(c, i); best == nil || e.m.compareOptions(c, *l, *best) < 0 {
			best = l
		}
	}
	r := e.about(Infeasible, best)
	r.Blocking = e.blocking(best, func(u use, _ int64) bool { return u.units > e.m.rows[u.row].free })
	for i := range r.Blocking {
		n := &r.Blocking[i]
		n.Free += e.used[e.rowOf(best, *n)] // alone: nothing of the plan is in its way
	}
	r.Text = "would not fit even alone: its most valuable design needs " + e.limits(r.Blocking)
	return r
}

// unprepared tells of prerequisites that are not in the problem or not chosen.
func (e explainer) unprepared(c int32) (Reason, bool) {
	r := Reason{Kind: Prerequisite, Option: none}
	var gone, waiting []string
	for _, id := range e.m.candidate(int(c)).Requires {
		if k, ok := e.m.at[id]; !ok {
			gone = append(gone, id)
		} else if e.chosen[k] == none {
			waiting = append(waiting, id)
		}
	}
	gone, waiting = distinct(gone), distinct(waiting)
	r.Others = append(gone, waiting...)
	var parts []string
	if len(gone) > 0 {
		parts = append(parts, "requires "+strings.Join(gone, ", ")+", which no plan can choose tonight")
	}
	if len(waiting) > 0 {
		parts = append(parts, "requires "+strings.Join(waiting, ", ")+", not in the plan")
	}
	r.Text = strings.Join(parts, "; ")
	return r, len(r.Others) > 0
}

// tooEarly tells of prerequisites that are chosen, but end after every start.
func (e explainer) tooEarly(c int32, worth []*option) Reason {
	r := Reason{Kind: Prerequisite, Option: none}
	latest := int32(0)
	for _, o := range worth {
		latest = max(latest, o.start)
	}
	var ends []string
	for _, k := range e.m.requires[c] {
		if end := e.m.opts[e.chosen[k]].end; end > latest {
			r.Others = append(r.Others, e.id(k))
			ends = append(ends, fmt.Sprintf("%s, which ends with week %d", e.id(k), end-1))
		}
	}
	r.Text = fmt.Sprintf("requires %s; its own last start is week %d", strings.Join(ends, ", and "), latest)
	return r
}

func (e explainer) worthless(fits []*option) Reason {
	best := fits[0] // by value, descending
	r := e.about(NoValue, best)
	r.Text = fmt.Sprintf("no option that fits is worth more than doing nothing; the best is worth %s", e.money(best.value))
	return r
}

// conflicting names all chosen candidates that the option may not meet.
func (e explainer) conflicting(best *option, free []*option) Reason {
	r := e.about(Conflict, best)
	for _, k := range e.m.conflicts[best.cand] {
		if e.chosen[k] != none && clash(best, &e.m.opts[e.chosen[k]]) {
			r.Others = append(r.Others, e.id(k))
		}
	}
	r.Text = fmt.Sprintf("must not meet the users of %s, planned in the same segment and weeks", strings.Join(r.Others, ", "))
	if len(free) > 0 {
		r.Text += fmt.Sprintf("; alone it is worth %s for capacity at %s, and no option out of their way pays",
			e.money(best.value), e.money(r.Cost))
	}
	return r
}

// outpriced names the capacities whose price keeps the best option out.
func (e explainer) outpriced(best *option) Reason {
	r := e.about(Outpriced, best)
	r.Blocking = e.blocking(best, func(u use, _ int64) bool { return e.prices[u.row] > 0 && e.m.rows[u.row].week != allWeeks })
	r.Text = fmt.Sprintf("needs %s; at tonight's prices that costs %s, and its value is %s: %s short",
		e.spans(r.Blocking), e.money(r.Cost), e.money(best.value), e.money(-r.Margin))
	return r
}

// overQuota names the quotas that have no room for the best option, or better use.
func (e explainer) overQuota(best *option) Reason {
	r := e.about(OverQuota, best)
	full := func(u use, left int64) bool { return e.m.rows[u.row].week == allWeeks && u.units > left }
	if r.Blocking = e.blocking(best, full); len(r.Blocking) > 0 {
		r.Text = fmt.Sprintf("would pay for its capacity, but needs %s", e.limits(r.Blocking))
		return r
	}
	r.Blocking = e.blocking(best, func(u use, _ int64) bool { return e.m.rows[u.row].week == allWeeks && e.prices[u.row] > 0 })
	price := 0.0
	for _, n := range r.Blocking {
		price += float64(n.Needs) * n.Price
	}
	r.Text = fmt.Sprintf("would earn %s more than its capacity costs, but needs %s, which others use for %s",
		e.money(r.Margin), e.spans(r.Blocking), e.money(price))
	return r
}

// served lists the groups whose Leasts an option adds to, where that is worth something.
func (e explainer) served(o *option) []string {
	var groups []string
	for _, u := range o.gives {
		if e.prices[u.row] > 0 {
			groups = append(groups, e.m.rows[u.row].name)
		}
	}
	return distinct(groups)
}

// noRoom tells of an option that pays but has no whole place.
func (e explainer) noRoom(best *option) Reason {
	r := e.about(NoRoom, best)
	r.Blocking = e.blocking(best, func(u use, left int64) bool { return u.units > left })
	pays := fmt.Sprintf("would earn %s more than its capacity costs tonight", e.money(r.Margin))
	if r.Margin <= evens*r.Value {
		pays = "would break even at tonight's prices"
	}
	r.Text = fmt.Sprintf("%s, but whole units leave no room: it needs %s", pays, e.limits(r.Blocking))
	return r
}
