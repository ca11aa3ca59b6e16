package knapsack

import (
	"cmp"
	"slices"
)

// ordered is a problem whose classes, and the items of each, stand in an order that what
// they are decides and not where they came from: so a problem gets the same choice in
// whatever order it is written down. Only classes that are alike in all, the number of
// their conflicts included, keep the order they came in.
type ordered struct {
	Problem
	class []int32 // by class: its place in the problem that came
	item  []int32 // by item: its place within its class there
}

// order puts a problem into order. The uses stay where they are, and are shared.
func order(p *Problem) *ordered {
	o := &ordered{Problem: *p}
	first := p.itemsInOrder()
	o.class = p.classesInOrder(first)
	o.Classes = make([]Class, 0, len(p.Classes))
	o.Items = make([]Item, 0, len(p.Items))
	o.item = make([]int32, 0, len(p.Items))
	place := make([]int32, len(p.Classes))
	for at, k := range o.class {
		place[k] = int32(at)
		from, to := p.Classes[k].First, p.Classes[k].Last
		class := Class{First: int32(len(o.Items)), Mandatory: p.Classes[k].Mandatory}
		for _, i := range first[from:to] {
			o.Items = append(o.Items, p.Items[i])
			o.item = append(o.item, i-from)
		}
		class.Last = int32(len(o.Items))
		o.Classes = append(o.Classes, class)
	}
	o.Conflicts = make([][2]int32, 0, len(p.Conflicts))
	for _, c := range p.Conflicts {
		a, b := place[c[0]], place[c[1]]
		o.Conflicts = append(o.Conflicts, [2]int32{min(a, b), max(a, b)})
	}
	slices.SortFunc(o.Conflicts, func(a, b [2]int32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return o
}

// itemsInOrder lists the items, those of a class where the class is.
func (p *Problem) itemsInOrder() []int32 {
	items := make([]int32, len(p.Items))
	for i := range items {
		items[i] = int32(i)
	}
	for _, c := range p.Classes {
		slices.SortStableFunc(items[c.First:c.Last], p.compareItems)
	}
	return items
}

// classesInOrder lists the classes, whose items are compared in the order given.
func (p *Problem) classesInOrder(items []int32) []int32 {
	degree := make([]int32, len(p.Classes))
	for _, c := range p.Conflicts {
		degree[c[0]]++
		degree[c[1]]++
	}
	classes := make([]int32, len(p.Classes))
	for k := range classes {
		classes[k] = int32(k)
	}
	slices.SortFunc(classes, func(a, b int32) int {
		x, y := p.Classes[a], p.Classes[b]
		if c := slices.CompareFunc(items[x.First:x.Last], items[y.First:y.Last], p.compareItems); c != 0 {
			return c
		}
		if x.Mandatory != y.Mandatory {
			if x.Mandatory {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(degree[a], degree[b]), cmp.Compare(a, b))
	})
	return classes
}

// compareItems puts the item of larger value first, and of equals the one whose uses come
// first.
func (p *Problem) compareItems(a, b int32) int {
	if c := cmp.Compare(p.Items[b].Value, p.Items[a].Value); c != 0 {
		return c
	}
	return slices.CompareFunc(p.uses(a), p.uses(b), func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Units, b.Units))
	})
}

// restore turns a choice of the ordered problem into one of the problem that came.
func (o *ordered) restore(choice []int) []int {
	if choice == nil {
		return nil
	}
	restored := make([]int, len(choice))
	for at, item := range choice {
		restored[o.class[at]] = None
		if item != None {
			restored[o.class[at]] = int(o.item[int(o.Classes[at].First)+item])
		}
	}
	return restored
}
