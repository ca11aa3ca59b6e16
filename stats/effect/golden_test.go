package effect

import (
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/golden"
	"github.com/assay-planner/assay/stats/internal/solve"
)

func TestGoldenWelch(t *testing.T) {
	golden.Table(t, "welch.csv", func(c *golden.Check, r golden.Row) {
		arm := func(i string) Arm {
			sd := r.Num("sd" + i)
			return Arm{N: int(r.Num("n" + i)), Mean: r.Num("mean" + i), Variance: sd * sd}
		}
		w := assert.Must(Compare(arm("1"), arm("2"), Options{}))
		pooled := assert.Must(Compare(arm("1"), arm("2"), Options{Difference: PooledT}))
		for column, got := range map[string]float64{"t_welch": w.Statistic, "df_welch": w.DF, "p_welch": w.P,
			"p_welch_larger": w.PGreater, "diff": w.Difference.Value, "se": w.Difference.SE,
			"t_pooled": pooled.Statistic, "p_pooled": pooled.P} {
			// Below 1e-290 a double has fewer digits.
			c.Within(column, got, r.Num(column), max(math.Abs(r.Num(column)), 1e-290), 1e-9)
		}
		// scipy 1.10.1's t.ppf(0.975, df) is exact to 4.2e-9 only, worst at
		// df = 38.9 (arithmetic with 40 digits; ours is held to 1e-11 in TestCritical). An end of
		// an interval is so on the scale of the half width, and cancels in itself.
		half := w.Difference.SE * reference{w.DF}.critical(0.025)
		c.Within("ci95_lo", w.Difference.Interval.Low, r.Num("ci95_lo"), half, 5e-9)
		c.Within("ci95_hi", w.Difference.Interval.High, r.Num("ci95_hi"), half, 5e-9)
	})
}

// TestGoldenProportions compares every column with statsmodels 0.13.5, except two
// kinds of cells. Blank, NaN and infinite cells are its failures at zero cells,
// for which CompareProportions documents answers of ours (TestZeroCells), and so
// are ends that do not solve its own equation (scoreCells). And its score interval
// of the difference takes null rates from Miettinen and Nurminen's cubic with a
// wrong linear coefficient (statsmodels issue 10269: the count of arm 2 where its
// size belongs), which moves ends by up to some per cent: those cells are compared
// with the score equation that has that coefficient, to show that nothing else differs.
// TestScoreIsMaximumLikelihood and TestPublishedIntervals hold the right one.
func TestGoldenProportions(t *testing.T) {
	golden.Table(t, "two_proportions.csv", func(c *golden.Check, r golden.Row) {
		arms := [2]Proportion{{int(r.Num("x1")), int(r.Num("n1"))}, {int(r.Num("x2")), int(r.Num("n2"))}}
		if min(arms[0].N, arms[1].N) < 2 {
			c.Leave("an arm of one user, which ours refuses")
			return
		}
		test := assert.Must(CompareProportions(arms[0], arms[1], Options{}))
		cell := func(column string, got, tolerance float64) {
			if !r.Has(column) || math.IsInf(r.Num(column), 0) {
				return
			}
			want := r.Num(column)
			if math.Abs(want) < 1e-12 {
				// 0 but for rounding, as in 4.3e-19 or -6.6e-13 of a rate: on the
				// scale of a rate, which is 1.
				c.Within(column, got, want, 1, 1e-12)
				return
			}
			c.Equal(column, got, want, tolerance)
		}
		cell("z_pooled", test.Statistic, 1e-8)
		cell("p_two_sided", test.P, 1e-8)
		cell("p_one_sided_larger", test.PGreater, 1e-8)
		both := func(column string, low, high, tolerance float64) {
			cell(column+"_lo", low, tolerance)
			cell(column+"_hi", high, tolerance)
		}
		for column, m := range map[string]Method{"wald": Wald, "agresti-caffo": AgrestiCaffo, "newcomb": Newcombe} {
			got := assert.Must(CompareProportions(arms[0], arms[1], Options{Difference: m})).Difference.Interval
			both("diff_"+column, got.Low, got.High, 1e-8)
		}
		for column, m := range map[string]Method{"log": Log, "log-adjusted": LogAdjusted} {
			got := assert.Must(arms[0].RatioOver(arms[1], Options{Lift: m}))
			both("ratio_"+column, got.Low, got.High, 1e-8)
		}
		for i, arm := range []string{"arm1", "arm2"} {
			for column, m := range map[string]Method{"wilson": Wilson, "beta": ClopperPearson, "agresti_coull": AgrestiCoull} {
				got := assert.Must(arms[i].Interval(Options{Difference: m}))
				both(arm+"_"+column, got.Low, got.High, 1e-8)
			}
		}
		scoreCells(c, r, arms[0], arms[1])
	})
}

