package effect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"gonum.org/v1/gonum/mat"
)

// user is one simulated user.
type user struct {
	treated bool
	y       float64
	x       []float64
}

// draw simulates users whose noise grows with the first covariate, whose slopes and
// arms differ in size, and whose covariates are related.
func draw(r *rand.Rand, n, p int) []user {
	all := make([]user, n)
	for i := range all {
		u := user{treated: r.Float64() < 0.3, x: make([]float64, p)}
		common := r.NormFloat64()
		for j := range u.x {
			u.x[j] = 5 + float64(j+1)*(r.NormFloat64()+0.7*common)
			u.y += u.x[j] / float64(j+2)
		}
		u.y += r.NormFloat64() * (1 + math.Abs(common))
		if u.treated {
			u.y += 0.3 + 0.5*common
		}
		all[i] = u
	}
	return all
}

func momentsOf(users []user) (treatment, control Moments) {
	for _, u := range users {
		m := &control
		if u.treated {
			m = &treatment
		}
		if err := m.Add(u.y, u.x...); err != nil {
			panic(err)
		}
	}
	return treatment, control
}

// leastSquares fits y on the design of OLS or Lin by QR, user by user, and returns
// the coefficient of the arm with its classical and its HC0–HC3 standard errors.
func leastSquares(users []user, a Adjustment) (effect, classical float64, robust map[Robust]float64) {
	n, p := len(users), len(users[0].x)
	centre := make([]float64, p)
	for _, u := range users {
		for j := range centre {
			centre[j] += u.x[j] / float64(n)
		}
	}
	k := p + 2
	if a == Lin {
		k += p
	}
	design, y := mat.NewDense(n, k, nil), mat.NewVecDense(n, nil)
	for i, u := range users {
		arm := indicator(u.treated)
		design.Set(i, 0, 1)
		design.Set(i, 1, arm)
		for j := range centre {
			design.Set(i, 2+j, u.x[j]-centre[j])
			if a == Lin {
				design.Set(i, 2+p+j, arm*(u.x[j]-centre[j]))
			}
		}
		y.SetVec(i, u.y)
	}
	var qr mat.QR
	var beta, fitted mat.VecDense
	qr.Factorize(design)
	if err := qr.SolveVecTo(&beta, false, y); err != nil {
		panic(err)
	}
	fitted.MulVec(design, &beta)
	var gram, inverse, hat mat.Dense
	gram.Mul(design.T(), design)
	if err := inverse.Inverse(&gram); err != nil {
		panic(err)
	}
	hat.Mul(design, &inverse)
	rss, sums := 0.0, map[Robust]float64{}
	for i := range n {
		e, l, h := y.AtVec(i)-fitted.AtVec(i), hat.At(i, 1), mat.Dot(hat.RowView(i), design.RowView(i))
		rss += e * e
		sums[HC0] += l * l * e * e
		sums[HC2] += l * l * e * e / (1 - h)
		sums[HC3] += l * l * e * e / (1 - h) / (1 - h)
	}
	sums[HC1] = sums[HC0] * float64(n) / float64(n-k)
	for h := range sums {
		sums[h] = math.Sqrt(sums[h])
	}
	return beta.AtVec(1), math.Sqrt(rss / float64(n-k) * inverse.At(1, 1)), sums
}

func indicator(treated bool) float64 {
	if treated {
		return 1
	}
	return 0
}

// From sums, and with the second pass, the numbers are those of a regression over
// all users.
func TestAdjustIsLeastSquares(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, a := range []Adjustment{OLS, Lin} {
		for p := range 4 {
			users := draw(r, 60, p)
			effect, classical, robust := leastSquares(users, a)
			treatment, control := momentsOf(users)
			adj := assert.Must(Adjust(treatment, control, a))
			got := assert.Must(adj.Compare(Options{}))
			name := fmt.Sprintf("%s with %d covariates", a, p)
			assert.Near(t, name, got.Difference.Value/effect, 1, 1e-10)
			if a == OLS {
				assert.Near(t, name+" classical", got.Difference.SE/classical, 1, 1e-10)
			}
			pass, other := assert.Must(adj.SecondPass()), assert.Must(adj.SecondPass())
			for i, u := range users {
				if err := []*SecondPass{pass, other}[i%2].Add(u.treated, u.y, u.x...); err != nil {
					t.Fatal(err)
				}
			}
			if err := pass.Merge(other); err != nil {
				t.Fatal(err)
			}
			for h, want := range robust {
				assert.Near(t, name+" "+string(h), assert.Must(assert.Must(pass.Adjusted(h)).Compare(Options{})).Difference.SE/want, 1, 1e-10)
			}
		}
	}
}

