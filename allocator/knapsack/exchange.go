package knapsack

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// exchange looks for the best way to change a few classes of a state at once so that
// it keeps all limits and is worth more than a target.
//
// By the prices, a choice worth more than the target loses less than the distance of
// the target from the bound; so of all combinations only those are tried whose losses
// fit into what is left of that. Each is then a few additions: the room of all limits is
// packed into machine words, several limits to a word, whose top bits say together
// whether every limit is kept.
type exchange struct {
	moves  []move
	words  int       // by move
	change []uint64  // by move and word: what it takes of the room
	signs  []uint64  // by word: the top bit of each lane
	loss   []float64 // by move, beside each other for speed
	gain   []float64
	class  []int32

	state  *state
	trial  *state  // a copy to try a combination on, where classes exclude each other
	budget float64 // what the losses of a combination may add up to
	need   float64 // what its gain must exceed
	coarse bool    // the words are not the whole truth: amounts are rounded, or limits left out
	picked [maxDepth]int32
	found  []int32 // the best combination
	room   [maxWords]uint64
	takes  []int64 // by move and limit: what it takes
}

// move sets one class to an alternative, and takes the items from what that excludes.
type move struct {
	alternative int32
	loss        float64
	rank        float64 // by which it is considered, and told from its equals: loss with some chance
}

const (
	maxDepth = 4
	maxWords = 16
)

// prepare lists the moves of s that can be part of a combination within the budget,
// the cheapest first, at most so many; chance decides among those of about equal loss.
func (e *exchange) prepare(s *state, target float64, most int, shut []int32, rng *rand.Rand) {
	c := s.c
	e.state = s
	if e.trial == nil && s.busy != nil {
		e.trial = s.clone()
	}
	e.budget = c.bound - target - s.loss
	e.need = target - s.value
	e.moves = e.moves[:0]
	jitter := 0.1 * max(0, min(e.budget, 1e300))
	var best [maxDepth - 1]float64 // the most that the other moves could give back
	for k := range int32(len(c.classes)) {
		now := s.at[k]
		if slices.Contains(shut, k) {
			continue
		}
		for a := c.first[k]; a < c.first[k+1]; a++ {
			l := c.loss[a] - c.loss[now]
			if a == now || l >= e.budget-best[0]*(maxDepth-1) {
				continue
			}
			if s.busy != nil && s.busy[k] > 0 && c.item[a] != None && c.item[now] == None {
				for _, to := range c.near[k] {
					if c.item[s.at[to]] != None {
						l += c.loss[c.none(to)] - c.loss[s.at[to]]
					}
				}
			}
			best[0] = min(best[0], l)
			e.moves = append(e.moves, move{a, l, l + jitter*rng.Float64()})
		}
	}
	if len(e.moves) > most {
		first(e.moves, most)
		e.moves = e.moves[:most]
	}
	slices.SortFunc(e.moves, func(a, b move) int {
		return cmp.Or(cmp.Compare(a.loss, b.loss), cmp.Compare(a.rank, b.rank), cmp.Compare(a.alternative, b.alternative))
	})
	e.pack()
}

