package sequential

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/input"
)

func FuzzSequential(f *testing.F) {
	f.Add(5, 0.0, 0.0, 0.05, 0.8, uint8(0), 0.0, uint8(0), 0.0, 0.2, 1.5, 0.7, 2.5, 0.0)
	f.Add(3, 0.3, 0.31, 0.025, 0.9, uint8(1), 0.25, uint8(3), 2.0, 0.3, -8.0, 1.4, 40.0, 1.0)
	f.Add(2, 1e-6, 2e-6, 1e-12, 1-1e-9, uint8(5), -40.0, uint8(2), 50.0, 1e-6, 1e6, 99.0, -1e6, 1e-40)
	f.Add(3, 0.5, 0.6, 0.4, 0.41, uint8(3), 40.0, uint8(4), 40.0, 0.1, 0.0, 0.11, 0.1, 0.0)
	f.Add(1, math.NaN(), 0.5, math.Inf(1), -1.0, uint8(255), math.NaN(), uint8(9), math.NaN(), math.NaN(), math.NaN(), 0.0, math.Inf(-1), -1.0)
	f.Fuzz(func(t *testing.T, looks int, t1, t2, alpha, power float64, flags uint8, parameter float64, futility uint8, gamma, i1, z1, i2, z2, se float64) {
		family := func(i uint8, x float64) Boundary {
			return []Boundary{{}, WangTsiatis(x), OBFSpending(), PocockSpending(), KimDeMets(x), HwangShihDeCani(x), SpendFractions(x, 0.5+x/2, 1),
				Spend(func(t, a float64) float64 { return a * math.Pow(t, x) })}[i%8]
		}
		d := Design{Looks: looks % 12, Alpha: alpha, Power: power, Sides: []stats.Sides{stats.TwoSided, stats.OneSided}[flags&1], Efficacy: family(flags>>5, parameter),
			Futility: family(futility, gamma), Binding: flags&2 != 0, SpendJointly: flags&4 != 0, BothDirections: flags&8 != 0}
		if t1 != 0 {
			d.Looks, d.Information = 0, []float64{t1, t2, 1}
		}
		p, err := d.Plan()
		answered(t, p, err)
		if err != nil {
			return
		}
		all := []Look{{Information: i1, Z: z1}, {Information: i2, Z: z2, Last: flags&16 != 0}}
		if se != 0 {
			all[0] = Look{Information: i1, Estimate: stats.Estimate{Value: z1, SE: se}}
		}
		v, err := p.Monitor(all...)
		answered(t, v, err)
		assert.Answered[Inference](t)(p.Infer(all...))
		assert.Answered[Performance](t)(p.At(z1))
		ds, err := p.Differences(se)
		answered(t, ds, err)
		assert.Answered[float64](t)(Peeking(looks%50, alpha))
	})
}

// answered allows boundaries to be infinite, which JSON shows as null, but no NaN:
// JSON has none.
func answered(t *testing.T, result any, err error) {
	t.Helper()
	var e *input.Error
	if err != nil && (!errors.As(err, &e) || e.Field == "" || e.Reason == "") {
		t.Fatalf("error %v is no input error with a field and a reason", err)
	}
	if _, err := json.Marshal(result); err != nil {
		t.Fatalf("%v in %+v", err, result)
	}
}