// Without covariates every adjustment is the plain comparison.
func TestAdjustWithoutCovariates(t *testing.T) {
	treatment, control := momentsOf(draw(rand.New(rand.NewPCG(7, 8)), 300, 0))
	want := assert.Must(Compare(assert.Must(treatment.Arm()), assert.Must(control.Arm()), Options{}))
	pooled := assert.Must(Compare(assert.Must(treatment.Arm()), assert.Must(control.Arm()), Options{Difference: PooledT}))
	for a, want := range map[Adjustment]Result{CUPED: want, Lin: want, OLS: pooled} {
		got := assert.Must(assert.Must(Adjust(treatment, control, a)).Compare(Options{}))
		assert.Near(t, string(a), got.Difference.Value, want.Difference.Value, 1e-14)
		assert.Near(t, string(a)+" SE", got.Difference.SE/want.Difference.SE, 1, 1e-13)
		assert.Near(t, string(a)+" DF", got.DF/want.DF, 1, 1e-13)
		assert.Near(t, string(a)+" p", got.P, want.P, 1e-12)
	}
}

// A constant covariate, a repeated one and a sum of others change nothing but the
// list of the dropped.
func TestCollinearCovariates(t *testing.T) {
	users := draw(rand.New(rand.NewPCG(9, 10)), 400, 2)
	extended := make([]user, len(users))
	for i, u := range users {
		extended[i] = user{u.treated, u.y, []float64{42, u.x[0], 3 * u.x[0], u.x[1], u.x[0] - 2*u.x[1] + 7}}
	}
	t0, c0 := momentsOf(users)
	t1, c1 := momentsOf(extended)
	for _, a := range []Adjustment{CUPED, OLS, Lin} {
		plain, more := assert.Must(Adjust(t0, c0, a)), assert.Must(Adjust(t1, c1, a))
		want, got := assert.Must(plain.Compare(Options{})), assert.Must(more.Compare(Options{}))
		if fmt.Sprint(more.Dropped) != "[0 2 4]" || len(more.Warnings) != 3 || len(got.Warnings) != 3 {
			t.Errorf("%s: dropped %v, warnings %q", a, more.Dropped, more.Warnings)
		}
		assert.Near(t, string(a), got.Difference.Value, want.Difference.Value, 1e-12)
		assert.Near(t, string(a)+" SE", got.Difference.SE/want.Difference.SE, 1, 1e-12)
		assert.Near(t, string(a)+" correlation", more.Correlation, plain.Correlation, 1e-12)
		assert.Near(t, string(a)+" slope", more.ControlSlopes[1], plain.ControlSlopes[0], 1e-12)
	}
	// The same through sums, where the differences are rounding errors.
	if m := assert.Must(Adjust(summed(extended, true), summed(extended, false), Lin)); fmt.Sprint(m.Dropped) != "[0 2 4]" {
		t.Errorf("from sums: dropped %v", m.Dropped)
	}
}

func summed(users []user, treated bool) Moments {
	k := len(users[0].x) + 1
	n, sums, products := 0, make([]float64, k), make([]float64, triangle(k))
	for _, u := range users {
		if u.treated == treated {
			n++
			v := append([]float64{u.y}, u.x...)
			for i := range v {
				sums[i] += v[i]
				for j := range i + 1 {
					products[at(i, j)] += v[i] * v[j]
				}
			}
		}
	}
	return assert.Must(MomentsFromSums(n, sums, products))
}

// The correlation with one covariate has its sign, with two it has none.
func TestCorrelationSign(t *testing.T) {
	for rho, want := range map[float64]float64{0.6: 0.6, -0.6: -0.6} {
		m := Moments{1000, []float64{0, 0}, []float64{100, 100 * rho, 100}}
		assert.Near(t, "one covariate", assert.Must(Adjust(m, m, CUPED)).Correlation, want, 1e-14)
		m = Moments{1000, []float64{0, 0, 0}, []float64{100, 100 * rho, 100, 0, 0, 100}}
		assert.Near(t, "two covariates", assert.Must(Adjust(m, m, CUPED)).Correlation, 0.6, 1e-14)
	}
}

