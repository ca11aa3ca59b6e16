package multiple

// adjustHommel turns ascending p-values into Hommel's adjusted ones, in place.
//
// Hommel's procedure is closed testing with Simes' test of every intersection.
// Simes' p-value of the s largest of n p-values is
//
//	simes(s) = min over k > n−s of s p₍ₖ₎/(k − (n−s))
//
// and level α leaves h(α) = max{s : simes(s) > α} hypotheses that could all be
// null together; H is rejected if h(α)·p ≤ α. So the adjusted p-value is the
// smallest α for which that holds, found by walking h down while p goes up.
//
// Seen from the point (n−s, 0), simes(s)/s is the smallest slope to a point
// (k, p₍ₖ₎) on its right: a tangent to their lower convex hull, which grows to the
// left as s does. The hull is a stack, the tangent a binary search: O(n log n) in
// all, where the textbook's loops (and R's p.adjust) take O(n²).
//
// Source: Meijer, Krebs & Goeman (2019), "Hommel's procedure in linear time",
// Biometrical Journal 61:73–82, Lemmas 1 and 2; the hull is theirs, searched here
// rather than walked.
func adjustHommel(p []float64) {
	bound := simesFromTop(p)
	n := len(p)
	// bound[s] becomes max over r ≥ s of simes(r): h(α) ≥ s exactly if bound[s] > α.
	for s := n - 1; s >= 1; s-- {
		bound[s] = max(bound[s], bound[s+1])
	}
	s := n
	for i, x := range p {
		// With h = s the level must be at least bound[s+1] and s·p; h = s−1 is
		// better as long as its own terms are: s·p still lies above bound[s].
		for s > 0 && float64(s)*x > bound[s] {
			s--
		}
		p[i] = min(1, max(bound[s+1], float64(s)*x))
	}
}

// simesFromTop returns Simes' p-value of the s largest p-values for s = 1 … n;
// elements 0 and n+1 are 0.
func simesFromTop(p []float64) []float64 {
	n := len(p)
	simes := make([]float64, n+2)
	var hull []int // 1-based ranks from right to left, convex from below
	for s := 1; s <= n; s++ {
		k := n - s + 1
		for len(hull) >= 2 && above(p, k, hull[len(hull)-1], hull[len(hull)-2]) {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, k)
		touch := tangent(p, hull, n-s)
		simes[s] = float64(s) * p[touch-1] / float64(touch-(n-s))
	}
	return simes
}

// above reports whether the point of rank b lies on or above the line from a to c.
func above(p []float64, a, b, c int) bool {
	return (p[b-1]-p[a-1])*float64(c-b) >= (p[c-1]-p[b-1])*float64(b-a)
}

// tangent returns the rank on the hull with the smallest slope from (origin, 0).
// Along the hull that slope first falls, then rises.
func tangent(p []float64, hull []int, origin int) int {
	lo, hi := 0, len(hull)-1
	for lo < hi {
		mid := (lo + hi) / 2
		right, left := hull[mid], hull[mid+1]
		if p[right-1]*float64(left-origin) <= p[left-1]*float64(right-origin) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return hull[lo]
}
