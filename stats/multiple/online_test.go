package multiple

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"pgregory.net/rapid"
)

var allMethods = []Method{LORD, LORD3, LORD3Late, LORDDiscard, LORDDep, SAFFRON, ADDIS, AlphaInvesting, LOND, AlphaSpending, ADDISSpending}

// TestPublishedStream: the 15 p-values of onlineFDR's documentation at α = 0.05.
func TestPublishedStream(t *testing.T) {
	ps := []float64{2.90e-08, .06743, .01514, .08174, .00171, 3.60e-05, .79149, .27201, .28295, 7.59e-08, .69274, .30443, .00136, .72342, .54757}
	for method, levels := range map[Method][]float64{
		LORD: {.0002675839, .0024664457, .0005732818, .0004872805, .0004059066, .0003447286, .0029745013, .0008450114,
			.0007305648, .0006243143, .0032185913, .0010617227, .0009256825, .0008019657, .0007059610},
		SAFFRON: {.005468627, .010937254, .010937254, .010937254, .010937254, .021874508, .032811762, .010823845,
			.010823845, .010823845, .021761099, .009265591, .009265591, .020202846, .009064367},
		ADDIS: {.002734314, .005468627, .005468627, .005468627, .005468627, .010937254, .016405881, .016405881,
			.005411923, .002828822, .008297449, .008297449, .003589243, .009057870, .009057870},
	} {
		rejected := map[Method][]int{LORD: {1, 6, 10}, SAFFRON: {1, 5, 6, 10, 13}, ADDIS: {1, 5, 6, 10, 13}}[method]
		o := assert.Must(NewOnline(Options{Method: method}))
		for i, p := range ps {
			d := assert.Must(o.Next(p))
			// LORD is printed to ten decimals, the others to nine.
			assert.Near(t, string(method), d.Level, levels[i], 6e-10)
			if d.Reject != slices.Contains(rejected, i+1) {
				t.Errorf("%s test %d: rejected %t", method, i+1, d.Reject)
			}
		}
	}
}

// TestLORD3ByHand: α = 0.05, w₀ = 0.005, b₀ = 0.045, rejections at tests 1 and 3.
func TestLORD3ByHand(t *testing.T) {
	o := assert.Must(NewOnline(Options{Method: LORD3}))
	g1, g2 := lordGamma(1), lordGamma(2)
	w1 := 0.005 - 0.005*g1 + 0.045
	w3 := w1 - w1*g1 - w1*g2 + 0.045
	for _, step := range []struct{ p, level float64 }{
		{0, 0.005 * g1}, {1, w1 * g1}, {0, w1 * g2}, {1, w3 * g1}, {1, w3 * g2},
	} {
		assert.Near(t, "level", assert.Must(o.Next(step.p)).Level, step.level, 1e-15)
	}
}

// TestLORD3Late: rejections at tests 1, 3, 4 and 6; test 1 is credited at once and
// again by test 3, test 2 for nothing, tests 3 and 4 by tests 5 and 6.
func TestLORD3Late(t *testing.T) {
	o := assert.Must(NewOnline(Options{Method: LORD3Late}))
	g1, g2 := lordGamma(1), lordGamma(2)
	w1 := 0.005 - 0.005*g1 + 0.045
	w3 := w1 - w1*g1 + 0.045 - w1*g2 + 0.045
	w4 := w3 - w3*g1
	w6 := w4 - w4*g1 + 0.045 - w4*g2 + 0.045
	for _, step := range []struct{ p, level float64 }{
		{0, 0.005 * g1}, {1, w1 * g1}, {0, w1 * g2}, {0, w3 * g1}, {1, w4 * g1}, {0, w4 * g2}, {1, w6 * g1}, {1, w6 * g2},
	} {
		assert.Near(t, "level", assert.Must(o.Next(step.p)).Level, step.level, 1e-15)
	}
}

