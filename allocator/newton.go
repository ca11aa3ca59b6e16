package allocator

import "math"

// assemble builds the system of one step: s = A D Aᵀ + D_s − Σ_c g_c g_cᵀ/D_c.
func (it *interior) assemble() {
	for i := range it.s {
		clear(it.s[i])
		it.s[i][i] = it.x[it.n+i] / it.z[it.n+i]
	}
	for c := range int32(it.k) {
		g := it.g[c]
		clear(g)
		it.dc[c] = it.x[it.slack(c)] / it.z[it.slack(c)]
		for o := it.first[c]; o < it.first[c+1]; o++ {
			d := it.x[o] / it.z[o]
			it.dc[c] += d
			for t := it.start[o]; t < it.start[o+1]; t++ {
				da := d * it.take[t]
				g[it.at[t]] += da
				s := it.s[it.row[t]]
				for w := it.start[o]; w <= t; w++ {
					s[it.row[w]] += da * it.take[w]
				}
			}
		}
		for i, row := range it.support[c] {
			s, gi := it.s[row], g[i]/it.dc[c]
			for j, col := range it.support[c][:i+1] {
				s[col] -= gi * g[j]
			}
		}
	}
}

// factor replaces s by its Cholesky factor. A pivot lost to rounding gets a huge
// value, which leaves its row's price where it is for this step.
func (it *interior) factor() {
	for i, si := range it.s {
		diagonal := si[i]
		for j := range i {
			sj := it.s[j]
			si[j] = (si[j] - dot(si[:j], sj[:j])) / sj[j]
		}
		if pivot := diagonal - dot(si[:i], si[:i]); pivot > 1e-14*diagonal {
			si[i] = math.Sqrt(pivot)
		} else {
			si[i] = 1e64
		}
	}
}

// direct sets dx and dz to the Newton step towards x·z = x·z + rc.
func (it *interior) direct() {
	dy := it.dz[it.n : it.n+it.m]
	for i := range dy { // rc/z less what is missing from "Σ take·x + slack = ±1"
		dy[i] = it.rc[it.n+i]/it.z[it.n+i] - it.side[i] + it.x[it.n+i]
	}
	for c := range int32(it.k) {
		u := it.slack(c)
		q := it.rc[u]/it.z[u] - 1 + it.x[u]
		for o := it.first[c]; o < it.first[c+1]; o++ {
			h := it.rc[o] / it.z[o]
			q += h + it.x[o]
			for t := it.start[o]; t < it.start[o+1]; t++ {
				dy[it.row[t]] += it.take[t] * (h + it.x[o])
			}
		}
		it.dz[u] = q / it.dc[c]
		for i, row := range it.support[c] {
			dy[row] -= it.g[c][i] * it.dz[u]
		}
	}
	it.substitute(dy)
	for c := range int32(it.k) {
		u := it.slack(c)
		for i, row := range it.support[c] {
			it.dz[u] -= it.g[c][i] * dy[row] / it.dc[c]
		}
		for o := it.first[c]; o < it.first[c+1]; o++ {
			it.dz[o] = it.dz[u] + it.cost(o, dy)
		}
	}
	for i := range it.dx {
		it.dx[i] = (it.rc[i] - it.x[i]*it.dz[i]) / it.z[i]
	}
}

// substitute solves s·sᵀ v = v in place.
func (it *interior) substitute(v []float64) {
	for i, si := range it.s {
		v[i] = (v[i] - dot(si[:i], v[:i])) / si[i]
	}
	for i := len(v) - 1; i >= 0; i-- {
		v[i] /= it.s[i][i]
		for j, f := range it.s[i][:i] {
			v[j] -= f * v[i]
		}
	}
}
