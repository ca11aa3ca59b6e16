package knapsack_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/assay-planner/assay/allocator/knapsack"
)

// three is a problem of two classes and a mandatory one, with a demand and a conflict.
func three() *knapsack.Problem {
	p := &knapsack.Problem{Rows: []knapsack.Row{{Name: "gpu", Most: 10}, {Name: "share", Least: 2, Most: knapsack.Unlimited}}}
	p.AddClass(false)
	p.AddItem(5, knapsack.Use{Row: 0, Units: 4}, knapsack.Use{Row: 1, Units: 2})
	p.AddItem(7, knapsack.Use{Row: 0, Units: 9}, knapsack.Use{Row: 1, Units: 2})
	p.AddClass(true)
	p.AddItem(1, knapsack.Use{Row: 0, Units: 1})
	p.AddItem(3, knapsack.Use{Row: 0, Units: 4}, knapsack.Use{Row: 1, Units: 3})
	p.AddClass(false)
	p.AddItem(2)
	p.Conflicts = [][2]int32{{0, 2}}
	return p
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		choice []int
		value  float64
		want   string
	}{
		{[]int{0, 1, -1}, 8, ""},
		{[]int{1, 0, -1}, 8, ""},
		{[]int{-1, 1, 0}, 5, ""},
		{[]int{1, 1, -1}, 0, "row 0 (gpu) uses 13 of at most 10"},
		{[]int{-1, 0, 0}, 0, "row 1 (share) uses 0, and at least 2 is demanded"},
		{[]int{0, -1, -1}, 0, "class 1 must have an item and has none"},
		{[]int{0, 1, 0}, 0, "classes 0 and 2 both have an item"},
		{[]int{2, 1, -1}, 0, "class 0 has items 0 to 1, and no item 2"},
		{[]int{-2, 1, -1}, 0, "no item -2"},
		{[]int{0, 1}, 0, "it has 2 entries for 3 classes"},
	} {
		value, err := knapsack.Check(three(), c.choice)
		e := (*knapsack.PlanError)(nil)
		switch {
		case c.want == "" && (err != nil || value != c.value):
			t.Errorf("%v: %g, %v", c.choice, value, err)
		case c.want != "" && (!errors.As(err, &e) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%v: %v, want %s", c.choice, err, c.want)
		}
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for _, c := range []struct {
		spoil func(p *knapsack.Problem)
		want  string
	}{
		{func(p *knapsack.Problem) { p.Rows[0].Most = -1 }, "row 0: most is -1: must be 0 or more"},
		{func(p *knapsack.Problem) { p.Rows[1].Least = -1 }, "row 1: least is -1"},
		{func(p *knapsack.Problem) { p.Rows[0].Least = 11 }, "row 0: least is 11: must be no more than the row's most, 10"},
		{func(p *knapsack.Problem) { p.Items[1].Value = math.NaN() }, "class 0, item 1: value is NaN"},
		{func(p *knapsack.Problem) { p.Uses[0].Row = 2 }, "class 0, item 0: row is 2: must be one of the 2 rows"},
		{func(p *knapsack.Problem) { p.Uses[1].Row = 0 }, "class 0, item 0: row is 0: is given twice"},
		{func(p *knapsack.Problem) { p.Uses[0].Units = -4 }, "class 0, item 0: units is -4"},
		{func(p *knapsack.Problem) { p.Conflicts[0][1] = 3 }, "conflict 0: class is 3: must be one of the 3 classes"},
		{func(p *knapsack.Problem) { p.Conflicts[0][1] = 0 }, "must not be in conflict with itself"},
		{func(p *knapsack.Problem) { p.AddClass(true) }, "class 3: number of items is 0: must be at least 1"},
		{func(p *knapsack.Problem) { p.Classes[1].First = 1 }, "class 1: items is 1 to 4: must follow"},
		{func(p *knapsack.Problem) { p.Items = append(p.Items, knapsack.Item{}) }, "must all belong to a class"},
	} {
		p := three()
		c.spoil(p)
		err := p.Validate()
		if e := (*knapsack.InputError)(nil); !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}