// first brings the so many moves of the least rank to the front, in any order. There are
// tens of thousands of moves at times, of which some hundred are wanted.
func first(moves []move, most int) {
	less := func(a, b move) bool {
		return a.rank < b.rank || a.rank == b.rank && a.alternative < b.alternative
	}
	for low, high := 0, len(moves)-1; low < high; { // those before low are wanted, those after high are not
		pivot := moves[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for less(moves[i], pivot) {
				i++
			}
			for less(pivot, moves[j]) {
				j--
			}
			if i <= j {
				moves[i], moves[j] = moves[j], moves[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case most <= j:
			high = j
		case most > i:
			low = i
		default:
			return
		}
	}
}

// pack writes what each move takes into words.
func (e *exchange) pack() {
	s, c := e.state, e.state.c
	n, m := len(e.moves), c.m
	e.loss, e.gain, e.class = e.loss[:0], e.gain[:0], e.class[:0]
	e.takes = slices.Grow(e.takes[:0], n*m)[:n*m]
	take := e.takes
	for i, mv := range e.moves {
		k := c.class[mv.alternative]
		now := s.at[k]
		gain := c.value[mv.alternative] - c.value[now]
		row := take[i*m : (i+1)*m]
		is, was := c.row(mv.alternative), c.row(now)
		for j := range row {
			row[j] = is[j] - was[j]
		}
		if s.busy != nil && s.busy[k] > 0 && c.item[mv.alternative] != None && c.item[now] == None {
			for _, to := range c.near[k] {
				if out := s.at[to]; c.item[out] != None {
					none := c.none(to)
					gain += c.value[none] - c.value[out]
					is, was := c.row(none), c.row(out)
					for j := range row {
						row[j] += is[j] - was[j]
					}
				}
			}
		}
		e.loss, e.gain, e.class = append(e.loss, mv.loss), append(e.gain, gain), append(e.class, k)
	}
	e.lanes(take)
}

// lanes chooses the limits that matter and the width of their lanes, and fills change,
// signs and room.
func (e *exchange) lanes(take []int64) {
	s, m, n := e.state, e.state.c.m, len(e.moves)
	var matter []int
	most := make([]int64, m)
	for i := range n {
		for j, d := range take[i*m : (i+1)*m] {
			most[j] = max(most[j], d, -d)
		}
	}
	for j := range m {
		if s.slack[j] < maxDepth*most[j] {
			matter = append(matter, j)
		}
	}
	// The limits that refuse most stand first: those with the least room for their size.
	slices.SortFunc(matter, func(a, b int) int {
		return cmp.Or(cmp.Compare(float64(s.slack[a])/float64(most[a]), float64(s.slack[b])/float64(most[b])), cmp.Compare(a, b))
	})
	width := 0
	unit := make([]int64, m) // large amounts are counted in units, in favour of the move
	for _, j := range matter {
		unit[j] = 1 + most[j]>>11
		width = max(width, bits.Len64(uint64(2*maxDepth*(most[j]/unit[j]+1)+2))+1)
	}
	if len(matter) == 0 {
		width = 2
	}
	per := 64 / width
	e.coarse = len(matter) > per*maxWords
	matter = matter[:min(len(matter), per*maxWords)]
	e.words = max(1, (len(matter)+per-1)/per)
	e.signs = slices.Grow(e.signs[:0], e.words)[:e.words]
	e.change = slices.Grow(e.change[:0], n*e.words)[:n*e.words]
	clear(e.signs)
	clear(e.change)
	clear(e.room[:])
	for q, j := range matter {
		e.coarse = e.coarse || unit[j] > 1
		word, shift := q/per, uint(q%per*width)
		high := uint64(1) << (width - 1)
		e.signs[word] |= high << shift
		limit := int64(maxDepth)*(most[j]/unit[j]+1) + 1
		room := min(max(floor(s.slack[j], unit[j]), -limit), limit)
		e.room[word] += uint64(room)<<shift + high<<shift
		for i := range n {
			if d := take[i*m+j]; d != 0 {
				e.change[i*e.words+word] += uint64(floor(d, unit[j])) << shift
			}
		}
	}
}

func floor(a, unit int64) int64 {
	if unit == 1 {
		return a
	}
	q := a / unit
	if a%unit < 0 {
		q--
	}
	return q
}

func (e *exchange) repeats(i, level int) bool {
	for _, p := range e.picked[:level] {
		if e.class[p] == e.class[i] {
			return true
		}
	}
	return false
}

// consider takes the picked moves if they really keep all limits.
func (e *exchange) consider(n int, gain float64) {
	if e.coarse && !e.fits(e.picked[:n]) {
		return
	}
	if e.state.busy != nil {
		if e.clash(e.picked[:n]) {
			return
		}
		t := e.trial
		t.copy(e.state)
		for _, i := range e.picked[:n] {
			e.apply(t, i)
		}
		for _, i := range e.picked[:n] { // one may have evicted another
			if t.at[t.c.class[e.moves[i].alternative]] != e.moves[i].alternative {
				return
			}
		}
		gain = t.value - e.state.value
		if !t.feasible() || gain <= e.need || t.conflicted() {
			return
		}
	}
	e.budget -= gain - e.need
	e.need = gain
	e.found = append(e.found[:0], e.picked[:n]...)
}

// clash says whether two of the moves give items to classes that exclude each other.
func (e *exchange) clash(moves []int32) bool {
	c := e.state.c
	for x, i := range moves {
		for _, j := range moves[:x] {
			if c.item[e.moves[i].alternative] != None && c.item[e.moves[j].alternative] != None && c.excludes(e.class[i], []int32{e.class[j]}) {
				return true
			}
		}
	}
	return false
}

// fits says whether the room of every limit is enough for all of the moves.
func (e *exchange) fits(moves []int32) bool {
	m := e.state.c.m
	for j, free := range e.state.slack {
		for _, i := range moves {
			free -= e.takes[int(i)*m+j]
		}
		if free < 0 {
			return false
		}
	}
	return true
}

func (e *exchange) apply(s *state, i int32) {
	a := e.moves[i].alternative
	if s.c.item[a] != None {
		s.evict(s.c.class[a])
	}
	s.set(a)
}

// take applies the combination found.
func (e *exchange) take(s *state) {
	for _, i := range e.found {
		e.apply(s, i)
	}
}

// conflicted says whether two classes that exclude each other both have an item.
func (s *state) conflicted() bool {
	if s.busy == nil {
		return false
	}
	for k, b := range s.busy {
		if b > 0 && s.c.item[s.at[k]] != None {
			return true
		}
	}
	return false
}
