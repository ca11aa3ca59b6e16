package history

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat/distuv"
)

// rows reads a gzipped CSV into maps from column to cell, by this test's own means.
func rows(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(plain).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// importReal imports one file by an example mapping and returns its effects.
func importReal(t *testing.T, h *History, example_, file string) (ImportReport, []Effect) {
	t.Helper()
	ctx := context.Background()
	report, err := h.Import(ctx, ImportRequest{Files: []string{shared(t, file)}, Mapping: example(t, example_)})
	if err != nil {
		t.Fatal(err, report.Problems)
	}
	effects, err := h.Effects(ctx, EffectQuery{})
	if err != nil {
		t.Fatal(err)
	}
	// These files tell nothing of plans, layers or definitions, and repeat no test.
	if len(h.recent.screens) > 0 {
		t.Errorf("screens leave out %v", h.recent.screens)
	}
	return report, effects
}

// arm is a mean with its variance of one user (n − 1 below).
type arm struct{ n, mean, variance float64 }

// liftOf is the textbook form of what effects.sql computes from sums.
func liftOf(t, c arm) (lift, se float64) {
	vt, vc := t.variance/t.n, c.variance/c.n
	return t.mean/c.mean - 1, math.Sqrt(vt/(c.mean*c.mean) + t.mean*t.mean*vc/math.Pow(c.mean, 4))
}

func proportion(successes, trials float64) arm {
	p := successes / trials
	return arm{trials, p, p * (1 - p) * trials / (trials - 1)}
}

const upworthyFile = "data/upworthy/upworthy_exploratory_first60.csv.gz"

func TestUpworthy(t *testing.T) {
	path := shared(t, upworthyFile)
	report, effects := importReal(t, newHistory(t), "upworthy", upworthyFile)
	if report.Experiments != 2923 || report.Arms != 12845 || report.Files[0].Read != 12845 || report.Files[0].Imported != 12845 {
		t.Errorf("%d experiments and %d arms of %+v, the README has 2,923 tests and 12,845 arms", report.Experiments, report.Arms, report.Files[0])
	}

	tests := map[string][]map[string]string{}
	for _, row := range rows(t, path) {
		tests[row["clickability_test_id"]] = append(tests[row["clickability_test_id"]], row)
	}
	at := map[[2]string]Effect{}
	for _, e := range effects {
		at[[2]string{e.Experiment, e.Arm}] = e
	}
	checked := 0
	failed, of := map[string]float64{}, map[string]float64{} // by risk period: tests whose split is off
	for id, arms := range tests {
		control := arms[0]
		for _, a := range arms {
			if number(t, a["package_index"]) < number(t, control["package_index"]) {
				control = a
			}
		}
		c := proportion(number(t, control["clicks"]), number(t, control["impressions"]))
		p := evenSplitP(t, arms)
		for _, a := range arms {
			if a["package_index"] == control["package_index"] {
				continue
			}
			e := at[[2]string{id, a["package_index"]}]
			lift, se := liftOf(proportion(number(t, a["clicks"]), number(t, a["impressions"])), c)
			if e.Control != control["package_index"] || e.Title != a["headline"] {
				t.Fatalf("%+v\nhas not control %s and title %q", e, control["package_index"], a["headline"])
			}
			if diff := cmp.Diff([]float64{lift, se}, []float64{e.Lift, e.SE}, cmpopts.EquateApprox(1e-9, 1e-12)); diff != "" && c.mean > 0 {
				t.Fatalf("%s %s: %s", id, e.Arm, diff)
			}
			if excluded := strings.HasPrefix(e.Verdict, "excluded: "); excluded != (a["randomization_imbalance_risk"] == "1") {
				t.Fatalf("%s: verdict %q", id, e.Verdict)
			}
			checked++
			if diff := cmp.Diff(p, e.SampleRatioP, cmpopts.EquateApprox(1e-10, 1e-300)); diff != "" {
				t.Fatalf("%s: sample ratio: %s", id, diff)
			}
		}
		period := control["randomization_imbalance_risk"]
		if of[period]++; at[[2]string{id, other(arms, control)}].SampleRatioP < 0.001 {
			failed[period]++
		}
	}
	if checked != len(effects) || checked != 12845-2923 {
		t.Errorf("%d effects checked of %d, want %d", checked, len(effects), 12845-2923)
	}
	// README: 70% of the risk period's tests fail a sample-ratio check at p < 0.001,
	// all 1,049 of which are in this file, and 0.5% of the 3,824 others of the archive:
	// 19 tests, of which at most all are among the 1,874 others here (1.0%).
	risk, others := failed["1"]/of["1"], failed["0"]/of["0"]
	t.Logf("sample ratio p < 0.001: %.1f%% of %v tests of the risk period, %v of %v others", 100*risk, of["1"], failed["0"], of["0"])
	if of["1"] != 1049 || of["0"] != 1874 || math.Abs(risk-0.70) > 0.005 || others > 0.0101 {
		t.Errorf("sample ratio fails in %.3f and %.4f of the tests", risk, others)
	}
}

// evenSplitP is the p-value of Pearson's χ² against equal shares, by gonum.
func evenSplitP(t *testing.T, arms []map[string]string) float64 {
	var total, chi float64
	for _, a := range arms {
		total += number(t, a["impressions"])
	}
	expected := total / float64(len(arms))
	for _, a := range arms {
		chi += math.Pow(number(t, a["impressions"])-expected, 2) / expected
	}
	return distuv.ChiSquared{K: float64(len(arms) - 1)}.Survival(chi)
}

// other is an arm that is not the control.
func other(arms []map[string]string, control map[string]string) string {
	for _, a := range arms {
		if a["package_index"] != control["package_index"] {
			return a["package_index"]
		}
	}
	return ""
}

func TestASOS(t *testing.T) {
	const file = "data/asos/asos_shared.csv.gz"
	path := shared(t, file)
	report, effects := importReal(t, newHistory(t), "asos", file)
	if report.Experiments != 39 || report.Files[0].Read != 11508 || report.Metrics != 4 {
		t.Errorf("%+v, the README has 39 experiments, 11,508 rows and 4 metrics", report)
	}
	if report.Files[0].Skipped != 8 {
		t.Errorf("%d snapshots skipped, 8 have nobody in them", report.Files[0].Skipped)
	}
	last := map[[3]string]map[string]string{}
	names := map[string]string{"1": "binary", "2": "count_a", "3": "count_b", "4": "amount"}
	for _, row := range rows(t, path) {
		key := [3]string{row["experiment_id"], names[row["metric_id"]], row["variant_id"]}
		if have := last[key]; have == nil || number(t, row["time_since_start"]) > number(t, have["time_since_start"]) {
			last[key] = row
		}
	}
	if len(effects) != len(last) {
		t.Fatalf("%d effects, want %d: one per experiment, metric and variant", len(effects), len(last))
	}
	for _, e := range effects {
		row := last[[3]string{e.Experiment, e.Metric, e.Arm}]
		get := func(side string) arm {
			return arm{number(t, row["count_"+side]), number(t, row["mean_"+side]), number(t, row["variance_"+side])}
		}
		lift, se := liftOf(get("t"), get("c"))
		want := []float64{number(t, row["count_c"]), number(t, row["count_t"]), number(t, row["mean_c"]), lift, se}
		got := []float64{e.ControlUsers, e.TreatmentUsers, e.Baseline, e.Lift, e.SE}
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 1e-12)); diff != "" {
			t.Errorf("%s %s %s: %s", e.Experiment, e.Metric, e.Arm, diff)
		}
	}
}

