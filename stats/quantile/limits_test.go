package quantile

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

// TestPointers: a pointer to a sketch is as good as the sketch; one to nothing is none.
func TestPointers(t *testing.T) {
	h := Histogram{Edges: []float64{0, 1, 2}, Counts: []float64{90, 10}, Sums: []float64{40, 14}, Squares: []float64{30, 20}}
	d := singletons([]float64{1, 2, 3, 4})
	for _, s := range []struct{ value, pointer Sketch }{{h, &h}, {d, &d}} {
		a, b := Sample{Sketch: s.value}, Sample{Sketch: s.pointer}
		if x, y := assert.Must(a.Quantile(0.4, Options{})), assert.Must(b.Quantile(0.4, Options{})); !reflect.DeepEqual(x, y) {
			t.Errorf("%+v, by a pointer %+v", x, y)
		}
		limits := assert.Must(PooledLimits(0, 0.9, s.value, s.value))
		if x := assert.Must(PooledLimits(0, 0.9, s.value, s.pointer)); x != limits {
			t.Errorf("%+v, by a pointer %+v", limits, x)
		}
		if x, y := assert.Must(Winsorised(s.value, limits)), assert.Must(Winsorised(s.pointer, limits)); !reflect.DeepEqual(x, y) {
			t.Errorf("%+v, by a pointer %+v", x, y)
		}
	}
	_, err := Sample{Sketch: (*Digest)(nil)}.Quantile(0.4, Options{})
	assert.Field(t, err, "Sketch")
	_, err = Trimmed((*Histogram)(nil), UpTo(1))
	assert.Field(t, err, "s")
}

// TestLimitsJSON: no cap is null, in both directions.
func TestLimitsJSON(t *testing.T) {
	for l, text := range map[Limits]string{
		UpTo(9.5):                   `{"low":null,"high":9.5}`,
		{-1, math.Inf(1)}:           `{"low":-1,"high":null}`,
		{math.Inf(-1), math.Inf(1)}: `{"low":null,"high":null}`,
		{-2, 3}:                     `{"low":-2,"high":3}`,
	} {
		if got := string(assert.Must(json.Marshal(l))); got != text {
			t.Errorf("%+v is %s, want %s", l, got, text)
		}
		back := Limits{7, 7}
		if err := json.Unmarshal([]byte(text), &back); err != nil || back != l {
			t.Errorf("%s is %+v, %v", text, back, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"low":"x"}`), new(Limits)); err == nil {
		t.Error("a text was read as a limit")
	}
}

func TestPooledLimits(t *testing.T) {
	a := Histogram{Edges: []float64{0, 1, 2}, Counts: []float64{90, 10}}
	b := Histogram{Edges: []float64{0, 1, 2}, Counts: []float64{70, 30}}
	l := assert.Must(PooledLimits(0.2, 0.9, a, b))
	assert.Near(t, "low", l.Low, 0.25, 1e-12)
	assert.Near(t, "high", l.High, 1.5, 1e-12)
	if l := assert.Must(PooledLimits(0, 1, a, b)); !math.IsInf(l.Low, -1) || !math.IsInf(l.High, 1) {
		t.Errorf("no caps: %+v", l)
	}
	fail := func(low, high float64, arms ...Sketch) error { _, err := PooledLimits(low, high, arms...); return err }
	assert.Field(t, fail(0, 0.9), "arms")
	assert.Field(t, fail(0, 0.9, a, nil), "arms[1]")
	assert.Field(t, fail(0, 0.9, a, singletons([]float64{1, 2})), "arms[1].Edges")
	assert.Field(t, fail(0, 0.9, singletons([]float64{1, 2}), a), "arms[1].Centroids")
	bad := Histogram{Edges: []float64{0, 1, 2}, Counts: []float64{90, -1}}
	assert.Field(t, fail(0, 0.9, bad), "arms[0].Counts[1]")
	assert.Field(t, fail(0, 0.9, bad, a), "arms[0].Counts[1]")
	assert.Field(t, fail(0, 0.9, a, bad), "arms[1].Counts[1]")
	assert.Field(t, fail(0, 0.9, a, (*Histogram)(nil)), "arms[1]")
	assert.Field(t, fail(0.9, 0.9, a), "low")
	assert.Field(t, fail(0, 1.1, a), "high")
	a.Over = 50
	assert.Field(t, fail(0, 0.95, a, b), "high")
}
