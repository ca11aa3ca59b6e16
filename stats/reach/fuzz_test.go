package reach

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func bytesOf(xs ...float64) []byte {
	var data []byte
	for _, x := range xs {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(x))
	}
	return data
}

func FuzzFit(f *testing.F) {
	f.Add(bytesOf(1, 41e3, 2, 58e3, 3, 70e3, 7, 100e3, 14, 130e3), "", 0.0, 28.0, 0.5)
	f.Add(bytesOf(1, 41e3, 2, 41e3, 3, 41e3, 7, 41e3), "beta_binomial", 0.0, 1e9, 1.0)
	f.Add(bytesOf(1e-6, 1e-6, 1e6, 1e18), "geometric", 1.0, 1e40, 1e-40)
	f.Add(bytesOf(1, 0, 2, 0, 3, 1e-6, 1e6, 1e18, 1.1e6, 1e18), "", 0.3, 0.0, 0.1)
	f.Add(bytesOf(1, 1e18, 1+1e-15, 1e18), "power", math.NaN(), math.Inf(1), -1.0)
	f.Add(bytesOf(1e-6, 1e-76, 5e5, 1e6), "", 1.0, 1.0, 0.5)
	f.Add(bytesOf(math.NaN(), 1), "line", 2.0, -3.0, math.NaN())
	f.Fuzz(func(t *testing.T, data []byte, model string, exponent, day, share float64) {
		var points []Point
		for ; len(data) >= 16; data = data[16:] {
			points = append(points, Point{math.Float64frombits(binary.LittleEndian.Uint64(data)), math.Float64frombits(binary.LittleEndian.Uint64(data[8:]))})
		}
		c, err := Fit(points, Options{Model: Model(model), Exponent: exponent})
		assert.Answered[Curve](t)(c, err)
		assert.Answered[Curve](t)(Weekly(share, exponent))
		if err != nil {
			return
		}
		use(t, c, day, share)
		last := points[len(points)-1]
		if got := c.Users(last.Day); math.Abs(got/last.Users-1) > 1e-9 {
			t.Fatalf("%+v: %g users on the last day, not %g", c, got, last.Users)
		}
	})
}

// Any curve that Check accepts answers, and survives JSON.
func FuzzCurve(f *testing.F) {
	f.Add("beta_binomial", 1e6, 0.5, 3.0, 0.0, 0.0, 28.0, 5e5)
	f.Add("beta_binomial", 1e40, 1e9, 1e-6, 0.0, 0.0, 1e40, 1e40)
	f.Add("beta_binomial", 1e-40, 1e-6, 1e9, 0.0, 0.0, 1e-300, 1e-50)
	f.Add("geometric", 1.0, 0.0, 0.0, 1e-300, 0.0, 1e40, 0.999)
	f.Add("geometric", 1.0, 0.0, 0.0, 0.9999999999999999, 0.0, 0.1, 0.999)
	f.Add("power", 1.0, 0.0, 0.0, 0.0, 1e-300, 1e40, 1.0000001)
	f.Add("line", 1e-40, 0.0, 0.0, 0.0, 0.0, 1e40, 1e40)
	f.Fuzz(func(t *testing.T, model string, scale, a, b, visit, exponent, day, users float64) {
		c := Curve{Model: Model(model), Scale: scale, A: a, B: b, Visit: visit, Exponent: exponent}
		assert.Answered[struct{}](t)(struct{}{}, c.Check())
		if c.Check() == nil {
			use(t, c, day, 0.3)
			if d, ok := c.Day(users); !(d >= 0 && d <= lastDay) || ok && c.Users(d*(1+1e-9)+1e-300) < users*(1-1e-6) {
				t.Fatalf("%+v: %g users by day %g %v, when there are %g", c, users, d, ok, c.Users(d))
			}
		}
	})
}

func use(t *testing.T, c Curve, day, share float64) {
	t.Helper()
	if users := c.Users(day); (day >= 0 && day <= 1e40) == (math.IsNaN(users) || math.IsInf(users, 0) || users < 0) {
		t.Fatalf("%+v: %g users by day %g", c, users, day)
	}
	assert.Answered[Curve](t)(c.Share(share))
	rows, err := c.Schedule(3)
	assert.Answered[[]Week](t)(rows, err)
	text, err := json.Marshal(c)
	var back Curve
	if err != nil || json.Unmarshal(text, &back) != nil || (c.A == 0 || c.Model == BetaBinomial) && finite(c) && !cmp.Equal(c, back) {
		t.Fatalf("%+v, %s: %v", c, text, err)
	}
}

// finite: JSON keeps no NaN in fields that a model does not use.
func finite(c Curve) bool { return !math.IsNaN(c.A + c.B + c.Visit + c.Exponent) }