// TestGammas: the spending sequences add up to at most 1. The published constant of
// LORD's leaves 2% unused.
func TestGammas(t *testing.T) {
	const n = 1 << 20
	var lord, power, dependent float64
	for i := float64(n); i >= 1; i-- {
		lord += lordGamma(i)
		power += powerGamma(i)
		dependent += dependentGamma(i) * (1 + math.Log(i))
	}
	x := n + 0.5
	// ∫ log x/(x e^√log x) = 2 e^−s (s³ + 3s² + 6s + 6), s = √log x.
	s := math.Sqrt(math.Log(x))
	lord += 0.07720838 * 2 * math.Exp(-s) * (s*s*s + 3*s*s + 6*s + 6)
	power += 0.4374901658 * math.Pow(x, -0.6) / 0.6
	dependent += 0.139307 * (1/(2*s*s*s*s) + 1/(s*s))
	assert.Near(t, "LORD", lord, 0.976308, 1e-6)
	assert.Near(t, "power", power, 1, 1e-8)
	assert.Near(t, "dependent", dependent, 1, 1e-5)
}

// drawP is mostly an interesting p-value: at or near the levels and thresholds.
func drawP(t *rapid.T) float64 {
	return rapid.OneOf(rapid.SampledFrom([]float64{0, 1e-9, 1e-4, 0.25, 0.5, 1}), rapid.Float64Range(0, 0.02), rapid.Float64Range(0, 1)).Draw(t, "p")
}

func drawOptions(t *rapid.T, methods []Method) Options {
	o := Options{Method: rapid.SampledFrom(methods).Draw(t, "method"), Alpha: rapid.Float64Range(0.001, 0.5).Draw(t, "alpha")}
	if rapid.Bool().Draw(t, "own constants") {
		r := rules[o.Method]
		if r.wealth > 0 {
			o.Wealth = o.Alpha * rapid.Float64Range(0.01, 0.3).Draw(t, "wealth")
		}
		if r.lambda > 0 {
			o.Lambda = rapid.Float64Range(0.01, 0.4).Draw(t, "lambda")
		}
		if r.tau > 0 {
			o.Tau = rapid.Float64Range(0.41, 1).Draw(t, "tau")
		}
	}
	return o
}

// TestOnlineResumes: stored and read back after any test, a stream goes on to the bit.
func TestOnlineResumes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := assert.Must(NewOnline(drawOptions(t, allMethods)))
		for range rapid.IntRange(1, 60).Draw(t, "tests") {
			if o.rule.asynchronous && rapid.Bool().Draw(t, "start") {
				assert.Must(o.Start())
			}
			if running := o.Running(); len(running) > 0 && rapid.Bool().Draw(t, "finish") {
				assert.Must(o.Finish(rapid.SampledFrom(running).Draw(t, "which").Number, drawP(t)))
			}
			text := assert.Must(json.Marshal(o))
			var back Online
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if o.Level() != back.Level() {
				t.Fatalf("level %g, after reading %g: %s", o.Level(), back.Level(), text)
			}
			p, level := drawP(t), o.Level()
			d, again := assert.Must(o.Next(p)), assert.Must(back.Next(p))
			if d != again || d.Level != level {
				t.Fatalf("%+v at level %g, resumed %+v", d, level, again)
			}
			if a, b := string(assert.Must(json.Marshal(o))), string(assert.Must(json.Marshal(&back))); a != b {
				t.Fatalf("states differ:\n%s\n%s", a, b)
			}
		}
	})
}

