package reach

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/solve"
)

// Model is the shape of a curve, in terms of day d ≥ 0 (1 is the end of the first
// day). The empty one lets Fit choose.
type Model string

const (
	// BetaBinomial: each of Scale users visits on a day with its own probability
	// p ~ Beta(A, B), independently from day to day. By day d a user has come with
	// probability 1 − E(1 − p)ᵈ:
	//
	//	users(d) = Scale (1 − B(A, B + d)/B(A, B))
	//
	// Sources: the beta-binomial of audiences, Metheringham (1964), Journal of
	// Advertising Research 4(4):23–28; the day of a first event is the (shifted)
	// beta-geometric of Fader & Hardie (2007), "How to Project Customer
	// Retention", Journal of Interactive Marketing 21:76–90.
	BetaBinomial Model = "beta_binomial"
	// Geometric: the same with one probability Visit for all: users(d) = Scale (1 − (1 − Visit)ᵈ).
	Geometric Model = "geometric"
	// Power: users(d) = Scale dᵉ with 0 ≤ e = Exponent < 1, without an end.
	Power Model = "power"
	// Line: users(d) = Scale d, new users every day. It is what a constant rate
	// says, and right only where nobody comes back.
	Line Model = "line"
)

// Curve is the number of different users seen by a day. The zero value is no
// curve: Check refuses it. Fit, Weekly or a JSON of either make one; methods
// answer for any curve that Check accepts.
type Curve struct {
	Model    Model   `json:"model"`
	Scale    float64 `json:"scale"`              // users who would ever come (BetaBinomial, Geometric), or users of day 1 (Power, Line)
	A        float64 `json:"a,omitempty"`        // BetaBinomial: of Beta(A, B), in visits; both above 0
	B        float64 `json:"b,omitempty"`        // BetaBinomial
	Visit    float64 `json:"visit,omitempty"`    // Geometric: probability of a visit on a day, in (0, 1)
	Exponent float64 `json:"exponent,omitempty"` // Power: in [0, 1)
	Fit      Report  `json:"fit,omitzero"`       // of what it was fitted to; zero for a stated curve
}

// Report says how far a curve is to be trusted.
type Report struct {
	Points int     `json:"points"` // how many it was fitted to
	Days   float64 `json:"days"`   // the last of their days
	// Error is the root mean square of the fitted users' relative errors at the points.
	Error float64 `json:"error"`
	// Ahead is the relative error at the last point of the same model fitted only to
	// the points of the first half of the days: how good its forecast at twice the days
	// was. 0 where that half has too few points.
	Ahead    float64  `json:"ahead"`
	Warnings []string `json:"warnings,omitempty"`
}

// Check reports, as an *InputError, the field that makes no curve.
func (c Curve) Check() error {
	err := input.Positive("Scale", c.Scale)
	if err != nil {
		return err
	}
	switch c.Model {
	case BetaBinomial:
		return input.First(input.Check(c.A >= minShape && c.A <= maxShape, "A", c.A, "must lie between 1e-6 and 1e9"),
			input.Check(c.B >= minShape && c.B <= maxShape, "B", c.B, "must lie between 1e-6 and 1e9"))
	case Geometric:
		return input.Fraction("Visit", c.Visit)
	case Power:
		return input.Check(c.Exponent >= 0 && c.Exponent < 1, "Exponent", c.Exponent, "must be 0 or above, below 1; a line has exponent 1")
	case Line:
		return nil
	}
	return input.Check(false, "Model", 0, "must be beta_binomial, geometric, power or line")
}

const minShape, maxShape = 1e-6, 1e9

// Users returns the expected number of different users by the end of a day,
// which need not be whole. It is NaN exactly if Check reports an error or the day is
// negative or no finite number up to 1e40.
func (c Curve) Users(day float64) float64 {
	if c.Check() != nil || input.NonNegative("day", day) != nil {
		return math.NaN()
	}
	return c.Scale * c.growth(day)
}

// growth is users per Scale.
func (c Curve) growth(day float64) float64 {
	switch c.Model {
	case BetaBinomial:
		return -math.Expm1(logUnseen(c.A, c.B, day))
	case Geometric:
		return -math.Expm1(day * math.Log1p(-c.Visit))
	case Power:
		return math.Pow(day, c.Exponent)
	}
	return day
}

// logUnseen is log B(a, b + d)/B(a, b), without the logarithms of huge gamma
// functions whose difference would lose all digits where few users are seen.
// Steps up in b,
//
//	B(a, b + d)/B(a, b) = B(a, b + 1 + d)/B(a, b + 1) · b(a + b + d)/((b + d)(a + b))
//
// lead to where Stirling's series is exact to 2e-13; there a and d can change
// places, and the smaller one multiplies the logarithms.
func logUnseen(a, b, d float64) float64 {
	steps := 0.0
	for ; b < 12; b++ {
		if less := a / (a + b) * (d / (b + d)); less < 0.5 {
			steps += math.Log1p(-less)
		} else {
			steps += math.Log(b/(b+d)) + math.Log((a+b+d)/(a+b))
		}
	}
	small, large := min(a, d), max(a, d)
	tail := stirling(b+small) - stirling(b) - stirling(b+large+small) + stirling(b+large)
	return min(0, steps+tail-small*math.Log1p(large/(b+small))-math.Log1p(small/b*(large/(b+large+small)))/2+
		b*log1pLess(small/b)-(b+large)*log1pLess(small/(b+large)))
}

// stirling is log Γ(x) without (x − ½) log x − x + ½ log 2π.
func stirling(x float64) float64 {
	y := 1 / (x * x)
	return (1 - y*(1.0/30-y*(1.0/105-y/140))) / (12 * x)
}

// log1pLess is log(1 + u) − u, for small u by 2 artanh(r) with r = u/(2 + u).
func log1pLess(u float64) float64 {
	if u > 0.1 {
		return math.Log1p(u) - u
	}
	r := u / (2 + u)
	y := r * r
	return r * (2*y*(1.0/3+y*(1.0/5+y*(1.0/7+y*(1.0/9+y*(1.0/11+y/13))))) - u)
}

// lastDay is the end of all searches: no test waits longer.
const lastDay = 1e9

// Day returns the first day by which so many users were seen, a fraction of a day
// included; false if that never happens, or not within 1e9 days, or if the curve
// or the number is invalid (Check; users below 0 or NaN).
func (c Curve) Day(users float64) (float64, bool) {
	if c.Check() != nil || !(users >= 0) || users > c.Scale*c.growth(lastDay) {
		return 0, false
	}
	share := users / c.Scale
	switch {
	case share <= c.growth(0): // at once
		return 0, true
	case c.Model == Line:
		return share, true
	case c.Model == Power:
		return min(math.Pow(share, 1/c.Exponent), lastDay), true
	case c.Model == Geometric && share < 1:
		return min(math.Log1p(-share)/math.Log1p(-c.Visit), lastDay), true
	}
	// Days span nine powers of ten, so the root is sought by ratios.
	high := 1.0
	for high < lastDay && c.growth(high) < share {
		high *= 4
	}
	low := 0.0
	if high > 1 {
		low = high / 4
	}
	day := solve.Root(low, min(high, lastDay), 0, func(d float64) float64 { return c.growth(d) - share })
	return day, !math.IsNaN(day)
}

// Extrapolated reports whether a day lies beyond twice the days that the curve was
// fitted to. A stated curve (Weekly) has no such days, and never says so.
func (c Curve) Extrapolated(day float64) bool { return c.Fit.Days > 0 && day > 2*c.Fit.Days }
