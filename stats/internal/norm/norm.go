// Package norm is the standard normal distribution, in forms that keep their
// relative precision in the tails.
package norm

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// CDF is Φ(z), through Erfc so that the lower tail keeps its precision; the
// upper tail is CDF(−z).
func CDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// Density is φ(z).
func Density(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// Quantile is Φ⁻¹(q); for a small upper tail α take −Quantile(α), because 1 − α
// loses its digits.
func Quantile(q float64) float64 { return mathext.NormalQuantile(q) }
