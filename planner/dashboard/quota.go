package dashboard

import (
	"fmt"
	"math"
	"strings"

	"github.com/assay-planner/assay/planner"
)

// quota is what a team or a source has of its quota over all weeks of a plan, drawn
// against its least and its most.
type quota struct {
	Group, Of        string
	Held, Planned    float64 // of 100, for a stacked bar
	Lowest, Highest  *mark
	Least, Most, Has string
	Short            string // empty: it has its least
	Price, Per       string
	Paid             bool
	Text             string
}

// mark is a limit on the bar.
type mark struct{ X float64 }

// quotas draws those of a plan, in its order. Shares are drawn of all that there is, and
// numbers of starts of a little more than the largest.
func quotas(p *planner.Plan) []quota {
	var all []quota
	for _, u := range p.Quotas {
		all = append(all, quotaOf(u, p.Currency))
	}
	return all
}

func quotaOf(u planner.QuotaUse, currency string) quota {
	has, whole, scale, amount, limit := u.Held+u.Planned, u.All, 1.0, percent, percent
	if u.Of == "starts" {
		whole, amount, limit = 1, thousands, thousands
		scale = math.Max(1, math.Max(has+u.Short, u.Least))
		if u.Most != nil {
			scale = math.Max(scale, *u.Most)
		}
		scale *= 1.1
	}
	part := func(x float64) float64 {
		if whole <= 0 {
			return 0
		}
		return x / whole
	}
	drawn := func(x float64) float64 { return math.Round(1000*math.Max(0, math.Min(1, x/scale))) / 10 }
	q := quota{Group: u.Group(), Of: u.Unit + "s", Held: drawn(part(u.Held)), Has: amount(part(has)), Least: "–", Most: "–", Price: "nothing", Per: "one more " + u.Unit}
	q.Planned = math.Max(0, drawn(part(has))-q.Held)
	words := []string{fmt.Sprintf("%s has %s of all %s", q.Group, q.Has, q.Of)}
	if u.Of == "starts" {
		words[0] = fmt.Sprintf("%s has %s", q.Group, plural(int(has), "start", "starts"))
	}
	if u.Least > 0 {
		q.Lowest, q.Least = &mark{drawn(u.Least)}, limit(u.Least)
		words = append(words, "at least "+q.Least)
	}
	if u.Most != nil {
		q.Highest, q.Most = &mark{drawn(*u.Most)}, limit(*u.Most)
		words = append(words, "at most "+q.Most)
	}
	if u.Short > 0 {
		q.Short = amount(part(u.Short))
		words = append(words, q.Short+" short")
	}
	switch {
	case u.Price > 0:
		q.Price, q.Paid = planner.Money(u.Price, currency), true
	case u.Cost > 0:
		q.Price, q.Paid, q.Per = planner.Money(u.Cost, currency), true, fmt.Sprintf("one %s less of the least", u.Unit)
	}
	q.Text = strings.Join(words, ", ")
	return q
}
