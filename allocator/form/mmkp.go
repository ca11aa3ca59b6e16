package form

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/allocator/knapsack"
)

// Limits of the counts that a text may declare. Nothing is reserved for a count
// before what it counts has been read.
const (
	maxClasses = 1 << 24
	maxRows    = 1 << 12
)

// readMMKP reads the form of the multiple-choice instances:
//
//	classes resources
//	capacity … of each resource
//	items                      of the first class, then of each item:
//	value weight … of each resource
func readMMKP(l *lexer) ([]*knapsack.Problem, error) {
	classes, err := l.count(1, maxClasses, "the number of classes")
	if err != nil {
		return nil, err
	}
	rows, err := l.count(1, maxRows, "the number of resources")
	if err != nil {
		return nil, err
	}
	t := newTable(rows)
	for r := range rows {
		if t.most[r], err = l.amount("the capacity of resource %d", r); err != nil {
			return nil, err
		}
		t.mark(r, t.most[r], l.line)
	}
	for c := range classes {
		items, err := l.count(1, maxClasses, "class %d: the number of items", c)
		if err != nil {
			return nil, err
		}
		t.sizes = append(t.sizes, items)
		for i := range items {
			value, err := l.value("class %d, item %d: value", c, i)
			if err != nil {
				return nil, err
			}
			t.values = append(t.values, value)
			for r := range rows {
				w, err := l.weight("class %d, item %d: weight of resource %d", c, i, r)
				if err != nil {
					return nil, err
				}
				t.weights = append(t.weights, w)
				t.mark(r, w, l.line)
			}
		}
	}
	if err := l.end("the last class"); err != nil {
		return nil, err
	}
	p, err := t.problem(true)
	if err != nil {
		return nil, err
	}
	return []*knapsack.Problem{p}, nil
}

// table is a problem in which every item has a weight of every row.
type table struct {
	rows    int
	most    []number
	sizes   []int     // items of each class
	values  []float64 // of each item
	weights []number  // by item and row
	places  []int     // by row: decimals of its weights and capacity
	line    []int     // where they were seen
}

func newTable(rows int) *table {
	return &table{rows: rows, most: make([]number, rows), places: make([]int, rows), line: make([]int, rows)}
}

func (t *table) mark(row int, n number, line int) {
	if n.places > t.places[row] || t.line[row] == 0 {
		t.places[row], t.line[row] = n.places, line
	}
}

// problem makes all weights whole: those of a row are counted in its smallest decimal.
func (t *table) problem(mandatory bool) (*knapsack.Problem, error) {
	p := &knapsack.Problem{}
	for r := range t.rows {
		most, ok := t.most[r].scaled(t.places[r], math.MaxInt64)
		if !ok {
			return nil, &Error{t.line[r], fmt.Sprintf("the capacity of resource %d", r), t.most[r].String(), "must not be so large with so many decimals"}
		}
		p.Rows = append(p.Rows, knapsack.Row{Most: most, Places: t.places[r]})
	}
	item := 0
	var uses []knapsack.Use
	for c, size := range t.sizes {
		p.AddClass(mandatory)
		for i := range size {
			uses = uses[:0]
			for r := range t.rows {
				n := t.weights[item*t.rows+r]
				w, ok := n.scaled(t.places[r], math.MaxInt32)
				if !ok {
					return nil, &Error{t.line[r], fmt.Sprintf("class %d, item %d: weight of resource %d", c, i, r), n.String(), tooLarge(t.places[r])}
				}
				if w > 0 {
					uses = append(uses, knapsack.Use{Row: int32(r), Units: int32(w)})
				}
			}
			p.AddItem(t.values[item], uses...)
			item++
		}
	}
	return p, nil
}
