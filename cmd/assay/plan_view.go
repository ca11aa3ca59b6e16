package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// bestShown is how many hypotheses the printed plan shows.
const bestShown = 10

// printPlan prints tonight for a person: what it is worth and how sure that
// is, what capacity costs, and the best hypotheses with their place and reason.
func (a *app) printPlan(p planner.Plan) error {
	s := a.styles()
	fmt.Fprintf(a.out, "%s\n\n", s.Paint(render.Bold, fmt.Sprintf("Plan for the night of %s, %s ahead", night(p.At), render.Plural(p.Weeks, "week", "weeks"))))
	starting := chosen(p, planner.Starting)
	scheduled := chosen(p, planner.Scheduled)
	fields := []field{
		{"value", fmt.Sprintf("%s expected net gain of %s", planner.Money(p.Value, p.Currency), render.Plural(len(starting)+len(scheduled), "chosen test", "chosen tests"))},
		{"bound", fmt.Sprintf("%s: %s can be worth more; gap %s", planner.Money(p.Bound, p.Currency), bounded(p), gapText(p))},
		{"tests", fmt.Sprintf("%d start tonight, %d are foreseen for later weeks, %d run already, %d wait", len(starting), len(scheduled), len(p.Running), len(p.Entries)-len(starting)-len(scheduled))},
		{"ships if", shipText(p.ShipRule)},
		{"learnt from", evidenceText(p.Evidence)},
	}
	if p.Backfill != nil {
		fields = append(fields, field{"backfill", fmt.Sprintf("of the plan of %s, after %s stopped early; beliefs are that plan's", p.Backfill.Of, render.Plural(len(p.Backfill.Stopped), "test", "tests"))})
	}
	if p.Stability != nil {
		fields = slices.Insert(fields, 3, field{"announced", stabilityText(p)})
	}
	a.card("", fields)
	fmt.Fprintln(a.out)
	if err := render.Table(a.out, s, a.width(), weekColumns(p), capacities(p)); err != nil {
		return err
	}
	if len(p.Quotas) > 0 {
		fmt.Fprintln(a.out)
		if err := render.Table(a.out, s, a.width(), quotaColumns(p.Currency), p.Quotas); err != nil {
			return err
		}
	}
	a.printChanges(p)
	a.printBest(p, starting)
	return nil
}

// quotaColumns tell what teams and sources have of their quotas, over all weeks.
func quotaColumns(currency string) []render.Column[planner.QuotaUse] {
	share := func(q planner.QuotaUse, amount float64) string {
		if q.All == 0 {
			return render.Thousands(amount)
		}
		return render.Percent(amount / q.All)
	}
	limit := func(q planner.QuotaUse, x float64) string {
		if q.Of == "starts" {
			return render.Thousands(x)
		}
		return render.Percent(x)
	}
	return []render.Column[planner.QuotaUse]{
		{Title: "QUOTA", Grow: true, Text: func(q planner.QuotaUse) string { return render.Clean(q.Group()) }},
		{Title: "OF ALL", Text: func(q planner.QuotaUse) string { return q.Unit + "s" }},
		{Title: "AT LEAST", Right: true, Text: func(q planner.QuotaUse) string {
			if q.Least == 0 {
				return "–"
			}
			return limit(q, q.Least)
		}},
		{Title: "AT MOST", Right: true, Text: func(q planner.QuotaUse) string {
			if q.Most == nil {
				return "–"
			}
			return limit(q, *q.Most)
		}},
		{Title: "HAS", Right: true, Text: func(q planner.QuotaUse) string { return share(q, q.Held+q.Planned) }},
		{Title: "SHORT BY", Right: true, Text: func(q planner.QuotaUse) string {
			if q.Short == 0 {
				return "–"
			}
			return share(q, q.Short)
		}},
		{Title: "ONE MORE IS WORTH", Right: true, Text: func(q planner.QuotaUse) string {
			switch {
			case q.Price > 0:
				return planner.Money(q.Price, currency)
			case q.Cost > 0:
				return "costs " + planner.Money(q.Cost, currency)
			}
			return "nothing"
		}},
	}
}

