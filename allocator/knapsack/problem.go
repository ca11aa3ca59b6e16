package knapsack

import "math"

// Problem is a multiple-choice knapsack with many rows: of each class at most one item
// is taken, or exactly one if the class is mandatory, so that the total value is large
// and every row stays between its limits.
//
// Classes, items and uses lie flat, one after the other, because a problem may hold a
// million classes; [Problem.AddClass] and [Problem.AddItem] lay them so.
type Problem struct {
	Name    string
	Rows    []Row
	Classes []Class
	Items   []Item // those of a class are Items[First:Last]
	Uses    []Use  // those of an item are Uses[First:Last]
	// Conflicts are pairs of classes that may not both have an item.
	Conflicts [][2]int32
}

// Row limits what the chosen items use together: Least ≤ Σ units ≤ Most.
type Row struct {
	Name  string
	Least int64 // 0 demands nothing
	Most  int64 // Unlimited if there is no upper limit
	// Places is how many decimals the amounts had that were made whole for the row: a unit
	// stands for 10^−Places. It says how to print them, and changes nothing else.
	Places int
}

// Amount is what so many units of the row stand for.
func (r Row) Amount(units int64) float64 { return float64(units) / math.Pow10(r.Places) }

// Unlimited is the Most of a row that only has a Least.
const Unlimited = math.MaxInt64

// Class is a set of items that exclude each other.
type Class struct {
	First, Last int32 // its items are Problem.Items[First:Last]
	Mandatory   bool  // exactly one item must be taken, not at most one
}

// Item is one choice of its class. Its value may be negative.
type Item struct {
	Value       float64
	First, Last int32 // its uses are Problem.Uses[First:Last]
}

// Use is what an item takes of a row. A row stands at most once in an item's uses.
type Use struct {
	Row   int32
	Units int32 // 0 or more
}

// None is the choice of a class of which no item is taken.
const None = -1

// AddClass begins a new class, without items.
func (p *Problem) AddClass(mandatory bool) {
	n := int32(len(p.Items))
	p.Classes = append(p.Classes, Class{n, n, mandatory})
}

// AddItem adds an item to the last class.
func (p *Problem) AddItem(value float64, uses ...Use) {
	from := int32(len(p.Uses))
	p.Uses = append(p.Uses, uses...)
	p.Items = append(p.Items, Item{value, from, int32(len(p.Uses))})
	p.Classes[len(p.Classes)-1].Last++
}

// uses are those of one item.
func (p *Problem) uses(item int32) []Use {
	it := &p.Items[item]
	return p.Uses[it.First:it.Last]
}
