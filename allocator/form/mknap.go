package form

import (
	"strconv"

	"github.com/assay-planner/assay/allocator/knapsack"
)

// readMKnap reads the OR-Library's form of multidimensional knapsacks:
//
//	problems                   then of each problem:
//	n m optimum                0 if it is not given
//	value … of each of n items
//	weight … of each item      m rows of them
//	capacity … of each row
//
// Every item is a class of its own.
func readMKnap(l *lexer) ([]*knapsack.Problem, error) {
	count, err := l.count(1, maxClasses, "the number of problems")
	if err != nil {
		return nil, err
	}
	var problems []*knapsack.Problem
	for k := range count {
		p, err := readKnap(l, k+1)
		if err != nil {
			return nil, err
		}
		problems = append(problems, p)
	}
	return problems, l.end("the last problem")
}

func readKnap(l *lexer, k int) (*knapsack.Problem, error) {
	n, err := l.count(1, maxClasses, "problem %d: the number of items", k)
	if err != nil {
		return nil, err
	}
	rows, err := l.count(1, maxRows, "problem %d: the number of rows", k)
	if err != nil {
		return nil, err
	}
	if _, err := l.value("problem %d: the optimum", k); err != nil {
		return nil, err
	}
	t := newTable(rows)
	for j := range n {
		value, err := l.value("problem %d: the value of item %d", k, j)
		if err != nil {
			return nil, err
		}
		t.values = append(t.values, value)
		t.sizes = append(t.sizes, 1)
	}
	var byRow []number
	for r := range rows {
		for j := range n {
			w, err := l.weight("problem %d: the weight of item %d in row %d", k, j, r)
			if err != nil {
				return nil, err
			}
			byRow = append(byRow, w)
			t.mark(r, w, l.line)
		}
	}
	for r := range rows {
		if t.most[r], err = l.amount("problem %d: the capacity of row %d", k, r); err != nil {
			return nil, err
		}
		t.mark(r, t.most[r], l.line)
	}
	t.weights = make([]number, 0, len(byRow))
	for j := range n {
		for r := range rows {
			t.weights = append(t.weights, byRow[r*n+j])
		}
	}
	p, err := t.problem(false)
	if p != nil {
		p.Name = strconv.Itoa(k)
	}
	return p, err
}