func night(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

func gapText(p planner.Plan) string {
	if p.Gap == allocator.Unproved {
		return "unproved"
	}
	text := render.Percent(p.Gap)
	switch {
	case p.Optimal && p.Value > 0:
		text += ", proved optimal"
	case p.Cut:
		text += ", cut by the time limit"
	}
	return text
}

func shipText(r planner.ShipRule) string {
	if r.Rule == "significant" {
		return fmt.Sprintf("its lift is significant at %s, one-sided", render.Percent(r.Alpha))
	}
	cut := "0"
	if r.Cut != 0 {
		cut = render.Lift(r.Cut)
	}
	return "the posterior mean of its lift is above " + cut
}

func evidenceText(e planner.Evidence) string {
	msg := fmt.Sprintf("%s of %s effects of %s", render.Count(float64(e.Usable)), render.Count(float64(e.Effects)), render.Plural(e.Experiments, "experiment", "experiments"))
	var why []string
	for verdict, n := range e.Screened {
		why = append(why, fmt.Sprintf("%s: %d", verdict, n))
	}
	if len(why) == 0 {
		return msg
	}
	slices.Sort(why)
	return msg + "; not used: " + strings.Join(why, ", ")
}

func chosen(p planner.Plan, status planner.Status) []planner.Entry {
	var entries []planner.Entry
	for _, e := range p.Entries {
		if e.Status == status {
			entries = append(entries, e)
		}
	}
	return entries
}

// capacities returns this week's uses, in the order of the plan.
func capacities(p planner.Plan) []planner.Use {
	var now []planner.Use
	for _, u := range p.Uses {
		if u.Week == 0 {
			now = append(now, u)
		}
	}
	return now
}

// weekColumns are those of this week, with the price of one more in every week:
// how that is split over the weeks that tests span says little.
func weekColumns(p planner.Plan) []render.Column[planner.Use] {
	columns := useColumns(p.Currency)
	last := &columns[len(columns)-1]
	last.Title = "ONE MORE, EVERY WEEK"
	last.Text = func(u planner.Use) string {
		u.Price = p.PriceEveryWeek(u.Unit, u.Name)
		return priceText(u, p.Currency)
	}
	return columns
}

func priceText(u planner.Use, currency string) string {
	switch {
	case u.Price > 0:
		return planner.Money(u.Price, currency)
	case u.AllHeld():
		return "all held"
	}
	return "nothing"
}

func useColumns(currency string) []render.Column[planner.Use] {
	taken := func(u planner.Use) float64 { return u.Held + u.Planned }
	return []render.Column[planner.Use]{
		{Name: "name", Title: "CAPACITY THIS WEEK", Grow: true, Value: func(u planner.Use) any { return u.Name }},
		{Name: "unit", Title: "UNIT", Value: func(u planner.Use) any { return u.Unit }},
		{Name: "week", Value: func(u planner.Use) any { return u.Week }},
		{Name: "capacity", Title: "THERE IS", Right: true, Value: func(u planner.Use) any { return u.Capacity }, Text: func(u planner.Use) string { return render.Thousands(u.Capacity) }},
		{Name: "held", Title: "HELD", Right: true, Value: func(u planner.Use) any { return u.Held }, Text: func(u planner.Use) string { return render.Thousands(u.Held) }},
		{Name: "planned", Title: "PLANNED", Right: true, Value: func(u planner.Use) any { return u.Planned }, Text: func(u planner.Use) string { return render.Thousands(u.Planned) }},
		{Title: "IN USE", Right: true, Text: func(u planner.Use) string {
			if u.Capacity == 0 {
				return "–"
			}
			return render.Percent(taken(u) / u.Capacity)
		}},
		{Name: "price", Title: "ONE MORE IS WORTH", Right: true, Value: func(u planner.Use) any { return u.Price }, Text: func(u planner.Use) string { return priceText(u, currency) }},
	}
}

// printBest tells of each of the best what it is and may bring, where it is
// tested, and what that place costs.
func (a *app) printBest(p planner.Plan, starting []planner.Entry) {
	s := a.styles()
	shown := starting[:min(bestShown, len(starting))]
	if why := p.WhyNone(); why != "" {
		fmt.Fprintln(a.out)
		for _, line := range render.Wrap(render.Clean(why), a.width()) {
			fmt.Fprintln(a.out, line)
		}
		return
	}
	if len(shown) == 0 {
		fmt.Fprintln(a.out, "\nNothing starts tonight. assay hypothesis list shows what waits, and assay plan show --explain ID why.")
		return
	}
	heading := render.Plural(len(starting), "test starts tonight", "tests start tonight")
	if len(shown) < len(starting) {
		heading = fmt.Sprintf("The best %d of %d tests that start tonight", len(shown), len(starting))
	}
	fmt.Fprintln(a.out)
	a.apart(s.Paint(render.Bold, heading), render.Len(heading), s.Paint(render.Dim, "LIFT, 80% INTERVAL    WORTH"), 27)
	for _, e := range shown {
		f := e.Forecast
		right := fmt.Sprintf("%s [%s, %s]  %7s", render.Lift(f.Mean), render.Lift(f.Low), render.Lift(f.High), planner.Money(e.Start.Value, p.Currency))
		left := fmt.Sprintf("%3d  %s  ", e.Rank, e.Hypothesis)
		title := render.Cut(render.Clean(e.Title), a.width()-render.Len(left)-render.Len(right)-2)
		a.apart(left+s.Paint(render.Bold, title), render.Len(left)+render.Len(title), right, render.Len(right))
		a.under(e.Start.Design.Name + rampText(e.Start.Design) + " in " + cohortText(e.Start) + "; " + costText(e, p.Currency))
	}
	fmt.Fprintf(a.out, "\nTreatment and control are ranges of %s of users of a layer.\nMore: assay plan show --explain %s   assay hypothesis list   assay plan show -o json\n", bucketsText(shown), shown[0].Hypothesis)
}

// bucketsText says how many buckets the layers have, if they have equally many.
func bucketsText(shown []planner.Entry) string {
	of := shown[0].Start.Partition().Buckets
	for _, e := range shown {
		if e.Start.Partition().Buckets != of {
			return "the buckets"
		}
	}
	return fmt.Sprintf("the %s buckets", render.Thousands(float64(of)))
}

// apart prints two texts at the two ends of a line. Their widths are given,
// because a painted text is longer than it looks.
func (a *app) apart(left string, leftWidth int, right string, rightWidth int) {
	fmt.Fprintf(a.out, "%s%s%s\n", left, strings.Repeat(" ", max(2, a.width()-leftWidth-rightWidth)), right)
}

// under prints a text below a hypothesis, indented and dim.
func (a *app) under(text string) {
	for _, line := range render.Wrap(text, a.width()-5) {
		fmt.Fprintf(a.out, "     %s\n", a.styles().Paint(render.Dim, line))
	}
}

// costText says what the capacity of a chosen test would earn for others.
func costText(e planner.Entry, currency string) string {
	if e.Price == 0 {
		return "nobody else would pay for its capacity"
	}
	return fmt.Sprintf("its capacity costs %s at tonight's prices", planner.Money(e.Price, currency))
}

// rampText is the ramp of a design in brackets; empty if it has none.
func rampText(d planner.Design) string {
	if len(d.Ramp) == 0 {
		return ""
	}
	return " (" + d.RampText() + ")"
}

func cohortText(s *planner.Start) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%s until %s: treatment %s, control %s", planner.LayerKey(s.Segment, s.Layer),
		s.Until.UTC().Format(time.DateOnly), ranges(s.Treatment), ranges(s.Control))
}

