package knapsack

import (
	"cmp"
	"math"
	"slices"
)

// core is the part of a problem that a search may change: for each class, the
// alternatives that the prices do not rule out. All other classes keep what the dual
// gives them.
//
// The loss of an alternative is how far its profit at the prices lies behind that of
// the dual's choice. A choice lies below the bound by the sum of its losses plus the
// price of the room that it leaves, so whoever seeks a choice within some distance
// of the bound need not look at losses beyond it. Where classes exclude each other, that
// of an item may be below 0, because another makes it impossible that is worth more; what
// every choice with the item loses, the others in its way included, is its least loss.
type core struct {
	d       *dual
	m       int       // limits
	price   []float64 // by limit, of one unit
	bound   float64   // the dual's
	ceiling float64   // no choice is worth more; a choice of this value is optimal

	classes []int32 // classes of the problem
	first   []int32 // alternatives of core class k are first[k] to first[k+1]
	class   []int32 // by alternative: core class
	item    []int32 // by alternative: item of the problem, or None
	loss    []float64
	forced  []float64 // by alternative: the least loss of a choice with it
	value   []float64
	units   []int64 // by alternative and limit, with the limit's sign
	order   []int32 // alternatives other than the dual's, by their least loss
	base    []int32 // by core class: the dual's alternative

	free  []int64   // by limit: what the classes outside leave
	fixed float64   // value of the classes outside
	near  [][]int32 // by core class: core classes that it excludes; nil: no conflicts
	whole bool      // every alternative of every class is in it
	least float64   // what the others lose at least
	loose bool      // a class outside has an item that may be in the way of others, nobody knows how
}

// newCore collects the alternatives with a least loss below most, at most so many of them,
// at prices y, where the dual has just been evaluated: the best of d is its choice.
func newCore(d *dual, y []float64, bound, most float64, size int) *core {
	p := d.p
	c := &core{d: d, m: len(d.limits), price: make([]float64, len(d.limits)), bound: bound, ceiling: d.ceiling(bound), whole: true}
	for k, l := range d.limits {
		c.price[k] = y[k] / l.scale
	}
	loss := d.newLosses()
	most = narrow(p, d, loss, most, size)
	c.least = most
	at := make([]int32, len(p.Classes))
	used := make([]float64, len(p.Rows))
	for k := range p.Classes {
		class := &p.Classes[k]
		best, open := d.best[k], 0
		for i := class.First; i < class.Last; i++ {
			if i != best && !d.isDead(i) {
				if loss.below(int32(k), i, most) {
					open++
				} else {
					c.whole = false
				}
			}
		}
		skip := !class.Mandatory && best != None
		if skip && loss.below(int32(k), None, most) {
			open++
		} else if skip {
			c.whole = false
		}
		at[k] = -1
		if open == 0 {
			if best != None {
				c.loose = c.loose || !loss.look(int32(k))
				c.fixed += p.Items[best].Value
				for _, u := range p.uses(best) {
					used[u.Row] += float64(u.Units)
				}
			}
			continue
		}
		at[k] = int32(len(c.classes))
		c.add(int32(k), best, most, loss)
	}
	c.first = append(c.first, int32(len(c.item)))
	c.findUnits()
	for _, l := range d.limits {
		c.free = append(c.free, int64(l.sign*(l.bound-used[l.row])))
	}
	c.findNear(at)
	c.order = make([]int32, 0, len(c.item))
	for a := range int32(len(c.item)) {
		if a != c.base[c.class[a]] {
			c.order = append(c.order, a)
		}
	}
	slices.SortFunc(c.order, func(a, b int32) int { return cmp.Or(cmp.Compare(c.forced[a], c.forced[b]), cmp.Compare(a, b)) })
	return c
}

// narrow lowers most so that about size alternatives lose less.
func narrow(p *Problem, d *dual, loss *losses, most float64, size int) float64 {
	if len(p.Items)+len(p.Classes) <= size {
		return most
	}
	var all []float64
	stride := len(p.Items)>>20 + 1 // of a very large problem, a sample tells enough
	size /= stride
	for k := 0; k < len(p.Classes); k += stride {
		class := &p.Classes[k]
		for i := class.First; i < class.Last; i++ {
			if i == d.best[k] || d.isDead(i) {
				continue
			}
			l := loss.own(int32(k), i)
			if l < 0 {
				l = loss.least(int32(k), i)
			}
			if l < most {
				all = append(all, l)
			}
		}
		if !class.Mandatory && d.best[k] != None {
			if l := loss.least(int32(k), None); l < most {
				all = append(all, l)
			}
		}
	}
	if len(all) <= size {
		return most
	}
	slices.Sort(all)
	return all[size]
}

// add puts a class with its alternatives into the core, by loss.
func (c *core) add(k, best int32, most float64, loss *losses) {
	p := c.d.p
	class := &p.Classes[k]
	from := len(c.item)
	items := []int32{best}
	for i := class.First; i < class.Last; i++ {
		if i != best && !c.d.isDead(i) && loss.below(k, i, most) {
			items = append(items, i)
		}
	}
	inConflict := c.d.graph != nil && c.d.graph.group[k] >= 0 // it may have to make way, whatever that loses
	if !class.Mandatory && best != None && (inConflict || loss.least(k, None) < most) {
		items = append(items, None)
	}
	slices.SortFunc(items, func(a, b int32) int { return cmp.Or(cmp.Compare(loss.own(k, a), loss.own(k, b)), cmp.Compare(a, b)) })
	for _, i := range items {
		if i == best {
			c.base = append(c.base, int32(len(c.item)))
		}
		c.item = append(c.item, i)
		c.loss = append(c.loss, loss.own(k, i))
		c.forced = append(c.forced, max(0, loss.least(k, i)))
		c.class = append(c.class, int32(len(c.classes)))
		value := 0.0
		if i != None {
			value = p.Items[i].Value
		}
		c.value = append(c.value, value)
	}
	c.first = append(c.first, int32(from))
	c.classes = append(c.classes, k)
}

// findUnits writes down what each alternative takes of each limit.
func (c *core) findUnits() {
	c.units = make([]int64, len(c.item)*c.m)
	for a, i := range c.item {
		if i == None {
			continue
		}
		row := c.row(int32(a))
		for _, u := range c.d.p.uses(i) {
			for j, l := range c.d.limits {
				if l.row == u.Row {
					row[j] += int64(l.sign) * int64(u.Units)
				}
			}
		}
	}
}

// findNear lists the conflicts between classes of the core. Alternatives that a fixed
// class excludes are closed: they lose more than any search would spend.
func (c *core) findNear(at []int32) {
	g := c.d.graph
	if g == nil {
		return
	}
	c.near = make([][]int32, len(c.classes))
	for k, class := range c.classes {
		for _, to := range g.neighbours(class) {
			if at[to] >= 0 {
				c.near[k] = append(c.near[k], at[to])
			} else if c.d.best[to] != None {
				for a := c.first[k]; a < c.first[k+1]; a++ {
					if c.item[a] != None && a != c.base[k] {
						c.loss[a], c.forced[a] = math.Inf(1), math.Inf(1)
					}
				}
			}
		}
	}
}

// row is what an alternative takes of each limit.
func (c *core) row(a int32) []int64 { return c.units[int(a)*c.m : (int(a)+1)*c.m] }
