package dashboard

import (
	"fmt"
	"math"
	"strconv"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// capacity is one pool or layer over the weeks of a plan.
type capacity struct {
	Name  string
	Unit  string // GPU-hour or bucket
	Size  string // what there is in a week
	Price string // of one more in every week; says so if there is none
	Paid  bool   // there is one
	Weeks []week
}

// Tonight is its first week.
func (c capacity) Tonight() week { return c.Weeks[0] }

// week is one capacity in one week; held and planned are shares of 100, for a
// stacked bar.
type week struct {
	Number        int
	Held, Planned float64
	Used          string // 92%
	Price         string // $14, or empty where there is room
	Text          string
}

// capacities groups the uses of a plan by pool and layer, in their order.
func capacities(p *planner.Plan) []capacity {
	var all []capacity
	place := map[string]int{}
	for _, u := range p.Uses {
		key := u.Unit + "\x00" + u.Name
		i, seen := place[key]
		if !seen {
			i = len(all)
			place[key] = i
			c := capacity{Name: u.Name, Unit: u.Unit, Size: size(u), Price: "no price"}
			if sum := p.PriceEveryWeek(u.Unit, u.Name); sum > 0 {
				c.Price, c.Paid = brief(sum, p.Currency), true
			} else if u.AllHeld() {
				c.Price = "all held"
			}
			all = append(all, c)
		}
		all[i].Weeks = append(all[i].Weeks, weekOf(u, p.Currency))
	}
	return all
}

func size(u planner.Use) string {
	if u.Unit == allocator.Bucket {
		return fmt.Sprintf("%s buckets", thousands(u.Capacity))
	}
	return fmt.Sprintf("%s %ss a week", count(u.Capacity), u.Unit)
}

func weekOf(u planner.Use, currency string) week {
	share := func(x float64) float64 {
		if u.Capacity <= 0 {
			return 0
		}
		return math.Round(1000*math.Max(0, math.Min(1, x/u.Capacity))) / 10
	}
	w := week{Number: u.Week, Held: share(u.Held), Planned: share(u.Planned)}
	w.Used = "–"
	if u.Capacity > 0 {
		w.Used = percent((u.Held + u.Planned) / u.Capacity)
	}
	if u.Price > 0 {
		w.Price = brief(u.Price, currency)
	}
	if u.AllHeld() {
		w.Text = fmt.Sprintf("all %s %ss %s held by %s", count(u.Capacity), u.Unit, when(u.Week), holders(u))
		return w
	}
	w.Text = fmt.Sprintf("%s of %s %ss %s held by %s, %s planned, %s free; one more in that week alone is worth %s",
		count(u.Held), count(u.Capacity), u.Unit, when(u.Week), holders(u), count(u.Planned), count(math.Max(0, u.Capacity-u.Held-u.Planned)), planner.Money(u.Price, currency))
	return w
}

// holders says who has what is held.
func holders(u planner.Use) string {
	if u.Resting > 0 {
		return fmt.Sprintf("running tests and, %s of them, resting from past ones", count(u.Resting))
	}
	return "running tests"
}

// priceOf is the price of one more in the week of the use.
func priceOf(u planner.Use, currency string) string {
	if u.AllHeld() {
		return "all held"
	}
	return planner.Money(u.Price, currency)
}

// brief prints a price in the few characters that a week's column has: two
// digits and a unit.
func brief(x float64, currency string) string {
	if x < 0.01 {
		return "<0.01"
	}
	number := terse(x)
	return planner.CurrencySymbol(currency) + number
}

func terse(x float64) string {
	for _, s := range scales {
		if x >= s.from*0.995 {
			return two(x/s.from) + s.unit
		}
	}
	return two(x)
}

func two(x float64) string {
	switch {
	case x < 0.995:
		return strconv.FormatFloat(x, 'f', 2, 64)
	case x < 9.95:
		return trimmed(x, 1)
	}
	return trimmed(x, 0)
}

func when(week int) string {
	if week == 0 {
		return "tonight"
	}
	return fmt.Sprintf("in week %d", week)
}
