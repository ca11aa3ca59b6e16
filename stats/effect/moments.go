package effect

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Moments holds the first and second moments of several values per user in one
// arm: first the outcome y, then covariates x₁ … x_p that the treatment cannot
// have changed. It is all that CUPED and regression adjustment need.
//
// Moments of disjoint sets of users (partitions, segments, days by first
// exposure) add up with Merge, in any order, to those of the whole. A user's
// values must be summed over days first: days of the same user are not
// independent. The zero value holds no users.
type Moments struct {
	N     int       `json:"n"`     // users
	Means []float64 `json:"means"` // of y, x₁ … x_p
	// Products is the lower triangle, row by row, of the centred sums of products
	// Σ(a − ā)(b − b̄): yy, x₁y, x₁x₁, x₂y, x₂x₁, x₂x₂ …
	Products []float64 `json:"products"`
}

// Add adds one user with an outcome and covariates.
//
// Source: Welford (1962), Technometrics 4:419–420.
func (m *Moments) Add(y float64, x ...float64) error {
	if m.N == 0 {
		*m = Moments{Means: make([]float64, len(x)+1), Products: make([]float64, triangle(len(x)+1))}
	}
	if err := input.First(input.Check(len(m.Means) == len(x)+1 && len(m.Products) == triangle(len(x)+1), "x", float64(len(x)),
		"must be as many covariates as before"), finiteUser(y, x)); err != nil {
		return err
	}
	value := func(i int) float64 {
		if i == 0 {
			return y
		}
		return x[i-1]
	}
	n := float64(m.N)
	for i := range m.Means {
		from := (value(i) - m.Means[i]) * (n / (n + 1))
		for j := range i + 1 {
			m.Products[at(i, j)] += from * (value(j) - m.Means[j])
		}
	}
	for i := range m.Means {
		m.Means[i] += (value(i) - m.Means[i]) / (n + 1)
	}
	m.N++
	return nil
}

func finiteUser(y float64, x []float64) error {
	if err := input.Finite("y", y); err != nil {
		return err
	}
	for i, v := range x {
		if !(math.Abs(v) <= input.Max) {
			return input.Finite(fmt.Sprintf("x[%d]", i), v)
		}
	}
	return nil
}

// Merge returns the moments of the users of both, which must be disjoint sets
// with the same values:
//
//	mean = ā₁ + (ā₂ − ā₁)n₂/n      product = product₁ + product₂ + (ā₂ − ā₁)(b̄₂ − b̄₁)n₁n₂/n
//
// Nothing cancels: the result is as precise as the parts.
//
// Source: Chan, Golub & LeVeque (1983), The American Statistician 37:242–247.
func (m Moments) Merge(other Moments) (Moments, error) {
	if err := input.First(m.check("m", 0), other.check("other", 0)); err != nil {
		return Moments{}, err
	}
	sum := m.clone()
	if err := sum.merge(other); err != nil {
		return Moments{}, err
	}
	return sum, nil
}

func (m Moments) clone() Moments {
	return Moments{m.N, slices.Clone(m.Means), slices.Clone(m.Products)}
}

func (m *Moments) merge(other Moments) error {
	switch {
	case other.N == 0:
		return nil
	case m.N == 0:
		*m = other.clone()
		return nil
	case m.N > math.MaxInt-other.N:
		return &input.Error{Field: "other.N", Value: float64(other.N), Reason: "the users of both overflow an int"}
	}
	if err := input.Check(len(m.Means) == len(other.Means), "other.Means", float64(len(other.Means)),
		fmt.Sprintf("must have as many values as before: %d", len(m.Means))); err != nil {
		return err
	}
	n1, n2 := float64(m.N), float64(other.N)
	shares := n2 / (n1 + n2)
	for i := range m.Means {
		for j := range i + 1 {
			m.Products[at(i, j)] += other.Products[at(i, j)] + (other.Means[i]-m.Means[i])*(other.Means[j]-m.Means[j])*n1*shares
		}
	}
	for i := range m.Means {
		m.Means[i] += (other.Means[i] - m.Means[i]) * shares
	}
	m.N += other.N
	return nil
}

// Arm is the outcome alone.
func (m Moments) Arm() (Arm, error) {
	if err := m.check("m", 2); err != nil {
		return Arm{}, err
	}
	return Arm{N: m.N, Mean: m.Means[0], Variance: m.Products[0] / float64(m.N-1)}, nil
}

// Ratio takes the first two values as the numerator y and the denominator d of a
// ratio metric and returns the moments of its linearised value, in their place:
//
//	L = R + (y − R d)/d̄      R = ȳ/d̄
//
// so that a ratio metric can be adjusted for covariates as a mean is: its mean is
// R and its variance over N that of the delta method.
//
// Source: Deng, Knoblich & Lu (2018), KDD, §3.
func (m Moments) Ratio() (Moments, error) {
	if err := input.First(m.check("m", 2), input.Check(len(m.Means) >= 2, "m.Means", float64(len(m.Means)), "a ratio needs a numerator and a denominator")); err != nil {
		return Moments{}, err
	}
	y, d := m.Means[0], m.Means[1]
	if err := input.First(input.Check(d != 0, "m.Means[1]", d, "a ratio needs a denominator other than 0"), input.Finite("ratio", y/d)); err != nil {
		return Moments{}, err
	}
	r, k := y/d, len(m.Means)-1
	l := Moments{N: m.N, Means: append([]float64{r}, m.Means[2:]...), Products: make([]float64, triangle(k))}
	l.Products[0] = math.Max(0, (m.Products[0]-2*r*m.Products[1]+r*r*m.Products[2])/d/d)
	for i := 1; i < k; i++ {
		l.Products[at(i, 0)] = (m.Products[at(i+1, 0)] - r*m.Products[at(i+1, 1)]) / d
		for j := 1; j <= i; j++ {
			l.Products[at(i, j)] = m.Products[at(i+1, j+1)]
		}
		l.bound(i, 0, math.Inf(1))
	}
	if err := l.check("ratio", 2); err != nil {
		return Moments{}, err
	}
	return l, nil
}

// at is the index of row i, column j ≤ i of a packed lower triangle.
func at(i, j int) int { return triangle(i) + j }

func triangle(k int) int { return k * (k + 1) / 2 }

// check wants at least so many users, a full triangle of finite numbers, and no
// product beyond the root of its two sums of squares.
func (m Moments) check(name string, users int) error {
	if m.N == 0 && users == 0 {
		return input.Check(len(m.Means) == 0 && len(m.Products) == 0, name+".N", 0, "moments of nobody have no means")
	}
	k := len(m.Means)
	if err := input.First(input.Check(m.N >= max(users, 1), name+".N", float64(m.N), "needs more users"), input.Check(k >= 1, name+".Means", 0, "needs the outcome at least"),
		input.Check(len(m.Products) == triangle(k), name+".Products", float64(len(m.Products)), fmt.Sprintf("needs %d products for %d values", triangle(k), k))); err != nil {
		return err
	}
	for i, mean := range m.Means {
		if err := input.First(input.Finite(fmt.Sprintf("%s.Means[%d]", name, i), mean),
			input.NonNegative(fmt.Sprintf("%s.Products[%d]", name, at(i, i)), m.Products[at(i, i)])); err != nil {
			return err
		}
		for j := range i {
			if err := input.Check(math.Abs(m.Products[at(i, j)]) <= m.most(i, j)*(1+1e-9), fmt.Sprintf("%s.Products[%d]", name, at(i, j)), m.Products[at(i, j)], tooLarge); err != nil {
				return err
			}
		}
	}
	return nil
}
