package knapsack

import "math"

// middle is what centre needs to know of a core.
type middle struct {
	aim         float64   // for which it was measured
	inverse     []float64 // by limit: 1/(2σ²) of what a few moves of little loss take together
	least, most []float64 // by limit: between these lies the room that a good choice leaves
	room        []float64
}

const (
	movesLanding = 4     // that a landing makes
	glance       = 2_000 // alternatives that centre looks at in each of its steps
	centreSteps  = 40    // of centre at most
)

// centre changes one class at a time, at little loss, until the room of every limit is
// about what a good choice leaves. From there a landing is most likely: what a few
// random moves take of a limit together is spread like a bell curve, so room that is z
// standard deviations off divides the chance by exp(z²/2), and this for each limit.
func (w *searcher) centre(s *state) {
	c, m := w.c, &w.mid
	m.measure(c, w.aim)
	perLoss := perLoss(c, w.aim)
	stride := 1 + len(c.order)/glance
	for range centreSteps {
		least, pick := -1e-9, int32(-1)
		for j, room := range s.slack {
			m.room[j] = float64(room)
			least += m.off(j, m.room[j])
		}
		for i := w.rng.IntN(stride); i < len(c.order); i += stride {
			a := c.order[i]
			k := c.class[a]
			now := s.at[k]
			if a == now {
				a = c.base[k] // back again
			}
			sum := (c.loss[a] - c.loss[now]) * perLoss
			if sum >= least || s.busy != nil && s.busy[k] > 0 && c.item[a] != None {
				continue
			}
			if sum += m.after(c.row(a), c.row(now)); sum < least {
				least, pick = sum, a
			}
		}
		w.work += int64(len(c.order) / stride * (3*c.m + 10))
		if pick < 0 {
			return
		}
		s.set(pick)
	}
}

// perLoss tells how much rarer combinations are that lose one unit less. Those that lose
// less than some budget grow in number like a power of it, whose exponent is about the
// number of things to share it: moves and limits.
func perLoss(c *core, aim float64) float64 {
	return float64(c.m+movesLanding) / max(aim, 1e-12*math.Abs(c.bound)+1e-12)
}

// after is how far off the room would be with one alternative instead of another.
func (m *middle) after(is, was []int64) (sum float64) {
	is, was = is[:len(m.room)], was[:len(m.room)]
	for j, room := range m.room {
		sum += m.off(j, room-float64(is[j]-was[j]))
	}
	return sum
}

// off is how far off the room of a limit is, as the logarithm of a chance.
func (m *middle) off(j int, room float64) float64 {
	z := room - m.least[j]
	if z > 0 {
		if z = room - m.most[j]; z < 0 {
			return 0
		}
	}
	return z * z * m.inverse[j]
}

// measure finds how far the moves of a landing reach, if the aim has changed. A landing
// makes moves of little loss, and what others take of a limit may be of quite another
// size, so that each counts by how likely its loss makes it. Room is good if it is within
// what a landing uses up, or costs no more than its part of the aim.
func (m *middle) measure(c *core, aim float64) {
	if m.aim > aim/1.5 && m.aim < aim*1.5 {
		return
	}
	m.aim = aim
	m.inverse, m.least, m.most, m.room = make([]float64, c.m), make([]float64, c.m), make([]float64, c.m), make([]float64, c.m)
	perLoss, total := perLoss(c, aim), 0.0
	for _, a := range c.order {
		weight := math.Exp(-c.forced[a] * perLoss)
		if total += weight; weight < 1e-9 {
			break
		}
		is, was := c.row(a), c.row(c.base[c.class[a]])
		for j := range c.m {
			d := float64(is[j] - was[j])
			m.inverse[j] += weight * d * d
		}
	}
	for j, price := range c.price {
		m.inverse[j] = 1 / (2*movesLanding*m.inverse[j]/max(total, 1e-300) + 1e-9)
		m.least[j], m.most[j] = 0.5/math.Sqrt(m.inverse[j]), math.Inf(1)
		if price > 0 { // half of the aim is for losses, half of what is left for each limit's part
			m.most[j] = aim / (2 * float64(c.m) * price)
			m.least[j] = min(m.least[j], m.most[j])
		}
	}
}