// A covariate that only the treatment moves is the treatment: CUPED must not
// subtract the effect.
func TestCovariateThatIsTheArm(t *testing.T) {
	users := draw(rand.New(rand.NewPCG(11, 12)), 300, 0)
	for i := range users {
		users[i].x = []float64{indicator(users[i].treated)}
	}
	treatment, control := momentsOf(users)
	for _, a := range []Adjustment{CUPED, OLS, Lin} {
		if adj := assert.Must(Adjust(treatment, control, a)); len(adj.Dropped) != 1 || adj.VarianceRatio != 1 {
			t.Errorf("%s: %+v", a, adj)
		}
	}
}

// The variance that remains is 1 − ρ²: Deng et al. (2013), §3.2. Each ratio's
// standard error is about 2ρ(1 − ρ²)/√n; the bound is five of them, or ρ = 0's 5²/n.
func TestVarianceRatio(t *testing.T) {
	const n = 200_000
	r := rand.New(rand.NewPCG(13, 14))
	for rho, want := range map[float64]float64{0: 1, 0.3: 0.91, 0.7: 0.51, 0.9: 0.19} {
		var arms [2]Moments
		for i := range n {
			x := r.NormFloat64()
			y := rho*x + math.Sqrt(1-rho*rho)*r.NormFloat64()
			if err := arms[i%2].Add(10+y, x); err != nil {
				t.Fatal(err)
			}
		}
		plain := assert.Must(Compare(assert.Must(arms[0].Arm()), assert.Must(arms[1].Arm()), Options{})).Difference.SE
		for _, a := range []Adjustment{CUPED, OLS, Lin} {
			adj := assert.Must(Adjust(arms[0], arms[1], a))
			se := assert.Must(adj.Compare(Options{})).Difference.SE
			bound := 5*2*rho*(1-rho*rho)/math.Sqrt(n) + 50.0/n
			assert.Near(t, fmt.Sprintf("%s at ρ = %g", a, rho), adj.VarianceRatio, want, bound)
			assert.Near(t, fmt.Sprintf("%s SE² at ρ = %g", a, rho), se*se/plain/plain, want, bound)
		}
	}
}

// A covariate that the treatment moves takes the effect with it: here all of it
// passes through x, the adjusted difference is 0 and not 0.5, and more users
// only make that look more certain. The imbalance of x gives it away.
func TestPostTreatmentCovariateBiases(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	var before, after [2]Moments
	for i := range 40_000 {
		arm := i % 2 // 0 is the treatment
		past := r.NormFloat64()
		during := past
		if arm == 0 {
			during += 0.5
		}
		y := 10 + during + 0.5*r.NormFloat64()
		if before[arm].Add(y, past) != nil || after[arm].Add(y, during) != nil {
			t.Fatal("a number is not finite")
		}
	}
	for _, a := range []Adjustment{CUPED, OLS, Lin} {
		right, wrong := assert.Must(Adjust(before[0], before[1], a)), assert.Must(Adjust(after[0], after[1], a))
		good, bad := assert.Must(right.Compare(Options{Level: 0.999999})), assert.Must(wrong.Compare(Options{Level: 0.999999}))
		if !good.Difference.Interval.Contains(0.5) || len(good.Warnings) > 0 {
			t.Errorf("%s on the past: %+v, warnings %q", a, good.Difference, good.Warnings)
		}
		if bad.Difference.Interval.Contains(0.5) || bad.Difference.Value > 0.1 {
			t.Errorf("%s on a covariate that the treatment moved: %+v shows no bias", a, bad.Difference)
		}
		if !strings.Contains(strings.Join(bad.Warnings, ";"), "settled before the treatment") {
			t.Errorf("%s: warnings %q", a, bad.Warnings)
		}
	}
}

