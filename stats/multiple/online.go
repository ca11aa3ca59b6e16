package multiple

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Online gives the tests of an endless stream their levels, one after the other,
// so that false discoveries stay below Options.Alpha at whatever point one stops.
// A level depends on earlier decisions only and is known before its test starts.
//
// It is made by NewOnline; the zero value is a stream at the default options. Its
// JSON form is its whole state: what was stored and read back continues the same
// stream, to the bit. A copy by assignment shares memory with the original; use the
// JSON form for one that does not. It is not safe for concurrent use.
//
// A step costs O(1) for LORD3, LORD3Late, LORDDep, LOND and the spending methods. For
// the others it is one term for each rejection since the first at most: a microsecond
// for a thousand rejections. The adaptive ones (SAFFRON, ADDIS, AlphaInvesting) keep
// fewer terms, one for each run of rejections without a test that cost level in
// between, and reuse the level where nothing changed. The state grows by the
// same terms.
type Online struct {
	options Options
	rule    rule
	s       state
	gammas  []float64 // γ₁, γ₂ … as far as they were needed
	next    float64   // level of the next test, where known
	known   bool
}

// state is all that the next level depends on.
type state struct {
	Started    int         `json:"started"`              // tests started
	Rejected   int         `json:"rejected"`             // hypotheses rejected
	Costly     int         `json:"costly"`               // started tests that count towards γ's index
	Rejections []rejection `json:"rejections,omitempty"` // of the methods with a decaying memory
	Last       int         `json:"last,omitempty"`       // number of the last rejected test, where levels depend on it
	Before     int         `json:"before,omitempty"`     // number of the one rejected before it, of LORD3Late
	Wealth     float64     `json:"wealth,omitempty"`     // of LORD3, LORD3Late and LORDDep: what is left
	AtLast     float64     `json:"at_last,omitempty"`    // and what was there after the last rejection
	Running    []Test      `json:"running,omitempty"`    // in order of their start
}

// rejection pays level back to later tests: γ of 1 + the costly tests since.
type rejection struct {
	Known  int `json:"known"`  // tests started when it became known
	Costly int `json:"costly"` // costly tests up to then
	Count  int `json:"count"`  // rejections that agree in this
}

// Decision is the outcome of one test of the stream.
type Decision struct {
	Level  float64 `json:"level"`  // the test's level αᵢ, fixed when it started
	Reject bool    `json:"reject"` // p ≤ αᵢ: a discovery
}

// NewOnline starts a stream by a Method, at whose name its levels, promise and source
// stand. The error is an *InputError naming the field of Options.
func NewOnline(o Options) (*Online, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	return &Online{options: o, rule: rules[o.Method], s: initial(o)}, nil
}

// ready makes the zero value a stream at the defaults.
func (o *Online) ready() {
	if o.rule.level == nil {
		options, _ := Options{}.filled() // the defaults are valid
		*o = Online{options: options, rule: rules[options.Method], s: initial(options)}
	}
}

func initial(o Options) state {
	if rules[o.Method].pays {
		return state{Wealth: o.Wealth, AtLast: o.Wealth}
	}
	return state{}
}

// Options returns the options of the stream, defaults filled in.
func (o *Online) Options() Options {
	o.ready()
	return o.options
}

