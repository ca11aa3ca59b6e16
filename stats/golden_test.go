package stats

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// row is one line of a reference table by column name; a blank cell is missing.
type row map[string]string

func (r row) num(t *testing.T, column string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(r[column], 64)
	if err != nil {
		t.Fatalf("column %s of %v: %v", column, r, err)
	}
	return x
}

// readTable reads a CSV, gzipped if its name says so. A table that a directory
// of full tables does not have is skipped.
func readTable(t *testing.T, path string) []row {
	t.Helper()
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != "testdata" {
		t.Skipf("no %s", filepath.Base(path))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	if strings.HasSuffix(path, ".gz") {
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		reader = csv.NewReader(unzipped)
	}
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]row, len(lines)-1)
	for i, line := range lines[1:] {
		rows[i] = row{}
		for c, cell := range line {
			rows[i][lines[0][c]] = cell
		}
	}
	return rows
}

// golden runs a check on the rows kept here and on the full tables, if present.
func golden(t *testing.T, check func(t *testing.T, dir string)) {
	t.Run("testdata", func(t *testing.T) { check(t, "testdata") })
	t.Run("full", func(t *testing.T) { check(t, goldenDir(t)) })
}

func goldenDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ASSAY_GOLDEN")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "golden")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no full reference tables: set ASSAY_GOLDEN to their directory")
	}
	return dir
}

// comparison counts reference rows and keeps the worst relative error.
type comparison struct {
	table string
	rows  int
	worst float64
}

func (c *comparison) equal(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	e := math.Abs(got - want)
	if want != 0 {
		e /= math.Abs(want)
	}
	c.worst = max(c.worst, e)
	if !(e <= tolerance) {
		t.Errorf("%s: got %.15g, want %.15g: relative error %.2g above %.2g", name, got, want, e, tolerance)
	}
}

func (c *comparison) report(t *testing.T) {
	t.Helper()
	t.Logf("%s: %d rows checked, worst relative error %.2g", c.table, c.rows, c.worst)
}

func TestGoldenPowerR(t *testing.T) {
	golden(t, func(t *testing.T, dir string) {
		n := &comparison{table: "power_r.csv prop_z_pooled_null n"}
		power := &comparison{table: "power_r.csv prop_z_pooled_null power"}
		for _, r := range readTable(t, filepath.Join(dir, "power_r.csv")) {
			if r["method"] != "prop_z_pooled_null" {
				continue
			}
			p1, p2 := r.num(t, "p1"), r.num(t, "p2")
			test := ProportionTest{Baseline: p1, MDE: p2 - p1, Alpha: r.num(t, "alpha"), Sides: sidesOf(r)}
			checkPower(t, r, n, power, 1e-6, r.num(t, "n1"), func(p float64) (Sizing, error) {
				test.Power = p
				return test.SampleSize()
			}, test.PowerAt)
		}
		n.report(t)
		power.report(t)
	})
}

func TestGoldenPowerStatsmodels(t *testing.T) {
	golden(t, func(t *testing.T, dir string) {
		n := &comparison{table: "power_statsmodels.csv prop_2indep, z_ind n"}
		power := &comparison{table: "power_statsmodels.csv prop_2indep, z_ind power"}
		mde := &comparison{table: "power_statsmodels.csv z_ind mde"}
		for _, r := range readTable(t, filepath.Join(dir, "power_statsmodels.csv")) {
			switch r["method"] {
			case "prop_2indep", "prop_2indep_onetail":
				// Arm 1 is the treatment there, so Ratio is the inverse of theirs.
				test := ProportionTest{Baseline: r.num(t, "p2"), MDE: r.num(t, "effect"), Ratio: 1 / r.num(t, "ratio"),
					Alpha: r.num(t, "alpha"), Sides: sidesOf(r), Strict: true}
				checkPower(t, r, n, power, 1e-5, r.num(t, "n2"), func(p float64) (Sizing, error) {
					test.Power = p
					return test.SampleSize()
				}, test.PowerAt)
			case "z_ind":
				test := MeanTest{SD: 1, MDE: r.num(t, "effect"), Ratio: 1 / r.num(t, "ratio"),
					Alpha: r.num(t, "alpha"), Sides: sidesOf(r), Strict: true}
				if r["solve_for"] == "mde" {
					test.Power = r.num(t, "power")
					s, err := test.MDEAt(r.num(t, "n2"))
					if err != nil {
						t.Fatal(err)
					}
					mde.rows++
					mde.equal(t, r["row_id"], s.MDE, math.Abs(r.num(t, "effect")), 1e-5)
					continue
				}
				checkPower(t, r, n, power, 1e-5, r.num(t, "n2"), func(p float64) (Sizing, error) {
					test.Power = p
					return test.SampleSize()
				}, test.PowerAt)
			}
		}
		n.report(t)
		power.report(t)
		if mde.rows > 0 {
			mde.report(t)
		}
	})
}

