package mixed

import (
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// NoGroup is the group of an effect that shares no level with others.
const NoGroup = -1

// Block is one kind of feature: columns whose coefficients are drawn from one
// N(0, σ²), with a σ that is learned.
type Block struct {
	Name    string
	Columns int
	Fixed   bool // coefficients are free (σ = ∞), as that of an overall mean
	// Within: coefficients count within one group only, and are drawn anew for each, as
	// what a word does among the headlines of one story and nowhere else. Effects of a
	// group that are alike in these columns are alike.
	Within bool `json:",omitempty"`
	// Usual is how large coefficients of such features usually are: of a σ that is half-normal
	// with this scale before any effect is seen. 0: any σ is as likely.
	Usual float64 `json:",omitempty"`
}

// Feature is the value of one column of one block; all others are 0.
type Feature struct {
	Block, Column int
	Value         float64
}

// Effects are past effects with their features, in rows.
type Effects struct {
	blocks []Block
	index  []map[int]int // of each block: which of the columns that occur a column is
	block  []int         // of each column that occurs

	entries []entry
	start   []int // of row i in entries, and of the row after the last
	y       []float64
	noise   []float64 // SE²
	share   []float64 // how much the row counts, in (0, 1]
	group   []int32   // NoGroup, or 0, 1, 2 … without gaps in order of appearance
	groups  map[int]int32
	local   [][]local // features of Within blocks
}

// NewEffects starts an empty set of effects described by the blocks. Each has a
// name of its own and between 1 and 2²⁴ columns.
func NewEffects(blocks ...Block) (*Effects, error) {
	e := &Effects{blocks: append([]Block{}, blocks...), start: []int{0}, groups: map[int]int32{}}
	seen := map[string]bool{}
	for i, b := range blocks {
		field := fmt.Sprintf("blocks[%d].", i)
		if err := input.First(input.Check(b.Columns >= 1 && b.Columns <= 1<<24, field+"Columns", float64(b.Columns), "must lie in 1 to 2²⁴"),
			checkName(field+"Name", b.Name, seen), input.Check(!b.Fixed || !b.Within, field+"Within", 1, "cannot be Fixed too"),
			input.NonNegative(field+"Usual", b.Usual), input.Check(b.Usual == 0 || !b.Fixed && !b.Within, field+"Usual", b.Usual, "is of blocks that are neither Fixed nor Within")); err != nil {
			return nil, err
		}
		seen[b.Name] = true
		e.index = append(e.index, map[int]int{})
	}
	return e, nil
}

func checkName(field, name string, seen map[string]bool) error {
	if name == "" || seen[name] {
		return &input.Error{Field: field, Choice: name, Reason: "must be a name of its own"}
	}
	return nil
}

// Add adds an effect in any unit that adds up (a relative lift as a fraction, a log
// ratio) of magnitude at most 1e9, with its standard error from 1e-9 to 1e9. A column
// that is named twice counts with the sum of its values, each of magnitude at most
// 1e6. Effects of one group, any number of 0 or above, share a level that is free.
func (e *Effects) Add(effect stats.Estimate, group int, features ...Feature) error {
	return e.AddShare(effect, 1, group, features...)
}

// AddShare adds an effect that counts for less than a whole one, such as an old one: its
// log likelihood is multiplied by the share, in (0, 1]. A share of ½ is the same as
// twice the variance SE² + τ² of an effect around what its features say.
//
// Source: the power likelihood of Ibrahim & Chen (2000), Statistical Science 15:46–60.
func (e *Effects) AddShare(effect stats.Estimate, share float64, group int, features ...Feature) error {
	if err := input.First(input.Check(share > 0 && share <= 1, "share", share, "must lie in (0, 1]"),
		input.Check(math.Abs(effect.Value) <= 1e9, "effect.Value", effect.Value, "must lie in ±1e9"),
		input.Check(effect.SE >= 1e-9 && effect.SE <= 1e9, "effect.SE", effect.SE, "must lie in 1e-9 to 1e9"),
		input.Check(group >= NoGroup, "group", float64(group), "must be 0 or above, or NoGroup"), e.check(features)); err != nil {
		return err
	}
	features, own := e.localised(features)
	if err := input.Check(group != NoGroup || own == nil, "group", float64(group), "is needed by features of a Within block"); err != nil {
		return err
	}
	for _, f := range features {
		if f.Value != 0 {
			e.entries = push(e.entries, entry{e.learnt(f), f.Value})
		}
	}
	e.start = push(e.start, len(e.entries))
	e.y, e.noise, e.share = push(e.y, effect.Value), push(e.noise, effect.SE*effect.SE), push(e.share, share)
	e.group, e.local = push(e.group, e.number(group)), push(e.local, own)
	return nil
}

// push appends to a list that doubles where it is full: append grows long ones by a
// quarter, and a million effects are then copied five times.
func push[T any](list []T, x T) []T {
	if len(list) == cap(list) {
		list = slices.Grow(list, len(list)+1)
	}
	return append(list, x)
}

func (e *Effects) check(features []Feature) error {
	for i, f := range features {
		field := fmt.Sprintf("features[%d].", i)
		if err := input.Check(f.Block >= 0 && f.Block < len(e.blocks), field+"Block", float64(f.Block), "is no block of these effects"); err != nil {
			return err
		}
		if err := input.First(input.Check(f.Column >= 0 && f.Column < e.blocks[f.Block].Columns, field+"Column", float64(f.Column), "is no column of its block"),
			input.Check(math.Abs(f.Value) <= 1e6, field+"Value", f.Value, "must lie in ±1e6")); err != nil {
			return err
		}
	}
	return nil
}

func (e *Effects) number(group int) int32 {
	if group == NoGroup {
		return NoGroup
	}
	n, known := e.groups[group]
	if !known {
		n = int32(len(e.groups))
		e.groups[group] = n
	}
	return n
}

// Len returns the number of effects.
func (e *Effects) Len() int { return len(e.y) }

// entry is a feature by its column among those that occur.
type entry struct {
	column int
	value  float64
}

// learnt numbers a column the first time that it occurs.
func (e *Effects) learnt(f Feature) int {
	c, known := e.index[f.Block][f.Column]
	if !known {
		c = len(e.block)
		e.index[f.Block][f.Column] = c
		e.block = append(e.block, f.Block)
	}
	return c
}

// split tells features of columns that occur from those of new ones, each of which
// comes once.
func (e *Effects) split(features []Feature) (known []entry, news []Feature) {
	for _, f := range features {
		if c, occurs := e.index[f.Block][f.Column]; occurs {
			known = append(known, entry{c, f.Value})
			continue
		}
		same := slices.IndexFunc(news, func(x Feature) bool { return x.Block == f.Block && x.Column == f.Column })
		if same < 0 {
			news = append(news, f)
		} else {
			news[same].Value += f.Value
		}
	}
	return known, news
}

func (e *Effects) row(i int) []entry { return e.entries[e.start[i]:e.start[i+1]] }

// dot is zᵀu.
func dot(z []entry, u []float64) (sum float64) {
	for _, x := range z {
		sum += x.value * u[x.column]
	}
	return sum
}

// squares are the squared residuals that count the variance of the fitted values.
func (e *Effects) squares(p posterior) []float64 {
	mean, variance := p.fitted()
	squares := make([]float64, e.Len())
	for i, y := range e.y {
		squares[i] = (y-mean[i])*(y-mean[i]) + variance[i]
	}
	return squares
}

// spread is the variance of the effects within their groups (of those without one:
// around 0), and the mean of their SE².
func (e *Effects) spread() (spread, noise float64) {
	centred := append([]float64{}, e.y...)
	e.centre(centred, nil)
	for i, x := range centred {
		spread += x * x / float64(e.Len())
		noise += e.noise[i] / float64(e.Len())
	}
	return spread, noise
}

// centre takes from each value of x the mean of its group, weighted by w (nil: equally).
// It returns the means and the groups' total weights.
func (e *Effects) centre(x, w []float64) (means, totals []float64) {
	means, totals = make([]float64, len(e.groups)), make([]float64, len(e.groups))
	for i, g := range e.group {
		if g != NoGroup {
			wi := 1.0
			if w != nil {
				wi = w[i]
			}
			means[g] += wi * x[i]
			totals[g] += wi
		}
	}
	for g := range means {
		means[g] /= totals[g]
	}
	for i, g := range e.group {
		if g != NoGroup {
			x[i] -= means[g]
		}
	}
	return means, totals
}
