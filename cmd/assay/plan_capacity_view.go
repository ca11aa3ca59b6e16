package main

import (
	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

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

func priceText(u planner.Use, currency string) string {
	switch {
	case u.Price > 0:
		return planner.Money(u.Price, currency)
	case u.AllHeld():
		return "all held"
	}
	return "nothing"
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