// TestBudget: what the levels of the costly tests could have given in false
// discoveries never exceeds α times the discoveries, the invariant that the proofs
// of FDR control rest on; running tests count as costly.
func TestBudget(t *testing.T) {
	scale := func(o Options, level float64) float64 {
		switch o.Method {
		case LORDDiscard:
			return level / o.Tau
		case SAFFRON:
			return level / (1 - o.Lambda)
		case ADDIS, ADDISSpending:
			return level / (o.Tau - o.Lambda)
		case AlphaInvesting:
			return level / (1 - level)
		}
		return level
	}
	rapid.Check(t, func(t *rapid.T) {
		o := assert.Must(NewOnline(drawOptions(t, []Method{LORD, LORDDiscard, SAFFRON, ADDIS, AlphaInvesting, AlphaSpending, ADDISSpending})))
		options, spent, rejected := o.Options(), 0.0, 0
		running := map[int]float64{}
		finish := func(number int, p float64) {
			d := assert.Must(o.Finish(number, p))
			if d.Reject {
				rejected++
			}
			if o.rule.costs(options, p, d.Level) {
				spent += scale(options, d.Level)
			}
			delete(running, number)
		}
		for range rapid.IntRange(1, 80).Draw(t, "tests") {
			number := o.start().Number
			running[number] = o.s.Running[len(o.s.Running)-1].Level
			if !o.rule.asynchronous || rapid.Bool().Draw(t, "at once") {
				finish(number, drawP(t))
			} else if rapid.Bool().Draw(t, "finish another") {
				finish(rapid.SampledFrom(o.Running()).Draw(t, "which").Number, drawP(t))
			}
			risk := spent
			for _, level := range running {
				risk += scale(options, level)
			}
			discoveries := float64(max(1, rejected))
			if options.Method == AlphaSpending || options.Method == ADDISSpending {
				discoveries = 1
			}
			if risk > options.Alpha*discoveries*(1+1e-9) {
				t.Fatalf("spent %g of %g × %g", risk, options.Alpha, discoveries)
			}
		}
	})
}

func TestOnlineLevelIsUsed(t *testing.T) {
	for _, method := range allMethods {
		o := assert.Must(NewOnline(Options{Method: method}))
		rng := rand.New(rand.NewPCG(8, 1))
		for range 300 {
			level := o.Level()
			if !(level > 0 && level < 1) {
				t.Fatalf("%s: level %g", method, level)
			}
			// Exactly at the level is a rejection, just above it is none.
			p := level
			if above := rng.IntN(4) > 0; above {
				p = math.Nextafter(level, 1)
			}
			if d := assert.Must(o.Next(p)); d.Reject != (p == level) || d.Level != level {
				t.Fatalf("%s: p = %g at level %g: %+v", method, p, level, d)
			}
		}
	}
}

// TestOnlineStaysSmall: a run of discoveries without a test that costs is one term.
func TestOnlineStaysSmall(t *testing.T) {
	for method, costly := range map[Method]float64{SAFFRON: 0.6, ADDIS: 0.4, AlphaInvesting: 0.4} {
		o := assert.Must(NewOnline(Options{Method: method}))
		for i := range 1000 {
			p := 0.0
			if i%100 == 50 {
				p = costly
			}
			assert.Must(o.Next(p))
		}
		if n := len(o.s.Rejections); o.s.Rejected < 980 || n > 11 {
			t.Errorf("%s: %d rejections in %d terms", method, o.s.Rejected, n)
		}
	}
}

func TestOnlineRefuses(t *testing.T) {
	for field, o := range map[string]Options{
		"Method": {Method: "LORD"}, "Alpha": {Alpha: 1}, "Wealth": {Wealth: 0.06},
		"Lambda": {Method: ADDIS, Lambda: 0.6}, "Tau": {Method: ADDIS, Tau: 1.1},
	} {
		_, err := NewOnline(o)
		assert.Field(t, err, field)
	}
	for field, o := range map[string]Options{
		"Wealth": {Method: LOND, Wealth: 0.01}, "Lambda": {Lambda: 0.5}, "Tau": {Method: SAFFRON, Tau: 0.5},
	} {
		_, err := NewOnline(o)
		assert.Field(t, err, field)
	}
	for _, method := range []Method{LORDDiscard, LORDDep} {
		_, err := NewOnline(Options{Method: method, Wealth: 0.03})
		assert.Field(t, err, "Wealth")
	}

	o := assert.Must(NewOnline(Options{Method: ADDIS}))
	level := o.Level()
	_, err := o.Next(math.NaN())
	assert.Field(t, err, "p")
	_, err = o.Start()
	assert.Field(t, err, "Options.Method")
	_, err = o.Finish(1, 0.5)
	assert.Field(t, err, "number")
	if o.Level() != level || o.s.Started != 0 {
		t.Error("a refused p-value changed the stream")
	}
}

