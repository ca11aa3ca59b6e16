package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
)

// reason says in one word and in one sentence why a hypothesis is where the
// plan has it. The kinds are the allocator's, and no_history.
func (c candidate) reason(s Snapshot, v verdict, p prices, all map[string]verdict) (kind, text string) {
	if c.blocked != nil {
		return c.blocked.Kind, c.blocked.Reason
	}
	money := func(x float64) string { return Money(x, s.Policy.Currency) }
	var w way
	var price string
	if v.Option >= 0 && v.Option < len(c.ways) {
		w = c.ways[v.Option]
		price = money(p.of(w))
	}
	switch v.Kind {
	case allocator.Chosen:
		text = c.chosen(w, money, price)
	case allocator.NoValue:
		text = fmt.Sprintf("does not pay: its best design, %s, costs %s for an expected gain of %s",
			c.best.Name, money(c.best.Cost), money(c.best.Gain))
	case allocator.Infeasible:
		text = "no design fits, even if it were alone" + lacking(v.Blocking)
	case allocator.Prerequisite:
		text = c.waiting(all)
	case allocator.Conflict:
		text = fmt.Sprintf("must not meet %s on the same users, which is in the plan", strings.Join(v.Others, ", "))
	case allocator.Outpriced:
		text = fmt.Sprintf("needs %s: at tonight's prices %s for a value of %s", spoken(v.Blocking, w), price, money(w.value))
		if price == money(w.value) { // a tie, or as good as one
			text = fmt.Sprintf("needs %s: at tonight's prices that costs all of its value of %s", spoken(v.Blocking, w), price)
		}
	case allocator.OverQuota:
		text = fmt.Sprintf("%s, but for the quota%s", c.pays(w, p.of(w), money), overQuota(v.Blocking, money))
	case allocator.NoRoom:
		text = fmt.Sprintf("%s, but no whole place was left%s", c.pays(w, p.of(w), money), lacking(v.Blocking))
	default:
		text = v.Text
	}
	return string(v.Kind), text
}

// pays says that a way would be chosen if there were room: its value covers its price, or
// something besides its value speaks for it.
func (c candidate) pays(w way, price float64, money func(float64) string) string {
	account := fmt.Sprintf("%s for a value of %s", money(price), money(w.value))
	switch {
	case money(price) == money(w.value): // a tie, or as good as one
		return "would just pay its price of " + money(price)
	case price < w.value:
		return "would pay (" + account + ")"
	case c.promise != nil && c.promise.way != nil && w.same(*c.promise.way):
		return "would be kept at a loss, because it was announced (" + account + ")"
	}
	return "would be chosen at a loss, for the least of a quota (" + account + ")"
}

func (c candidate) chosen(w way, money func(float64) string, price string) string {
	when := "starts tonight"
	if w.week > 0 {
		when = fmt.Sprintf("foreseen for week %d", w.week)
	}
	return fmt.Sprintf("%s: %s in %s, worth %s for capacity that costs %s at tonight's prices",
		when, w.Name, LayerKey(w.segment, w.layer), money(w.value), price)
}

// waiting names the prerequisites that the plan does not finish in time.
func (c candidate) waiting(all map[string]verdict) string {
	var missing []string
	for _, id := range c.requires {
		other, ok := all[id]
		switch {
		case !ok:
			missing = append(missing, id+", which is not in the backlog")
		case other.choice == nil:
			missing = append(missing, id+", which is not in the plan")
		default:
			missing = append(missing, fmt.Sprintf("%s, which ends in week %d", id, other.choice.Start+other.choice.Weeks))
		}
	}
	return "waits for " + strings.Join(missing, "; and for ")
}

// lacking lists capacities with what is needed and what is free.
func lacking(blocking []allocator.Need) string {
	if len(blocking) == 0 {
		return ""
	}
	var parts []string
	for _, g := range spans(blocking) {
		parts = append(parts, fmt.Sprintf("%s (%d free)", g, g.Free))
	}
	return ": it needs " + strings.Join(parts, " and ")
}

// overQuota says whose quotas have no room left for a way, or better use for it.
func overQuota(blocking []allocator.Need, money func(float64) string) string {
	var parts []string
	for _, n := range blocking {
		text := fmt.Sprintf(" of %s: it needs %s and %d are left", n.Name, count(int(n.Needs), n.Unit), n.Free)
		if n.Needs <= n.Free {
			text = fmt.Sprintf(" of %s: it needs %s, for which others would pay %s", n.Name, count(int(n.Needs), n.Unit), money(n.Price*float64(n.Needs)))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", and")
}

// spoken lists what keeps a way out: "210 buckets of feed-us/ranking in week
// 0–1 and 120 GPU-hours of a100 in week 0".
func spoken(blocking []allocator.Need, w way) string {
	var parts []string
	for _, g := range spans(blocking) {
		parts = append(parts, g.String())
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s of %s", count(w.Buckets, allocator.Bucket), LayerKey(w.segment, w.layer))
	}
	return strings.Join(parts, " and ")
}

// span is the same need of one capacity in successive weeks.
type span struct {
	allocator.Need
	last int
}

// spans joins successive weeks of equal need; Free becomes the least of them.
// Users come before machines.
func spans(needs []allocator.Need) []span {
	var out []span
	for _, n := range needs {
		if n.Quota {
			out = append(out, span{n, 0})
		}
	}
	needs = keep(needs, func(n allocator.Need) bool { return !n.Quota })
	for _, unit := range []string{allocator.Bucket, allocator.GPUHour} {
		for _, n := range needs {
			i := slices.IndexFunc(out, func(g span) bool {
				return !g.Quota && g.Name == n.Name && g.Unit == n.Unit && g.Needs == n.Needs && g.last == n.Week-1
			})
			switch {
			case n.Unit != unit:
			case i < 0:
				out = append(out, span{n, n.Week})
			default:
				out[i].last, out[i].Free = n.Week, min(out[i].Free, n.Free)
			}
		}
	}
	return out
}

func (g span) String() string {
	if g.Quota {
		return fmt.Sprintf("%s of the quota of %s", count(int(g.Needs), g.Unit), g.Name)
	}
	weeks := fmt.Sprint(g.Week)
	if g.last > g.Week {
		weeks = fmt.Sprintf("%d–%d", g.Week, g.last)
	}
	return fmt.Sprintf("%s of %s in week %s", count(int(g.Needs), g.Unit), g.Name, weeks)
}
