package effect

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"pgregory.net/rapid"
)

// The moments of any partition of the users, merged in any order, are those of
// the whole, whether users were added or summed.
func TestMomentsOfParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 4).Draw(t, "values")
		users := rapid.SliceOfN(rapid.SliceOfN(rapid.Float64Range(-100, 100), k, k), 2, 60).Draw(t, "users")
		parts := make([]Moments, rapid.IntRange(1, 6).Draw(t, "parts"))
		var whole Moments
		sums, products := make([]float64, k), make([]float64, triangle(k))
		for _, u := range users {
			add(t, &whole, u)
			add(t, &parts[rapid.IntRange(0, len(parts)-1).Draw(t, "part")], u)
			for i := range u {
				sums[i] += u[i]
				for j := range i + 1 {
					products[at(i, j)] += u[i] * u[j]
				}
			}
		}
		merged := Moments{}
		for _, i := range rapid.Permutation(indices(len(parts))).Draw(t, "order") {
			merged = assert.Must(merged.Merge(parts[i]))
		}
		sameMoments(t, merged, whole)
		if summed, err := MomentsFromSums(len(users), sums, products); err != nil {
			t.Errorf("sums of %v: %v", users, err)
		} else {
			sameMoments(t, summed, whole)
		}
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func add(t *rapid.T, m *Moments, u []float64) {
	if err := m.Add(u[0], u[1:]...); err != nil {
		t.Fatal(err)
	}
}

func sameMoments(t *rapid.T, got, want Moments) {
	t.Helper()
	if got.N != want.N || len(got.Means) != len(want.Means) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i := range want.Means {
		near(t, "mean", got.Means[i], want.Means[i])
	}
	for i := range want.Products {
		near(t, "product", got.Products[i], want.Products[i])
	}
}

// Far from 0 the centred forms keep the digits that sums of squares lose.
func TestMomentsFarFromZero(t *testing.T) {
	const far = 1e9
	r := rand.New(rand.NewPCG(1, 2))
	var exact, whole, left, right Moments
	for i := range 2000 {
		y := math.Round(r.NormFloat64()*1024) / 1024 // so that y + 1e9 is exact
		part := &left
		if i%3 == 0 {
			part = &right
		}
		for m, v := range map[*Moments]float64{&exact: y, &whole: y + far, part: y + far} {
			if err := m.Add(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	merged := assert.Must(left.Merge(right))
	// Each step rounds the running mean to half a unit in the last place, 6e-8 of 1e9,
	// which moves the sum by twice that times |y − ȳ|, about 0.8. A sum of squares
	// has lost all digits: 2e21 · 1e-16 against 2e3.
	assert.Near(t, "added", whole.Products[0]/exact.Products[0], 1, 1e-7)
	assert.Near(t, "merged", merged.Products[0]/exact.Products[0], 1, 1e-7)
}

// Linearised, a ratio metric is the same arm as RatioArm makes of it.
func TestMomentsRatio(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var m Moments
	for range 500 {
		views := 1 + r.IntN(20)
		clicks := r.IntN(views + 1)
		if err := m.Add(float64(clicks), float64(views), r.NormFloat64()); err != nil {
			t.Fatal(err)
		}
	}
	v := func(i int) float64 { return m.Products[i] / float64(m.N-1) }
	want := assert.Must(RatioArm{N: m.N, Numerator: m.Means[0], Denominator: m.Means[1], NumeratorVariance: v(0), DenominatorVariance: v(2), Covariance: v(1)}.Arm())
	linear := assert.Must(m.Ratio())
	got := assert.Must(linear.Arm())
	assert.Near(t, "mean", got.Mean, want.Mean, 1e-15)
	assert.Near(t, "variance", got.Variance/want.Variance, 1, 1e-12)
	if len(linear.Means) != 2 || linear.Means[1] != m.Means[2] || linear.Products[2] != m.Products[5] {
		t.Errorf("the covariate changed: %+v of %+v", linear, m)
	}
}

func TestMomentsErrors(t *testing.T) {
	good := Moments{2, []float64{1, 1}, []float64{1, 0, 1}}
	sums := func(n int, s, p []float64) error { _, err := MomentsFromSums(n, s, p); return err }
	merge := func(a, b Moments) error { _, err := a.Merge(b); return err }
	ratio := func(m Moments) error { _, err := m.Ratio(); return err }
	for _, c := range []struct {
		err   error
		field string
	}{
		{sums(1, []float64{1}, []float64{1}), "n"},
		{sums(5, nil, nil), "sums"},
		{sums(5, []float64{1, 2}, []float64{1}), "products"},
		{sums(5, []float64{math.NaN()}, []float64{1}), "sums[0]"},
		{sums(5, []float64{1}, []float64{math.Inf(1)}), "products[0]"},
		{sums(5, []float64{5}, []float64{4}), "products[0]"},
		{sums(5, []float64{0, 0}, []float64{1, 2, 1}), "products[1]"},
		{good.Add(1), "x"},
		{good.Add(math.NaN(), 1), "y"},
		{good.Add(1, math.NaN()), "x[0]"},
		{merge(good, Moments{2, []float64{1}, []float64{1}}), "other.Means"},
		{merge(good, Moments{2, []float64{1, 1}, []float64{1, 3, 1}}), "other.Products[1]"},
		{merge(Moments{0, []float64{1}, nil}, good), "m.N"},
		{ratio(Moments{2, []float64{1}, []float64{1}}), "m.Means"},
		{ratio(Moments{2, []float64{1, 0}, []float64{1, 0, 1}}), "m.Means[1]"},
	} {
		assert.Field(t, c.err, c.field)
	}
}

// The sums of a constant leave a rounding error, which is not a variance.
func TestConstantFromSums(t *testing.T) {
	sums, products := make([]float64, 2), make([]float64, 3)
	for i := range 1000 {
		x, y := 0.1, float64(i%7)
		sums[0], sums[1] = sums[0]+y, sums[1]+x
		products[0], products[1], products[2] = products[0]+y*y, products[1]+x*y, products[2]+x*x
	}
	if products[2] == sums[1]*sums[1]/1000 {
		t.Fatal("no rounding error to see")
	}
	m := assert.Must(MomentsFromSums(1000, sums, products))
	if m.Products[1] != 0 || m.Products[2] != 0 {
		t.Errorf("got %v", m.Products)
	}
}