// TestOnlineZeroValue is a stream at the defaults, and one that is a plain field is stored.
func TestOnlineZeroValue(t *testing.T) {
	type service struct{ Tests Online }
	var s service
	fresh := assert.Must(NewOnline(Options{}))
	for _, p := range []float64{1e-9, 0.3, 0.002} {
		if d := assert.Must(s.Tests.Next(p)); d != assert.Must(fresh.Next(p)) {
			t.Errorf("%+v", d)
		}
		var back service
		if err := json.Unmarshal(assert.Must(json.Marshal(s)), &back); err != nil || back.Tests.Level() != fresh.Level() {
			t.Errorf("%v: read back with level %g, want %g", err, back.Tests.Level(), fresh.Level())
		}
	}
	_, err := new(Online).Finish(1, 0.5)
	assert.Field(t, err, "number")
	if got := new(Online).Options(); got.Method != LORD || len(new(Online).Running()) != 0 || new(Online).Level() == 0 {
		t.Errorf("%+v", got)
	}
	if text := assert.Must(json.Marshal(Online{})); string(text) != `{"options":{"method":"LORD++","alpha":0.05,"wealth":0.005},"state":{"started":0,"rejected":0,"costly":0}}` {
		t.Errorf("%s", text)
	}
}

// TestReadRefuses: states that no stream is ever in.
func TestReadRefuses(t *testing.T) {
	for text, field := range map[string]string{
		`{"options":{"method":"SAFFRON","lambda":7}}`:                                                                                      "Lambda",
		`{"state":{"started":-1}}`:                                                                                                         "state.Started",
		`{"state":{"started":2,"costly":2,"rejected":3}}`:                                                                                  "state.Rejected",
		`{"state":{"started":2,"costly":3}}`:                                                                                               "state.Costly",
		`{"state":{"started":2,"costly":2,"rejected":1}}`:                                                                                  "state.Rejections",
		`{"state":{"started":2,"costly":2,"rejected":1,"rejections":[{"known":3,"costly":1,"count":1}]}}`:                                  "state.Rejections[0]",
		`{"state":{"started":2,"costly":2,"wealth":1}}`:                                                                                    "state.Wealth",
		`{"state":{"started":2,"costly":2,"running":[{"number":2,"level":0.1},{"number":1,"level":0.1}]}}`:                                 "state.Running[1]",
		`{"options":{"method":"ADDIS"},"state":{"started":1,"costly":1,"running":[{"number":1,"level":0.1}]}}`:                             "len(state.Running)",
		`{"options":{"method":"LORD3"},"state":{"started":1,"costly":1,"rejected":1,"wealth":0,"at_last":-1}}`:                             "state.AtLast",
		`{"options":{"method":"LORD3"},"state":{"started":3,"costly":3,"rejected":2,"last":3,"before":1}}`:                                 "state.Before",
		`{"options":{"method":"LORD3_late"},"state":{"started":3,"costly":3,"rejected":2,"last":3,"before":3}}`:                            "state.Before",
		`{"state":{"started":2,"costly":2,"rejected":1,"rejections":[{"known":1,"costly":1,"count":1},{"known":1,"costly":1,"count":1}]}}`: "state.Rejections[1]",
	} {
		var o Online
		assert.Field(t, json.Unmarshal([]byte(text), &o), field)
	}
	if err := json.Unmarshal([]byte(`{"state":{"started":"many"}}`), new(Online)); err == nil {
		t.Error("text as a count was read")
	}
}