// scoreCells compares the ends of the score intervals. statsmodels finds those of the
// difference within brackets around Wald's interval that need not hold one, and
// takes those of the ratio from the sorted roots of a cubic, of which two coincide where
// all users of an arm succeed. So a cell must be an end at all: a root of the p-value −
// 0.05 that it is made of, with null rates in the reference's own form. One
// that is not is left out.
func scoreCells(c *golden.Check, r golden.Row, t, control Proportion) {
	z := Options{Level: 0.95, Sides: stats.TwoSided}.z()
	n := float64(t.N + control.N)
	ratio := assert.Must(t.RatioOver(control, Options{}))
	for _, e := range []struct {
		column string
		side   float64
		got    float64 // NaN: the root of the reference's own equation
	}{{"diff_score_lo", -1, math.NaN()}, {"diff_score_hi", 1, math.NaN()}, {"ratio_score_lo", -1, ratio.Low}, {"ratio_score_hi", 1, ratio.High}} {
		if !r.Has(e.column) || math.IsInf(r.Num(e.column), 0) {
			continue
		}
		want := r.Num(e.column)
		excess := func(null float64) float64 {
			if strings.HasPrefix(e.column, "ratio") {
				pt, pc := peerRatio(t, control, null)
				return e.side*(null*control.Rate()-t.Rate()) - z*math.Sqrt(variance(pt, pc, null, t, control)*n/(n-1))
			}
			pt, pc := peerRates(t, control, null)
			return e.side*(null-t.Rate()+control.Rate()) - z*math.Sqrt(variance(pt, pc, 1, t, control)*n/(n-1))
		}
		if e.column == "ratio_score_lo" && t.Successes == 0 && math.Abs(want) < 1e-6 {
			// Exactly 0, but for the rounding of the cubic's coefficients.
			c.Within(e.column, e.got, want, 1, 1e-6)
			continue
		}
		width := 1e-5 * math.Abs(want)
		if !(excess(want-width)*excess(want+width) < 0) {
			c.Leave(e.column + " is no root of the reference's own p-value − 0.05")
			continue
		}
		if math.IsNaN(e.got) {
			e.got = solve.Root(want-width, want+width, 0, excess)
		}
		c.Equal(e.column, e.got, want, 1e-5)
	}
}

// peerRatio are the null rates of statsmodels for a ratio: the textbook's smaller root.
func peerRatio(t, c Proportion, ratio float64) (pt, pc float64) {
	nt, xt, nc, xc := float64(t.N), float64(t.Successes), float64(c.N), float64(c.Successes)
	a, b := (nt+nc)*ratio, nt*ratio+xt+nc+xc*ratio
	pc = (b - math.Sqrt(math.Max(0, b*b-4*a*(xt+xc)))) / (2 * a)
	return pc * ratio, pc
}

// peerRates are the null rates of statsmodels 0.13.5, by the closed form of
// Miettinen & Nurminen (1985), appendix 1, but with x_c where n_c belongs in the
// coefficient of p.
func peerRates(t, c Proportion, delta float64) (pt, pc float64) {
	if delta == 0 {
		p := float64(t.Successes+c.Successes) / float64(t.N+c.N)
		return p, p
	}
	nt, nc, xc := float64(t.N), float64(c.N), float64(c.Successes)
	n, x := nt+nc, float64(t.Successes)+xc
	a := ((nt+2*nc)*delta - n - x) / (3 * n)
	b := ((xc*delta-n-2*xc)*delta + x) / n
	last := xc * delta * (1 - delta) / n
	q := a*a*a - a*b/2 + last/2
	p := math.Copysign(math.Sqrt(a*a-b/3), q)
	pc = 2*p*math.Cos((math.Pi+math.Acos(q/(p*p*p)))/3) - a
	return pc + delta, pc
}

// TestGoldenUserLevel sums the user-level data as a query would and compares
// with numpy and statsmodels.
func TestGoldenUserLevel(t *testing.T) {
	files := map[string][]golden.Row{}
	answers := map[string]map[string]float64{}
	golden.Table(t, "userlevel_results.csv", func(c *golden.Check, r golden.Row) {
		name := r.Text("dataset")
		part := strings.Split(name, "|")
		users, ok := files[part[0]]
		if !ok {
			users = readUsers(c, part[0])
			files[part[0]] = users
		}
		if users == nil {
			c.Leave("no file " + part[0])
			return
		}
		if !r.Has("value") {
			c.Leave("the reference has no value")
			return
		}
		if answers[name] == nil {
			column, treated, control := "arm", "1", "0"
			if len(part) == 4 {
				column, treated, control = "segment", part[1], "No E-Mail"
			}
			covariates := strings.Split(part[len(part)-1], "+")
			answers[name] = answer(pick(users, column, treated), pick(users, column, control), part[len(part)-2], covariates)
		}
		got, ok := answers[name][r.Text("quantity")]
		if !ok {
			c.Fatalf("unknown quantity %q", r.Text("quantity"))
		}
		c.Equal(r.Text("quantity"), got, r.Num("value"), 1e-8)
	})
}

