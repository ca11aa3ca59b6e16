package allocator

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// TestInteriorAgainstSimplex compares bounds with the optimum of the same relaxation
// found by another method: gonum's dense simplex. By duality they are equal.
func TestInteriorAgainstSimplex(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		m := newModel(cramped(rng))
		r := relax(m, m.allOptions(), m.free(), 0)
		if len(r.rows) == 0 {
			continue
		}
		y, taken := r.solve(context.Background(), precision, nil)
		want := bySimplex(t, r)
		if got := r.bound(y); math.Abs(got-want) > 1e-6*want {
			t.Errorf("seed %d: bound %.9g, simplex %.9g", seed, got, want)
		}
		for i, p := range y {
			if p < 0 {
				t.Errorf("seed %d: price %d is %g", seed, i, p)
			}
		}
		if value := dot(taken, r.value); math.Abs(value-want) > 1e-4*want {
			t.Errorf("seed %d: taken options are worth %.9g, simplex %.9g", seed, value, want)
		}
	}
}

// cramped draws a problem of up to 20 candidates whose capacities all bind.
func cramped(rng *rand.Rand) Problem {
	p := Problem{Weeks: 3, Pools: []Pool{{Name: "a", GPUHours: []int64{60, 50, 40}}, {Name: "b", GPUHours: []int64{30, 90, 20}}}}
	for i := range 5 + rng.IntN(16) {
		c := Candidate{ID: fmt.Sprintf("c%02d", i)}
		for range 1 + rng.IntN(6) {
			c.Options = append(c.Options, Option{Start: rng.IntN(3), Weeks: 1, Value: rng.Float64(), Compute: []Compute{
				{Pool: "a", GPUHours: []int64{1 + rng.Int64N(20), 1 + rng.Int64N(20)}}, {Pool: "b", GPUHours: []int64{rng.Int64N(20)}}}})
		}
		p.Candidates = append(p.Candidates, c)
	}
	return p
}

// bySimplex writes the relaxation with slacks as min cᵀx, Ax = b, x ≥ 0.
func bySimplex(t *testing.T, r *relaxation) float64 {
	t.Helper()
	n, m, k := len(r.value), len(r.rows), len(r.first)-1
	cost, a, b := make([]float64, n+m+k), mat.NewDense(m+k, n+m+k, nil), make([]float64, m+k)
	for i := range b {
		b[i] = 1
		a.Set(i, n+i, 1)
	}
	for c := range k {
		for o := r.first[c]; o < r.first[c+1]; o++ {
			cost[o] = -r.value[o]
			a.Set(m+c, int(o), 1)
			for i := r.start[o]; i < r.start[o+1]; i++ {
				a.Set(int(r.row[i]), int(o), r.take[i])
			}
		}
	}
	basis := make([]int, m+k)
	for i := range basis {
		basis[i] = n + i
	}
	value, _, err := lp.Simplex(cost, a, b, 1e-12, basis)
	if err != nil {
		t.Fatal(err)
	}
	return -value
}
