package power

import (
	"testing"

	"github.com/assay-planner/assay/stats"
)

func BenchmarkPower(b *testing.B) {
	revenue := Mean{Mean: 1.2, SD: 4}
	closed := Design{Metric: revenue, MDE: 0.01, Relative: true}
	student := Design{Metric: revenue, MDE: 0.1, Relative: true, Reference: StudentT}
	arms := func(d Design, c Correction) Design {
		d.Treatments, d.Correction = 4, c
		return d
	}
	many, manyStudent := arms(closed, Holm), arms(closed, Holm)
	many.Treatments, manyStudent.Treatments, manyStudent.Reference = 50, 50, StudentT
	rate := Design{Metric: Proportion{0.02}, MDE: 0.05, Relative: true}
	guard := rate
	guard.MDE, guard.Margin = 0, 0.02
	const n = 20_000
	for _, c := range []struct {
		name string
		run  func() (Sizing, error)
	}{
		{"closed/n", closed.SampleSize},
		{"closed/power", func() (Sizing, error) { return closed.PowerAt(n) }},
		{"closed/mde", func() (Sizing, error) { return closed.MDEAt(n) }},
		{"closed/alpha", func() (Sizing, error) { return closed.AlphaAt(100 * n) }},
		{"score/n", rate.SampleSize},
		{"score/mde", func() (Sizing, error) { return rate.MDEAt(n) }},
		{"margin/n", guard.SampleSize},
		{"t/n", student.SampleSize},
		{"t/mde", func() (Sizing, error) { return student.MDEAt(n) }},
		{"t/alpha", func() (Sizing, error) { return student.AlphaAt(n) }},
		{"dunnett/arms=4/n", arms(closed, Dunnett).SampleSize},
		{"dunnett/arms=4/mde", func() (Sizing, error) { return arms(closed, Dunnett).MDEAt(n) }},
		{"dunnett/arms=4/t/n", arms(student, Dunnett).SampleSize},
		{"dunnett/arms=4/t/mde", func() (Sizing, error) { return arms(student, Dunnett).MDEAt(n) }},
		{"dunnett/arms=4/score/mde", func() (Sizing, error) { return arms(rate, Dunnett).MDEAt(n) }},
		{"holm/arms=4/n", arms(closed, Holm).SampleSize},
		{"holm/arms=4/t/n", arms(student, Holm).SampleSize},
		{"holm/arms=50/n", many.SampleSize},
		{"holm/arms=50/t/n", manyStudent.SampleSize},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDunnettCritical(b *testing.B) {
	for b.Loop() {
		if _, err := DunnettCritical([]float64{1, 1, 1, 1}, 40, 0.05, stats.TwoSided); err != nil {
			b.Fatal(err)
		}
	}
}
