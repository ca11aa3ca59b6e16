package knapsack

import (
	"math"
	"math/rand/v2"
	"slices"
)

// seeker looks for any choice within all limits, where those from above and from below
// leave little between them. Of a broken limit, picked by chance, it weighs changes of one
// class that mend some of it, and makes the one that leaves least broken, even if that is
// more than before. Limits weigh the more the longer they stay broken where no change is
// for the better: so it climbs out of every hollow. A class that was changed rests for some
// steps. Values play no part.
//
// Source: Morris (1993), The breakout method for escaping from local minima, AAAI-93, with
// rests as in Glover (1989), Tabu search, ORSA Journal on Computing 1.
type seeker struct {
	s      *state
	rng    *rand.Rand
	unit   []float64 // by limit: one part of what an alternative takes of it on average
	weight []float64 // by limit: of a unit that is missing
	takes  [][]take  // by alternative
	users  [][]int32 // by limit: alternatives that take of it, in random order
	rest   []int     // by core class: the step from which on it may be changed
	step   int
	work   int64

	change  []int64 // by limit, of what is weighed
	touched []int32
}

// take is what an alternative takes of one limit.
type take struct {
	limit int32
	units int64
}

const (
	weighed = 200 // changes that a step weighs at most
	resting = 3   // steps that a class rests, at least
	longer  = 10  // and less than so many more, by chance
)

func newSeeker(s *state, rng *rand.Rand) *seeker {
	c := s.c
	k := &seeker{s: s, rng: rng, unit: make([]float64, c.m), takes: make([][]take, len(c.item)), users: make([][]int32, c.m),
		rest: make([]int, len(c.classes)), change: make([]int64, c.m), work: int64(len(c.item) * (c.m + 20))}
	for a := range int32(len(c.item)) {
		for j, u := range c.row(a) {
			if u != 0 {
				k.takes[a] = append(k.takes[a], take{int32(j), u})
				k.users[j] = append(k.users[j], a)
				k.unit[j] += math.Abs(float64(u))
			}
		}
	}
	for j, users := range k.users {
		k.unit[j] = float64(len(users)) / max(k.unit[j], 1)
		rng.Shuffle(len(users), func(a, b int) { users[a], users[b] = users[b], users[a] })
	}
	k.weight = slices.Clone(k.unit)
	return k
}

// run seeks until so much work is done, and says whether it arrived.
func (k *seeker) run(work int64) bool {
	for end := k.work + work; k.work < end && !k.s.feasible(); {
		k.mend()
	}
	return k.s.lawful()
}

// mend is one step.
func (k *seeker) mend() {
	s, c := k.s, k.s.c
	k.step++
	pick, least := k.best(k.broken())
	if least >= 0 {
		for j, free := range s.slack {
			if free < 0 {
				k.weight[j] += k.unit[j]
			}
		}
	}
	if pick < 0 {
		return
	}
	class := c.class[pick]
	if c.item[pick] != None {
		s.evict(class)
	}
	s.set(pick)
	k.rest[class] = k.step + resting + k.rng.IntN(longer)
}

// broken picks a broken limit.
func (k *seeker) broken() (pick int32) {
	n := 0
	for j, free := range k.s.slack {
		if free < 0 {
			if n++; k.rng.IntN(n) == 0 {
				pick = int32(j)
			}
		}
	}
	k.work += int64(len(k.s.slack))
	return pick
}

// best is the best change that mends some of a limit, of some, and how much heavier it
// makes what is broken; −1: there is none.
func (k *seeker) best(limit int32) (pick int32, least float64) {
	s, c := k.s, k.s.c
	pick, least = -1, math.Inf(1)
	looks := 0
	look := func(a int32) {
		class := c.class[a]
		now := s.at[class]
		if a == now || k.rest[class] > k.step || math.IsInf(c.loss[a], 1) || c.row(a)[limit] >= c.row(now)[limit] {
			return
		}
		looks++
		if w := k.weigh(a); w < least {
			pick, least = a, w
		}
	}
	users := k.users[limit]
	from := 0
	if len(users) > 0 {
		from = k.rng.IntN(len(users))
	}
	i := 0
	for ; i < len(users) && looks < weighed; i++ {
		a := users[(from+i)%len(users)]
		switch class := c.class[a]; {
		case c.row(a)[limit] < 0: // it gives to a Least
			look(a)
		case s.at[class] == a: // it takes of a Most: any other of its class may take less
			for b := c.first[class]; b < c.first[class+1]; b++ {
				look(b)
			}
		}
	}
	k.work += int64(5*i + 80*looks)
	return pick, least
}

// weigh is how much heavier an alternative makes what is broken.
func (k *seeker) weigh(a int32) (heavier float64) {
	s, c := k.s, k.s.c
	class := c.class[a]
	k.touched = k.touched[:0]
	k.turn(s.at[class], a)
	if s.busy != nil && s.busy[class] > 0 && c.item[a] != None {
		k.work += int64(len(c.near[class]))
		for _, to := range c.near[class] {
			if c.item[s.at[to]] != None {
				k.turn(s.at[to], c.none(to))
			}
		}
	}
	for _, j := range k.touched {
		if d := k.change[j]; d != 0 {
			free := s.slack[j]
			heavier += k.weight[j] * float64(min(0, free)-min(0, free-d))
			k.change[j] = 0
		}
	}
	return heavier
}

// turn adds what one alternative takes instead of another.
func (k *seeker) turn(was, is int32) {
	for _, t := range k.takes[is] {
		k.change[t.limit] += t.units
		k.touched = append(k.touched, t.limit)
	}
	for _, t := range k.takes[was] {
		k.change[t.limit] -= t.units
		k.touched = append(k.touched, t.limit)
	}
}
