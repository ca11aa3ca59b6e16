package effect

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/stats/internal/assert"
)

func BenchmarkCompare(b *testing.B) {
	t, c := Arm{50_000, 1.03, 4}, Arm{50_000, 1, 4}
	for _, m := range ofLifts {
		b.Run("lift="+string(m), func(b *testing.B) {
			for b.Loop() {
				assert.Must(Compare(t, c, Options{Lift: m}))
			}
		})
	}
}

func BenchmarkCompareProportions(b *testing.B) {
	t, c := Proportion{520, 50_000}, Proportion{500, 50_000}
	for _, m := range [][2]Method{{Score, Score}, {Newcombe, LogAdjusted}} {
		b.Run("interval="+string(m[0]), func(b *testing.B) {
			for b.Loop() {
				assert.Must(CompareProportions(t, c, Options{Difference: m[0], Lift: m[1]}))
			}
		})
	}
}

func BenchmarkAdjust(b *testing.B) {
	for _, p := range []int{1, 5, 20} {
		treatment, control := momentsOf(draw(rand.New(rand.NewPCG(1, 1)), 500, p))
		for _, a := range []Adjustment{CUPED, Lin} {
			b.Run(fmt.Sprintf("%s/covariates=%d", a, p), func(b *testing.B) {
				for b.Loop() {
					assert.Must(Adjust(treatment, control, a))
				}
			})
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	users := draw(rand.New(rand.NewPCG(1, 1)), 500, 3)
	treatment, control := momentsOf(users)
	pass := assert.Must(assert.Must(Adjust(treatment, control, Lin)).SecondPass())
	b.Run("moments/covariates=3", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if err := control.Add(users[i%500].y, users[i%500].x...); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("second pass/covariates=3", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			u := users[i%500]
			if err := pass.Add(u.treated, u.y, u.x...); err != nil {
				b.Fatal(err)
			}
		}
	})
}
