package effect

import (
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

func FuzzEffects(f *testing.F) {
	f.Add(10, 1.0, 1.0, 12, 2.0, 0.5, 0.1, 0.2)
	f.Add(2, 1e40, 1e40, 1<<62, -1e-40, 1e-320, 1e-300, 1e300)
	f.Add(0, math.NaN(), -1.0, -5, math.Inf(1), 0.0, 0.0, math.NaN())
	f.Fuzz(func(t *testing.T, n1 int, m1, v1 float64, n2 int, m2, v2, covariance, squares float64) {
		a, b := Arm{n1, m1, v1}, Arm{n2, m2, v2}
		assert.Answered[stats.Estimate](t)(RelativeLift(a, b))
		assert.Answered[WelchResult](t)(Welch(a, b))
		assert.Answered[Arm](t)(RatioArm{n1, m1, m2, v1, v2, covariance}.Arm())
		assert.Answered[Arm](t)(ArmFromSums(n1, m1, squares))
	})
}

// What a Result may hold besides finite numbers are the infinite ends that its
// intervals' forms name.
func answered(t *testing.T, r Result, err error) {
	t.Helper()
	ends := []*Interval{&r.Difference.Interval}
	if r.Lift != nil {
		lift := *r.Lift
		r.Lift = &lift
		ends = append(ends, &lift.Interval)
	}
	for _, i := range ends {
		if math.IsInf(i.Low, -1) && (i.Form == Below || i.Form == All) {
			i.Low = 0
		}
		if math.IsInf(i.High, 1) && (i.Form == Above || i.Form == All) {
			i.High = 0
		}
	}
	assert.Answered[Result](t)(r, err)
	if err == nil && !(r.P >= 0 && r.P <= 1 && r.PGreater >= 0 && r.PGreater <= 1 && r.PLess >= 0 && r.PLess <= 1) {
		t.Fatalf("p-values %g, %g, %g", r.P, r.PGreater, r.PLess)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(10, 1.0, 1.0, 12, 2.0, 0.5, 0.95, uint8(0))
	f.Add(2, 1e40, 1e40, 1<<62, -1e-40, 1e-320, 0.9999999999999999, uint8(5))
	f.Add(2, 0.0, 1e-40, 2, 1e-40, 1e40, 1e-17, uint8(14))
	f.Add(1000, -3.0, 9.0, 1000, -0.01, 9.0, 0.5, uint8(26))
	f.Add(10, 1.0, 0.0, 12, 2.0, 0.0, 0.9, uint8(1)) // all of the variance lies between segments
	f.Fuzz(func(t *testing.T, n1 int, m1, v1 float64, n2 int, m2, v2, level float64, choices uint8) {
		o := Options{Level: level, Sides: []stats.Sides{stats.TwoSided, stats.Greater, stats.Less}[choices%3], Difference: ofMeans[choices/3%3], Lift: ofLifts[choices/9%3]}
		a, b := Arm{n1, m1, v1}, Arm{n2, m2, v2}
		r, err := Compare(a, b, o)
		answered(t, r, err)
		s, err := CompareSegments([]Segment{{Treatment: a, Control: b}, {Treatment: b, Control: a}}, o)
		for _, r := range s.Segments {
			answered(t, r.Result, err)
		}
		answered(t, s.Together, err)
		answered(t, s.PostStratified, err)
		assert.Answered[Heterogeneity](t)(s.Difference, err)
	})
}

func FuzzProportions(f *testing.F) {
	f.Add(3, 10, 5, 12, 0.95, uint8(0))
	f.Add(0, 1<<62, 1<<62, 1<<62, 0.9999999999999999, uint8(5))
	f.Add(0, 2, 0, 2, 1e-17, uint8(8))
	f.Add(100, 100, 99, 100, 0.5, uint8(22))
	f.Fuzz(func(t *testing.T, x1, n1, x2, n2 int, level float64, choices uint8) {
		o := Options{Level: level, Sides: []stats.Sides{stats.TwoSided, stats.Greater, stats.Less}[choices%3],
			Difference: []Method{Score, Newcombe, AgrestiCaffo, Wald}[choices/3%4], Lift: []Method{Score, Log, LogAdjusted}[choices/12%3]}
		a, b := Proportion{x1, n1}, Proportion{x2, n2}
		r, err := CompareProportions(a, b, o)
		answered(t, r, err)
		o.Lift, o.Difference = "", []Method{Wilson, ClopperPearson, AgrestiCoull}[choices/3%3]
		assert.Answered[stats.Interval](t)(a.Interval(o))
	})
}

func FuzzAdjust(f *testing.F) {
	f.Add(10, 12, 1.0, 2.0, 3.0, 4.0, 1.0, 5.0, 2.0, 3.0, 0.3, 0.6, uint8(0))
	f.Add(2, 1<<62, 1e40, -1e40, 0.0, 1e-40, 1e40, 1e40, 1e-320, 1e-40, 1e20, -1e-40, uint8(1))
	f.Add(5, 5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, uint8(2))
	f.Fuzz(func(t *testing.T, n1, n2 int, y1, y2, x1, x2, yy1, yy2, xx1, xx2, xy1, xy2 float64, choices uint8) {
		a, b := Moments{n1, []float64{y1, x1}, []float64{yy1, xy1, xx1}}, Moments{n2, []float64{y2, x2}, []float64{yy2, xy2, xx2}}
		how := []Adjustment{CUPED, OLS, Lin}[choices%3]
		adj, err := Adjust(a, b, how)
		adj.fit = nil // its factors are of no one's concern
		assert.Answered[Adjusted](t)(adj, err)
		if err == nil {
			r, err := adj.Compare(Options{Lift: ofLifts[choices/3%3]})
			answered(t, r, err)
		}
		ratio, err := a.Ratio()
		assert.Answered[Moments](t)(ratio, err)
		assert.Answered[Moments](t)(a.Merge(b))
		assert.Answered[Moments](t)(MomentsFromSums(n1, []float64{y1, x1}, []float64{yy1, xy1, xx1}))
		if adj, err := Adjust(a, b, how); err == nil && how != CUPED {
			pass := assert.Must(adj.SecondPass())
			if err := pass.Add(true, y1, x2); err != nil {
				t.Fatal(err)
			}
		}
	})
}
