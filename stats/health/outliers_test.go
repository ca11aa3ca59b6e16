package health

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"gonum.org/v1/gonum/stat"
)

// bins sums the top 1, the next users up to 1%, and the rest.
func bins(values []float64) []Bin {
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, func(a, b float64) int { return -int(math.Copysign(1, a-b)) })
	ends := []int{1, len(sorted) / 100, len(sorted)}
	var out []Bin
	from := 0
	for _, to := range ends {
		var b Bin
		for _, y := range sorted[from:to] {
			b = b.plus(Bin{1, y, y * y})
		}
		out, from = append(out, b), to
	}
	return out
}

// Shares from sums are the shares from the users themselves.
func TestOutliersFromUsers(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	arm := func(scale float64) []float64 {
		values := make([]float64, 2000)
		for i := range values {
			values[i] = scale * math.Exp(2*rng.NormFloat64())
		}
		return values
	}
	treatment, control := arm(1.1), arm(1)
	r := assert.Must(Outliers(bins(treatment), bins(control)))
	assert.Near(t, "effect", r.Effect.Value, stat.Mean(treatment, nil)-stat.Mean(control, nil), 1e-12)
	variance := stat.Variance(treatment, nil)/2000 + stat.Variance(control, nil)/2000
	assert.Near(t, "SE", r.Effect.SE, math.Sqrt(variance), 1e-12)
	top, topSum, effect := 0.0, 0.0, 0.0
	var rest [2][]float64
	for i, values := range [][]float64{treatment, control} {
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		mean := stat.Mean(values, nil)
		for _, y := range sorted[1980:] {
			top += (y - mean) * (y - mean) / 2000 / 1999
			topSum += y
			effect += y / 2000 * float64(1-2*i)
		}
		rest[i] = sorted[:1980]
	}
	onePercent := r.Tails[1]
	assert.Near(t, "share of the variance", onePercent.VarianceShare, top/variance, 1e-10)
	assert.Near(t, "share of the mean", *onePercent.MeanShare, topSum/(stat.Mean(treatment, nil)+stat.Mean(control, nil))/2000, 1e-12)
	assert.Near(t, "share of the effect", *onePercent.EffectShare, effect/r.Effect.Value, 1e-10)
	assert.Near(t, "effect without", onePercent.Without.Value, stat.Mean(rest[0], nil)-stat.Mean(rest[1], nil), 1e-12)
	assert.Near(t, "its SE", onePercent.Without.SE, math.Sqrt(stat.Variance(rest[0], nil)/1980+stat.Variance(rest[1], nil)/1980), 1e-10)
	if r.Dominated != 2 || onePercent.Users != 40 || onePercent.Share != 0.01 {
		t.Errorf("1%% of users carry %.2f of the variance: %+v", onePercent.VarianceShare, r)
	}
}

func TestOneUserDecides(t *testing.T) {
	// 1,000 users of 1 ± 1 an arm; treatment's are lower by 0.05 but for one of 10,000.
	treatment := []Bin{{1, 10_000, 1e8}, {999, 949.05, 1900}}
	control := []Bin{{1, 5, 25}, {999, 999, 1998}}
	r := assert.Must(Outliers(treatment, control))
	if r.Dominated != 1 || !r.Tails[0].Flips || len(r.Warnings) != 2 {
		t.Errorf("%+v", r)
	}
	for field, call := range map[string]func() error{
		"treatment":            func() error { _, err := Outliers(treatment[:1], control); return err },
		"control":              func() error { _, err := Outliers(treatment, append(control, Bin{})); return err },
		"treatment[1].Sum":     func() error { _, err := Outliers([]Bin{{2, 2, 2}, {2, 5, 13}}, control); return err },
		"treatment[0].Squares": func() error { _, err := Outliers([]Bin{{2, 4, 2}, {2, 1, 13}}, control); return err },
		"treatment[0].Users":   func() error { _, err := Outliers([]Bin{{-2, 4, 2}, {2, 1, 13}}, control); return err },
	} {
		assert.Field(t, call(), field)
	}
}
