package knapsack

import (
	"context"
	"math"
	"math/rand/v2"
)

// descend changes one class at a time until all limits are kept. Broken limits cost a
// weight for each unit, which grows while they stay broken; a class that was changed
// rests for some steps. Room that is left over costs its price, as it does the choice. Returns whether it arrived, and the work.
func (s *state) descend(ctx context.Context, rng *rand.Rand, steps int) (ok bool, work int64) {
	c := s.c
	n := len(c.item)
	if c.m == 0 || n == 0 {
		return s.feasible(), 1
	}
	weight := make([]float64, c.m)
	average := 0.0
	for k := range weight {
		average += c.price[k] * c.d.limits[k].scale / float64(c.m)
	}
	for k := range weight {
		weight[k] = 2*c.price[k] + 0.1*average/c.d.limits[k].scale
	}
	rest := make([]int, len(c.classes))
	for step := 1; step <= steps && ctx.Err() == nil; step++ {
		if s.feasible() {
			return true, work
		}
		least, pick := math.Inf(1), int32(-1)
		work += int64(n * (c.m + 2))
		for a := range int32(n) {
			k := c.class[a]
			now := s.at[k]
			if a == now || rest[k] > step {
				continue
			}
			change := c.loss[a] - c.loss[now]
			if s.busy != nil && s.busy[k] > 0 && c.item[a] != None && c.item[now] == None {
				continue
			}
			was := c.row(now)
			for j, u := range c.row(a) {
				d := u - was[j]
				if d == 0 {
					continue
				}
				before := s.slack[j]
				after := before - d
				if before < 0 {
					change += weight[j] * float64(before)
				} else {
					change -= c.price[j] * float64(before)
				}
				if after < 0 {
					change -= weight[j] * float64(after)
				} else {
					change += c.price[j] * float64(after)
				}
			}
			if change < least {
				least, pick = change, a
			}
		}
		if pick < 0 {
			continue
		}
		if least >= 0 {
			for j, free := range s.slack {
				if free < 0 {
					weight[j] *= 1.3
				}
			}
		}
		s.set(pick)
		rest[c.class[pick]] = step + 2 + rng.IntN(8)
	}
	return s.feasible(), work
}
