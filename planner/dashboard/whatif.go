package dashboard

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// WhatIfView is what the reader asks to be otherwise, and what would follow.
type WhatIfView struct {
	Plan    *planner.Plan // in force; nil before the first one
	Asked   []Asked
	Answer  *planner.WhatIf // nil: nothing was asked, or Problem
	Problem string          // why it could not be answered
}

// Asked is one line of the form: a key and what it is set to, see planner.Setting.
type Asked struct{ What, To string }

// WhatIfLines is the most lines that the form has.
const WhatIfLines = 5

// WhatIf draws the form, and the difference to the plan in force.
func WhatIf(w io.Writer, f Frame, v WhatIfView) error {
	return render(w, "whatif", "What if", f, v.draw())
}

type whatIf struct {
	WhatIfView
	Lines    []line
	Currency string
	Gap      string
	More     string   // value, with its sign
	If       []string // what was set, in words
	Lists    []differences
}

// line is one line of the form.
type line struct {
	Number int
	To     string
	Groups []group
}

// group is some options of a drop-down under one heading.
type group struct {
	Label   string
	Options []option
}

// differences is one table of tests.
type differences struct {
	Id, Heading string
	Rows        []planner.Difference
	Left        int // that are not shown
}

// differencesShown is how many tests of each kind are shown.
const differencesShown = 50

func (v WhatIfView) draw() whatIf {
	d := whatIf{WhatIfView: v}
	if v.Plan == nil {
		return d
	}
	d.Currency = v.Plan.Currency
	choices := keys(v.Plan)
	asked := v.Asked
	if len(asked) < WhatIfLines {
		asked = append(slices.Clone(asked), Asked{})
	}
	for i, a := range asked {
		l := line{Number: i + 1, To: a.To}
		if known := slices.ContainsFunc(choices, func(g group) bool {
			return slices.ContainsFunc(g.Options, func(o option) bool { return o.Value == a.What })
		}); !known && a.What != "" {
			l.Groups = append(l.Groups, group{"Named in the address", []option{{a.What, a.What, true}}})
		}
		for _, g := range choices {
			g.Options = slices.Clone(g.Options)
			for k := range g.Options {
				g.Options[k].Selected = g.Options[k].Value == a.What
			}
			l.Groups = append(l.Groups, g)
		}
		d.Lines = append(d.Lines, l)
	}
	if a := v.Answer; a != nil {
		for _, set := range a.Set {
			d.If = append(d.If, fmt.Sprintf("%s were %s, not %s", labelOf(choices, set.Key), set.Now, set.Was))
		}
		d.Gap, d.More = gap(a.Now.Gap), planner.Money(a.Now.Value-a.Was.Value, a.Currency)
		if a.Now.Value > a.Was.Value {
			d.More = "+" + d.More
		}
		for _, list := range []differences{{"in", "Come in", a.In, 0}, {"out", "Go out", a.Out, 0}, {"moved", "Move", a.Moved, 0}} {
			if n := len(list.Rows); n > differencesShown {
				list.Rows, list.Left = list.Rows[:differencesShown], n-differencesShown
			}
			list.Heading = fmt.Sprintf("%s: %s", list.Heading, plural(len(list.Rows)+list.Left, "test", "tests"))
			d.Lists = append(d.Lists, list)
		}
	}
	return d
}

// labelOf is a key in words, if it is one of the choices.
func labelOf(choices []group, key string) string {
	for _, g := range choices {
		for _, o := range g.Options {
			if o.Value == key {
				return o.Label
			}
		}
	}
	return key
}

// hypothesesOffered is how many of the best hypotheses the form offers; others are named
// in the address, as their own pages do.
const hypothesesOffered = 100

// keys is all that can be set, as far as a plan knows it.
func keys(p *planner.Plan) []group {
	pools, segments, worths := group{Label: "GPU-hours in every week"}, group{Label: "Users in a week"}, group{Label: "Worth of a lift"}
	add := func(g *group, key, label string) {
		if !slices.ContainsFunc(g.Options, func(o option) bool { return o.Value == key }) {
			g.Options = append(g.Options, option{Value: key, Label: label})
		}
	}
	for _, u := range p.Uses {
		if segment, _, layer := strings.Cut(u.Name, "/"); u.Unit == allocator.Bucket && layer {
			add(&segments, "segments."+segment, "users of "+segment)
		} else if u.Unit == allocator.GPUHour {
			add(&pools, "pools."+u.Name, "GPU-hours of "+u.Name)
		}
	}
	gains := group{Label: "Gain of a hypothesis (by a share, as +50%)"}
	for _, e := range p.Entries {
		if e.Forecast.Metric != "" {
			add(&worths, "metrics."+e.Forecast.Metric+"."+e.Surface, "worth of a lift of "+e.Forecast.Metric+" on "+e.Surface)
		}
		if e.Best != nil && len(gains.Options) < hypothesesOffered {
			gains.Options = append(gains.Options, option{Value: "hypotheses." + e.Hypothesis, Label: fmt.Sprintf("gain of %d, %s", e.Rank, e.Title)})
		}
	}
	slices.SortFunc(worths.Options, func(a, b option) int { return strings.Compare(a.Label, b.Label) })
	all := []group{pools, segments, worths, quotaKeys(p), gains, {"Plans", []option{{Value: "change_cost", Label: "what a change of an announced start costs"}}}}
	return slices.DeleteFunc(all, func(g group) bool { return len(g.Options) == 0 })
}

// quotaKeys are both ends of each quota of the plan, and the most of each source.
func quotaKeys(p *planner.Plan) group {
	g := group{Label: "Quotas (a share as 30%, a number of starts, or none)"}
	add := func(q planner.Quota, end string) {
		who := q.Team
		if who == "" {
			who = string(q.Source)
		}
		key, label := fmt.Sprintf("quotas.%s.%s.%s", who, q.Of, end), fmt.Sprintf("the %s of %s for %s", end, strings.ReplaceAll(q.Of, "gpu_hours", "GPU-hours"), q.Group())
		if !slices.ContainsFunc(g.Options, func(o option) bool { return o.Value == key }) {
			g.Options = append(g.Options, option{Value: key, Label: label})
		}
	}
	for _, q := range p.Quotas {
		add(q.Quota, "least")
		add(q.Quota, "most")
	}
	for _, source := range []planner.Source{planner.AI, planner.Human} {
		for _, of := range []string{"gpu_hours", "users", "starts"} {
			add(planner.Quota{Source: source, Of: of}, "most")
		}
	}
	return g
}
