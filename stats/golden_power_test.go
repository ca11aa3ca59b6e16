package stats

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

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