func TestHillstrom(t *testing.T) {
	const file = "data/hillstrom/hillstrom_odd_rows.csv.gz"
	golden := shared(t, "golden/userlevel_results.csv")
	h := newHistory(t)
	report, effects := importReal(t, h, "hillstrom", file)
	if report.Files[0].Read != 32000 || report.Files[0].Imported != 4*32000 {
		t.Errorf("%+v, the README has 32,000 customers: an assignment and three facts each", report.Files[0])
	}
	want := map[string]map[string]float64{} // arm|metric → quantity → value
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		if part := strings.Split(r[0], "|"); part[0] == "hillstrom_odd_rows" && part[3] == "history" {
			key := part[1] + "|" + part[2]
			if want[key] == nil {
				want[key] = map[string]float64{}
			}
			want[key][r[1]] = number(t, r[2])
		}
	}
	if len(want) == 0 {
		t.Fatal("the golden table has no rows of hillstrom_odd_rows")
	}
	found := 0
	for _, e := range effects {
		w, ok := want[e.Arm+"|"+e.Metric]
		if !ok {
			continue
		}
		found++
		if e.Adjusted != (e.Metric == "spend") { // the only one with a value before exposure
			t.Errorf("%s %s: adjusted is %v", e.Arm, e.Metric, e.Adjusted)
		}
		if e.Adjusted {
			checkCUPED(t, e, w)
			e.Lift, e.SE = e.UnadjustedLift, e.UnadjustedSE
		}
		expect := []float64{w["n_control"], w["n_treatment"], w["mean_control"], w["relative_lift"], w["relative_lift_se_delta"]}
		got := []float64{e.ControlUsers, e.TreatmentUsers, e.Baseline, e.Lift, e.SE}
		if diff := cmp.Diff(expect, got, cmpopts.EquateApprox(1e-8, 0)); diff != "" { // the golden table's own tolerance
			t.Errorf("%s %s: %s", e.Arm, e.Metric, diff)
		}
	}
	if found != len(want) {
		t.Errorf("%d of the %d golden effects were mined", found, len(want))
	}
	all, err := h.Effects(context.Background(), EffectQuery{AllSegments: true, Metric: "visit"})
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]float64{}
	for _, e := range all {
		users[e.Arm+"|"+e.Segment] += e.TreatmentUsers
	}
	for _, arm := range []string{"Mens E-Mail", "Womens E-Mail"} {
		if sum := users[arm+"|Phone"] + users[arm+"|Web"] + users[arm+"|Multichannel"]; sum != users[arm+"|"] || sum == 0 {
			t.Errorf("%s: the channels hold %v users, everybody is %v", arm, sum, users[arm+"|"])
		}
	}
}

// checkCUPED holds an adjusted lift against the golden difference of adjusted
// means: over the adjusted control mean, which is the control mean less
// θ(x̄꜀ − x̄). The adjustment shares its shift out by users, so
// c = ȳ꜀ + (plain − adjusted difference)·nₜ/n.
func checkCUPED(t *testing.T, e Effect, w map[string]float64) {
	t.Helper()
	c := w["mean_control"] + (w["diff"]-w["cuped_diff"])*w["n_treatment"]/(w["n_treatment"]+w["n_control"])
	if diff := cmp.Diff(w["cuped_diff"]/c, e.Lift, cmpopts.EquateApprox(1e-8, 0)); diff != "" {
		t.Errorf("%s %s: %s", e.Arm, e.Metric, diff)
	}
}
