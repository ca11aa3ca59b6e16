package knapsack

import "slices"

// losses tells what alternatives lose, after the dual has been evaluated.
type losses struct {
	d          *dual
	class      int32 // the last one asked for: of it
	item, none float64
	known      bool
	best       []int32 // room for graph.way
}

func (d *dual) newLosses() *losses {
	l := &losses{d: d, class: None}
	if d.graph != nil {
		l.best = slices.Repeat([]int32{None}, len(d.p.Classes))
	}
	return l
}

// look finds what others lose for the sake of a class, and says whether that is known.
func (l *losses) look(class int32) bool {
	g := l.d.graph
	if g == nil || len(g.neighbours(class)) == 0 {
		return true
	}
	if class != l.class {
		l.class = class
		l.item, l.none, l.known = g.way(class, l.d.gain, l.best)
	}
	return l.known
}

// own is the loss of an item, or of None, of a class.
func (l *losses) own(class, item int32) float64 {
	return l.profit(l.d.best[class]) - l.profit(item)
}

// below says whether the least loss is below most, and looks no further than it must: that
// of an item is no less than its own loss.
func (l *losses) below(class, item int32, most float64) bool {
	return (item == None || l.own(class, item) < most) && l.least(class, item) < most
}

// least is what every choice with an item, or with None, of a class loses at least.
func (l *losses) least(class, item int32) float64 {
	switch g := l.d.graph; {
	case g == nil || len(g.neighbours(class)) == 0 || !l.look(class):
		return l.own(class, item)
	case item == None:
		return l.none
	}
	return l.item - l.profit(item)
}

func (l *losses) profit(item int32) float64 {
	if item == None {
		return 0
	}
	return l.d.p.Items[item].Value - l.d.cost(item)
}
