package history

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-planner/assay/stats/effect"
)

const aboutE1 = "experiment: {id: {value: e1}, started: {value: 2026-01-01}, ended: {value: 2026-01-15}}\narm: {id: arm}\n"

// user is what one made-up user did: y over d views, and x before exposure.
type user struct {
	arm     string
	y, d, x float64
}

// madeUp are users whose y follows x and, for a ratio, their views.
func madeUp(n int) []user {
	random := rand.New(rand.NewPCG(4, 5))
	users := make([]user, n)
	for i := range users {
		x := float64(random.IntN(40))
		d := 1 + float64(random.IntN(9)) + math.Floor(x/4)
		users[i] = user{[]string{"control", "blue", "red"}[i%5%3], math.Floor(x/2 + d*random.Float64()), d, x}
	}
	return users
}

// moments are those of y, or of the ratio y/d, with x, in one arm.
func moments(t *testing.T, users []user, arm string, ratio bool) effect.Moments {
	t.Helper()
	var m effect.Moments
	for _, u := range users {
		if u.arm != arm {
			continue
		}
		var err error
		if ratio {
			err = m.Add(u.y, u.d, u.x)
		} else {
			err = m.Add(u.y, u.x)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if ratio {
		var err error
		if m, err = m.Ratio(); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// TestAdjusted mines users, and the sums of the same users, and holds both
// against stats/effect, whose moments are added up user by user in centred form.
func TestAdjusted(t *testing.T) {
	users := madeUp(3000)
	rows := "user,arm,y,d,x\n"
	type sums struct{ n, y, yy, d, dd, yd, x, xx, xy, xd float64 }
	arms := map[string]*sums{"control": {}, "blue": {}, "red": {}}
	for i, u := range users {
		rows += fmt.Sprintf("u%d,%s,%g,%g,%g\n", i, u.arm, u.y, u.d, u.x)
		s := arms[u.arm]
		s.n, s.y, s.yy, s.d, s.dd, s.yd = s.n+1, s.y+u.y, s.yy+u.y*u.y, s.d+u.d, s.dd+u.d*u.d, s.yd+u.y*u.d
		s.x, s.xx, s.xy, s.xd = s.x+u.x, s.xx+u.x*u.x, s.xy+u.x*u.y, s.xd+u.x*u.d
	}
	aggregate := "arm,n,y,yy,d,dd,yd,x,xx,xy,xd\n"
	for arm, s := range arms {
		aggregate += fmt.Sprintf("%s,%g,%g,%g,%g,%g,%g,%g,%g,%g,%g\n", arm, s.n, s.y, s.yy, s.d, s.dd, s.yd, s.x, s.xx, s.xy, s.xd)
	}
	byUser, bySums := newHistory(t), newHistory(t)
	mustImport(t, byUser, ImportRequest{Files: []string{write(t, "u.csv", rows)}, Mapping: parse(t, "layout: users\nunit: user\n"+aboutE1+`
metrics: [{name: mean, value: y, pre: x}, {name: ratio, value: y, denominator: d, pre: x}]`)})
	mustImport(t, bySums, ImportRequest{Files: []string{write(t, "s.csv", aggregate)}, Mapping: parse(t, "layout: outcomes\n"+aboutE1+`
metrics:
  - {name: mean, sums: {n: n, y: y, yy: yy, x: x, xx: xx, xy: xy}}
  - {name: ratio, sums: {n: n, y: y, yy: yy, d: d, dd: dd, yd: yd, x: x, xx: xx, xy: xy, xd: xd}}`)})

	for name, h := range map[string]*History{"users": byUser, "sums": bySums} {
		found := effects(t, h, EffectQuery{})
		if len(found) != 4 {
			t.Fatalf("%s: %d effects, want 4", name, len(found))
		}
		for _, e := range found {
			treatment, control := moments(t, users, e.Arm, e.Metric == "ratio"), moments(t, users, "control", e.Metric == "ratio")
			adjusted, err := effect.Adjust(treatment, control, effect.CUPED)
			if err != nil {
				t.Fatal(err)
			}
			lift, err := effect.RelativeLift(adjusted.Treatment, adjusted.Control)
			if err != nil {
				t.Fatal(err)
			}
			ty, _ := treatment.Arm()
			cy, _ := control.Arm()
			plain, err := effect.RelativeLift(ty, cy)
			if err != nil {
				t.Fatal(err)
			}
			want := []float64{cy.Mean, lift.Value, lift.SE, plain.Value, plain.SE}
			got := []float64{e.Baseline, e.Lift, e.SE, e.UnadjustedLift, e.UnadjustedSE}
			if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" || !e.Adjusted {
				t.Errorf("%s %s %s: %s %+v", name, e.Metric, e.Arm, diff, e)
			}
			if !(e.SE < 0.9*e.UnadjustedSE) { // x explains well over a fifth of y by design
				t.Errorf("%s %s: the adjustment saves nothing: SE %v of %v", e.Metric, e.Arm, e.SE, e.UnadjustedSE)
			}
		}
	}
}

// TestAdjustedByHand: y of the control is 1 2 3 4 with x 1 1 2 2, of blue
// 2 3 5 6 with x 1 2 2 3, each 50 times. Per four users, control: ȳ 2.5, x̄ 1.5,
// Sxx 1, Sxy 2, Syy 5; blue: ȳ 4, x̄ 2, Sxx 2, Sxy 4, Syy 10. Over both, apart
// ½ and 3/2: Sxx 1 + 2 + 2·¼ = 3.5, Sxy 2 + 4 + 2·½·3/2 = 7.5, θ = 15/7. Adjusted
// control 2.5 + θ/4 = 85/28, blue 4 − θ/4 = 97/28: lift 12/85. Residual squares
// 50(5 − 2·2θ + θ²) = 50·50/49 and 50(10 − 2·4θ + 2θ²) = 50·100/49.
func TestAdjustedByHand(t *testing.T) {
	rows := "user,arm,y,x\n"
	for i := range 50 {
		for k, cells := range strings.Fields("control,1,1 control,2,1 control,3,2 control,4,2 blue,2,1 blue,3,2 blue,5,2 blue,6,3") {
			rows += fmt.Sprintf("u%d-%d,%s\n", i, k, cells)
		}
	}
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "u.csv", rows)}, Mapping: parse(t, "layout: users\nunit: user\n"+aboutE1+
		"metrics: [{name: y, value: y, pre: x}]")})
	c, b := 85./28, 97./28
	vc, vb := 50*50/49./199/200, 50*100/49./199/200
	want := []Effect{{Arm: "blue", Lift: 12. / 85, SE: math.Sqrt(vb/(c*c) + b*b*vc/math.Pow(c, 4)), Baseline: 2.5, ControlUsers: 200, TreatmentUsers: 200, SampleRatioP: 1}}
	compare(t, want, effects(t, h, EffectQuery{}))
}

