package effect

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Robust names a heteroskedasticity-consistent variance by the weight of each
// squared residual.
type Robust string

const (
	HC2 Robust = "HC2" // e²/(1 − h): the usual choice for Lin
	HC0 Robust = "HC0" // e²
	HC1 Robust = "HC1" // e² n/(n − k), k coefficients
	HC3 Robust = "HC3" // e²/(1 − h)²
)

// SecondPass adds up, over the same users as the moments of an OLS or Lin
// adjustment, what its robust standard errors need. Every adjusted mean is a
// weighted sum of outcomes, Σℓᵢyᵢ, whose robust variance is Σℓᵢ²eᵢ² with HC's
// weights. For a user of arm a, with u = x − Centre of the arm,
//
//	e = y − Mean − Slopes·u             residual
//	h = 1/N + u′ Inverse u              leverage
//	ℓ = 1/N·[own arm] − Weights·u       weight in the adjusted mean of an arm
//
// where Centre, Slopes, Inverse and both Weights hold 0 for dropped covariates. A query
// can compute the same: SELECT sum(l*l*e*e/(1-h)) per arm, with these numbers as
// parameters. In Go, Add each user, or Merge passes over parts; then Adjusted.
//
// Source: MacKinnon & White (1985), Journal of Econometrics 29:305–325.
type SecondPass struct {
	Treatment Line `json:"treatment"`
	Control   Line `json:"control"`

	adjusted Adjusted
	seen     [2]int
	squares  [2]float64    // Σe²
	sums     [3][3]float64 // per power k of 1/(1 − h): Σℓₜ²e², Σℓ_c²e², Σℓₜℓ_ce²
	full     int           // users with leverage 1
}

// Line is what the second pass needs to know of one arm.
type Line struct {
	N                int         `json:"n"`
	Mean             float64     `json:"mean"`   // of y
	Centre           []float64   `json:"centre"` // means of the covariates
	Slopes           []float64   `json:"slopes"`
	Inverse          [][]float64 `json:"inverse"`           // of the sums of products of the covariates
	TreatmentWeights []float64   `json:"treatment_weights"` // of u in the adjusted mean of the treatment
	ControlWeights   []float64   `json:"control_weights"`   // of u in that of the control
}

// SecondPass starts the second pass of an OLS or Lin adjustment that Adjust
// returned. CUPED has none: its standard error is robust as it is.
func (a Adjusted) SecondPass() (*SecondPass, error) {
	if err := input.First(input.Check(a.fit != nil, "a", 0, "does not come from Adjust"),
		input.Check(a.Adjustment != CUPED, "Adjustment", 0, "cuped needs no second pass")); err != nil {
		return nil, err
	}
	return &SecondPass{Treatment: a.fit.line(0), Control: a.fit.line(1), adjusted: a}, nil
}

func (f *fit) line(a int) Line {
	m, p := f.arms[a], len(f.total.Means)-1
	l := Line{N: m.N, Mean: m.Means[0], Centre: make([]float64, p), Slopes: f.full(f.slopes[a]), Inverse: make([][]float64, p),
		TreatmentWeights: make([]float64, p), ControlWeights: make([]float64, p)}
	for i := range l.Inverse {
		l.Inverse[i] = make([]float64, p)
	}
	inverse := f.factors[a].inverse()
	for i, j := range f.kept {
		l.Centre[j] = m.Means[j+1]
		for k, o := range f.kept {
			l.Inverse[j][o] = inverse[i][k]
		}
	}
	// Lin's arms know nothing of each other; OLS shares its slopes.
	if f.adjustment == OLS || a == 0 {
		l.TreatmentWeights = f.full(f.spread[0])
	}
	if f.adjustment == OLS || a == 1 {
		l.ControlWeights = f.full(f.spread[1])
	}
	return l
}

// Add adds one user: whether treated, outcome and all covariates, in the order
// of the moments.
func (s *SecondPass) Add(treated bool, y float64, x ...float64) error {
	own, line := 1, &s.Control
	if treated {
		own, line = 0, &s.Treatment
	}
	if err := input.First(s.started(), input.Check(len(x) == len(line.Centre), "x", float64(len(x)), fmt.Sprintf("needs %d covariates", len(line.Centre))), finiteUser(y, x)); err != nil {
		return err
	}
	e, h := y-line.Mean, 1/float64(line.N)
	lt, lc := 0.0, 0.0
	if own == 0 {
		lt = h
	} else {
		lc = h
	}
	for i := range x {
		u := x[i] - line.Centre[i]
		e -= line.Slopes[i] * u
		lt -= line.TreatmentWeights[i] * u
		lc -= line.ControlWeights[i] * u
		for j, q := range line.Inverse[i] {
			h += u * q * (x[j] - line.Centre[j])
		}
	}
	s.seen[own]++
	s.squares[own] += e * e
	s.accumulate(e, 1-h, lt, lc)
	return nil
}

