package multiple

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

var allCorrections = []Correction{Bonferroni, Sidak, Holm, Hochberg, Hommel, BH, BY}

func TestAdjustByHand(t *testing.T) {
	p := []float64{0.04, 0.01, 0.02, 0.03}
	for c, want := range map[Correction][]float64{
		Bonferroni: {0.16, 0.04, 0.08, 0.12},
		Sidak:      {1 - math.Pow(0.96, 4), 1 - math.Pow(0.99, 4), 1 - math.Pow(0.98, 4), 1 - math.Pow(0.97, 4)},
		Holm:       {0.06, 0.04, 0.06, 0.06},
		Hochberg:   {0.04, 0.04, 0.04, 0.04},
		Hommel:     {0.04, 0.04, 0.04, 0.04},
		BH:         {0.04, 0.04, 0.04, 0.04},
		BY:         {0.25 / 3, 0.25 / 3, 0.25 / 3, 0.25 / 3},
	} {
		for i, got := range assert.Must(Adjust(p, c)) {
			assert.Near(t, string(c), got, want[i], 1e-15)
		}
	}
	for _, c := range allCorrections {
		if got := assert.Must(Adjust([]float64{0.3}, c)); math.Abs(got[0]-0.3) > 1e-15 {
			t.Errorf("%s of one test: %v, nothing is to be adjusted", c, got)
		}
	}
}

// TestHommelIsClosedTesting: the adjusted p-value is the largest Simes p-value of
// the sets of hypotheses that contain it.
func TestHommelIsClosedTesting(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	for range 400 {
		p := somePs(rng, 1+rng.IntN(8))
		want := slices.Clone(p)
		for set := 1; set < 1<<len(p); set++ {
			var members []float64
			for i := range p {
				if set>>i&1 == 1 {
					members = append(members, p[i])
				}
			}
			slices.Sort(members)
			simes := 1.0
			for j, x := range members {
				simes = min(simes, float64(len(members))*x/float64(j+1))
			}
			for i := range p {
				if set>>i&1 == 1 {
					want[i] = max(want[i], simes)
				}
			}
		}
		for i, got := range assert.Must(Adjust(p, Hommel)) {
			assert.Near(t, "Hommel", got, want[i], 1e-14*want[i])
		}
	}
}

// somePs are p-values with ties, zeros, ones and many small ones.
func somePs(rng *rand.Rand, n int) []float64 {
	p := make([]float64, n)
	for i := range p {
		switch rng.IntN(6) {
		case 0:
			p[i] = float64(rng.IntN(2))
		case 1:
			p[i] = float64(rng.IntN(20)) / 20
		case 2:
			p[i] = math.Pow(rng.Float64(), 40)
		default:
			p[i] = rng.Float64()
		}
	}
	return p
}

// TestHommelAsTheTextbook: on long vectors it agrees with the loops of Wright (1992),
// Biometrics 48:1005–1013, the form that R has.
func TestHommelAsTheTextbook(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	for range 20 {
		p := somePs(rng, 300)
		slices.Sort(p)
		n := len(p)
		want := slices.Clone(p)
		for m := n; m >= 1; m-- {
			lowest := math.Inf(1)
			for j := 1; j <= m; j++ {
				lowest = min(lowest, float64(m)*p[n-m+j-1]/float64(j))
			}
			for i := range n {
				if i >= n-m {
					want[i] = max(want[i], lowest)
				} else {
					want[i] = max(want[i], min(lowest, float64(m)*p[i]))
				}
			}
		}
		for i, got := range assert.Must(Adjust(p, Hommel)) {
			assert.Near(t, "Hommel", got, want[i], 1e-13*want[i])
		}
	}
}

func TestAdjustLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{0, 1, 0.05, 0.5, 1e-12})), 1, 40).Draw(t, "p")
		adjusted := map[Correction][]float64{}
		for _, c := range allCorrections {
			a := assert.Must(Adjust(p, c))
			adjusted[c] = a
			for i := range p {
				if a[i] > 1 || a[i] < p[i]*(1-1e-14) {
					t.Fatalf("%s: p = %g became %g", c, p[i], a[i])
				}
				for j := range p {
					if p[i] <= p[j] && a[i] > a[j] {
						t.Fatalf("%s: %g ≤ %g became %g > %g", c, p[i], p[j], a[i], a[j])
					}
				}
			}
			turned := slices.Clone(p)
			slices.Reverse(turned)
			back := assert.Must(Adjust(turned, c))
			slices.Reverse(back)
			if !slices.Equal(a, back) {
				t.Fatalf("%s: in reverse order %v, not %v", c, back, a)
			}
		}
		for _, order := range [][2]Correction{{Sidak, Bonferroni}, {Holm, Bonferroni}, {Hochberg, Holm}, {Hommel, Hochberg}, {BH, Hochberg}, {BH, BY}} {
			for i := range p {
				if low, high := adjusted[order[0]][i], adjusted[order[1]][i]; low > high*(1+1e-14) {
					t.Fatalf("%s %g above %s %g", order[0], low, order[1], high)
				}
			}
		}
		q := assert.Must(QValues(p, Storey{Pi0: 0.6}))
		for i := range p {
			if q.Q[i] != 0.6*adjusted[BH][i] {
				t.Fatalf("q-value %g, BH %g", q.Q[i], adjusted[BH][i])
			}
		}
	})
}

