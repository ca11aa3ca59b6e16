package effect

import (
	"cmp"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Adjustment is a way to use covariates.
type Adjustment string

const (
	// CUPED subtracts θ′(x − x̄) from the outcome, with θ = S_xx⁻¹S_xy over both
	// arms together, and compares the adjusted outcomes as Welch does; θ counts
	// as known.
	CUPED Adjustment = "cuped"
	// OLS is the least-squares regression of y on the arm and the covariates,
	// one slope for both arms, with the classical standard error of one
	// residual variance.
	OLS Adjustment = "ols"
	// Lin is least squares with its own slopes in each arm, both lines read at
	// x̄: never less precise than no adjustment in large samples. Its standard
	// error takes each arm's residual variance.
	Lin Adjustment = "lin"
)

// Adjusted is what remains of two arms after adjustment for covariates: the
// means that they would have had with the same covariate means x̄, those of all
// users.
type Adjusted struct {
	Adjustment Adjustment `json:"adjustment"`
	// Treatment and Control hold the adjusted means; Variance/N is the squared
	// standard error of each.
	Treatment  Arm     `json:"treatment"`
	Control    Arm     `json:"control"`
	Covariance float64 `json:"covariance"` // of the two adjusted means; not 0 for OLS
	DF         float64 `json:"df"`         // degrees of freedom of the difference's SE

	// Slopes on each covariate, in the outcome's unit per unit of the covariate;
	// 0 for a dropped one. One line for CUPED (θ) and OLS, so equal in both.
	TreatmentSlopes []float64 `json:"treatment_slopes"`
	ControlSlopes   []float64 `json:"control_slopes"`

	// Correlation of the outcome with the covariates over all users of both arms:
	// signed for one covariate, multiple (0 to 1) for several.
	Correlation float64 `json:"correlation"`
	// VarianceRatio is 1 − Correlation², the share of the outcome's variance that
	// remains. 1/VarianceRatio times as many users would have done as much.
	VarianceRatio float64 `json:"variance_ratio"`

	// Dropped are the covariates (0 is the first) left out because they are constant or
	// given by those before them.
	Dropped  []int    `json:"dropped"`
	Warnings []string `json:"warnings,omitempty"`

	fit *fit
}

// imbalance is how many standard errors the covariate means of the arms may
// differ by: chance exceeds it once in 16,000.
const imbalance = 4

// Adjust removes from the difference of two arms what covariates explain, given
// the moments of (y, x₁ … x_p) per user in each arm. With S the within-arm sums
// of products, x̄ the covariate means of all users and β the slopes,
//
//	adjusted mean of an arm = ȳ_a − β′(x̄_a − x̄)
//
//	CUPED  θ = S_xx⁻¹S_xy over all users; variance of an arm s_y² − 2θ′s_xy + θ′s_xxθ
//	OLS    β = S_xx⁻¹S_xy, S summed over arms; σ² = (S_yy − β′S_xy)/(n − p − 2);
//	       SE² = σ²(1/nₜ + 1/n_c + d′S_xx⁻¹d), d = x̄ₜ − x̄_c
//	Lin    βₐ and σₐ² = (S_yy − βₐ′S_xy)/(nₐ − p − 1) per arm;
//	       SE² = Σₐ σₐ²(1/nₐ + (x̄ₐ − x̄)′Sₐ⁻¹(x̄ₐ − x̄))
//
// Heteroskedasticity-robust standard errors are not functions of second moments:
// for OLS and Lin, SecondPass adds them up over the users. Without it, the SE of
// OLS is right if both arms have the same residual variance or the same number
// of users; that of Lin is consistent either way, as for a mean. All take x̄ as
// given: for a population that the users were drawn from, Lin's SE² lacks
// (βₜ − β_c)′Σ_x(βₜ − β_c)/n.
//
// Covariates must be settled before the treatment. One that the treatment moves
// takes a part of the effect away with it, whatever the number of users: if x
// rises by Δ, the difference falls by βΔ. A covariate whose means differ
// between arms by more than 4 standard errors gives a warning.
//
// A covariate that is constant or given by those before it (1 − R² of 1e-10 or
// less, in an arm for Lin) is dropped, with a warning; the other numbers are
// as if it had not been there. Fewer users than parameters is an error.
//
// Sources: Deng, Xu, Kohavi & Walker (2013), WSDM, §3; Lin (2013), Annals of Applied
// Statistics 7:295–318.
func Adjust(treatment, control Moments, a Adjustment) (Adjusted, error) {
	a = cmp.Or(a, CUPED)
	if err := input.First(input.OneOf("a", a, CUPED, OLS, Lin), treatment.check("treatment", 2), control.check("control", 2),
		input.Check(len(treatment.Means) == len(control.Means), "control.Means", float64(len(control.Means)), "must have the values of the treatment"),
		input.Check(treatment.N <= math.MaxInt-control.N, "control.N", float64(control.N), "the users of both overflow an int")); err != nil {
		return Adjusted{}, err
	}
	f := newFit(treatment, control, a)
	adj := Adjusted{Adjustment: a, Dropped: f.dropped, fit: f}
	if err := f.enough(); err != nil {
		return Adjusted{}, err
	}
	for _, j := range f.dropped {
		adj.warn("covariate %d is constant, or given by those before it: dropped", j)
	}
	adj.balance(f)
	f.adjust(&adj)
	adj.correlate(f)
	if err := input.First(adj.Treatment.check("treatment"), adj.Control.check("control")); err != nil {
		return Adjusted{}, err
	}
	return adj, nil
}

// Compare answers for the adjusted means as Compare does for means. The lift is
// relative to the adjusted control mean. Difference may be WelchT (empty: t with
// a.DF degrees of freedom, at least 1, or the normal if a.DF is 0) or NormalZ.
func (a Adjusted) Compare(o Options) (Result, error) {
	o, err := o.filled([]Method{WelchT, NormalZ}, ofLifts)
	if err := input.First(a.Treatment.check("Treatment"), a.Control.check("Control"), input.Finite("Covariance", a.Covariance),
		input.Check(a.DF == 0 || a.DF >= 1 && a.DF <= input.Max, "DF", a.DF, "must be 0 (normal) or at least 1"), err); err != nil {
		return Result{}, err
	}
	p := pair{treatment: a.Treatment, control: a.Control, cov: a.Covariance, df: a.DF, warnings: a.Warnings}
	p.vt, p.vc = a.Treatment.Variance/float64(a.Treatment.N), a.Control.Variance/float64(a.Control.N)
	p.se = math.Sqrt(math.Max(0, p.vt+p.vc-2*p.cov))
	if err := input.Check(p.se > 0, "Treatment.Variance", a.Treatment.Variance, "no variance remains: nothing to test"); err != nil {
		return Result{}, err
	}
	if o.Difference == NormalZ {
		p.df = 0
	}
	return p.answer(o)
}

// balance warns of covariates whose means differ between the arms by more than
// chance gives.
func (a *Adjusted) balance(f *fit) {
	for _, j := range f.kept {
		t, c := f.arms[0].arm(j+1), f.arms[1].arm(j+1)
		if z := math.Abs(t.Mean-c.Mean) / math.Hypot(t.meanSE(), c.meanSE()); z > imbalance {
			a.warn("covariate %d differs between the arms by %.1f standard errors: was it settled before the treatment, and are the arms random?", j, z)
		}
	}
}

// correlate fills in the correlation over all users.
func (a *Adjusted) correlate(f *fit) {
	a.VarianceRatio = 1
	yy := f.total.Products[0]
	if len(f.kept) == 0 || yy == 0 {
		return
	}
	xy := f.total.column(f.kept)
	explained := dot(f.overall.solve(xy), xy) / yy
	a.Correlation = math.Sqrt(math.Max(0, math.Min(1, explained)))
	if len(f.kept) == 1 {
		a.Correlation = math.Copysign(a.Correlation, xy[0])
	}
	a.VarianceRatio = math.Max(0, 1-explained)
}

func (a *Adjusted) warn(format string, args ...any) {
	a.Warnings = append(a.Warnings, fmt.Sprintf(format, args...))
}
