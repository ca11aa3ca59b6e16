package forecast

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/assay-planner/assay/stats"
)

// BenchmarkLearn is the whole of it: a million effects of 50 surfaces, with a t of 4
// degrees of freedom for a tail, from the choice of the model to its fit.
func BenchmarkLearn(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("effects=%d/groups=50", n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			surfaces, tail := make([]map[string]string, 50), student(0.004, 4)
			level := make([]float64, 50)
			for s := range surfaces {
				surfaces[s] = map[string]string{"surface": fmt.Sprint("surface ", s)}
				level[s] = 0.003 * rng.NormFloat64()
			}
			past := make([]Past, n)
			for i := range past {
				s := rng.IntN(50)
				past[i] = Past{Idea: Idea{ID: fmt.Sprint(i), Traits: surfaces[s]}, Metric: "rpm", Ended: epoch.Add(time.Duration(i) * time.Minute),
					Effect: stats.Estimate{Value: level[s] + tail(rng) + 0.004*rng.NormFloat64(), SE: 0.004}}
			}
			for b.Loop() {
				m, err := Learn(context.Background(), past, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if m.Spec.Tail == "normal" && n > 1_000 {
					b.Fatal("the tail is normal")
				}
			}
		})
	}
}