// TestPi0 compares with R 4.2.2: smooth.spline(lambda, pi0, df = 3), which stops at
// 3.0003 degrees of freedom, and the formula of the bootstrap.
func TestPi0(t *testing.T) {
	var p []float64
	for i := 1; i <= 40; i++ {
		x := math.Pow(float64(i)/41, 1.5)
		if i <= 8 {
			x /= 50
		}
		p = append(p, x)
	}
	assert.Near(t, "smoother", assert.Must(QValues(p, Storey{Smoother: true})).Pi0, 0.543869300519161, 1e-4)
	assert.Near(t, "bootstrap", assert.Must(QValues(p, Storey{})).Pi0, 0.727272727272727, 1e-14)

	// A density that falls to nothing: the curve's end is below 0, so that 1 is used.
	p = []float64{0.96}
	for i := range 200 {
		p = append(p, 0.4+float64(i)/1000)
	}
	assert.Near(t, "smoother below 0", assert.Must(QValues(p, Storey{Smoother: true})).Pi0, 1, 0)

	// All null but none above 0.95 at all: nothing to estimate from.
	_, err := QValues([]float64{0.1, 0.2, 0.94}, Storey{})
	assert.Field(t, err, "max(p)")
	_, err = QValues([]float64{0.1}, Storey{Pi0: 1.5})
	assert.Field(t, err, "Pi0")
}

// TestLambda: the grid is R's seq(0.05, 0.95, 0.05) to the last bit.
func TestLambda(t *testing.T) {
	for k, want := range []float64{0.050000000000000003, 0.10000000000000001, 0.15000000000000002, 0.20000000000000001, 0.25,
		0.29999999999999999, 0.35000000000000003, 0.40000000000000002, 0.45000000000000001, 0.5, 0.55000000000000004, 0.60000000000000009,
		0.65000000000000013, 0.70000000000000007, 0.75000000000000011, 0.80000000000000004, 0.85000000000000009, 0.90000000000000013, 0.94999999999999996} {
		if lambda(k) != want {
			t.Errorf("λ %d is %.17g, in R %.17g", k, lambda(k), want)
		}
	}
	if r := assert.Must(QValues([]float64{0.2, 0.95, 0.95}, Storey{})); r.Pi0 != 1 {
		t.Errorf("%+v: 0.95 itself is high enough", r)
	}
}

// TestSplineWeights makes the last row of the smoother from its definition.
func TestSplineWeights(t *testing.T) {
	const c = 125.7603270684253646538
	q, r := mat.NewDense(lambdas, lambdas-2, nil), mat.NewDense(lambdas-2, lambdas-2, nil)
	for j := range lambdas - 2 {
		q.Set(j, j, 1)
		q.Set(j+1, j, -2)
		q.Set(j+2, j, 1)
		r.Set(j, j, 2./3)
		if j > 0 {
			r.Set(j, j-1, 1./6)
			r.Set(j-1, j, 1./6)
		}
	}
	var half, s mat.Dense
	if err := half.Solve(r, q.T()); err != nil {
		t.Fatal(err)
	}
	s.Mul(q, &half)
	s.Scale(c, &s)
	for k := range lambdas {
		s.Set(k, k, s.At(k, k)+1)
	}
	if err := s.Inverse(&s); err != nil {
		t.Fatal(err)
	}
	assert.Near(t, "degrees of freedom", s.Trace(), 3, 1e-12)
	for k, w := range splineWeights {
		assert.Near(t, "weight", w, s.At(lambdas-1, k), 1e-13)
	}
}

func TestAdjustRefuses(t *testing.T) {
	_, err := Adjust(nil, BH)
	assert.Field(t, err, "p")
	_, err = Adjust([]float64{0.1, math.NaN()}, BH)
	assert.Field(t, err, "p[1]")
	_, err = Adjust([]float64{0.1, -0.1}, Holm)
	assert.Field(t, err, "p[1]")
	_, err = Adjust([]float64{0.1}, "tukey")
	assert.Field(t, err, "c")
	_, err = QValues([]float64{2}, Storey{})
	assert.Field(t, err, "p[0]")
}
