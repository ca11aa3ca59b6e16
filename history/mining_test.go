package history

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestVerdicts has one experiment for each verdict, each of which also has the
// faults of all verdicts after it: the first in order is the one that is told.
func TestVerdicts(t *testing.T) {
	m := parse(t, `
layout: outcomes
experiment: {id: experiment, ended: ended}
arm: {id: arm}
control: {name: control}
exclude: [{column: bad, equals: "yes", reason: logging was broken}]
metrics: [{name: revenue, mean: {n: n, mean: mean, variance: variance}}]
`)
	cases := []struct{ experiment, bad, ended, control, n1, n2, mean, variance, want string }{
		{"01", "yes", "", "base", "50", "10", "-1", "", "excluded: logging was broken"},
		{"02", "", "", "base", "50", "10", "-1", "", "still running"},
		{"03", "", "2026-01-15", "50% base", "5000", "10", "-1", "", "no control arm"},
		{"04", "", "2026-01-15", "control", "5000", "10", "-1", "", "sample ratio mismatch"},
		{"05", "", "2026-01-15", "control", "99", "100", "-1", "", "too few users"},
		{"06", "", "2026-01-15", "control", "100", "100", "-1", "", "missing variance"},
		{"07", "", "2026-01-15", "control", "100", "100", "-1", "0", "zero variance"},
		{"08", "", "2026-01-15", "control", "100", "100", "-1", "1", "baseline not positive"},
		{"09", "", "2026-01-15", "control", "100", "100", "1", "1", "usable"},
	}
	text := "experiment,ended,arm,n,mean,variance,bad\n"
	for _, c := range cases {
		text += fmt.Sprintf("%s,%s,%s,%s,%s,%s,%s\n", c.experiment, c.ended, c.control, c.n1, c.mean, c.variance, c.bad)
		text += fmt.Sprintf("%s,%s,blue,%s,%s,%s,%s\n", c.experiment, c.ended, c.n2, c.mean, c.variance, c.bad)
	}
	h := newHistory(t)
	report := mustImport(t, h, ImportRequest{Files: []string{write(t, "v.csv", text)}, Mapping: m})
	told := `experiments in which the mapping finds no control arm: 1; "03" has "50% base", "blue", and not "control"; which arm it is, control says`
	if len(report.Notes) != 3 || report.Notes[2] != told {
		t.Errorf("the report should note what is excluded, running and without control: %q", report.Notes)
	}
	got := map[string]string{}
	for _, e := range effects(t, h, EffectQuery{}) {
		if e.Arm == "blue" {
			got[e.Experiment] = e.Verdict
		}
		for _, x := range []float64{e.Baseline, e.Lift, e.SE, e.SampleRatioP} {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("%+v", e)
			}
		}
	}
	for _, c := range cases {
		if got[c.experiment] != c.want {
			t.Errorf("%s: verdict %q, want %q", c.experiment, got[c.experiment], c.want)
		}
	}
	s := summary(t, h)
	if s.Verdicts[Usable] != 1 || s.Verdicts["no control arm"] != 2 || s.Experiments != 9 || s.Arms != 18 || s.Outcomes != 18 {
		t.Errorf("%+v", s)
	}
	for _, e := range effects(t, h, EffectQuery{MinUsers: 99}) {
		if e.Experiment == "05" && e.Verdict != "missing variance" {
			t.Errorf("99 users are enough when the query says so, not %q", e.Verdict)
		}
	}
}

func TestAsOf(t *testing.T) {
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Mapping: parse(t, simple), Files: []string{write(t, "a.csv", header+
		"old,feed,2026-01-01,2026-01-15,control,2026-01-02,1000,100\nold,feed,2026-01-01,2026-01-15,blue,2026-01-02,1000,110\n"+
		"new,feed,2026-02-01,2026-02-15,control,2026-02-02,1000,100\nnew,feed,2026-02-01,2026-02-15,blue,2026-02-02,1000,110\n"+
		"now,feed,2026-03-01,,control,2026-03-02,1000,100\nnow,feed,2026-03-01,,blue,2026-03-02,1000,110\n")}})
	for asOf, want := range map[string]string{"2026-01-14": "", "2026-01-15": "old", "2026-12-31": "new old", "": "new now old"} {
		q := EffectQuery{}
		if asOf != "" {
			q.AsOf, _ = time.Parse(time.DateOnly, asOf)
		}
		var got []string
		for _, e := range effects(t, h, q) {
			got = append(got, e.Experiment)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("as of %q: %v, want %s", asOf, got, want)
		}
	}
}

