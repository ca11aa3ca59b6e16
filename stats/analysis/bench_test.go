package analysis

import "testing"

func BenchmarkRun(b *testing.B) {
	whole := test(mean("c", "m", 100000, 10, 4), mean("t", "m", 100000, 10.1, 4))
	var rows []Row
	for day := range 14 {
		for _, metric := range []string{"a", "b", "c"} {
			rows = append(rows, at(float64(day+1), mean("c", metric, 1000, 10, 4)), at(float64(day+1), mean("t", metric, 1000, 10.1, 4)))
		}
	}
	for name, x := range map[string]Test{"metrics=1": whole, "metrics=3,days=14": test(rows...)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Run(x, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
