package knapsack

import (
	"fmt"
	"slices"
)

// PlanError says which rule a choice breaks.
type PlanError struct {
	Rule   string // "choice", "mandatory", "row" or "conflict"; of who states a value, "value" or "bound"
	Detail string
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("knapsack: the choice breaks rule %s: %s", e.Rule, e.Detail)
}

func breach(rule, format string, args ...any) error {
	return &PlanError{rule, fmt.Sprintf(format, args...)}
}

// Check verifies a choice against its problem without anything of the solver, and
// returns its value: choice[c] is the item taken of class c, counted from 0 within
// the class, or [None]. It fails with a *PlanError, or with an *InputError if the
// problem itself is at fault.
func Check(p *Problem, choice []int) (value float64, err error) {
	if err := p.Validate(); err != nil {
		return 0, err
	}
	if len(choice) != len(p.Classes) {
		return 0, breach("choice", "it has %d entries for %d classes", len(choice), len(p.Classes))
	}
	used := make([]int64, len(p.Rows))
	values := make([]float64, 0, len(choice))
	for c, k := range choice {
		class := p.Classes[c]
		n := int(class.Last - class.First)
		switch {
		case k == None && class.Mandatory:
			return 0, breach("mandatory", "class %d must have an item and has none", c)
		case k == None:
			continue
		case k < 0 || k >= n:
			return 0, breach("choice", "class %d has items 0 to %d, and no item %d", c, n-1, k)
		}
		item := p.Items[int(class.First)+k]
		values = append(values, item.Value)
		for _, u := range p.Uses[item.First:item.Last] {
			used[u.Row] += int64(u.Units)
		}
	}
	for r, row := range p.Rows {
		if used[r] > row.Most {
			return 0, breach("row", "%s uses %.15g of at most %.15g", p.rowName(r), row.Amount(used[r]), row.Amount(row.Most))
		}
		if used[r] < row.Least {
			return 0, breach("row", "%s uses %.15g, and at least %.15g is demanded", p.rowName(r), row.Amount(used[r]), row.Amount(row.Least))
		}
	}
	for _, pair := range p.Conflicts {
		if choice[pair[0]] != None && choice[pair[1]] != None {
			return 0, breach("conflict", "classes %d and %d both have an item", pair[0], pair[1])
		}
	}
	slices.Sort(values) // so that the sum is the same to the last digit in whatever order classes stand
	for _, v := range values {
		value += v
	}
	return value, nil
}

func (p *Problem) rowName(r int) string {
	if name := p.Rows[r].Name; name != "" {
		return fmt.Sprintf("row %d (%s)", r, name)
	}
	return fmt.Sprintf("row %d", r)
}
