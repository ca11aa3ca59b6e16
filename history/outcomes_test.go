package history

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const headlines = `layout: outcomes
experiment: {id: test, surface: {value: home}, started: {value: 2026-01-01}, ended: {value: 2026-01-08}}
arm:
  id: arm
  title: text
  attributes: {image: image, colour: colour}
  set: [image]
  claims: {author: claim}
day: day
metrics: [{name: ctr, proportion: {trials: views, successes: clicks}}]
exclude: [{column: test, equals: bad, reason: the logger was down}]
`

func TestOutcomes(t *testing.T) {
	const rows = "test,arm,text,image,colour,claim,day,views,clicks\n" +
		"good,1,Cats,i1,red,0.02,2026-01-01,1000,30\ngood,1,Cats,i1,red,0.02,2026-01-02,500,10\n" +
		"good,2,Dogs,i1,,,2026-01-01,900,20\ngood,3,Dogs,i2,red,-1e-3,2026-01-01,800,25\n" +
		"bad,1,Owls,i3,red,,2026-01-01,700,5\n"
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "arms.csv", rows)}, Mapping: parse(t, headlines)})
	got, err := h.Outcomes(context.Background(), "ctr")
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	arm := func(experiment, arm, title, set string, n, y float64) Outcome {
		return Outcome{Experiment: experiment, Metric: "ctr", Arm: arm, Title: title, Surface: "home", Started: day(1), Ended: day(8),
			Control: false, Set: set, N: n, Y: y, YY: y, D: n, DD: n, YD: y}
	}
	want := []Outcome{
		arm("bad", "1", "Owls", `["i3"]`, 700, 5), arm("good", "1", "Cats", `["i1"]`, 1500, 40),
		arm("good", "2", "Dogs", `["i1"]`, 900, 20), arm("good", "3", "Dogs", `["i2"]`, 800, 25),
	}
	want[0].Excluded = "the logger was down"
	want[1].Claims, want[3].Claims = map[string]float64{"author": 0.02}, map[string]float64{"author": -0.001}
	for i, image := range []string{"i3", "i1", "i1", "i2"} {
		want[i].Attributes = map[string]string{"image": image, "colour": "red"}
	}
	want[2].Attributes["colour"] = ""
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Outcome{})); diff != "" {
		t.Error(diff)
	}
	if other, err := h.Outcomes(context.Background(), "rpm"); err != nil || len(other) != 0 {
		t.Errorf("%v, %v", other, err)
	}
}

// A claim that is no number is a bad row.
func TestClaimsAreNumbers(t *testing.T) {
	const rows = "test,arm,text,image,colour,claim,day,views,clicks\na,1,x,i,r,high,2026-01-01,10,1\na,2,y,i,r,Inf,2026-01-01,10,1\n"
	report, err := newHistory(t).Import(context.Background(),
		ImportRequest{Files: []string{write(t, "arms.csv", rows)}, Mapping: parse(t, headlines)})
	if err == nil || len(report.Problems) != 2 {
		t.Fatalf("%v, %v", err, report.Problems)
	}
	for i, want := range []string{`column claim: "high" is not a number`, `column claim: "Inf" is not finite`} {
		if got := report.Problems[i].String(); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Of the arms that the pairs of an experiment stand for, all have outcomes; the last
// snapshot counts.
func TestOutcomesOfPairs(t *testing.T) {
	h := newHistory(t)
	importReal(t, h, "asos", "data/asos/asos_shared.csv.gz")
	all, err := h.Outcomes(context.Background(), "binary")
	if err != nil {
		t.Fatal(err)
	}
	effects, err := h.Effects(context.Background(), EffectQuery{Metric: "binary"})
	if err != nil {
		t.Fatal(err)
	}
	users := map[[2]string]float64{}
	controls := 0
	for _, o := range all {
		users[[2]string{o.Experiment, o.Arm}] = o.N
		if o.Control {
			controls++
		}
	}
	if controls == 0 || controls+len(effects) != len(all) {
		t.Errorf("%d outcomes, %d of them controls, and %d effects", len(all), controls, len(effects))
	}
	for _, e := range effects {
		if n := users[[2]string{e.Experiment, e.Arm}]; n != e.TreatmentUsers {
			t.Errorf("%s %s: %g users, the effect has %g", e.Experiment, e.Arm, n, e.TreatmentUsers)
		}
	}
}

// What was claimed of an arm before its test is on its effects, with the product of its
// ICE factors where all are known.
func TestEffectsHaveClaims(t *testing.T) {
	const rows = "test,arm,claim,i,c,e,views,clicks\n" +
		"one,control,,,,,10000,300\none,b,0.02,5,4,3,10000,320\none,c,,5,,3,10000,310\n"
	m := strings.Replace(headlines, "  title: text\n  attributes: {image: image, colour: colour}\n  set: [image]\n", "  ice: {impact: i, confidence: c, ease: e}\n", 1)
	m = strings.Replace(strings.Replace(m, "day: day\n", "", 1), "exclude:", "control: {name: control}\nexclude:", 1)
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "arms.csv", rows)}, Mapping: parse(t, m)})
	effects, err := h.Effects(context.Background(), EffectQuery{})
	if err != nil || len(effects) != 2 {
		t.Fatal(effects, err)
	}
	if diff := cmp.Diff(map[string]float64{"author": 0.02, "ice": 60}, effects[0].Claims); diff != "" || len(effects[1].Claims) != 0 {
		t.Error(diff, effects[1].Claims)
	}
}

// A claim may stand in any row of its arm, and counts for the metric that it is of.
func TestClaimsOfAMetric(t *testing.T) {
	const rows = "test,arm,metric,aim,claim,n,y\n" +
		"one,control,ctr,,,10000,300\none,b,cvr,,,10000,200\none,control,cvr,,,10000,200\none,b,ctr,ctr,0.02,10000,320\none,c,ctr,,0.05,10000,320\none,c,cvr,,,10000,320\n"
	const m = "layout: outcomes\nexperiment: {id: test, ended: {value: 2026-01-08}}\narm: {id: arm, claims: {author: claim}, claims_of: aim}\nmetrics: [{name: {column: metric}, proportion: {trials: n, successes: y}}]\n"
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "arms.csv", rows)}, Mapping: parse(t, m)})
	effects, err := h.Effects(context.Background(), EffectQuery{})
	if err != nil {
		t.Fatal(err)
	}
	outcomes, err := h.Outcomes(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, e := range effects {
		for _, claim := range e.Claims {
			got[e.Arm+" "+e.Metric] = claim
		}
	}
	for _, o := range outcomes {
		for _, claim := range o.Claims {
			got[o.Arm+" of "+o.Metric] = claim
		}
	}
	want := map[string]float64{"b ctr": 0.02, "c ctr": 0.05, "c cvr": 0.05, "b of ctr": 0.02, "c of ctr": 0.05, "c of cvr": 0.05}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
