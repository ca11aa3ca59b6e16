package anytime

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Look is what is known at one look: the effect measured on all users so far.
type Look struct {
	Users int `json:"users"` // so far, all arms together; 0: not known
	stats.Estimate
}

// Decision says whether a test may stop.
type Decision string

const (
	Continue   Decision = "continue"
	Difference Decision = "difference" // stop: the effect differs from Null
	NoEffect   Decision = "no-effect"  // stop: no effect beyond Margin is possible any more
)

// Step is what one look says. P and Running use all looks up to it. All intervals
// of a confidence sequence hold the true effect together with probability Level; a
// one-sided one has an infinite end, and one that says nothing (a burn-in) two.
type Step struct {
	Look
	Used     bool           `json:"used"`     // false: in the burn-in, or past Yeast's planned end
	LogE     float64        `json:"log_e"`    // ln Λ of the mixture against Null; 0 for Yeast
	P        float64        `json:"p"`        // always-valid p-value: the smallest of 1/Λ so far
	Interval stats.Interval `json:"interval"` // the confidence sequence at this look
	Running  stats.Interval `json:"running"`  // the intersection of all intervals so far
}

// Result says whether to stop, and why.
type Result struct {
	Decision  Decision `json:"decision"`
	Reason    string   `json:"reason"`     // in words, with the numbers
	StoppedAt int      `json:"stopped_at"` // number of the look, from 1, at which the decision was due; 0: Continue
	P         float64  `json:"p"`          // always-valid p-value at the last look
	// Interval is what all looks together leave possible: the last Running.
	Interval stats.Interval `json:"interval"`
	// WidthRatio is how much wider the last used look's interval is than the one
	// of a test that looks once; 0 if no look was used.
	WidthRatio float64  `json:"width_ratio"`
	Tau        float64  `json:"tau"` // τ of the mixture, in the effect's unit; 0 for Yeast
	Steps      []Step   `json:"steps"`
	Warnings   []string `json:"warnings,omitempty"` // what makes these numbers doubtful; empty: nothing known
}

// Monitor looks at a test. With estimate δ̂, standard error SE and z = (δ̂ −
// Null)/SE at each look, the normal mixture has
//
//	Λ = √(SE²/(SE² + τ²)) exp(z² τ²/(2(SE² + τ²)))      p = min over looks of 1/Λ
//	δ̂ ± SE √((1 + SE²/τ²)(ln(1 + τ²/SE²) + 2 ln(1/α)))
//
// and one-sided designs the mixture over effects on their side, Λ times
// 2Φ(±z τ/√(SE² + τ²)). Yeast stops where z·PlannedSE/SE, the sum in standard
// deviations of the sum at the planned end, reaches z₁₋α/₄ (one-sided: z₁₋α/₂).
//
// The decision is Difference at the first look with p ≤ α, NoEffect at the first
// where the running intersection lies within Null ± Margin; it is final, later
// looks only sharpen the numbers. The probability that any look, of however
// many, excludes the true effect is at most α. That assumes that an estimate
// comes from independent users whose values do not change once they are counted,
// or otherwise has increments (in δ̂/SE²) that are uncorrelated, as efficient estimates
// have; that SE is right; and that estimates are normal from BurnIn on. With known
// SE and normal data it is exact, with an estimated SE asymptotic in BurnIn.
//
// Fewer than 1,000 users at the first used look, a standard error that rises, and
// looks that contradict each other (an effect that changed) are warnings.
//
// Sources: Johari, Koomen, Pekelis & Walsh (2022), "Always Valid Inference",
// Operations Research 70, §4–5; Howard et al. (2021), §3.2, Proposition 5–6;
// Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), "Time-uniform central
// limit theory and asymptotic confidence sequences", Annals of Statistics 52,
// Theorem 2.2; Kurennoy et al. (2025), "YEAST: Yet Another Sequential Test",
// NeurIPS, whose maximal inequality is here Lévy's.
func (d Design) Monitor(looks []Look) (Result, error) {
	b, err := d.prepare()
	if err := input.First(err, checkLooks(looks)); err != nil {
		return Result{}, err
	}
	r := Result{Decision: Continue, P: 1, Interval: everything(1 - b.Alpha), Steps: make([]Step, len(looks))}
	if b.Method == NormalMixture {
		r.Tau = b.tau
	}
	contradiction := 0
	for i, look := range looks {
		step := b.step(look)
		if b.BurnIn > 0 && look.Users == 0 {
			return Result{}, input.Check(false, fmt.Sprintf("looks[%d].Users", i), 0, "must be known: the burn-in counts them")
		}
		if step.Used {
			if err := b.bounded(i, step); err != nil {
				return Result{}, err
			}
			r.P = math.Min(r.P, step.P)
			r.WidthRatio = b.halfWidth(look.SE) / (b.critical() * look.SE)
			if both, some := intersection(r.Interval, step.Interval); some {
				r.Interval = both
			} else if contradiction == 0 {
				contradiction = i + 1
			}
		}
		step.P, step.Running = r.P, r.Interval
		r.Steps[i] = step
		if decision := b.decide(r); r.Decision == Continue && decision != Continue {
			r.Decision, r.StoppedAt = decision, i+1
		}
	}
	r.Reason = b.reason(r)
	r.Warnings = b.warnings(r, contradiction)
	return r, nil
}

