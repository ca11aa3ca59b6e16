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
	if c.rows == 0 {
		t.Errorf("%s: no row was checked", c.table)
	}
	t.Logf("%s: %d rows checked, worst relative error %.2g", c.table, c.rows, c.worst)
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
