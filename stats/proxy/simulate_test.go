package proxy

import (
	"math/rand/v2"
)

// draw is mean + L z of a covariance, which may be singular.
func draw(rng *rand.Rand, mean []float64, cov [][]float64) []float64 {
	n := len(mean)
	flat := make([]float64, 0, n*n)
	for _, row := range cov {
		flat = append(flat, row...)
	}
	l := root(flat, n, 0)
	z := make([]float64, n)
	for i := range z {
		z[i] = rng.NormFloat64()
	}
	x := times(l, z)
	for i := range x {
		x[i] += mean[i]
	}
	return x
}

// simulate makes tests with true effects N(mean, cov), each with its own noise.
func simulate(rng *rand.Rand, n int, mean []float64, cov [][]float64, noise func(*rand.Rand) [][]float64) []Test {
	tests := make([]Test, n)
	for i := range tests {
		omega := noise(rng)
		tests[i] = Test{Estimates: draw(rng, draw(rng, mean, cov), omega), Cov: omega}
	}
	return tests
}
