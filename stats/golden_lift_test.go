package stats

import (
	"path/filepath"
	"strings"
	"testing"
)

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
