package allocator

import (
	"math"
	"slices"
)

// relaxation is the linear relaxation of a model: options may be taken in
// fractions, conflicts and prerequisites are left out.
//
//	max Σ value·x   so that   Σ take·x ≤ 1 in every row,   Σ x ≤ 1 for every candidate,   x ≥ 0
//
// It is scaled: takes are shares of a row's capacity, values are shares of the
// largest one. Only rows that all candidates together could overfill are kept.
//
// The Least of a quota is a row Σ take·x − 2·s ≤ −1 with takes below 0, where the shortfall
// s is an option of a candidate of its own, at a price that only what cannot be had
// is worth. They stand behind the real ones, and last, if plans may fall short in all by
// so much, a candidate that gives it to any Least for nothing.
type relaxation struct {
	ids   []int32   // options of the model, by candidate
	free  []int64   // by row of the model
	real  int       // candidates of the model
	side  []float64 // by row: 1, or −1 of a Least
	rows  []int32   // rows of the model
	first []int32   // one candidate's options are first[c] to first[c+1]
	value []float64 // by option
	dear  float64   // what a whole Least that is not met costs, scaled
	unit  float64   // the largest value: value·unit is the model's

	start []int32   // takes of option o are start[o] to start[o+1]
	row   []int32   // by take: index in rows
	take  []float64 // by take: share of the row's capacity
}

// relax builds the relaxation of some options, which all fit, in what is free, of plans
// that may fall short of Leasts by so much.
func relax(m *model, ids []int32, free []int64, short float64) *relaxation {
	r := &relaxation{ids: ids, free: free, rows: scarceRows(m, ids, free), start: make([]int32, 1, len(ids)+1)}
	at := make([]int32, len(m.rows))
	for i := range at {
		at[i] = -1
	}
	for i, row := range r.rows {
		at[row] = int32(i)
	}
	for _, o := range ids {
		r.unit = max(r.unit, m.opts[o].value)
	}
	for i, o := range ids {
		if i == 0 || m.opts[ids[i-1]].cand != m.opts[o].cand {
			r.first = append(r.first, int32(i))
		}
		r.value = append(r.value, m.opts[o].value/r.unit)
		for _, us := range [2][]use{m.opts[o].needs, m.opts[o].gives} {
			for _, u := range us {
				if i := at[u.row]; i >= 0 {
					r.row = append(r.row, i)
					r.take = append(r.take, float64(u.units)/math.Abs(float64(free[u.row])))
				}
			}
		}
		r.start = append(r.start, int32(len(r.row)))
	}
	r.first = append(r.first, int32(len(ids)))
	r.real = len(r.first) - 1
	if len(ids) > 0 {
		r.addShortfalls(m, short)
	}
	return r
}

// shortfalls is how often a Least may be missed, so that a start may lie well inside.
const shortfalls = 2

// addShortfalls tells Leasts from limits and adds what is missing of each as an option.
func (r *relaxation) addShortfalls(m *model, short float64) {
	r.dear = max(1, m.total/r.unit)
	r.side = make([]float64, len(r.rows))
	var least []int32
	for i, row := range r.rows {
		if r.side[i] = 1; r.free[row] < 0 {
			r.side[i] = -1
			least = append(least, int32(i))
			r.value = append(r.value, -shortfalls*r.dear)
			r.row, r.take = append(r.row, int32(i)), append(r.take, -shortfalls)
			r.start = append(r.start, int32(len(r.row)))
			r.first = append(r.first, int32(len(r.value)))
		}
	}
	if short == 0 || len(least) == 0 {
		return
	}
	for _, i := range least {
		r.value = append(r.value, 0)
		r.row, r.take = append(r.row, i), append(r.take, -short)
		r.start = append(r.start, int32(len(r.row)))
	}
	r.first = append(r.first, int32(len(r.value)))
}

// scarceRows lists the rows with less room than the sum over candidates of the most
// that each could take. The others can never bind: their price is 0.
func scarceRows(m *model, ids []int32, free []int64) []int32 {
	room, most := slices.Clone(free), make([]int64, len(free))
	var touched []int32
	for i, o := range ids {
		for _, u := range m.opts[o].needs {
			if most[u.row] == 0 {
				touched = append(touched, u.row)
			}
			most[u.row] = max(most[u.row], u.units)
		}
		if i+1 == len(ids) || m.opts[ids[i+1]].cand != m.opts[o].cand {
			for _, row := range touched {
				room[row] = max(room[row]-most[row], -1)
				most[row] = 0
			}
			touched = touched[:0]
		}
	}
	var scarce []int32
	for row := range room {
		if room[row] < 0 {
			scarce = append(scarce, int32(row))
		}
	}
	return scarce
}

// bound is the Lagrangian bound at prices y, for any y ≥ 0, in scaled value:
//
//	L(y) = Σ_r ±y_r + Σ_c max(0, max_o (value_o − Σ_r y_r take_or))
//
// Every plan pays y·(what it takes) ≤ Σ y_r, so its value is at most L(y). That
// remains true with conflicts and prerequisites, which only forbid plans.
func (r *relaxation) bound(y []float64) float64 {
	total := 0.0
	for i, p := range y {
		total += p * r.side[i]
	}
	for c := range len(r.first) - 1 {
		best := 0.0
		for o := r.first[c]; o < r.first[c+1]; o++ {
			best = max(best, r.value[o]-r.cost(o, y))
		}
		total += best
	}
	return total
}

// cost is what option o takes at prices y.
func (r *relaxation) cost(o int32, y []float64) float64 {
	total := 0.0
	for t := r.start[o]; t < r.start[o+1]; t++ {
		total += y[r.row[t]] * r.take[t]
	}
	return total
}