func checkPower(t *testing.T, r row, n, power *comparison, tolerance, control float64,
	size func(power float64) (Sizing, error), at func(control float64) (Sizing, error)) {
	t.Helper()
	var s Sizing
	var err error
	if r["solve_for"] == "n" {
		s, err = size(r.num(t, "power"))
		n.rows++
		n.equal(t, r["row_id"]+" n", s.Control, control, tolerance)
	} else {
		s, err = at(control)
		power.rows++
		power.equal(t, r["row_id"]+" power", s.Power, r.num(t, "power"), 1e-9)
	}
	if err != nil {
		t.Fatalf("%s: %v", r["row_id"], err)
	}
}

func sidesOf(r row) Sides {
	if strings.HasPrefix(r["alternative"], "two") {
		return TwoSided
	}
	return OneSided
}

func TestGoldenFitNormal(t *testing.T) {
	golden(t, func(t *testing.T, dir string) {
		studies := map[string][]Estimate{}
		for _, r := range readTable(t, filepath.Join(dir, "meta_studies.csv")) {
			studies[r["dataset"]] = append(studies[r["dataset"]], Estimate{r.num(t, "yi"), math.Sqrt(r.num(t, "vi"))})
		}
		variance := &comparison{table: "meta_results.csv ML tau2, se_tau2"}
		mean := &comparison{table: "meta_results.csv ML mu, se"}
		for _, r := range readTable(t, filepath.Join(dir, "meta_results.csv")) {
			if r["method"] != "ML" || r["test"] != "z" {
				continue
			}
			fit, err := FitNormal(studies[r["dataset"]])
			if err != nil {
				t.Fatal(err)
			}
			variance.rows++
			mean.rows++
			variance.equal(t, r["dataset"]+" tau2", fit.Prior.SD*fit.Prior.SD, r.num(t, "tau2"), 1e-5)
			variance.equal(t, r["dataset"]+" se_tau2", fit.VarianceSE, r.num(t, "se_tau2"), 1e-5)
			// The table's tau2 is iterated and off by up to 1e-6 (see
			// TestFitNormalExactRoot), which moves a mu near 0 by more than 1e-6 of
			// itself: mu is compared on the scale of its standard error.
			se := r.num(t, "se")
			mean.equal(t, r["dataset"]+" mu", 1+(fit.Prior.Mean-r.num(t, "mu"))/max(se, math.Abs(r.num(t, "mu"))), 1, 1e-6)
			mean.equal(t, r["dataset"]+" se", fit.MeanSE, se, 1e-6)
		}
		variance.report(t)
		mean.report(t)
	})
}

// TestFitNormalExactRoot holds the fit of one data set against the root of its
// likelihood equation in 40-digit arithmetic (Python's mpmath); metafor's tau2,
// 2.53037548133341e-06, is 9.6e-7 above it.
func TestFitNormalExactRoot(t *testing.T) {
	var es []Estimate
	for _, r := range readTable(t, filepath.Join(goldenDir(t), "meta_studies.csv")) {
		if r["dataset"] == "asos_shared_metric3_z" {
			es = append(es, Estimate{r.num(t, "yi"), math.Sqrt(r.num(t, "vi"))})
		}
	}
	if len(es) != 50 {
		t.Skip("the tables have another selection of data sets")
	}
	fit, err := FitNormal(es)
	if err != nil {
		t.Fatal(err)
	}
	c := &comparison{table: "asos_shared_metric3_z, 40 digits", rows: 1}
	c.equal(t, "tau2", fit.Prior.SD*fit.Prior.SD, 2.53037305431163e-6, 1e-12)
	c.equal(t, "mu", fit.Prior.Mean, 1.70604927398278e-5, 1e-12)
	c.report(t)
}