// Level returns the level that the next test will get if it starts now. With
// γ the method's spending sequence, w₀ the initial wealth and b₀ = α − w₀:
//
//	LORD, LORDDiscard, SAFFRON, ADDIS  min(cap, c (w₀γ(n₀) + b₀γ(n₁) + α Σ γ(nⱼ), j ≥ 2))
//	AlphaInvesting                     a/(1 + a), a the same sum with c = 1
//	LORD3                              γ(i − t) W(t), t the last rejected test, W(i) = W(i−1) − αᵢ + b₀Rᵢ
//	LORD3Late                          the same with W(i) = W(i−1) − αᵢ + b₀Rᵢ₋₂ from i = 2 on, and R₀ = 1
//	LORDDep                            γ(i) W(t)
//	LOND                               α γ(i) (1 + rejections)
//	AlphaSpending                      α γ(i)
//	ADDISSpending                      α (τ − λ) γ(n₀)
//
// where nⱼ is 1 + the tests since rejection j (n₀: since the start) that cost:
// all for LORD; p ≤ τ for LORDDiscard; p > λ for SAFFRON; λ < p ≤ τ for ADDIS and
// ADDISSpending; those not rejected for AlphaInvesting. (c, cap) is (1, none),
// for LORDDiscard (1, τ) with α replaced by τα, for SAFFRON (1 − λ, λ), for ADDIS
// (τ − λ, λ). γ(i) is i^−1.6/ζ(1.6) for the adaptive methods and ADDISSpending,
// 0.139307/(i log³ max(i, 2)) for LORDDep, and otherwise
// 0.07720838 log(max(i, 2))/(i e^√(log i)).
//
// Source: see the methods; the same as Bioconductor's onlineFDR 2.19.1, whose LORD
// version 3 is LORD3Late: the loop of its lord.cpp adds R[i-1] where its own version
// "dep", and its manual, have R[i+1]. So a rejection is credited two tests late, and
// test 2 for nothing.
func (o *Online) Level() float64 {
	o.ready()
	if !o.known {
		o.next, o.known = o.rule.level(o), true
	}
	return o.next
}

// Next runs the next test at Level: it is started and finished with p-value p at
// once. The error is an *InputError for a p outside [0, 1]; the stream is then as
// it was.
func (o *Online) Next(p float64) (Decision, error) {
	o.ready()
	if err := input.First(checkP("p", p), o.room()); err != nil {
		return Decision{}, err
	}
	d, cost := o.finish(o.start(), p)
	// A test that neither cost nor rejected leaves the level as it was; those that
	// depend on the count of tests have methods whose tests all cost.
	o.next, o.known = d.Level, !cost && !d.Reject
	return d, nil
}

// decaying is the level of the methods with a decaying memory.
func (o *Online) decaying() float64 {
	alpha, scale, highest := o.options.Alpha, 1.0, 1.0
	switch o.options.Method {
	case LORDDiscard:
		alpha, highest = o.options.Tau*alpha, o.options.Tau
	case SAFFRON:
		scale, highest = 1-o.options.Lambda, o.options.Lambda
	case ADDIS:
		scale, highest = o.options.Tau-o.options.Lambda, o.options.Lambda
	}
	return min(highest, scale*o.memory(alpha))
}

func (o *Online) invested() float64 {
	a := o.memory(o.options.Alpha)
	return a / (1 + a)
}

// memory is w₀γ(n₀) + (α − w₀)γ(n₁) + α Σ γ(nⱼ), j ≥ 2.
func (o *Online) memory(alpha float64) float64 {
	sum := o.options.Wealth * o.gamma(1+o.s.Costly)
	for j, r := range o.s.Rejections {
		paid := alpha * float64(r.Count)
		if j == 0 {
			paid -= o.options.Wealth
		}
		sum += paid * o.gamma(1+o.s.Costly-r.Costly)
	}
	return sum
}

func (o *Online) recent() float64 { return o.gamma(1+o.s.Started-o.s.Last) * max(0, o.s.AtLast) }

func (o *Online) dependent() float64 {
	return o.gamma(1+o.s.Started) * max(0, o.s.AtLast)
}

func (o *Online) discoveries() float64 { return o.spending() * float64(1+o.s.Rejected) }

func (o *Online) spending() float64 {
	if o.options.Method == ADDISSpending {
		return o.options.Alpha * (o.options.Tau - o.options.Lambda) * o.gamma(1+o.s.Costly)
	}
	return o.options.Alpha * o.gamma(1+o.s.Started)
}

// gamma is γᵢ, the first ones from a table that grows with the stream.
func (o *Online) gamma(i int) float64 {
	const longest = 1 << 16
	if i > longest {
		return o.rule.gamma(float64(i))
	}
	for len(o.gammas) < i {
		o.gammas = append(o.gammas, o.rule.gamma(float64(len(o.gammas)+1)))
	}
	return o.gammas[i-1]
}

// room is an error where the stream is at its end: counts beyond it are no longer
// distinct, and so many tests were never run.
func (o *Online) room() error {
	return input.Check(o.s.Started < math.MaxInt32, "Started", float64(o.s.Started), "a stream ends after 2³¹ − 1 tests")
}