// step is a look by itself.
func (b boundary) step(look Look) Step {
	s := Step{Look: look, P: 1, Interval: everything(1 - b.Alpha)}
	s.Used = look.Users >= b.BurnIn && !b.late(look.SE)
	if !s.Used {
		return s
	}
	s.LogE, s.P = b.evidence(look.Value, look.SE)
	w := b.halfWidth(look.SE)
	if b.sign >= 0 {
		s.Interval.Low = look.Value - w
	}
	if b.sign <= 0 {
		s.Interval.High = look.Value + w
	}
	return s
}

// late reports a look past Yeast's planned end, where its boundary does not hold.
// A look at the end may miss it by the rounding of a division.
func (b boundary) late(se float64) bool {
	return b.Method == Yeast && se < b.PlannedSE*(1-1e-9)
}

func (b boundary) decide(r Result) Decision {
	switch {
	case r.P <= b.Alpha:
		return Difference
	case b.Margin > 0 && b.within(r.Interval):
		return NoEffect
	}
	return Continue
}

// bounded reports numbers that left their range, from an extreme τ.
func (b boundary) bounded(i int, s Step) error {
	outside := math.Abs(s.LogE) > input.Max
	for _, end := range []float64{s.Interval.Low, s.Interval.High} {
		outside = outside || math.IsNaN(end) || b.sign == 0 && math.IsInf(end, 0)
	}
	if !outside {
		return nil
	}
	return input.Check(false, fmt.Sprintf("looks[%d].SE", i), s.SE, "is too far from τ, or from the effect, for an answer")
}

func checkLooks(looks []Look) error {
	if len(looks) == 0 {
		return input.Check(false, "looks", 0, "there is no look")
	}
	for i, l := range looks {
		// Names are only built for an error: this runs for every look of a simulation.
		fine := math.Abs(l.Value) <= input.Max && l.SE >= 1/input.Max && l.SE <= input.Max
		if !fine || l.Users < 0 || i > 0 && l.Users < looks[i-1].Users {
			name := fmt.Sprintf("looks[%d].", i)
			return input.First(input.Finite(name+"Value", l.Value), input.Positive(name+"SE", l.SE),
				input.Check(l.Users >= 0, name+"Users", float64(l.Users), "must be 0 or above"),
				input.Check(false, name+"Users", float64(l.Users), "must not be below the look before: looks are cumulative and in order"))
		}
	}
	return nil
}
