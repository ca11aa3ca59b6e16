package knapsack

import "math"

// middle is what centre needs to know of a core.
type middle struct {
	inverse []float64 // by limit: 1/(2σ²) of what a few random moves take together
	rest    []float64 // by limit: the room that a good choice leaves
	off     []float64 // by limit: how far the room is from that
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
	if m.inverse == nil {
		m.measure(c)
	}
	for j, price := range c.price {
		m.rest[j] = 0.5 / math.Sqrt(m.inverse[j])
		if price > 0 { // half of the aim is for losses, half of what is left for each limit's part
			m.rest[j] = min(m.rest[j], w.aim/(2*float64(c.m)*price))
		}
	}
	// Combinations that lose less than some budget grow in number like a power of it, whose
	// exponent is about the number of things to share it: moves and limits.
	perLoss := float64(c.m+movesLanding) / max(w.aim, 1e-12*math.Abs(c.bound)+1e-12)
	stride := 1 + len(c.order)/glance
	for range centreSteps {
		least, pick := -1e-9, int32(-1)
		for j, room := range s.slack {
			m.off[j] = float64(room) - m.rest[j]
			least += m.off[j] * m.off[j] * m.inverse[j]
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

// after is how far off the room would be with one alternative instead of another.
func (m *middle) after(is, was []int64) (sum float64) {
	inverse, is, was := m.inverse[:len(m.off)], is[:len(m.off)], was[:len(m.off)]
	for j, off := range m.off {
		off -= float64(is[j] - was[j])
		sum += off * off * inverse[j]
	}
	return sum
}

// measure finds how far the moves of a landing reach.
func (m *middle) measure(c *core) {
	m.inverse, m.rest, m.off = make([]float64, c.m), make([]float64, c.m), make([]float64, c.m)
	for _, a := range c.order {
		is, was := c.row(a), c.row(c.base[c.class[a]])
		for j := range c.m {
			d := float64(is[j] - was[j])
			m.inverse[j] += d * d
		}
	}
	for j, sum := range m.inverse {
		m.inverse[j] = 1 / (2*movesLanding*sum/float64(len(c.order)) + 1e-9)
	}
}