// readUsers finds the rows of one user-level file, beside the tables or under the
// data beside them; nil if it is nowhere.
func readUsers(c *golden.Check, name string) []golden.Row {
	for _, pattern := range []string{"", "*", filepath.Join("..", "data", "*")} {
		for _, ending := range []string{".csv", ".csv.gz"} {
			found, err := filepath.Glob(filepath.Join(c.Dir, pattern, name+ending))
			if err == nil && len(found) > 0 {
				return golden.Read(c, found[0])
			}
		}
	}
	return nil
}

func pick(users []golden.Row, column, name string) []golden.Row {
	return slices.DeleteFunc(slices.Clone(users), func(u golden.Row) bool { return u.Text(column) != name })
}

// sum returns the moments of columns, from the sums that a query would return. Where
// those would lose the digits that are compared, as MomentsFromSums says, users are
// added one by one.
func sum(users []golden.Row, columns ...string) Moments {
	var centred Moments
	sums, products, values := make([]float64, len(columns)), make([]float64, triangle(len(columns))), make([]float64, len(columns))
	for _, u := range users {
		for i, a := range columns {
			values[i] = u.Num(a)
			sums[i] += values[i]
			for j := range i + 1 {
				products[at(i, j)] += values[i] * values[j]
			}
		}
		if err := centred.Add(values[0], values[1:]...); err != nil {
			panic(err)
		}
	}
	for i := range columns {
		if products[at(i, i)] > 1e4*centred.Products[at(i, i)] {
			return centred
		}
	}
	return assert.Must(MomentsFromSums(len(users), sums, products))
}

// answer computes every quantity of the table for one pair of arms.
func answer(treatment, control []golden.Row, outcome string, covariates []string) map[string]float64 {
	t, c := sum(treatment, append([]string{outcome}, covariates...)...), sum(control, append([]string{outcome}, covariates...)...)
	plain := assert.Must(Compare(assert.Must(t.Arm()), assert.Must(c.Arm()), Options{}))
	cuped := assert.Must(Adjust(t, c, CUPED))
	cupedTest := assert.Must(cuped.Compare(Options{}))
	ols, lin := assert.Must(Adjust(t, c, OLS)), assert.Must(Adjust(t, c, Lin))
	olsTest := assert.Must(ols.Compare(Options{}))
	all := map[string]float64{
		"n_treatment": float64(t.N), "n_control": float64(c.N), "mean_treatment": t.Means[0], "mean_control": c.Means[0],
		"diff": plain.Difference.Value, "se_welch": plain.Difference.SE, "t_welch": plain.Statistic, "p_welch": plain.P,
		"relative_lift": plain.Lift.Value, "relative_lift_se_delta": plain.Lift.SE,
		"cuped_theta": cuped.TreatmentSlopes[0], "cuped_diff": cupedTest.Difference.Value, "cuped_se": cupedTest.Difference.SE,
		"cuped_variance_ratio": cuped.VarianceRatio, "corr_y_x": cuped.Correlation,
		"ols_diff": olsTest.Difference.Value, "ols_se_classical": olsTest.Difference.SE,
		"ols_se_hc1": robust(ols, HC1, treatment, control, outcome, covariates).Difference.SE,
		"lin_diff":   lin.Treatment.Mean - lin.Control.Mean,
		"lin_se_hc2": robust(lin, HC2, treatment, control, outcome, covariates).Difference.SE,
	}
	if !treatment[0].Column("clicks") {
		return all
	}
	t, c = sum(treatment, "clicks", "views"), sum(control, "clicks", "views")
	rt, rc := assert.Must(assert.Must(t.Ratio()).Arm()), assert.Must(assert.Must(c.Ratio()).Arm())
	ratio := assert.Must(Compare(rt, rc, Options{Difference: NormalZ}))
	maps.Copy(all, map[string]float64{
		"ratio_treatment": rt.Mean, "ratio_var_treatment": rt.Variance / float64(rt.N),
		"ratio_control": rc.Mean, "ratio_var_control": rc.Variance / float64(rc.N),
		"ratio_diff": ratio.Difference.Value, "ratio_diff_se": ratio.Difference.SE, "ratio_z": ratio.Statistic, "ratio_p": ratio.P,
		"ratio_relative_lift": ratio.Lift.Value, "ratio_relative_lift_se": ratio.Lift.SE,
	})
	return all
}

// robust runs the second pass.
func robust(a Adjusted, r Robust, treatment, control []golden.Row, outcome string, covariates []string) Result {
	pass := assert.Must(a.SecondPass())
	x := make([]float64, len(covariates))
	for i, users := range [2][]golden.Row{treatment, control} {
		for _, u := range users {
			for j, column := range covariates {
				x[j] = u.Num(column)
			}
			if err := pass.Add(i == 0, u.Num(outcome), x...); err != nil {
				panic(err)
			}
		}
	}
	return assert.Must(assert.Must(pass.Adjusted(r)).Compare(Options{}))
}
