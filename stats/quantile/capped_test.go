package quantile

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// raw computes the same from raw values.
func raw(values []float64, l Limits, keep bool) effect.Arm {
	var in []float64
	for _, y := range values {
		if keep {
			in = append(in, min(max(y, l.Low), l.High))
		} else if y >= l.Low && y < l.High {
			in = append(in, y)
		}
	}
	mean, variance := stat.MeanVariance(in, nil)
	return effect.Arm{N: len(in), Mean: mean, Variance: variance}
}

func nearArm(t testing.TB, what string, got, want effect.Arm, relative float64) {
	t.Helper()
	if got.N != want.N {
		t.Errorf("%s: N %d, want %d", what, got.N, want.N)
	}
	assert.Near(t, what+": mean", got.Mean/want.Mean, 1, relative)
	assert.Near(t, what+": variance", got.Variance/want.Variance, 1, relative)
}

// Where bins end at the caps, sums are those of the raw values: from above, from
// both sides, by open bins beyond the caps, and without any cap.
func TestCappedMeansAreExact(t *testing.T) {
	values := draw(rand.New(rand.NewPCG(11, 12)), 5000, pareto)
	h := histogramOf([]float64{100, 110, 150, 300, 700, 1500}, values)
	full := histogramOf([]float64{100, 110, 150, 300, 700, 1500, 1e6}, values)
	for name, c := range map[string]struct {
		sketch Sketch
		limits Limits
	}{
		"above":       {h, UpTo(700)},
		"both":        {h, Limits{110, 700}},
		"open bins":   {h, Limits{100, 1500}},
		"none":        {full, Limits{math.Inf(-1), math.Inf(1)}},
		"singletons":  {singletons(values), UpTo(500)},
		"below alone": {full, Limits{Low: 150, High: math.Inf(1)}},
	} {
		winsorised, trimmed := assert.Must(Winsorised(c.sketch, c.limits)), assert.Must(Trimmed(c.sketch, c.limits))
		nearArm(t, name, winsorised.Arm, raw(values, c.limits, true), 1e-9)
		nearArm(t, name+", trimmed", trimmed.Arm, raw(values, c.limits, false), 1e-9)
		if winsorised.Bound != 0 || trimmed.Bound != 0 || len(winsorised.Warnings) > 0 {
			t.Errorf("%s: bounds %g and %g of exact means", name, winsorised.Bound, trimmed.Bound)
		}
	}
	_, err := Winsorised(h, UpTo(2000))
	assert.Field(t, err, "limits.High")
	_, err = Winsorised(Histogram{Edges: h.Edges, Counts: h.Counts, Over: h.Over}, UpTo(700))
	assert.Field(t, err, "s.Sums")
}

// A cap inside a bin: the mean of raw values lies within the bound, whatever
// they are.
func TestBoundHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 10), 4, 40).Draw(rt, "values")
		low, high := rapid.Float64Range(0.1, 4.9).Draw(rt, "low"), rapid.Float64Range(5.1, 9.9).Draw(rt, "high")
		h := histogramOf([]float64{0, 2, 5, 7, 10.5}, values)
		for _, limits := range []Limits{UpTo(high), {low, high}, {Low: low, High: math.Inf(1)}} {
			for _, keep := range []bool{true, false} {
				want := raw(values, limits, keep)
				got, err := capped(h, limits, keep)
				if err != nil || want.N == 0 {
					continue // too few kept
				}
				if math.Abs(got.Arm.Mean-want.Mean) > got.Bound+1e-9 || got.Arm.Variance < 0 {
					rt.Fatalf("%v, winsorised %v: got %+v, raw %+v", limits, keep, got, want)
				}
			}
		}
	})
}

// No smaller bound would do: values all at the bin's mean, or all at its ends, are
// as far off as it says. The mirror image asks the same of a lower cap.
func TestBoundIsSharp(t *testing.T) {
	edges := []float64{-2, -1, 1, 2}
	for _, sign := range []float64{1, -1} {
		limits := UpTo(0.4)
		if sign < 0 {
			limits = Limits{Low: -0.4, High: math.Inf(1)}
		}
		for _, mean := range []float64{-0.8, -0.2, 0, 0.3, 0.5, 0.9} {
			alike, ends := make([]float64, 1000), make([]float64, 1000)
			for i := range alike {
				alike[i], ends[i] = sign*mean, -sign
				if float64(i) < 1000*(1+mean)/2 {
					ends[i] = sign * (1 - 1e-12) // the upper edge belongs to the next bin
				}
			}
			got := assert.Must(Winsorised(histogramOf(edges, alike), limits))
			off := max(math.Abs(raw(alike, limits, true).Mean-got.Arm.Mean), math.Abs(raw(ends, limits, true).Mean-got.Arm.Mean))
			assert.Near(t, "bound", got.Bound, off, 1e-9)
		}
	}
}