// A user who alone has some covariate has leverage 1, and no residual.
func TestLeverageOne(t *testing.T) {
	users := draw(rand.New(rand.NewPCG(17, 18)), 200, 1)
	for i := range users {
		users[i].x = append(users[i].x, 0)
	}
	users[0].x[1] = 1
	treatment, control := momentsOf(users)
	adj := assert.Must(Adjust(treatment, control, OLS))
	pass := assert.Must(adj.SecondPass())
	for _, u := range users {
		if err := pass.Add(u.treated, u.y, u.x...); err != nil {
			t.Fatal(err)
		}
	}
	got := assert.Must(pass.Adjusted(HC3))
	want := assert.Must(Adjust(treatment, control, OLS))
	if len(got.Warnings) != 1 || !(got.Treatment.Variance > 0) || got.Treatment.Variance > 3*want.Treatment.Variance {
		t.Errorf("got %+v", got)
	}
}

func TestAdjustErrors(t *testing.T) {
	users := draw(rand.New(rand.NewPCG(19, 20)), 40, 1)
	treatment, control := momentsOf(users)
	adjust := func(a, b Moments, how Adjustment) error { _, err := Adjust(a, b, how); return err }
	lin := assert.Must(Adjust(treatment, control, Lin))
	pass, half := assert.Must(lin.SecondPass()), assert.Must(lin.SecondPass())
	for i, u := range users {
		u.y += float64(i) // other outcomes than the first pass saw
		if err := pass.Add(u.treated, u.y, u.x...); err != nil {
			t.Fatal(err)
		}
	}
	second := func(s *SecondPass, r Robust) error { _, err := s.Adjusted(r); return err }
	_, none := Adjusted{}.SecondPass()
	_, cuped := assert.Must(Adjust(treatment, control, CUPED)).SecondPass()
	small, one := Moments{2, []float64{1, 1}, []float64{1, 0, 1}}, Moments{1, []float64{1, 1}, []float64{0, 0, 0}}
	for _, c := range []struct {
		err   error
		field string
	}{
		{adjust(treatment, control, "ridge"), "a"},
		{adjust(one, control, CUPED), "treatment.N"},
		{adjust(treatment, Moments{3, []float64{1}, []float64{1}}, CUPED), "control.Means"},
		{adjust(small, control, Lin), "treatment.N"},
		{adjust(Moments{2, []float64{1, 1}, []float64{1, 3, 1}}, control, Lin), "treatment.Products[1]"},
		{none, "a"},
		{cuped, "Adjustment"},
		{second(pass, HC2), "Treatment.N"},
		{second(half, HC2), "Treatment.N"},
		{second(&SecondPass{}, HC2), "s"},
		{second(pass, "HC4"), "r"},
		{pass.Add(true, 1), "x"},
		{pass.Add(true, math.NaN(), 1), "y"},
		{pass.Merge(nil), "other"},
		{pass.Merge(&SecondPass{}), "other"},
	} {
		assert.Field(t, c.err, c.field)
	}
}

// Degrees of freedom: those of the residuals for OLS, and Satterthwaite's of the two
// variances for the others, where each arm of Lin has spent p + 1.
func TestAdjustedDF(t *testing.T) {
	treatment := Moments{20, []float64{1, 0}, []float64{90, 30, 20}}
	control := Moments{50, []float64{0, 0.1}, []float64{60, 20, 40}}
	for a, spent := range map[Adjustment]float64{CUPED: 1, Lin: 2} {
		adj := assert.Must(Adjust(treatment, control, a))
		vt, vc := adj.Treatment.Variance/20, adj.Control.Variance/50
		assert.Near(t, string(a), adj.DF, (vt+vc)*(vt+vc)/(vt*vt/(20-spent)+vc*vc/(50-spent)), 1e-10)
	}
	assert.Near(t, "ols", assert.Must(Adjust(treatment, control, OLS)).DF, 67, 0)
}

// Means 3.9 standard errors apart are chance, 4.1 are not.
func TestImbalanceWarns(t *testing.T) {
	for z, warnings := range map[float64]int{3.9: 0, 4.1: 1} {
		apart := z * math.Sqrt(2.0/100)
		adj := assert.Must(Adjust(Moments{100, []float64{0, apart}, []float64{99, 0, 99}}, Moments{100, []float64{0, 0}, []float64{99, 0, 99}}, OLS))
		if len(adj.Warnings) != warnings {
			t.Errorf("%g standard errors: %q", z, adj.Warnings)
		}
	}
}
