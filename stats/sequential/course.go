package sequential

import "math"

// course is a test's looks with their boundaries, as z-values. Above efficacy the
// test rejects (two-sided: beyond it in either direction), below futility it stops
// without rejecting (two-sided: |z| below it). At the last look futility is not
// used. +Inf and −Inf never stop.
type course struct {
	t, efficacy, futility []float64
	twoSided              bool
}

// spans are the scores at look k from which the test goes on.
func (c course) spans(k int, withFutility bool) []span {
	root := math.Sqrt(c.t[k])
	up, futility := c.efficacy[k]*root, math.Inf(-1)
	if withFutility {
		futility = c.futility[k] * root
	}
	switch {
	case !c.twoSided:
		return []span{{futility, up}}
	case futility > 0:
		return []span{{-up, -futility}, {futility, up}}
	}
	return []span{{-up, up}}
}

// hasFutility reports whether any look but the last can stop for futility.
func (c course) hasFutility() bool {
	for _, f := range c.futility[:len(c.t)-1] {
		if !math.IsInf(f, -1) {
			return true
		}
	}
	return false
}

// run follows a path through the first n looks' continuation regions; there are
// more looks after them.
func (c course) run(p *path, n int, withFutility bool) *path {
	for k := len(p.steps) - 1; k < n; k++ {
		p.extend(c.t[k], c.t[k+1], c.spans(k, withFutility))
	}
	return p
}

// stops are the probabilities of how the test ends at look k, from the step before.
type stops struct{ up, down, futile float64 }

func (c course) stops(s step, k int, drift float64, withFutility bool) (p stops) {
	root := math.Sqrt(c.t[k])
	up, futility := c.efficacy[k]*root, c.futility[k]*root
	last := k == len(c.t)-1
	p.up = s.above(c.t[k], drift, up)
	if c.twoSided {
		p.down = s.below(c.t[k], drift, -up)
	}
	switch {
	case last && !c.twoSided:
		p.futile = s.below(c.t[k], drift, up)
	case last:
		p.futile = math.Max(0, s.mass()-p.up-p.down)
	case !withFutility || math.IsInf(futility, -1):
	case !c.twoSided:
		p.futile = s.below(c.t[k], drift, futility)
	case futility > 0:
		p.futile = s.between(c.t[k], drift, futility)
	}
	return p
}

// power is the probability of rejecting upwards, or in both directions, under a
// drift, from a path that followed the course without futility.
func (c course) power(p *path, drift float64, both bool) (sum float64) {
	for k, t := range c.t {
		s, up := p.tilted(k, drift), c.efficacy[k]*math.Sqrt(t)
		sum += s.above(t, drift, up)
		if both {
			sum += s.below(t, drift, -up)
		}
	}
	return sum
}

// spent is the type I error, from the path of no effect.
func (c course) spent(null *path) (sum float64) {
	for k, t := range c.t {
		s, up := null.steps[k], c.efficacy[k]*math.Sqrt(t)
		above := s.above(t, 0, up)
		sum += above
		if c.twoSided && s.even {
			sum += above
		} else if c.twoSided {
			sum += s.below(t, 0, -up)
		}
	}
	return sum
}

// along lists how the test ends at each look, from a path that followed it.
func (c course) along(p *path, drift float64, withFutility bool) endings {
	all := make(endings, len(c.t))
	for k := range all {
		all[k] = c.stops(p.tilted(k, drift), k, drift, withFutility)
	}
	return all
}

// performance is how the test ends under a drift, by a recursion of its own.
func (c course) performance(drift float64, withFutility bool) endings {
	return c.along(c.run(newPath(drift), len(c.t)-1, withFutility), drift, withFutility)
}

type endings []stops

// power is the probability of rejecting upwards, or in both directions.
func (e endings) power(both bool) (p float64) {
	for _, s := range e {
		p += s.up
		if both {
			p += s.down
		}
	}
	return p
}

// information is the expected fraction of the maximum information at the end.
func (e endings) information(t []float64) (mean float64) {
	mean = t[len(t)-1]
	for k, s := range e {
		mean -= (s.up + s.down + s.futile) * (t[len(t)-1] - t[k])
	}
	return mean
}