// Two divided bins at once: the sum is least where the lower bin's values are alike
// and the upper bin's at its ends, and greatest the other way round.
func TestBoundOfBothCapsIsSharp(t *testing.T) {
	edges, limits := []float64{-3, -1, 1, 3}, Limits{-2.2, 1.7}
	bin := func(low, mean float64, alike bool) []float64 {
		values := make([]float64, 1000)
		for i := range values {
			switch {
			case alike:
				values[i] = low + 2*mean
			case float64(i) < 1000*mean:
				values[i] = low + 2 - 1e-12
			default:
				values[i] = low
			}
		}
		return values
	}
	for _, mean := range []float64{0.1, 0.4, 0.5, 0.8} {
		for _, other := range []float64{0.2, 0.6, 0.9} {
			least := append(bin(-3, mean, true), bin(1, other, false)...)
			greatest := append(bin(-3, mean, false), bin(1, other, true)...)
			got := assert.Must(Winsorised(histogramOf(edges, least), limits))
			off := max(got.Arm.Mean-raw(least, limits, true).Mean, raw(greatest, limits, true).Mean-got.Arm.Mean)
			assert.Near(t, "bound", got.Bound, off, 1e-9)
		}
	}
}

// Smooth data are interpolated far better than the bound. A trimmed mean also has
// the chance of how many of the divided bin's k units lie below the limit c: up to
// ½√k, each worth (c − mean)/kept.
func TestInterpolationOfSmoothData(t *testing.T) {
	values := draw(rand.New(rand.NewPCG(13, 14)), 100_000, logNormal)
	h := histogramOf(ratioEdges(1, 1e5, 1.2), values)
	for _, keep := range []bool{true, false} {
		want := raw(values, UpTo(500), keep)
		got := assert.Must(capped(h, UpTo(500), keep))
		tolerance := 0.05 * math.Sqrt(want.Variance/float64(want.N))
		if !keep {
			inBin := raw(values, Limits{math.Pow(1.2, 34), math.Pow(1.2, 35)}, false).N
			tolerance += 4 * math.Sqrt(float64(inBin)) / 2 * (500 - want.Mean) / float64(want.N)
		}
		assert.Near(t, "mean", got.Arm.Mean, want.Mean, tolerance)
		assert.Near(t, "variance", got.Arm.Variance/want.Variance, 1, 0.005)
		if got.Bound == 0 {
			t.Error("a divided bin without a bound")
		}
	}
}

// A bin as wide as the data warns; its two limits in one bin have no answer.
func TestWideBins(t *testing.T) {
	values := draw(rand.New(rand.NewPCG(15, 16)), 10_000, pareto)
	h := histogramOf([]float64{0, 200, 1e6}, values)
	got := assert.Must(Winsorised(h, UpTo(500)))
	if !warned(got.Warnings, "divides a bin") || math.Abs(got.Arm.Mean-raw(values, UpTo(500), true).Mean) > got.Bound {
		t.Errorf("got %+v", got)
	}
	_, err := Winsorised(h, Limits{300, 400})
	assert.Field(t, err, "limits.Low")
	_, err = Winsorised(h, Limits{400, 300})
	assert.Field(t, err, "limits.Low")
	_, err = Trimmed(h, Limits{-5, -1})
	assert.Field(t, err, "limits")
}

// A t-digest of 100 or so centroids gives the capped mean to a few hundredths of its
// standard error.
func TestDigestMeans(t *testing.T) {
	values := draw(rand.New(rand.NewPCG(17, 18)), 50_000, logNormal)
	d := digestOf(values, 200)
	limits := assert.Must(PooledLimits(0, 0.99, d))
	want := raw(values, limits, true)
	got := assert.Must(Winsorised(d, limits))
	se := math.Sqrt(want.Variance / float64(want.N))
	assert.Near(t, "mean", got.Arm.Mean, want.Mean, 0.05*se)
	assert.Near(t, "variance", got.Arm.Variance/want.Variance, 1, 0.005)
	assert.Near(t, "share", got.ShareHigh, 0.01, 0.001)
}

// Both kinds of density have the mean asked for, are continuous in the cap, and
// agree with sums over a fine grid.
func TestBelow(t *testing.T) {
	for _, m := range []float64{1e-9, 0.05, 0.3333, 0.34, 0.5, 0.66, 0.6667, 0.95, 1 - 1e-9} {
		share, first, _ := below(m, 1)
		assert.Near(t, "all", share, 1, 1e-12)
		assert.Near(t, "mean", first, m, 1e-12)
		var before, sum, squares float64
		const steps = 20_000
		for i := range steps {
			s := float64(i+1) / steps
			share, first, second := below(m, s)
			u := s - 0.5/steps
			sum, squares, before = sum+u*(share-before), squares+u*u*(share-before), share
			assert.Near(t, "sum", first, sum, 1e-4)
			assert.Near(t, "squares", second, squares, 1e-4)
		}
	}
}
