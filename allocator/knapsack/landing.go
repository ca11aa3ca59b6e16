package knapsack

import (
	"cmp"
	"math"
	"slices"
)

// landing finds the best combination of up to four moves of an exchange by meeting in
// the middle: all pairs of moves stand in a table by how much they take of a few
// limits, and each pair asks it for those partners that would use what is left almost
// up, as a choice near the bound must.
type landing struct {
	ex     *exchange
	first  []uint16 // by pair: its moves
	second []uint16
	loss   []float64
	gain   []float64
	words  []uint64 // by pair and word
	keys   []key
	cell   []uint32 // by pair: its place in the table
	start  []int32  // by place: first of its pairs in order
	order  []int32
	room   []uint64
	work   int64 // about nanoseconds
	limit  int64
}

// key is one limit by which the table is ordered.
type key struct {
	limit int
	width float64
	price float64
}

// pairs lists the pairs of the exchange's moves, at most so many, whose losses fit
// into the budget.
func (l *landing) pairs(ex *exchange, most int) {
	l.ex = ex
	l.first, l.second, l.loss, l.gain = l.first[:0], l.second[:0], l.loss[:0], l.gain[:0]
	n := len(ex.loss)
	reach := ex.budget
	if n > 0 {
		reach -= 2 * min(0, ex.loss[0])
	}
	// The largest sum of losses at which there are not too many pairs.
	count := func(sum float64) int {
		total, j := 0, n
		for i := range n {
			for j > 0 && ex.loss[i]+ex.loss[j-1] >= sum {
				j--
			}
			total += max(0, j-i-1)
		}
		return total
	}
	if count(reach) > most {
		low, high := 0.0, reach
		if n > 0 {
			low = min(0, 2*ex.loss[0])
		}
		for range 30 {
			if mid := (low + high) / 2; count(mid) > most {
				high = mid
			} else {
				low = mid
			}
		}
		if count(low) >= most/4 {
			reach = low
		} else { // many are equal: of these, the first
			low, high := 0, n
			for high-low > 1 {
				if n = (low + high) / 2; count(reach) > most {
					high = n
				} else {
					low = n
				}
			}
			n = low
		}
	}
	// Single moves stand as pairs with themselves, and no move as a pair of none.
	l.add(none16, none16, 0, 0)
	for i := range n {
		if ex.loss[i] < reach {
			l.add(uint16(i), none16, ex.loss[i], ex.gain[i])
		}
		for j := i + 1; j < n; j++ {
			sum := ex.loss[i] + ex.loss[j]
			if sum >= reach {
				break
			}
			if ex.class[i] != ex.class[j] {
				l.add(uint16(i), uint16(j), sum, ex.gain[i]+ex.gain[j])
			}
		}
	}
}

// What a place of the table, a pair in it, and at most one landing cost.
const (
	visited = 10
	checked = 15
	most    = 10_000_000
)

const none16 = math.MaxUint16

func (l *landing) add(i, j uint16, loss, gain float64) {
	l.first, l.second = append(l.first, i), append(l.second, j)
	l.loss, l.gain = append(l.loss, loss), append(l.gain, gain)
}

// sum is what a pair takes of a limit.
func (l *landing) sum(p, limit int) int64 {
	m := l.ex.state.c.m
	total := int64(0)
	if i := l.first[p]; i != none16 {
		total += l.ex.takes[int(i)*m+limit]
	}
	if j := l.second[p]; j != none16 {
		total += l.ex.takes[int(j)*m+limit]
	}
	return total
}

// table chooses the keys and files the pairs.
func (l *landing) table() {
	ex, c := l.ex, l.ex.state.c
	n, w := len(l.first), ex.words
	l.words = slices.Grow(l.words[:0], n*w)[:n*w]
	for p := range n {
		for k := range w {
			sum := uint64(0)
			if i := l.first[p]; i != none16 {
				sum = ex.change[int(i)*w+k]
			}
			if j := l.second[p]; j != none16 {
				sum += ex.change[int(j)*w+k]
			}
			l.words[p*w+k] = sum
		}
	}
	// Spread of a limit: twice the mean size of a pair's take.
	l.keys = l.keys[:0]
	type candidate struct {
		key
		cells float64
	}
	var all []candidate
	slack := ex.budget - 2*min(0, ex.loss[0])
	for j := range c.m {
		if c.price[j] <= 0 {
			continue
		}
		spread := 0.0
		for i := range ex.moves {
			spread += math.Abs(float64(ex.takes[i*c.m+j]))
		}
		spread *= 4 / float64(len(ex.moves))
		width := math.Floor(slack/c.price[j]) + 1
		if spread > 1.5*width {
			all = append(all, candidate{key{j, width, c.price[j]}, spread / width})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.cells, a.cells), cmp.Compare(a.limit, b.limit)) })
	cells := 1.0
	for _, a := range all {
		if len(l.keys) == 5 || cells > float64(n)*0.2 {
			break
		}
		l.keys = append(l.keys, a.key)
		cells *= a.cells
	}
	size := 1
	for size < 2*n {
		size *= 2
	}
	q := len(l.keys)
	l.cell = slices.Grow(l.cell[:0], n)[:n]
	l.start = slices.Grow(l.start[:0], size+1)[:size+1]
	clear(l.start)
	l.order = slices.Grow(l.order[:0], n)[:n]
	for p := range n {
		h := uint32(0)
		for x := range q {
			h = mix(h, int32(math.Floor(float64(l.sum(p, l.keys[x].limit))/l.keys[x].width)))
		}
		h &= uint32(size - 1)
		l.cell[p] = h
		l.start[h+1]++
	}
	for i := range size {
		l.start[i+1] += l.start[i]
	}
	for p := n - 1; p >= 0; p-- { // fills each place from its end; start then is its first
		h := l.cell[p] + 1
		l.start[h]--
		l.order[l.start[h]] = int32(p)
	}
	// start[h+1] is now the first of h.
}