// TestSampleRatioGolden compares p-values for 2 to many arms with scipy's.
func TestSampleRatioGolden(t *testing.T) {
	text, err := os.ReadFile(shared(t, "golden/srm.csv"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range table[0] {
		at[name] = i
	}
	file := "experiment,arm,weight,n,y\n"
	want := map[string]float64{}
	for i, row := range table[1:] {
		id := fmt.Sprintf("srm-%02d", i)
		want[id] = number(t, row[at["p_value"]])
		counts, weights := strings.Fields(row[at["counts"]]), strings.Fields(row[at["weights"]])
		for k, count := range counts {
			file += fmt.Sprintf("%s,arm-%d,%s,%s,1\n", id, k, weights[k], count)
		}
	}
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "srm.csv", file)}, Mapping: parse(t, `
layout: outcomes
experiment: {id: experiment, ended: {value: 2026-01-01}}
arm: {id: arm, weight: weight}
control: {name: arm-0}
metrics: [{name: any, proportion: {trials: n, successes: y}}]
`)})
	for _, e := range effects(t, h, EffectQuery{}) {
		if diff := cmp.Diff(want[e.Experiment], e.SampleRatioP, cmpopts.EquateApprox(1e-10, 1e-300)); diff != "" {
			t.Errorf("%s: %s", e.Experiment, diff)
		}
	}
}

