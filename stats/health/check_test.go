package health

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func healthy() Experiment {
	aa := make([]float64, 100)
	for i := range aa {
		aa[i] = (float64(i) + 0.5) / 100
	}
	return Experiment{
		Counts: [][]int{{501, 499}, {1003, 998}}, Weights: []float64{1, 1}, AA: aa,
		Days:      dailyEffects(14, flat(0.01), flat(0.02)),
		Treatment: []Bin{{10, 50, 260}, {990, 990, 1980}}, Control: []Bin{{10, 50, 260}, {990, 900, 1800}},
	}
}

func TestCheck(t *testing.T) {
	r := assert.Must(Check(healthy()))
	if r.Status != OK || len(r.Findings) != 5 {
		t.Errorf("%+v", r)
	}
	if r := assert.Must(Check(Experiment{})); r.Status != OK || r.Findings == nil || len(r.Findings) > 0 {
		t.Errorf("nothing known: %+v", r)
	}
	for name, c := range map[string]struct {
		spoil    func(*Experiment)
		finding  string
		status   Status
		mentions string
	}{
		"lost users":       {func(e *Experiment) { e.Counts = [][]int{{200574, 194300}} }, "sample-ratio", Fail, "χ² = 99.69"},
		"lost by and by":   {func(e *Experiment) { e.Counts = [][]int{{510, 490}, {200574, 194300}} }, "sample-ratio", Fail, "from look 2 on"},
		"hardly any users": {func(e *Experiment) { e.Counts = [][]int{{3, 1}} }, "sample-ratio", Warn, "expects only 2"},
		"two of three users in one of 500 arms": {func(e *Experiment) {
			counts, weights := make([]int, 500), make([]float64, 500)
			for a := range weights {
				weights[a] = 1
			}
			counts[7], counts[8] = 2, 1
			e.Counts, e.Weights = [][]int{counts}, weights
		}, "sample-ratio", Warn, "the always-valid p = 0.95 decides"},
		"a tiny arm beside broken ones": {func(e *Experiment) {
			e.Counts, e.Weights = [][]int{{600_000, 400_000, 3}}, []float64{0.4999995, 0.4999995, 1e-6}
		}, "sample-ratio", Fail, "the always-valid p = 0 decides"},
		"wrong errors": {func(e *Experiment) {
			for i, p := range e.AA {
				e.AA[i] = p * p
			}
		}, "aa", Fail, "times the reported one"},
		"nothing but false positives": {func(e *Experiment) {
			for i := range e.AA {
				e.AA[i] = 0.01
			}
		}, "aa", Fail, ": 100% false positives at 5%"},
		"errors a bit small": {func(e *Experiment) {
			for i, p := range e.AA {
				e.AA[i] = math.Pow(p, 1.3)
			}
		}, "aa", Warn, "times the reported one"},
		"novelty": {func(e *Experiment) {
			e.Days = dailyEffects(14, flat(0.001), func(d int) float64 { return 0.1 / float64(d+1) })
		}, "novelty", Warn, "shrinks"},
		"primacy": {func(e *Experiment) {
			e.Days = dailyEffects(14, flat(0.001), func(d int) float64 { return 0.01 * float64(d+1) })
		}, "novelty", Warn, "grows"},
		"nine days": {func(e *Experiment) { e.Days = e.Days[:9] }, "weekdays", Warn, "9 days"},
		"Sundays": {func(e *Experiment) {
			e.Days = dailyEffects(14, flat(0.001), func(d int) float64 { return 0.1 * float64(d%7/6) })
		}, "weekdays", Warn, "Q = "},
		"a whale": {func(e *Experiment) { e.Treatment[0] = Bin{1, 10_000, 1e8} }, "outliers", Warn, "of the variance"},
		"a whale that flips nothing sure": {func(e *Experiment) {
			e.Treatment, e.Control = []Bin{{1, 30, 900}, {4, 100, 2500}, {995, 906, 875}}, []Bin{{1, 5, 25}, {4, 16, 64}, {995, 995, 1045}}
		}, "outliers", Warn, "10 users (0.5% of all) carry"},
		"1% that flips": {func(e *Experiment) { e.Treatment = []Bin{{10, 2000, 401_000}, {990, 800, 1600}} }, "outliers", Fail, "without 20 users"},
	} {
		t.Run(name, func(t *testing.T) {
			e := healthy()
			c.spoil(&e)
			r := assert.Must(Check(e))
			if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Name == c.finding }) {
				t.Errorf("no finding %s in %+v", c.finding, r)
			}
			for _, f := range r.Findings {
				if f.Name == c.finding && (f.Status != c.status || f.WayOut == "" || !strings.Contains(f.Message, c.mentions)) {
					t.Errorf("%+v", f)
				}
				if f.Status == OK != (f.WayOut == "") {
					t.Errorf("a way out of %+v", f)
				}
			}
			if r.Status == OK || c.status == Fail && r.Status != Fail {
				t.Errorf("the report is %s", r.Status)
			}
		})
	}
}

// A finding of three tests counts three times the smallest of their p-values, and
// is none from 0.05 on; weekdays are none from 0.01 on.
func TestCheckLevels(t *testing.T) {
	find := func(e Experiment, name string) Finding {
		r := assert.Must(Check(e))
		return r.Findings[slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Name == name })]
	}
	e := healthy()
	for i, p := range e.AA {
		e.AA[i] = math.Pow(p, 1.22)
	}
	r, f := assert.Must(AA(e.AA, AAOptions{})), find(e, "aa")
	if least := min(r.AndersonP, r.VarianceP, r.FalsePositivesP); *f.P != 3*least || f.Status != OK || !(least < 0.05) {
		t.Errorf("%+v of %+v", f, r)
	}
	e.Days = dailyEffects(14, flat(0.01), func(d int) float64 { return 0.026 * float64(d%7/6) })
	if f := find(e, "weekdays"); f.Status != OK || !(*f.P > 0.01 && *f.P < 0.1) {
		t.Errorf("%+v, p = %g", f, *f.P)
	}
}

func TestCheckPassesErrorsOn(t *testing.T) {
	for field, spoil := range map[string]func(*Experiment){
		"weights":            func(e *Experiment) { e.Weights = nil },
		"looks[0][1]":        func(e *Experiment) { e.Counts[0][1] = -1 },
		"p[0]":               func(e *Experiment) { e.AA[0] = 2 },
		"days":               func(e *Experiment) { e.Days = e.Days[:1] },
		"control":            func(e *Experiment) { e.Control = nil },
		"LongRun":            func(e *Experiment) { e.Novelty.LongRun = -3 },
		"counts[0]":          func(e *Experiment) { e.Counts = [][]int{{-1, 2}} },
		"treatment[1].Users": func(e *Experiment) { e.Treatment[1].Users = -1 },
	} {
		e := healthy()
		spoil(&e)
		_, err := Check(e)
		assert.Field(t, err, field)
	}
}

func TestReportJSON(t *testing.T) {
	text := string(assert.Must(json.Marshal(assert.Must(Check(healthy())))))
	if !strings.Contains(text, `{"status":"ok","findings":[{"name":"sample-ratio","status":"ok","p":`) || strings.Contains(text, "way_out") {
		t.Error(text)
	}
}
