package stats

import "math"

// Sides says which deviations from "no effect" a test looks for.
type Sides int

const (
	TwoSided Sides = iota // an effect in either direction, α split in halves
	OneSided              // an effect in the direction of the MDE only
)

// Sizing is a fixed-size two-arm design with all of its numbers: what was asked
// for and what follows.
type Sizing struct {
	// Control and Treatment are users per arm, before rounding up.
	Control, Treatment float64
	// ControlUsers and TreatmentUsers are the users to recruit: rounded up.
	ControlUsers, TreatmentUsers int
	// MDE is the effect to detect, in the metric's unit; RelativeMDE is the same
	// as a fraction of the control mean, 0 if that mean is not given.
	MDE, RelativeMDE float64
	// SE is the standard error of the difference of the arms at the unrounded
	// sizes and if the true effect is the MDE, in the metric's unit.
	SE float64
	// RelativeSE is the standard error of the relative lift, a fraction: that of
	// the difference over the control mean; 0 if that mean is not given.
	RelativeSE float64
	// Power is the probability of a significant result if the true effect is the
	// MDE.
	Power float64
}

// level is the significance level, power and tails of a design, with defaults
// filled in.
type level struct {
	alpha, power float64
	sides        Sides
	strict       bool
}

func newLevel(alpha, power float64, sides Sides, strict bool) (level, error) {
	l := level{orDefault(alpha, 0.05), orDefault(power, 0.8), sides, strict}
	return l, first(checkFraction("Alpha", l.alpha), checkFraction("Power", l.power),
		check(sides == TwoSided || sides == OneSided, "Sides", float64(sides), "must be TwoSided or OneSided"))
}

// solvable reports a power that asks for no users at all.
func (l level) solvable() error {
	return check(l.power > l.alpha, "Power", l.power, "must exceed Alpha, the power of a test without users")
}

// critical is z₁₋α/₂ or z₁₋α, from the lower tail, which keeps small α.
func (l level) critical() float64 {
	if l.sides == TwoSided {
		return -quantile(l.alpha / 2)
	}
	return -quantile(l.alpha)
}

// at is the power if the difference is the multiple shift ≥ 0 of its standard
// error under the alternative and the null standard error is the multiple
// nullRatio of that:
//
//	Φ(shift − z·nullRatio)  [+ Φ(−shift − z·nullRatio) if two-sided and strict]
func (l level) at(shift, nullRatio float64) float64 {
	z := l.critical() * nullRatio
	power := cdf(shift - z)
	if l.sides == TwoSided && l.strict {
		power += cdf(-shift - z)
	}
	return power
}

// shift solves at(shift, nullRatio) = power for shift: in closed form
// z·nullRatio + z_power, less a correction for the wrong tail if that counts.
func (l level) shift(nullRatio float64) float64 {
	upper := l.critical()*nullRatio + quantile(l.power)
	if l.sides == OneSided || !l.strict {
		return upper
	}
	return bisect(0, math.Max(upper, 0), func(s float64) bool { return l.at(s, nullRatio) < l.power })
}

// bisect returns the point of [lo, hi] up to which below holds, to the last bit.
func bisect(lo, hi float64, below func(float64) bool) float64 {
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if below(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// sized fills in the users of a design whose control arm has n users.
func sized(n, ratio float64) (Sizing, error) {
	p := Sizing{Control: n, Treatment: n * ratio}
	if err := check(max(p.Control, p.Treatment) < math.MaxInt64/2, "users", max(p.Control, p.Treatment), "no population is that large: raise MDE or lower Power"); err != nil {
		return Sizing{}, err
	}
	p.ControlUsers, p.TreatmentUsers = int(math.Ceil(p.Control)), int(math.Ceil(p.Treatment))
	return p, nil
}

func orDefault(x, otherwise float64) float64 {
	if x == 0 {
		return otherwise
	}
	return x
}
