package knapsack

import (
	"fmt"
	"math"
)

// Limits of what is taken as sense. No sum over all classes can overflow, and every
// sum of units is exact as a float64.
const (
	maxRows  = 1 << 12
	maxItems = 1 << 28
	maxValue = 1e100
)

// InputError says what is wrong with a Problem, and where.
type InputError struct {
	Where string // for example "class 3, item 0", counted from 0
	Field string
	Value any
	Want  string
}

func (e *InputError) Error() string {
	where := e.Where
	if where != "" {
		where += ": "
	}
	return fmt.Sprintf("knapsack: %s%s is %v: %s", where, e.Field, e.Value, e.Want)
}

// Validate returns the first fault of p as an *InputError, or nil.
func (p *Problem) Validate() error {
	if n := len(p.Rows); n > maxRows {
		return &InputError{"", "number of rows", n, fmt.Sprintf("must be at most %d", maxRows)}
	}
	if n := len(p.Items); n > maxItems {
		return &InputError{"", "number of items", n, fmt.Sprintf("must be at most %d", maxItems)}
	}
	for i, r := range p.Rows {
		where := fmt.Sprintf("row %d", i)
		switch {
		case r.Most < 0:
			return &InputError{where, "most", r.Most, "must be 0 or more"}
		case r.Least < 0:
			return &InputError{where, "least", r.Least, "must be 0 or more"}
		case r.Least > r.Most:
			return &InputError{where, "least", r.Least, fmt.Sprintf("must be no more than the row's most, %d", r.Most)}
		}
	}
	if err := p.validateClasses(); err != nil {
		return err
	}
	for i, pair := range p.Conflicts {
		where, n := fmt.Sprintf("conflict %d", i), int32(len(p.Classes))
		for _, c := range pair {
			if c < 0 || c >= n {
				return &InputError{where, "class", c, fmt.Sprintf("must be one of the %d classes, counted from 0", n)}
			}
		}
		if pair[0] == pair[1] {
			return &InputError{where, "class", pair[0], "must not be in conflict with itself"}
		}
	}
	return nil
}

func (p *Problem) validateClasses() error {
	nextItem, nextUse := int32(0), int32(0)
	for c := range p.Classes {
		class := &p.Classes[c]
		if class.First != nextItem || class.Last < class.First || int(class.Last) > len(p.Items) {
			return &InputError{fmt.Sprintf("class %d", c), "items", fmt.Sprintf("%d to %d", class.First, class.Last), "must follow those of the class before"}
		}
		if class.Mandatory && class.First == class.Last {
			return &InputError{fmt.Sprintf("class %d", c), "number of items", 0, "must be at least 1 in a mandatory class"}
		}
		nextItem = class.Last
		for i := class.First; i < class.Last; i++ {
			item := &p.Items[i]
			if item.First != nextUse || item.Last < item.First || int(item.Last) > len(p.Uses) {
				return p.fault(c, i, "uses", fmt.Sprintf("%d to %d", item.First, item.Last), "must follow those of the item before")
			}
			nextUse = item.Last
			if math.IsNaN(item.Value) || math.Abs(item.Value) > maxValue {
				return p.fault(c, i, "value", item.Value, "must be a number of magnitude at most 1e100")
			}
			if err := p.validateUses(c, i); err != nil {
				return err
			}
		}
	}
	if int(nextItem) != len(p.Items) || int(nextUse) != len(p.Uses) {
		return &InputError{"", "number of items and uses", fmt.Sprintf("%d and %d", len(p.Items), len(p.Uses)), "must all belong to a class"}
	}
	return nil
}

func (p *Problem) validateUses(c int, item int32) error {
	uses := p.uses(item)
	for k, u := range uses {
		switch {
		case u.Row < 0 || int(u.Row) >= len(p.Rows):
			return p.fault(c, item, "row", u.Row, fmt.Sprintf("must be one of the %d rows, counted from 0", len(p.Rows)))
		case u.Units < 0:
			return p.fault(c, item, "units", u.Units, "must be 0 or more")
		}
		for _, earlier := range uses[:k] {
			if len(uses) <= 64 && earlier.Row == u.Row {
				return p.fault(c, item, "row", u.Row, "is given twice")
			}
		}
	}
	if len(uses) <= 64 {
		return nil
	}
	seen := map[int32]bool{}
	for _, u := range uses {
		if seen[u.Row] {
			return p.fault(c, item, "row", u.Row, "is given twice")
		}
		seen[u.Row] = true
	}
	return nil
}

func (p *Problem) fault(c int, item int32, field string, value any, want string) error {
	return &InputError{fmt.Sprintf("class %d, item %d", c, item-p.Classes[c].First), field, value, want}
}