func mix(h uint32, v int32) uint32 {
	h = (h ^ uint32(v)) * 0x9e3779b1
	return h ^ h>>15
}

// land asks the table for partners of every pair, and leaves the best combination in
// the exchange's found.
func (l *landing) land() bool {
	ex := l.ex
	n, w, q := len(l.first), ex.words, len(l.keys)
	size := len(l.start) - 1
	mask := uint32(size - 1)
	ex.found = ex.found[:0]
	l.room = slices.Grow(l.room[:0], w)[:w]
	room := l.room
	signs := ex.signs[:w]
	l.work = int64(n * (40 + 8*q + 4*w))
	l.limit = l.work + most
	least := 2 * min(0, ex.loss[0])
	var low, high [5]int32
	for p := range n {
		rest := ex.budget - l.loss[p]
		if l.work > l.limit {
			break
		}
		if rest-least <= 0 {
			continue
		}
		for k := range w {
			room[k] = ex.room[k] - l.words[p*w+k]
		}
		for x := range q {
			k := l.keys[x]
			to := float64(ex.state.slack[k.limit] - l.sum(p, k.limit))
			high[x] = int32(math.Floor(to / k.width))
			low[x] = int32(math.Floor((to - math.Floor((rest-least)/k.price)) / k.width))
		}
		l.visit(p, 0, 0, low[:q], high[:q], mask, room, signs)
	}
	return len(ex.found) > 0
}

func (l *landing) visit(p, x int, h uint32, low, high []int32, mask uint32, room, signs []uint64) {
	if x < len(low) {
		for v := low[x]; v <= high[x]; v++ {
			l.visit(p, x+1, mix(h, v), low, high, mask, room, signs)
		}
		return
	}
	h &= mask
	ex, w := l.ex, l.ex.words

	from := l.start[h+1]
	to := int32(len(l.order))
	if int(h)+2 < len(l.start) {
		to = l.start[h+2]
	}
	l.work += visited + 2*int64(to-from)
next:
	for _, o := range l.order[from:to] {
		if int(o) <= p || l.gain[p]+l.gain[o] <= ex.need {
			continue
		}
		l.work += checked
		for k := range w {
			if (room[k]-l.words[int(o)*w+k])&signs[k] != signs[k] {
				continue next
			}
		}
		l.consider(p, int(o))
	}
}

// scan looks for the best pair alone.
func (l *landing) scan() bool {
	ex := l.ex
	w := ex.words
	ex.found = ex.found[:0]
next:
	for p := range l.first {
		if l.gain[p] <= ex.need {
			continue
		}
		i, j := l.first[p], l.second[p]
		if i == none16 {
			continue
		}
		for k := range w {
			left := ex.room[k] - ex.change[int(i)*w+k]
			if j != none16 {
				left -= ex.change[int(j)*w+k]
			}
			if left&ex.signs[k] != ex.signs[k] {
				continue next
			}
		}
		ex.picked[0], ex.picked[1] = int32(i), int32(j)
		n := 2
		if j == none16 {
			n = 1
		}
		ex.consider(n, l.gain[p])
	}
	return len(ex.found) > 0
}

// consider takes two pairs if they have no class in common and really keep all limits.
func (l *landing) consider(p, o int) {
	ex := l.ex
	n := 0
	for _, i := range [4]uint16{l.first[p], l.second[p], l.first[o], l.second[o]} {
		if i == none16 {
			continue
		}
		if ex.repeats(int(i), n) {
			return
		}
		ex.picked[n] = int32(i)
		n++
	}
	ex.consider(n, l.gain[p]+l.gain[o])
}
