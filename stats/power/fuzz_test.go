package power

import (
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// pick is one of the choices, or one that is none of them.
func pick[T ~string](n uint8, choices ...T) T {
	return append(choices, "", "other")[int(n)%(len(choices)+2)]
}

func FuzzPower(f *testing.F) {
	f.Add(uint8(0), uint16(0), 0.1, 1.0, 0.02, 0.05, 0.8, 0.0, 1.0, 1000.0, 0.0, 0.0, 0.0)
	f.Add(uint8(1), uint16(0x321), 0.1, 1.0, 0.02, 0.05, 0.8, 0.01, 0.5, 1000.0, 20.0, 0.01, 0.5)
	f.Add(uint8(2), uint16(0xfff), 0.1, 1e40, -1e-40, 1e-300, 0.999, 0.0, 1e-3, 1e-40, 1e12, 1.0, 0.0)
	f.Add(uint8(3), uint16(0x7ab), 1e12, 1e-12, 1e40, 1e-100, 0.999, 1e-40, 1e3, 1e40, 1.0, 0.0, 0.999999)
	f.Add(uint8(4), uint16(0x9c4), 0.999999, 1e-40, -1e-9, 0.5, 0.51, 0.0, 1.0, 3.0, 0.0, 0.0, -0.9)
	f.Fuzz(func(t *testing.T, metric uint8, options uint16, baseline, sd, mde, alpha, power, margin, allocation, users, size, icc, rho float64) {
		d := Design{
			Metric: []Metric{Mean{baseline, sd, 0}, Mean{baseline, sd, 2 * sd}, Proportion{baseline}, Ratio{baseline, sd, 1, sd, 0.1}, Count{baseline, sd, 0}, nil}[metric%6],
			MDE:    mde, Alpha: alpha, Power: power, Margin: margin, Allocation: allocation, Correlation: rho,
			Relative: options&1 != 0, Strict: options&2 != 0, LowerIsBetter: options&4 != 0,
			Sides:      pick(uint8(options>>3), stats.TwoSided, stats.OneSided),
			Test:       pick(uint8(options>>4), Score, Wald, Lift, Stabilised),
			Correction: pick(uint8(options>>6), Dunnett, Holm, Bonferroni, Uncorrected),
			Goal:       pick(uint8(options>>8), OneArm, AnyArm, AllArms),
			Reference:  pick(uint8(options>>10), Normal, StudentT),
			Treatments: int(options>>12) % 5,
			Cluster:    Cluster{Size: size, ICC: icc},
		}
		if metric&64 != 0 {
			d.Population = users * 100
		}
		assert.Answered[Sizing](t)(d.SampleSize())
		assert.Answered[Sizing](t)(d.PowerAt(users))
		assert.Answered[Sizing](t)(d.MDEAt(users))
		assert.Answered[Sizing](t)(d.MarginAt(users))
		assert.Answered[Sizing](t)(d.AlphaAt(users))
	})
}

func FuzzDunnettCritical(f *testing.F) {
	f.Add(1.0, 2.0, 10.0, 0.05)
	f.Add(1e-3, 1e3, 1.0, 1e-100)
	f.Add(-1.0, 0.0, 1e300, 0.999999)
	f.Fuzz(func(t *testing.T, a, b, df, alpha float64) {
		assert.Answered[float64](t)(DunnettCritical([]float64{a, b, b}, df, alpha, stats.TwoSided))
		assert.Answered[float64](t)(DunnettCritical([]float64{a, b}, df, alpha, stats.OneSided))
	})
}