// TestUsersAndSumsAgree makes users with a ratio metric, and imports them once
// as users and once as the sums that this test takes itself.
func TestUsersAndSumsAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	type sums struct{ n, y, yy, d, dd, yd float64 }
	arms := map[string]*sums{"control": {}, "blue": {}}
	users := "user,arm,clicks,views\n"
	for i := range 400 {
		arm := []string{"control", "blue"}[i%2]
		views := float64(random.IntN(20))
		clicks := math.Floor(views * random.Float64())
		s := arms[arm]
		s.n, s.y, s.yy = s.n+1, s.y+clicks, s.yy+clicks*clicks
		s.d, s.dd, s.yd = s.d+views, s.dd+views*views, s.yd+views*clicks
		users += fmt.Sprintf("u%d,%s,%g,%g\n", i, arm, clicks, views)
	}
	// Someone seen in both arms is left out, and counted.
	users += "mixed,control,1,2\nmixed,blue,1,2\n"
	aggregate := "arm,n,y,yy,d,dd,yd\n"
	for _, name := range []string{"control", "blue"} {
		s := arms[name]
		aggregate += fmt.Sprintf("%s,%g,%g,%g,%g,%g,%g\n", name, s.n, s.y, s.yy, s.d, s.dd, s.yd)
	}
	about := "experiment: {id: {value: e1}, started: {value: 2026-01-01}, ended: {value: 2026-01-15}}\narm: {id: arm}\n"
	byUser := parse(t, "layout: users\nunit: user\n"+about+"metrics: [{name: ctr, value: clicks, denominator: views}]\n")
	bySums := parse(t, "layout: outcomes\n"+about+"metrics: [{name: ctr, sums: {n: n, y: y, yy: yy, d: d, dd: dd, yd: yd}}]\n")

	raw, aggregated := newHistory(t), newHistory(t)
	mustImport(t, raw, ImportRequest{Files: []string{write(t, "users.csv", users)}, Mapping: byUser})
	mustImport(t, aggregated, ImportRequest{Files: []string{write(t, "sums.csv", aggregate)}, Mapping: bySums})
	got := effects(t, raw, EffectQuery{})
	if diff := cmp.Diff(effects(t, aggregated, EffectQuery{}), got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
	if n := summary(t, raw).UnitsInTwoArms; n != 1 {
		t.Errorf("%d units in two arms, want 1", n)
	}
	// By hand: a ratio's variance is that of its linearised residual.
	linear := func(s *sums) (ratio, variance float64) {
		ratio = s.y / s.d
		return ratio, (s.yy - 2*ratio*s.yd + ratio*ratio*s.dd) / (s.n - 1) * s.n / (s.d * s.d)
	}
	rc, vc := linear(arms["control"])
	rt, vt := linear(arms["blue"])
	want := []float64{rc, rt/rc - 1, math.Sqrt(vt/(rc*rc) + rt*rt*vc/math.Pow(rc, 4))}
	if diff := cmp.Diff(want, []float64{got[0].Baseline, got[0].Lift, got[0].SE}, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
	// Where users are there too, they decide, and nobody counts twice.
	mustImport(t, raw, ImportRequest{Files: []string{write(t, "sums.csv", aggregate)}, Mapping: bySums})
	if diff := cmp.Diff(got, effects(t, raw, EffectQuery{})); diff != "" {
		t.Error(diff)
	}
}

func TestControlRules(t *testing.T) {
	file := "experiment,arm,rank,is_control,n,y\n" +
		"e1,blue,10,no,1000,10\ne1,green,9,yes,1000,11\ne1,red,100,no,1000,12\n"
	for rule, want := range map[string]string{
		"{lowest: rank}": "green", "{first: true}": "blue", "{name: red}": "red",
		"{equals: {column: is_control, equals: yes}}": "green", "{name: control}": "",
	} {
		h := newHistory(t)
		mustImport(t, h, ImportRequest{Files: []string{write(t, "c.csv", file)}, Mapping: parse(t, `
layout: outcomes
experiment: {id: experiment, ended: {value: 2026-01-01}}
arm: {id: arm}
control: `+rule+`
metrics: [{name: any, proportion: {trials: n, successes: y}}]
`)})
		for _, e := range effects(t, h, EffectQuery{}) {
			if e.Control != want || e.Arm == want {
				t.Errorf("%s: %s against %q, want %q", rule, e.Arm, e.Control, want)
			}
		}
	}
}

func TestNoise(t *testing.T) {
	got := noiseOf([]Effect{
		{Usable: true, Surface: "feed", Metric: "m", SE: 0.1, ControlUsers: 200, TreatmentUsers: 200, Baseline: 5}, // 1
		{Usable: true, Surface: "feed", Metric: "m", SE: 0.3, ControlUsers: 200, TreatmentUsers: 200, Baseline: 7}, // 3
		{Usable: true, Surface: "feed", Metric: "m", SE: 0.2, ControlUsers: 600, TreatmentUsers: 300, Baseline: 9}, // √8
		{Usable: false, Surface: "feed", Metric: "m", SE: 9, ControlUsers: 200, TreatmentUsers: 200, Baseline: 1},
		{Usable: true, Surface: "ads", Metric: "m", SE: 0.1, ControlUsers: 200, TreatmentUsers: 200, Baseline: 5},
	})
	want := []Noise{{"ads", "m", 1, 5, 1}, {"feed", "m", math.Sqrt(8), 7, 3}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Mapping: parse(t, simple), Files: []string{write(t, "a.csv", header+day("e", "control", 1, 1000, 500)+day("e", "blue", 1, 1000, 500))}})
	noise, err := h.Noise(context.Background(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	// One user's conversion at 50%: sd 0.5, over a mean of 0.5, is 1.
	if diff := cmp.Diff([]Noise{{"feed", "conversion", 1, 0.5, 1}}, noise, cmpopts.EquateApprox(1e-3, 0)); diff != "" {
		t.Error(diff)
	}
}

// What an experiment was about and what was decided comes with each of its effects.
func TestEffectsSayWhatWasDecided(t *testing.T) {
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "d.csv", "experiment,why,decision,ended,arm,n,mean,variance\n"+
		"e1,clicks mislead,shipped,2026-01-15,control,1000,1,1\ne1,clicks mislead,shipped,2026-01-15,blue,1000,1.1,1\n"+
		"e1,clicks mislead,shipped,2026-01-15,green,1000,1.1,1\ne2,,,2026-01-15,control,1000,1,1\ne2,,,2026-01-15,blue,1000,1.1,1\n")},
		Mapping: parse(t, `
layout: outcomes
experiment: {id: experiment, hypothesis: why, decision: decision, ended: ended}
arm: {id: arm}
control: {name: control}
metrics: [{name: revenue, mean: {n: n, mean: mean, variance: variance}}]
`)})
	var got [][3]string
	for _, e := range effects(t, h, EffectQuery{}) {
		got = append(got, [3]string{e.Experiment, e.Hypothesis, e.Decision})
	}
	want := [][3]string{{"e1", "clicks mislead", "shipped"}, {"e1", "clicks mislead", "shipped"}, {"e2", "", ""}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
