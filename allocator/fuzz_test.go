package allocator_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/assay-planner/assay/allocator"
)

// FuzzSolve feeds any JSON to Solve. It must answer with a plan that Check accepts and
// that can be written as JSON, or with an InputError.
func FuzzSolve(f *testing.F) {
	for seed := range uint64(20) {
		b, err := json.Marshal(tiny(rand.New(rand.NewPCG(seed, 7))))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p allocator.Problem
		if json.Unmarshal(data, &p) != nil || p.Weeks*len(p.Layers) > 5_000 {
			return
		}
		plan, err := allocator.Solve(context.Background(), p, allocator.Options{Effort: 2_000})
		var input *allocator.InputError
		switch {
		case errors.As(err, &input):
			return
		case err != nil:
			t.Fatal(err)
		}
		if err := allocator.Check(p, plan); err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(plan); err != nil {
			t.Fatal(err)
		}
	})
}
