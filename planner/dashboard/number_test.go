package dashboard

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{lift(0.0031), "+0.31%"}, {lift(-0.0031), "−0.31%"}, {lift(0.123), "+12.3%"}, {lift(0), "0.00%"}, {lift(-0.00001), "0.00%"}, {lift(2), "+200.0%"},
		{percent(0), "0%"}, {percent(1), "100%"}, {percent(0.9996), "99.9%"}, {percent(0.984), "98%"}, {percent(0.0071), "0.71%"}, {percent(0.012), "1.2%"}, {percent(0.00001), "<0.01%"},
		{count(2_100_000), "2.1 M"}, {count(12_034), "12,034"}, {count(7), "7"}, {count(0.5), "0.5"}, {count(0), "0"}, {count(-1500), "−1,500"},
		{people(254_912), "255,000"}, {people(4.27e6), "4.27 M"}, {people(812), "812"}, {people(999_700), "1 M"},
		{plural(1, "test", "tests"), "1 test"}, {plural(1200, "test", "tests"), "1,200 tests"},
		{brief(0.004, "USD"), "<0.01"}, {brief(0.3, "USD"), "$0.30"}, {brief(7.47, "USD"), "$7.5"}, {brief(2345, "USD"), "$2.3k"}, {brief(48, "SEK"), "48"},
		{gap(0.0048), "0.48%"}, {gap(allocator.Unproved), "unproved"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

func TestAxis(t *testing.T) {
	var fs []planner.Forecast
	for i := range 100 {
		fs = append(fs, planner.Forecast{Mean: 0.001, Low: -0.002, High: 0.004 + float64(i)*1e-5})
	}
	fs[99].High = 0.5 // one wild forecast must not squeeze the rest
	a := axisOf(fs, 150)
	if a.high > 0.01 || a.low > -0.002 {
		t.Errorf("the axis goes from %g to %g", a.low, a.high)
	}
	if v := a.interval(fs[99]); !v.CutHigh || v.High != 150 {
		t.Errorf("what is beyond the axis is not drawn as cut off: %+v", v)
	}
	if v := a.interval(fs[0]); v.Loss.Width <= 0 || v.Gain.Width <= 0 || math.Abs(v.Loss.X+v.Loss.Width-v.Zero) > 0.11 || v.Gain.X != v.Zero || v.CutLow || v.CutHigh {
		t.Errorf("an interval across zero: %+v", v)
	}
	if v := a.interval(planner.Forecast{Low: 0.001, High: 0.002, Mean: 0.0015}); v.Loss.Width != 0 || v.Gain.X <= v.Zero {
		t.Errorf("an interval above zero: %+v", v)
	}
	if v := a.interval(planner.Forecast{Low: -0.002, High: -0.001, Mean: -0.0015}); v.Gain.Width != 0 || v.Loss.X+v.Loss.Width >= v.Zero {
		t.Errorf("an interval below zero: %+v", v)
	}
	zeros := 0
	for _, tick := range a.Ticks {
		if tick.Zero {
			zeros++
		}
	}
	if zeros != 1 || len(a.Ticks) < 2 || len(a.Ticks) > 6 {
		t.Errorf("ticks: %+v", a.Ticks)
	}
	for _, none := range [][]planner.Forecast{nil, {{}}} { // nothing to draw is no error
		if b := axisOf(none, 150); b.high <= b.low || len(b.Ticks) == 0 {
			t.Errorf("the axis of %v: %+v", none, b)
		}
	}
}

func TestStrip(t *testing.T) {
	p, _ := bigPlan()
	all := starts(&p)
	for _, s := range all {
		v := stripOf(s, all)
		for _, part := range [][]span{v.Control, v.Treatment, v.Others} {
			for _, r := range part {
				if r.X < 0 || r.Width < leastDrawn || r.X > planner.Buckets {
					t.Errorf("%s: %+v lies outside", s.Experiment, r)
				}
			}
		}
	}
	if got := ranges([]allocator.Range{{From: 0, To: 50}, {From: 90, To: 91}}); got != "0–49, 90" {
		t.Errorf("ranges: %s", got)
	}
	if got := merged([]allocator.Range{{From: 5, To: 9}, {From: 0, To: 5}, {From: 20, To: 30}, {From: 21, To: 22}}); len(got) != 2 || got[0].To != 9 || got[1].To != 30 {
		t.Errorf("merged: %v", got)
	}
}

func TestAssets(t *testing.T) {
	for name := range pathOf {
		link := assetPath(name)
		body, kind, ok := Asset(link[len("/assets/"):])
		if !ok || len(body) == 0 || kind == "" {
			t.Errorf("%s: %d bytes of %q", link, len(body), kind)
		}
	}
	if _, _, ok := Asset("assay.css"); ok {
		t.Error("a name without its hash is served: browsers would keep it for ever")
	}
}