// ranges prints bucket ranges by their first and last bucket: 0–249, 600–649.
func ranges(rs []allocator.Range) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = fmt.Sprintf("%d–%d", r.From, r.To-1)
	}
	return strings.Join(parts, " ")
}

// entryColumns is the row shape of a plan, for CSV.
func entryColumns() []render.Column[planner.Entry] {
	start := func(f func(planner.Start) any) func(planner.Entry) any {
		return func(e planner.Entry) any {
			if e.Start == nil {
				return nil
			}
			return f(*e.Start)
		}
	}
	return []render.Column[planner.Entry]{
		{Name: "rank", Value: func(e planner.Entry) any { return e.Rank }},
		{Name: "hypothesis", Value: func(e planner.Entry) any { return e.Hypothesis }},
		{Name: "title", Value: func(e planner.Entry) any { return e.Title }},
		{Name: "surface", Value: func(e planner.Entry) any { return e.Surface }},
		{Name: "component", Value: func(e planner.Entry) any { return e.Component }},
		{Name: "source", Value: func(e planner.Entry) any { return string(e.Source) }},
		{Name: "generator", Value: func(e planner.Entry) any { return e.Generator }},
		{Name: "team", Value: func(e planner.Entry) any { return e.Team }},
		{Name: "status", Value: func(e planner.Entry) any { return string(e.Status) }},
		{Name: "lift_mean", Value: func(e planner.Entry) any { return e.Forecast.Mean }},
		{Name: "lift_sd", Value: func(e planner.Entry) any { return e.Forecast.SD }},
		{Name: "lift_q10", Value: func(e planner.Entry) any { return e.Forecast.Low }},
		{Name: "lift_q90", Value: func(e planner.Entry) any { return e.Forecast.High }},
		{Name: "prob_positive", Value: func(e planner.Entry) any { return e.Forecast.ProbPositive }},
		{Name: "prob_worth_shipping", Value: func(e planner.Entry) any { return e.Forecast.ProbLeast }},
		{Name: "prob_breach", Value: func(e planner.Entry) any { return breachOrNil(e.Forecast) }},
		{Name: "evidence", Value: func(e planner.Entry) any { return e.Forecast.Evidence }},
		{Name: "value", Value: func(e planner.Entry) any { return e.Value }},
		{Name: "design", Value: start(func(s planner.Start) any { return s.Design.Name })},
		{Name: "ramp", Value: start(func(s planner.Start) any { return s.Design.RampText() })},
		{Name: "experiment", Value: start(func(s planner.Start) any { return s.Experiment })},
		{Name: "from", Value: start(func(s planner.Start) any { return s.From })},
		{Name: "until", Value: start(func(s planner.Start) any { return s.Until })},
		{Name: "layer", Value: start(func(s planner.Start) any { return planner.LayerKey(s.Segment, s.Layer) })},
		{Name: "treatment_buckets", Value: start(func(s planner.Start) any { return ranges(s.Treatment) })},
		{Name: "control_buckets", Value: start(func(s planner.Start) any { return ranges(s.Control) })},
		{Name: "plan_value", Value: start(func(s planner.Start) any { return s.Value })},
		{Name: "reason", Value: func(e planner.Entry) any { return e.Reason }},
	}
}
