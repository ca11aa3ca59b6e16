package mixed

import (
	"encoding/json"
	"errors"
	"math"

	"github.com/assay-planner/assay/stats/bayes"
)

// known is the posterior of the coefficients, as much as forecasts need: their mean and
// either their covariance or draws from it, less the mean.
type known struct {
	Mean       []float64   `json:"mean"`
	Covariance []float64   `json:"covariance,omitempty"` // lower triangle, by rows
	Draws      [][]float32 `json:"draws,omitempty"`
}

// of returns the mean and the variance of zᵀu.
func (k known) of(z []entry) (mean, variance float64) {
	for _, draw := range k.Draws {
		x := 0.0
		for _, f := range z {
			x += f.value * float64(draw[f.column])
		}
		variance += x * x / float64(len(k.Draws))
	}
	for _, r := range z {
		if k.Draws != nil {
			break
		}
		for _, c := range z {
			low, high := min(r.column, c.column), max(r.column, c.column)
			variance += r.value * c.value * k.Covariance[high*(high+1)/2+low]
		}
	}
	return dot(z, k.Mean), math.Max(variance, 0)
}

// stored is a Fit in JSON.
type stored struct {
	Blocks     []storedBlock `json:"blocks"`
	Tail       bayes.Mixture `json:"tail"`
	Next       bayes.Mixture `json:"next,omitzero"`
	Iterations int           `json:"iterations"`
	Converged  bool          `json:"converged"`
	Warnings   []string      `json:"warnings,omitempty"`
	Order      []int         `json:"order"`   // block of each column that occurs
	Columns    []int         `json:"columns"` // which column of its block it is
	Posterior  known         `json:"posterior"`
}

type storedBlock struct {
	Block
	SD      float64 `json:"sd"` // 0 for a fixed one
	Freedom float64 `json:"freedom"`
}

// MarshalJSON writes the fit without the effects that it was learned from: all that
// Predict needs.
func (f Fit) MarshalJSON() ([]byte, error) {
	if f.effects == nil {
		return []byte("null"), nil
	}
	s := stored{Tail: f.Tail, Next: f.Next, Iterations: f.Iterations, Converged: f.Converged, Warnings: f.Warnings,
		Order: f.effects.block, Columns: make([]int, len(f.effects.block)), Posterior: f.posterior}
	for b, block := range f.effects.blocks {
		sb := storedBlock{Block: block, SD: f.Blocks[b].SD, Freedom: f.Blocks[b].Freedom}
		if block.Fixed {
			sb.SD = 0
		}
		s.Blocks = append(s.Blocks, sb)
		for column, c := range f.effects.index[b] {
			s.Columns[c] = column
		}
	}
	return json.Marshal(s)
}

var errStored = errors.New("mixed: no stored fit")

// UnmarshalJSON reads what MarshalJSON wrote; forecasts are the same, to the last bit.
func (f *Fit) UnmarshalJSON(text []byte) error {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil || string(text) == "null" {
		return err
	}
	if !s.whole() {
		return errStored
	}
	var blocks []Block
	for _, b := range s.Blocks {
		blocks = append(blocks, b.Block)
	}
	e, err := NewEffects(blocks...)
	if err != nil {
		return err
	}
	*f = Fit{Tail: s.Tail, Next: s.Next, Iterations: s.Iterations, Converged: s.Converged, Warnings: s.Warnings, effects: e, posterior: s.Posterior}
	for _, b := range s.Blocks {
		fit := BlockFit{Name: b.Name, SD: b.SD, Freedom: b.Freedom}
		if b.Fixed {
			fit.SD = math.Inf(1)
		}
		f.Blocks = append(f.Blocks, fit)
	}
	e.block = s.Order
	for c, b := range s.Order {
		e.index[b][s.Columns[c]] = c
		f.Blocks[b].Seen++
	}
	return nil
}

// whole reports whether the parts fit together.
func (s stored) whole() bool {
	n := len(s.Order)
	ok := len(s.Columns) == n && len(s.Posterior.Mean) == n && s.Tail.Check() == nil && (len(s.Next.Weights) == 0 || s.Next.Check() == nil) &&
		(s.Posterior.Draws != nil || len(s.Posterior.Covariance) == n*(n+1)/2)
	for _, d := range s.Posterior.Draws {
		ok = ok && len(d) == n
	}
	for _, b := range s.Order {
		ok = ok && b >= 0 && b < len(s.Blocks)
	}
	return ok
}