func TestGoldenWelch(t *testing.T) {
	golden(t, func(t *testing.T, dir string) {
		c := &comparison{table: "welch.csv"}
		for _, r := range readTable(t, filepath.Join(dir, "welch.csv")) {
			arm := func(i string) Arm {
				sd := r.num(t, "sd"+i)
				return Arm{N: int(r.num(t, "n"+i)), Mean: r.num(t, "mean"+i), Variance: sd * sd}
			}
			w, err := Welch(arm("1"), arm("2"))
			if err != nil {
				t.Fatal(err)
			}
			c.rows++
			for column, got := range map[string]float64{"t_welch": w.T, "df_welch": w.DF, "p_welch": w.P,
				"p_welch_larger": w.PGreater, "diff": w.Difference, "se": w.SE} {
				c.equal(t, r["row_id"]+" "+column, got, r.num(t, column), 1e-9)
			}
		}
		c.report(t)
	})
}

func TestGoldenSampleRatio(t *testing.T) {
	golden(t, func(t *testing.T, dir string) {
		c := &comparison{table: "srm.csv"}
		for _, r := range readTable(t, filepath.Join(dir, "srm.csv")) {
			var counts []int
			var weights []float64
			for _, s := range strings.Fields(r["counts"]) {
				counts = append(counts, int(row{"n": s}.num(t, "n")))
			}
			for _, s := range strings.Fields(r["weights"]) {
				weights = append(weights, row{"w": s}.num(t, "w"))
			}
			result, err := SampleRatio(counts, weights)
			if err != nil {
				t.Fatal(err)
			}
			c.rows++
			c.equal(t, r["row_id"]+" chi2", result.ChiSquare, r.num(t, "chi2"), 1e-10)
			c.equal(t, r["row_id"]+" p", result.P, r.num(t, "p_value"), 1e-10)
			c.equal(t, r["row_id"]+" df", float64(result.DF), r.num(t, "df"), 0)
		}
		c.report(t)
	})
}

// TestGoldenLift sums the user-level data as a query would and compares Welch
// and relative lift with numpy and statsmodels; TestRatioReference does so for a
// ratio metric.
func TestGoldenLift(t *testing.T) {
	dir := goldenDir(t)
	users := map[string][]row{}
	arms := map[string]Arm{}
	arm := func(set, column, name, metric string) Arm {
		key := strings.Join([]string{set, name, metric}, "|")
		if _, ok := arms[key]; ok {
			return arms[key]
		}
		if users[set] == nil {
			path := filepath.Join(dir, set+".csv")
			if set == "hillstrom_odd_rows" {
				path = filepath.Join(dir, "..", "data", "hillstrom", set+".csv.gz")
			}
			users[set] = readTable(t, path)
		}
		arms[key] = sumArm(t, users[set], column, name, metric)
		return arms[key]
	}
	c := &comparison{table: "userlevel_results.csv"}
	for _, r := range readTable(t, filepath.Join(dir, "userlevel_results.csv")) {
		part := strings.Split(r["dataset"], "|")
		column, treated, control, metric := "arm", "1", "0", part[1]
		if part[0] == "hillstrom_odd_rows" {
			column, treated, control, metric = "segment", part[1], "No E-Mail", part[2]
		}
		got, ok := liftQuantity(t, r["quantity"], arm(part[0], column, treated, metric), arm(part[0], column, control, metric))
		if !ok {
			continue
		}
		c.rows++
		c.equal(t, r["dataset"]+" "+r["quantity"], got, r.num(t, "value"), 1e-8)
	}
	c.report(t)
}

func sumArm(t *testing.T, users []row, column, name, metric string) Arm {
	t.Helper()
	n, sum, squares := 0, 0.0, 0.0
	for _, u := range users {
		if u[column] == name {
			y := u.num(t, metric)
			n, sum, squares = n+1, sum+y, squares+y*y
		}
	}
	return must(ArmFromSums(n, sum, squares))
}

func liftQuantity(t *testing.T, quantity string, treatment, control Arm) (float64, bool) {
	t.Helper()
	w, err := Welch(treatment, control)
	if err != nil {
		t.Fatal(err)
	}
	lift, err := RelativeLift(treatment, control)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := map[string]float64{
		"n_treatment": float64(treatment.N), "n_control": float64(control.N),
		"mean_treatment": treatment.Mean, "mean_control": control.Mean,
		"diff": w.Difference, "se_welch": w.SE, "t_welch": w.T, "p_welch": w.P,
		"relative_lift": lift.Value, "relative_lift_se_delta": lift.SE,
	}[quantity]
	return got, ok
}