// TestNotAdjusted: without x, with x in one arm, with a constant x, with one that
// explains all of y, and for a ratio whose Σxd nobody knows, lifts stay plain.
func TestNotAdjusted(t *testing.T) {
	const columns = "n: n, y: y, yy: yy, d: d, dd: dd, yd: yd, x: x, xx: xx, xy: xy"
	const control, blue = "control,200,500,1500,200,200,500,", "blue,200,520,1600,200,200,520,"
	for name, x := range map[string][2]string{
		"none": {"0,0,0", "0,0,0"}, "one arm": {"300,500,800", "0,0,0"}, "constant": {"200,200,500", "200,200,520"},
		"all of y": {"500,1500,1500", "520,1600,1600"},
	} {
		h := newHistory(t)
		mustImport(t, h, ImportRequest{Mapping: parse(t, "layout: outcomes\n"+aboutE1+"metrics: [{name: m, sums: {"+columns+", xd: x}}]"),
			Files: []string{write(t, "s.csv", "arm,n,y,yy,d,dd,yd,x,xx,xy\n"+control+x[0]+"\n"+blue+x[1]+"\n")}})
		unadjusted(t, name, h)
	}
	h := newHistory(t)
	mustImport(t, h, ImportRequest{Mapping: parse(t, "layout: outcomes\n"+aboutE1+"metrics: [{name: m, sums: {"+columns+"}}]"),
		Files: []string{write(t, "s.csv", "arm,n,y,yy,d,dd,yd,x,xx,xy\n"+control+"300,500,800\n"+blue+"310,520,840\n")}})
	unadjusted(t, "no Σxd", h)
}

func unadjusted(t *testing.T, name string, h *History) {
	t.Helper()
	e := effects(t, h, EffectQuery{})[0]
	lift, se := liftOf(arm{200, 2.6, (1600 - 520*2.6) / 199}, arm{200, 2.5, (1500 - 500*2.5) / 199})
	if diff := cmp.Diff([]float64{lift, se}, []float64{e.Lift, e.SE}, cmpopts.EquateApprox(1e-12, 0)); diff != "" || e.Adjusted || !e.Usable || e.UnadjustedSE != 0 {
		t.Errorf("%s: %s %+v", name, diff, e)
	}
}
