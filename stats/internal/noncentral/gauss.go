package noncentral

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// narrow is from how many degrees of freedom on S = √(χ²_ν/ν), with a standard
// deviation of 0.7%, is narrow against any probability as a function of it.
const narrow = 1e4

// FewNodes is Nodes for probabilities P(T > cS) with |c| up to 40, to 1e-13:
// nine nodes instead of 24 where ν is large. Not for the relative precision of small
// tails.
//
// It is Gauss's rule for χ²_ν/ν, exact for polynomials of degree 17 in S²: nodes and
// weights from the eigenvalues λ = S² − 1 of the tridiagonal matrix of its orthogonal
// (Laguerre) polynomials, with 4i/ν on and √(i(i + ν/2 − 1))·2/ν beside the
// diagonal.
//
// Source: Golub & Welsch (1969), Mathematics of Computation 23:221–230.
func FewNodes(df float64) []Node {
	if !(df > narrow) || math.IsInf(df, 1) {
		return Nodes(df)
	}
	const n = 9
	half, m := df/2, mat.NewSymDense(n, nil)
	for i := range n {
		x := float64(i)
		m.SetSym(i, i, 2*x/half)
		if i > 0 {
			m.SetSym(i-1, i, math.Sqrt(x/half*((x-1)/half+1)))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(m, true) {
		return Nodes(df)
	}
	var v mat.Dense
	e.VectorsTo(&v)
	nodes := make([]Node, n)
	for j, lambda := range e.Values(nil) {
		nodes[j] = Node{math.Sqrt(1 + lambda), v.At(0, j) * v.At(0, j)}
	}
	return nodes
}
