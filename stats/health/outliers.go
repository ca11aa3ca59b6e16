package health

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/words"
)

// Bin is the sums of a group of users of one arm: those with totals in one range
// (a bar of a histogram), or of one rank (the top user, the next 1%, the rest).
type Bin struct {
	Users   int     `json:"users"`
	Sum     float64 `json:"sum"`     // Σy of their totals
	Squares float64 `json:"squares"` // Σy²
}

// Tail is the users at the top, and what hangs on them.
type Tail struct {
	Users int     `json:"users"` // of both arms
	Share float64 `json:"share"` // of all users
	// MeanShare is their share of the metric's total; nil if that is 0.
	MeanShare *float64 `json:"mean_share"`
	// VarianceShare is their share of the effect's squared standard error.
	VarianceShare float64 `json:"variance_share"`
	// EffectShare is their share of the difference between the arms; beyond 1 or
	// below 0 the others differ the other way. Nil if the difference is 0.
	EffectShare *float64 `json:"effect_share"`
	// Without is the difference of means if they are left out.
	Without stats.Estimate `json:"without"`
	Flips   bool           `json:"flips"` // Without has the other sign
}

// OutliersResult tells how much of a result few users carry.
type OutliersResult struct {
	Effect stats.Estimate `json:"effect"` // difference of means, ȳₜ − ȳ_c, in the metric's unit
	Tails  []Tail         `json:"tails"`  // the first group of users, the first two, …
	// Dominated is the number, from 1, of the first tail of one user an arm or at
	// most 1% of users that carries over half of the variance; 0: none.
	Dominated int      `json:"dominated"`
	Warnings  []string `json:"warnings,omitempty"`
}

// Outliers returns the share of the mean, of the variance and of the effect that the
// top users carry. The bins of each arm hold all of its users once, the largest
// totals first; bin i of both arms is the same range or rank. A tail T is the first
// bins:
//
//	mean      Σ_T y/Σ y, both arms together
//	variance  Σ_T (y − ȳ)²/(n(n − 1)) over both arms, of their sum (the effect's SE²)
//	effect    (Σ_T y/n)ₜ − (Σ_T y/n)_c, of ȳₜ − ȳ_c
//	without   difference and SE of the means of the other users
//
// "Without" drops users by what they did after the treatment, so it is a check of
// robustness and no estimate. If a cap is the answer, cap at a value fixed in
// advance, in both arms.
//
// Source: Kohavi, Tang & Xu (2020), Trustworthy Online Controlled Experiments,
// ch. 22 (outliers); Huber & Ronchetti (2009), Robust Statistics, §1.
func Outliers(treatment, control []Bin) (OutliersResult, error) {
	if err := input.First(checkBins("treatment", treatment), checkBins("control", control),
		input.Check(len(control) == len(treatment), "control", float64(len(control)), "must have as many bins as treatment")); err != nil {
		return OutliersResult{}, err
	}
	all := [2]Bin{top(treatment, len(treatment)), top(control, len(control))}
	for i, name := range []string{"treatment", "control"} {
		if err := input.Check(all[i].Users >= 2, name, float64(all[i].Users), "a variance needs at least 2 users"); err != nil {
			return OutliersResult{}, err
		}
	}
	effect := difference(all[0], all[1])
	if err := input.Check(effect.SE > 0, "treatment", 0, "neither arm varies"); err != nil {
		return OutliersResult{}, err
	}
	r := OutliersResult{Effect: effect, Tails: []Tail{}}
	for k := 1; k < len(treatment); k++ {
		t, err := tail([2]Bin{top(treatment, k), top(control, k)}, all, effect)
		if err != nil {
			return OutliersResult{}, err
		}
		if t.Users == 0 {
			continue
		}
		r.Tails = append(r.Tails, t)
		if !t.few() {
			continue
		}
		if r.Dominated == 0 && t.VarianceShare > 0.5 {
			r.Dominated = len(r.Tails)
			r.Warnings = append(r.Warnings, t.dominates())
		}
		if t.Flips {
			r.Warnings = append(r.Warnings, fmt.Sprintf("without %s the effect has the other sign", t.who()))
		}
	}
	return r, nil
}

// few reports a tail that should not decide a test: one user an arm, or 1% of all.
func (t Tail) few() bool { return t.Users <= 2 || t.Share <= 0.01 }

