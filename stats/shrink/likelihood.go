package shrink

import (
	"math"
	"runtime"
	"sync"

	"github.com/assay-planner/assay/stats"
)

// family is a list of candidate components of the prior, k = 0, 1, …, seen
// through the likelihood that each gives to one estimate. Rows are scaled by
// about the largest value that any component of the family could give them, so
// that none under- or overflows as a whole, be it a hundred standard errors out.
type family interface {
	size() int
	components() []stats.Normal
	// row is what column needs to know of an estimate, and log scaleᵢ.
	row(e stats.Estimate) (r row, logScale float64)
	// column writes N(δ̂ᵢ; μ_k, s_k² + seᵢ²)/scaleᵢ for each row.
	column(k int, rows []row, out []float64)
}

type row [3]float64

// spreads are normals around one mode, with standard deviations that rise.
type spreads struct {
	mode float64
	sds  []float64
}

func (f spreads) size() int { return len(f.sds) }

func (f spreads) components() []stats.Normal {
	cs := make([]stats.Normal, len(f.sds))
	for k, sd := range f.sds {
		cs[k] = stats.Normal{Mean: f.mode, SD: sd}
	}
	return cs
}

// row is r²/v, v and se², where r² is the squared distance of the estimate from
// the mode, and v the variance with the largest N(r; 0, v) among those that the
// family reaches: r² itself, or the nearest end.
func (f spreads) row(e stats.Estimate) (row, float64) {
	low, high, se2 := f.sds[0], f.sds[len(f.sds)-1], e.SE*e.SE
	r2 := (e.Value - f.mode) * (e.Value - f.mode)
	v := min(max(r2, low*low+se2), high*high+se2)
	return row{r2 / v, v, se2}, -(math.Log(2*math.Pi*v) + r2/v) / 2
}

func (f spreads) column(k int, rows []row, out []float64) {
	v := f.sds[k] * f.sds[k]
	var exponents [lanes]float64
	for from := 0; from < len(rows); from += lanes {
		part := rows[from:min(len(rows), from+lanes)]
		for i, r := range part {
			ratio := r[1] / (v + r[2])
			out[from+i] = math.Sqrt(ratio)
			exponents[i] = r[0] * (1 - ratio) / 2
		}
		timesExp(out[from:], exponents[:len(part)])
	}
}

// points are point masses at places that rise.
type points struct{ at []float64 }

func (f points) size() int { return len(f.at) }

func (f points) components() []stats.Normal {
	cs := make([]stats.Normal, len(f.at))
	for k, at := range f.at {
		cs[k] = stats.Normal{Mean: at}
	}
	return cs
}

// nearest is the distance of x from the closest point.
func (f points) nearest(x float64) float64 {
	low, high := 0, len(f.at)-1
	for high-low > 1 {
		if mid := (low + high) / 2; f.at[mid] <= x {
			low = mid
		} else {
			high = mid
		}
	}
	return min(math.Abs(x-f.at[low]), math.Abs(x-f.at[high]))
}

// row is the estimate, 1/se, and the distance from the closest point.
func (f points) row(e stats.Estimate) (row, float64) {
	r := f.nearest(e.Value)
	z := r / e.SE
	return row{e.Value, 1 / e.SE, r}, -math.Log(2*math.Pi)/2 - math.Log(e.SE) - z*z/2
}

func (f points) column(k int, rows []row, out []float64) {
	var exponents [lanes]float64
	for from := 0; from < len(rows); from += lanes {
		part := rows[from:min(len(rows), from+lanes)]
		for i, r := range part {
			off := math.Abs(r[0] - f.at[k])
			out[from+i] = 1
			exponents[i] = (r[2] - off) * r[1] * ((r[2] + off) * r[1]) / 2
		}
		timesExp(out[from:], exponents[:len(part)])
	}
}

const (
	lanes     = 64      // estimates that are worked on in one loop
	blockRows = 512     // estimates whose columns are in the processor's cache together
	heldCells = 1 << 22 // a likelihood of up to 32 MB is held, a larger one computed again in each pass
)

// matrix is the likelihood of estimates (rows) under the components of a family
// (columns).
type matrix struct {
	family
	es       []stats.Estimate
	rows     []row
	logScale float64   // Σᵢ log scaleᵢ
	held     []float64 // column k of block b from (b·blockRows·m + k·rows in b); nil: not held
}

func newMatrix(f family, es []stats.Estimate) *matrix {
	m := &matrix{family: f, es: es, rows: make([]row, len(es))}
	for i, e := range es {
		var s float64
		m.rows[i], s = f.row(e)
		m.logScale += s
	}
	if k := f.size(); len(es)*k <= heldCells {
		m.held = make([]float64, len(es)*k)
		for b := range m.blocks() {
			for c := range k {
				f.column(c, m.block(b), m.cells(b, c))
			}
		}
	}
	return m
}

func (m *matrix) blocks() int { return (len(m.es) + blockRows - 1) / blockRows }

func (m *matrix) block(b int) []row {
	return m.rows[b*blockRows : min(len(m.rows), (b+1)*blockRows)]
}

func (m *matrix) cells(b, k int) []float64 {
	rows := len(m.block(b))
	from := b*blockRows*m.size() + k*rows
	return m.held[from : from+rows]
}

// at is column k of block b, either as held or computed into the buffer.
func (m *matrix) at(b, k int, buffer []float64) []float64 {
	if m.held != nil {
		return m.cells(b, k)
	}
	buffer = buffer[:len(m.block(b))]
	m.column(k, m.block(b), buffer)
	return buffer
}

// sum adds up what visit adds to its sums for each block, in parallel over chunks
// of blocks. Chunks do not depend on the number of processors and are added in
// order, so neither does one bit of the result. Each visit may use a buffer of
// the stated number of columns.
func (m *matrix) sum(sums, columns int, visit func(b int, buffer, sums []float64)) []float64 {
	size := max(16, (m.blocks()+63)/64) // blocks in a chunk: at most 64 chunks
	chunks := (m.blocks() + size - 1) / size
	partial := make([]float64, chunks*sums)
	work := func(first, step int) {
		buffer := make([]float64, columns*blockRows)
		for c := first; c < chunks; c += step {
			for b := c * size; b < min(m.blocks(), (c+1)*size); b++ {
				visit(b, buffer, partial[c*sums:(c+1)*sums])
			}
		}
	}
	workers := min(chunks, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for w := 1; w < workers; w++ {
		group.Go(func() { work(w, workers) })
	}
	work(0, workers)
	group.Wait()
	total := partial[:sums]
	for c := 1; c < chunks; c++ {
		for j := range total {
			total[j] += partial[c*sums+j]
		}
	}
	return total
}
