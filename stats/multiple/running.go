package multiple

import (
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Test is a test of the stream that has started and not finished.
type Test struct {
	Number int     `json:"number"` // place in the stream, from 1
	Level  float64 `json:"level"`  // its level αᵢ
}

// Start starts the next test while others may still run, and returns its number
// and level. A test that runs counts as one that costs and has not rejected; what
// its result changes, it changes for tests that start after it finished:
//
//	LORD      w₀γ(t) + b₀γ(t − r₁) + α Σ γ(t − rⱼ)
//	SAFFRON   min(λ, (1 − λ)(w₀γ(t − C₀) + b₀γ(t − r₁ − C₁) + α Σ γ(t − rⱼ − Cⱼ)))
//	LOND      α γ(t) (1 + rejections that are known)
//
// for test number t, with sums over j ≥ 2, rⱼ the number of tests that had started
// when the j-th rejection became known, and Cⱼ the tests after number rⱼ that have
// finished with p ≤ λ. AlphaSpending does not care. Each promises what it promises
// for Next if p-values are independent and durations do not depend on them; with
// p-values that depend on those of tests that ran at the same time, LORD and SAFFRON
// keep mFDR ≤ α.
//
// The error is an *InputError for the other methods, which have no such form here.
//
// Source: Zrnic, Ramdas & Jordan (2021), "Asynchronous online testing of multiple
// hypotheses", JMLR 22(33), §3 (LORD*, SAFFRON*, LOND*).
func (o *Online) Start() (Test, error) {
	o.ready()
	if err := input.First(
		input.Check(o.rule.asynchronous, "Options.Method", 0, string(o.options.Method)+" has no asynchronous form: use Next"), o.room()); err != nil {
		return Test{}, err
	}
	return o.start(), nil
}

// Finish ends a started test, named by its number, with p-value p in [0, 1]. Tests
// may finish in any order.
func (o *Online) Finish(number int, p float64) (Decision, error) {
	at, found := slices.BinarySearchFunc(o.s.Running, number, byNumber)
	if err := input.First(input.Check(found, "number", float64(number), "no test of this number is running"), checkP("p", p)); err != nil {
		return Decision{}, err
	}
	d, _ := o.finish(o.s.Running[at], p)
	return d, nil
}

// Running lists the tests that have started and not finished, in order of their start.
func (o *Online) Running() []Test { return slices.Clone(o.s.Running) }

func (o *Online) start() Test {
	t := Test{Number: o.s.Started + 1, Level: o.Level()}
	o.s.Running = append(o.s.Running, t)
	o.s.Started++
	o.s.Costly++
	o.known = false
	return t
}

// finish ends a running test and reports whether it cost level.
func (o *Online) finish(t Test, p float64) (d Decision, cost bool) {
	at, _ := slices.BinarySearchFunc(o.s.Running, t.Number, byNumber)
	o.s.Running = slices.Delete(o.s.Running, at, at+1)
	o.known = false
	d = Decision{Level: t.Level, Reject: p <= t.Level}
	cost = o.rule.costs(o.options, p, t.Level)
	if !cost {
		o.refund(t.Number)
	}
	if o.rule.pays {
		o.settle(t, d.Reject)
	}
	if d.Reject {
		o.reject(t.Number)
	}
	return d, cost
}

// settle takes a test's level from the wealth and credits it b₀: for its own
// rejection or, where that is late, for that of the test two places before. Test 0
// counts as rejected.
func (o *Online) settle(t Test, rejected bool) {
	o.s.Wealth -= t.Level
	if o.rule.late && t.Number > 1 {
		due := t.Number - 2
		rejected = due == o.s.Last || due == o.s.Before
	}
	if rejected {
		o.s.Wealth += o.options.Alpha - o.options.Wealth
	}
}

// refund takes back that a test counted as costly: in all, and for the rejections
// that became known while it ran.
func (o *Online) refund(number int) {
	o.s.Costly--
	for j := len(o.s.Rejections) - 1; j >= 0 && o.s.Rejections[j].Known >= number; j-- {
		o.s.Rejections[j].Costly--
	}
}

func (o *Online) reject(number int) {
	o.s.Rejected++
	switch {
	case o.rule.pays:
		if o.rule.late {
			o.s.Before = o.s.Last
		}
		o.s.AtLast, o.s.Last = o.s.Wealth, number
	case o.rule.remembers:
		o.remember(rejection{o.s.Started, o.s.Costly, 1})
	}
}

// remember adds a rejection to the last one where no test that counts as costly
// started between them. None runs that started there either, so a refund will find
// both or neither, and one count stands for both for ever.
func (o *Online) remember(r rejection) {
	if n := len(o.s.Rejections); n > 0 && o.s.Rejections[n-1].Costly == r.Costly {
		o.s.Rejections[n-1].Known = r.Known
		o.s.Rejections[n-1].Count++
		return
	}
	o.s.Rejections = append(o.s.Rejections, r)
}

func byNumber(t Test, number int) int { return t.Number - number }
