package multiple

import (
	"cmp"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Method is a rule that gives the tests of an endless stream their levels.
type Method string

// The methods of Online, with what they promise. "Independent" is said of the
// p-values of true nulls: of each other and of the rest. Where that fails because
// tests share users or time, use LORDDep, LOND (PRDS) or AlphaSpending.
const (
	// LORD (LORD++) has FDR ≤ α at all times for independent p-values; mFDR ≤ α if
	// each true null is valid given the past. Ramdas, Yang, Wainwright & Jordan (2017), NeurIPS.
	LORD Method = "LORD++"
	// LORD3 is shown to hold FDR in simulations only. Javanmard & Montanari (2018),
	// Annals of Statistics 46:526–554.
	LORD3 Method = "LORD3"
	// LORD3Late is LORD3 as Bioconductor's onlineFDR 2.19.1 computes it, which credits
	// a rejection two tests late. It promises less than LORD3: use it only to reproduce
	// that package's levels.
	LORD3Late Method = "LORD3_late"
	// LORDDiscard is LORD++ that skips p > τ; FDR ≤ α for independent p-values whose
	// true nulls are uniform or more conservative. Tian & Ramdas (2019), NeurIPS.
	LORDDiscard Method = "LORD_discard"
	// LORDDep has FDR ≤ α under any dependence. Javanmard & Montanari (2018), §3.3.
	LORDDep Method = "LORD_dep"
	// SAFFRON has FDR ≤ α for independent p-values; it spends level on p > λ only, as
	// these tell the share of true nulls. Ramdas, Zrnic, Wainwright & Jordan (2018), ICML.
	SAFFRON Method = "SAFFRON"
	// ADDIS is SAFFRON that also skips p > τ; FDR ≤ α as LORDDiscard. Tian & Ramdas (2019).
	ADDIS Method = "ADDIS"
	// AlphaInvesting is SAFFRON with λ equal to each test's own level; FDR ≤ α for
	// independent p-values. Ramdas et al. (2018), after Foster & Stine (2008).
	AlphaInvesting Method = "Alpha_investing"
	// LOND has FDR ≤ α for independent or positively dependent (PRDS) p-values.
	// Javanmard & Montanari (2018); Zrnic, Ramdas & Jordan (2021) for PRDS.
	LOND Method = "LOND"
	// AlphaSpending has FWER ≤ α under any dependence. Foster & Stine (2008).
	AlphaSpending Method = "Alpha_spending"
	// ADDISSpending has FWER ≤ α for independent p-values, uniform or more
	// conservative under true nulls. Tian & Ramdas (2021), SMMR 30:976–993.
	ADDISSpending Method = "ADDIS_spending"
)

// Options chooses an online method and its constants.
type Options struct {
	Method Method  `json:"method"` // empty means LORD
	Alpha  float64 `json:"alpha"`  // the level promised, in (0, 1); zero means 0.05
	// Wealth is the initial wealth w₀ in (0, α), what may be spent before the first
	// rejection; zero means α/10 for the LORD methods and α/2 for SAFFRON, ADDIS and
	// AlphaInvesting. LORDDiscard wants w₀ ≤ τα, LORDDep w₀ ≤ α/2. LOND and the two
	// spending methods have none.
	Wealth float64 `json:"wealth,omitempty"`
	// Lambda is λ in (0, 1): a p-value up to it is a candidate, which costs nothing.
	// Zero means 0.5 for SAFFRON, 0.25 for ADDIS and ADDISSpending, where λ < τ.
	Lambda float64 `json:"lambda,omitempty"`
	// Tau is τ in (0, 1]: a p-value above it is discarded. Zero means 0.5; for
	// LORDDiscard, ADDIS and ADDISSpending.
	Tau float64 `json:"tau,omitempty"`
}

// rule is what tells the methods apart.
type rule struct {
	gamma        func(i float64) float64 // spending sequence γ, i ≥ 1
	wealth       float64                 // α over the default w₀; 0: the method has none
	lambda, tau  float64                 // defaults; 0: the method has none
	asynchronous bool                    // levels are defined while other tests run
	remembers    bool                    // each rejection pays level back, for ever
	pays         bool                    // levels are a share of the wealth at the last rejection
	late         bool                    // of these: a rejection is credited two tests late
	level        func(o *Online) float64
	costs        func(o Options, p, level float64) bool // whether the test counts towards γ's index
}

var rules = map[Method]rule{
	LORD: {gamma: lordGamma, wealth: 10, asynchronous: true, remembers: true,
		level: (*Online).decaying, costs: always},
	LORDDiscard: {gamma: lordGamma, wealth: 10, tau: 0.5, remembers: true,
		level: (*Online).decaying, costs: upToTau},
	SAFFRON: {gamma: powerGamma, wealth: 2, lambda: 0.5, asynchronous: true, remembers: true,
		level: (*Online).decaying, costs: aboveLambda},
	ADDIS: {gamma: powerGamma, wealth: 2, lambda: 0.25, tau: 0.5, remembers: true,
		level: (*Online).decaying, costs: between},
	AlphaInvesting: {gamma: powerGamma, wealth: 2, remembers: true,
		level: (*Online).invested, costs: aboveLevel},
	LORD3:         {gamma: lordGamma, wealth: 10, pays: true, level: (*Online).recent, costs: always},
	LORD3Late:     {gamma: lordGamma, wealth: 10, pays: true, late: true, level: (*Online).recent, costs: always},
	LORDDep:       {gamma: dependentGamma, wealth: 10, pays: true, level: (*Online).dependent, costs: always},
	LOND:          {gamma: lordGamma, asynchronous: true, level: (*Online).discoveries, costs: always},
	AlphaSpending: {gamma: lordGamma, asynchronous: true, level: (*Online).spending, costs: always},
	ADDISSpending: {gamma: powerGamma, lambda: 0.25, tau: 0.5, level: (*Online).spending, costs: between},
}

func always(Options, float64, float64) bool       { return true }
func upToTau(o Options, p, _ float64) bool        { return p <= o.Tau }
func aboveLambda(o Options, p, _ float64) bool    { return p > o.Lambda }
func between(o Options, p, _ float64) bool        { return p > o.Lambda && p <= o.Tau }
func aboveLevel(_ Options, p, level float64) bool { return p > level }

// lordGamma is 0.07720838 log(max(i, 2))/(i e^√(log i)), Javanmard & Montanari (2018), eq. 31.
func lordGamma(i float64) float64 {
	return 0.07720838 * math.Log(max(i, 2)) / (i * math.Exp(math.Sqrt(math.Log(i))))
}

// powerGamma is i^−1.6/ζ(1.6).
func powerGamma(i float64) float64 { return 0.4374901658 / math.Pow(i, 1.6) }

// dependentGamma has Σ γᵢ(1 + log i) ≤ 1; any up to α/b₀ > 1 would do. Javanmard &
// Montanari (2018), example 3.8.
func dependentGamma(i float64) float64 {
	l := math.Log(max(i, 2))
	return 0.139307 / (i * l * l * l)
}

// filled returns the options with defaults, and refuses what the method cannot use.
func (o Options) filled() (Options, error) {
	if o.Method == "" {
		o.Method = LORD
	}
	r, known := rules[o.Method]
	o.Alpha = cmp.Or(o.Alpha, 0.05)
	if err := input.First(input.Check(known, "Method", 0, "no known method: "+string(o.Method)), input.Fraction("Alpha", o.Alpha)); err != nil {
		return Options{}, err
	}
	if r.wealth > 0 && o.Wealth == 0 {
		o.Wealth = o.Alpha / r.wealth
	}
	if r.lambda > 0 {
		o.Lambda = cmp.Or(o.Lambda, r.lambda)
	}
	if r.tau > 0 {
		o.Tau = cmp.Or(o.Tau, r.tau)
	}
	return o, o.check(r)
}

func (o Options) check(r rule) error {
	none := "this method has none: leave it at 0"
	return input.First(
		input.Check(r.wealth > 0 || o.Wealth == 0, "Wealth", o.Wealth, none),
		input.Check(r.wealth == 0 || o.Wealth > 0 && o.Wealth < o.Alpha, "Wealth", o.Wealth, "must lie strictly between 0 and Alpha"),
		input.Check(o.Method != LORDDiscard || o.Wealth <= o.Tau*o.Alpha, "Wealth", o.Wealth, "must be at most Tau·Alpha"),
		input.Check(o.Method != LORDDep || o.Wealth <= o.Alpha/2, "Wealth", o.Wealth, "must be at most Alpha/2"),
		input.Check(r.lambda > 0 || o.Lambda == 0, "Lambda", o.Lambda, none),
		input.Check(r.lambda == 0 || o.Lambda > 0 && o.Lambda < 1, "Lambda", o.Lambda, "must lie strictly between 0 and 1"),
		input.Check(r.tau > 0 || o.Tau == 0, "Tau", o.Tau, none),
		input.Check(r.tau == 0 || o.Tau > 0 && o.Tau <= 1, "Tau", o.Tau, "must lie above 0, at most 1"),
		input.Check(r.lambda == 0 || r.tau == 0 || o.Lambda < o.Tau, "Lambda", o.Lambda, "must be below Tau"),
	)
}