func (t Tail) dominates() string {
	return fmt.Sprintf("%s carry %.0f%% of the variance", t.who(), 100*t.VarianceShare)
}

func (t Tail) who() string {
	return fmt.Sprintf("%s users (%s of all)", words.Count(float64(t.Users)), words.Share(t.Share))
}

func tail(top, all [2]Bin, effect stats.Estimate) (Tail, error) {
	t := Tail{Users: top[0].Users + top[1].Users}
	t.Share = float64(t.Users) / float64(all[0].Users+all[1].Users)
	variance := 0.0
	for i, b := range top {
		mean, n := all[i].Sum/float64(all[i].Users), float64(all[i].Users)
		// Σ_T (y − ȳ)² from the tail's own spread and its distance from the mean.
		variance += (b.within() + b.away(mean)) / n / (n - 1)
	}
	t.VarianceShare = math.Min(1, variance/effect.SE/effect.SE)
	t.MeanShare = share(top[0].Sum+top[1].Sum, all[0].Sum+all[1].Sum)
	t.EffectShare = share(top[0].Sum/float64(all[0].Users)-top[1].Sum/float64(all[1].Users), effect.Value)
	rest := [2]Bin{all[0].minus(top[0]), all[1].minus(top[1])}
	for i, name := range []string{"treatment", "control"} {
		if rest[i].Users < 2 {
			return Tail{}, input.Check(false, name, float64(rest[i].Users), "the last bin must hold at least 2 users")
		}
	}
	t.Without = difference(rest[0], rest[1])
	t.Flips = t.Without.Value*effect.Value < 0
	return t, nil
}

// share is part/whole, or nil where that says nothing.
func share(part, whole float64) *float64 {
	if s := part / whole; whole != 0 && math.Abs(s) <= input.Max {
		return &s
	}
	return nil
}

func difference(treatment, control Bin) stats.Estimate {
	nt, nc := float64(treatment.Users), float64(control.Users)
	return stats.Estimate{
		Value: treatment.Sum/nt - control.Sum/nc,
		SE:    math.Sqrt(treatment.within()/nt/(nt-1) + control.within()/nc/(nc-1)),
	}
}

// within is Σ(y − own mean)².
func (b Bin) within() float64 {
	if b.Users == 0 {
		return 0
	}
	return math.Max(0, b.Squares-b.Sum*(b.Sum/float64(b.Users)))
}

// away is n(own mean − mean)².
func (b Bin) away(mean float64) float64 {
	if b.Users == 0 {
		return 0
	}
	d := b.Sum/float64(b.Users) - mean
	return float64(b.Users) * d * d
}

func (b Bin) plus(c Bin) Bin {
	return Bin{b.Users + c.Users, b.Sum + c.Sum, b.Squares + c.Squares}
}

func (b Bin) minus(c Bin) Bin {
	return Bin{b.Users - c.Users, b.Sum - c.Sum, math.Max(0, b.Squares-c.Squares)}
}

func top(bins []Bin, k int) Bin {
	var sum Bin
	for _, b := range bins[:k] {
		sum = sum.plus(b)
	}
	return sum
}

func checkBins(arm string, bins []Bin) error {
	if err := input.Check(len(bins) >= 2, arm, float64(len(bins)), "a tail and a rest are needed: at least 2 bins"); err != nil {
		return err
	}
	last := math.Inf(1)
	for i, b := range bins {
		name := fmt.Sprintf("%s[%d].", arm, i)
		if err := input.First(input.Check(b.Users >= 0 && b.Users <= 1e15, name+"Users", float64(b.Users), "must be from 0 to 1e15"),
			input.Finite(name+"Sum", b.Sum), input.NonNegative(name+"Squares", b.Squares)); err != nil {
			return err
		}
		if b.Users == 0 {
			if err := input.Check(b.Sum == 0 && b.Squares == 0, name+"Sum", b.Sum, "no users have no sum"); err != nil {
				return err
			}
			continue
		}
		mean := b.Sum / float64(b.Users)
		if err := input.First(input.Check(b.Squares-b.Sum*mean >= -1e-9*b.Squares, name+"Squares", b.Squares, "is below sum²/users, which no values can give"),
			input.Check(mean <= last+1e-9*math.Abs(last), name+"Sum", b.Sum, "is more per user than in the bin before: the largest totals come first")); err != nil {
			return err
		}
		last = mean
	}
	return nil
}
