package effect

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// MomentsFromSums turns the sums that a query returns into Moments: n users, Σa
// of each value, and Σab of each pair in the order of Moments.Products:
//
//	Σ(a − ā)(b − b̄) = Σab − Σa Σb/n
//
// The difference loses about log₁₀(mean²/variance) of 16 digits: where that
// matters, subtract a constant near the mean from each value, or add users or
// parts in centred form (Add, Merge). A sum of squares that is within rounding
// (1e-13 of Σa²) of that of a constant counts as one; one further below is an
// error, because no values have such sums, and so is a product beyond what its
// two sums of squares allow.
//
// Source: as ArmFromSums.
func MomentsFromSums(n int, sums, products []float64) (Moments, error) {
	k := len(sums)
	if err := input.First(checkUsers("n", n), input.Check(k >= 1, "sums", float64(k), "needs the outcome at least"),
		input.Check(len(products) == triangle(k), "products", float64(len(products)), fmt.Sprintf("needs %d products for %d values", triangle(k), k))); err != nil {
		return Moments{}, err
	}
	m := Moments{N: n, Means: make([]float64, k), Products: slices.Clone(products)}
	for i := range k {
		if err := input.Finite(fmt.Sprintf("sums[%d]", i), sums[i]); err != nil {
			return Moments{}, err
		}
		m.Means[i] = sums[i] / float64(n)
		for j := range i + 1 {
			if err := input.Finite(fmt.Sprintf("products[%d]", at(i, j)), products[at(i, j)]); err != nil {
				return Moments{}, err
			}
			m.Products[at(i, j)] -= sums[i] * m.Means[j]
		}
	}
	for i := range k {
		raw := products[at(i, i)]
		if err := input.Check(m.Products[at(i, i)] >= -1e-12*raw, fmt.Sprintf("products[%d]", at(i, i)), raw, "is below sum²/n, which no values can give"); err != nil {
			return Moments{}, err
		}
		if m.Products[at(i, i)] <= 1e-13*raw {
			m.flatten(i)
		}
	}
	for i := range k {
		for j := range i {
			m.bound(i, j, 1e-12*math.Sqrt(products[at(i, i)])*math.Sqrt(products[at(j, j)]))
			if err := input.Check(math.Abs(m.Products[at(i, j)]) <= m.most(i, j), fmt.Sprintf("products[%d]", at(i, j)), products[at(i, j)], tooLarge); err != nil {
				return Moments{}, err
			}
		}
	}
	return m, nil
}

const tooLarge = "exceeds what the two sums of squares allow"

// most is the largest product that two sums of squares allow. Squares below
// 1e-300 may have underflowed where their product did not.
func (m Moments) most(i, j int) float64 {
	return math.Sqrt(m.Products[at(i, i)]+1e-300) * math.Sqrt(m.Products[at(j, j)]+1e-300)
}

// bound takes a product that exceeds what its two sums of squares allow by no
// more than a rounding error back to what they allow.
func (m Moments) bound(i, j int, rounding float64) {
	most := m.most(i, j)
	if p := m.Products[at(i, j)]; math.Abs(p) <= most+rounding {
		m.Products[at(i, j)] = math.Max(-most, math.Min(most, p))
	}
}

// flatten makes the i-th value a constant.
func (m Moments) flatten(i int) {
	for j := range m.Means {
		m.Products[at(max(i, j), min(i, j))] = 0
	}
}