// accumulate adds a residual with its weights; rest is 1 − h. A user with
// leverage 1 decides a coefficient alone, so that e is 0 and says nothing.
func (s *SecondPass) accumulate(e, rest, lt, lc float64) {
	if rest < 1e-9 {
		s.full++
		return
	}
	weight := e * e
	for k := range s.sums {
		s.sums[k][0] += lt * lt * weight
		s.sums[k][1] += lc * lc * weight
		s.sums[k][2] += lt * lc * weight
		weight /= rest
	}
}

// Merge adds a pass over other users of the same adjustment.
func (s *SecondPass) Merge(other *SecondPass) error {
	if err := input.Check(other != nil && s.adjusted.fit != nil && s.adjusted.fit == other.adjusted.fit, "other", 0, "is a pass of another adjustment"); err != nil {
		return err
	}
	for a := range s.seen {
		s.seen[a] += other.seen[a]
		s.squares[a] += other.squares[a]
	}
	for k := range s.sums {
		for i := range s.sums[k] {
			s.sums[k][i] += other.sums[k][i]
		}
	}
	s.full += other.full
	return nil
}

// Adjusted returns the adjustment with robust variances, HC2 if r is empty, and
// n − k degrees of freedom. It is an error if the users of the second pass are not as
// many as those of the first, or their squared residuals add up to another sum.
// Users with leverage 1 (the only ones with some covariate not 0) are left out,
// with a warning.
//
// Source: MacKinnon & White (1985), Journal of Econometrics 29:305–325.
func (s *SecondPass) Adjusted(r Robust) (Adjusted, error) {
	r = cmp.Or(r, HC2)
	if err := input.First(input.OneOf("r", r, HC0, HC1, HC2, HC3), s.started()); err != nil {
		return Adjusted{}, err
	}
	if err := input.First(input.Check(s.seen[0] == s.Treatment.N, "Treatment.N", float64(s.Treatment.N), fmt.Sprintf("the second pass saw %d users", s.seen[0])),
		input.Check(s.seen[1] == s.Control.N, "Control.N", float64(s.Control.N), fmt.Sprintf("the second pass saw %d users", s.seen[1])), s.sameUsers()); err != nil {
		return Adjusted{}, err
	}
	n, k := float64(s.seen[0]+s.seen[1]), float64(s.adjusted.fit.parameters())
	sums := s.sums[map[Robust]int{HC0: 0, HC1: 0, HC2: 1, HC3: 2}[r]]
	factor := 1.0
	if r == HC1 {
		factor = n / (n - k)
	}
	a := s.adjusted
	a.Treatment.Variance = factor * sums[0] * float64(a.Treatment.N)
	a.Control.Variance = factor * sums[1] * float64(a.Control.N)
	a.Covariance, a.DF = factor*sums[2], n-k
	a.Warnings = slices.Clone(a.Warnings)
	if s.full > 0 {
		a.warn("%d users have leverage 1: each decides a coefficient alone", s.full)
	}
	if err := input.First(a.Treatment.check("Treatment"), a.Control.check("Control")); err != nil {
		return Adjusted{}, err
	}
	return a, nil
}

func (s *SecondPass) started() error {
	return input.Check(s.adjusted.fit != nil, "s", 0, "does not come from Adjusted.SecondPass")
}

// sameUsers compares the residuals of both passes; only other users make more of
// a difference than rounding.
func (s *SecondPass) sameUsers() error {
	f := s.adjusted.fit
	want, got := f.scale[0]*float64(f.total.N-f.parameters()), s.squares[0]+s.squares[1]
	if f.adjustment == Lin {
		rest := len(f.kept) + 1
		want = f.scale[0]*float64(f.arms[0].N-rest) + f.scale[1]*float64(f.arms[1].N-rest)
	}
	return input.Check(math.Abs(got-want) <= 1e-3*want+1e-6*f.total.Products[0], "Treatment.N", float64(s.Treatment.N),
		"the users of the second pass are not those of the moments: their squared residuals add up to another sum")
}
