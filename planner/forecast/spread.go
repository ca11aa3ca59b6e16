package forecast

import (
	"math"
	"slices"
	"strings"
)

// spread is by how much true effects of some kinds of ideas are larger, in either
// direction, than those of others: a change of one surface moves little, whoever makes it.
// The scale of an idea is the product of what its traits' levels say,
//
//	s = exp(Σ_t a_t(level)),   a_t ~ N(0, η_t²)
//
// and all that the model says of it is in units of s.
type spread struct {
	Traits []spreadTrait `json:"traits"`
}

type spreadTrait struct {
	Name   string    `json:"name"`
	Levels []string  `json:"levels"` // sorted
	Log    []float64 `json:"log"`    // a, by level
	SD     float64   `json:"sd"`     // η
}

// of is the scale of an idea. A level never seen counts with the root mean square of what
// it may be, exp(η²).
func (s spread) of(i Idea) float64 {
	log := 0.0
	for _, t := range s.Traits {
		if c, seen := slices.BinarySearchFunc(t.Levels, i.Traits[t.Name], strings.Compare); seen {
			log += t.Log[c]
		} else {
			log += t.SD * t.SD
		}
	}
	return math.Exp(log)
}

// tailed is the degrees of freedom of the t by which outliers count less for the spread.
const tailed = 5

// learnSpread fits the scales to effects by penalised maximum likelihood of
//
//	effectᵢ ~ t(0, θ²sᵢ² + SEᵢ²)
//
// with few degrees of freedom, as a normal with weights, by Fisher's scoring one level
// after the other; η_t moves to √(Σa²/γ), as in stats/mixed. It is crude where means are
// large beside spreads.
//
// Source: Lange, Little & Taylor (1989), JASA 84:881–896, for the weights of a t.
func learnSpread(past []Past, names []string, shares []float64) spread {
	if len(names) == 0 {
		return spread{}
	}
	fit := newSpreadFit(past, names, shares)
	for range 30 {
		if fit.sweep() < 1e-3 {
			break
		}
	}
	return fit.spread
}

type spreadFit struct {
	spread
	past   []Past
	shares []float64
	level  [][]int32 // of each trait, by effect
	log    []float64 // log θ + log s, by effect
}

func newSpreadFit(past []Past, names []string, shares []float64) *spreadFit {
	f := &spreadFit{past: past, shares: shares, log: make([]float64, len(past))}
	square := 0.0
	for _, p := range past {
		square += math.Min(p.Effect.Value*p.Effect.Value, 25*p.Effect.SE*p.Effect.SE) / float64(len(past))
	}
	for i := range f.log {
		f.log[i] = math.Log(square)/2 - 0.5
	}
	for _, name := range names {
		b := block{Name: name}
		t := spreadTrait{Name: name, Levels: b.levels(past), SD: 0.3}
		t.Log = make([]float64, len(t.Levels))
		column := map[string]int32{}
		for c, l := range t.Levels {
			column[l] = int32(c)
		}
		levels := make([]int32, len(past))
		for i, p := range past {
			levels[i] = column[p.Traits[name]]
		}
		f.Traits, f.level = append(f.Traits, t), append(f.level, levels)
	}
	return f
}

// sweep moves θ and then each trait, and returns the largest step.
func (f *spreadFit) sweep() (most float64) {
	all := make([]int32, len(f.past))
	base := []float64{0}
	most = f.move(all, base, 0)
	for k := range f.Traits {
		t := &f.Traits[k]
		if t.SD == 0 {
			continue
		}
		most = math.Max(most, f.move(f.level[k], t.Log, 1/(t.SD*t.SD)))
		square, freedom := 0.0, 0.0
		information := f.information(f.level[k], len(t.Log))
		for c, a := range t.Log {
			square += a * a
			freedom += information[c] / (information[c] + 1/(t.SD*t.SD))
		}
		if t.SD = math.Min(1.5, math.Sqrt(square/math.Max(freedom, 1e-3))); t.SD < 0.01 {
			t.SD = 0
			for i, c := range f.level[k] {
				f.log[i] -= t.Log[c]
			}
			clear(t.Log)
		}
	}
	return most
}

// move is one step of scoring of the levels of a trait.
func (f *spreadFit) move(level []int32, log []float64, penalty float64) (most float64) {
	gradient, information := make([]float64, len(log)), make([]float64, len(log))
	for i, p := range f.past {
		theta2 := math.Exp(2 * f.log[i])
		v := theta2 + p.Effect.SE*p.Effect.SE
		z2, part := p.Effect.Value*p.Effect.Value/v, theta2/v
		gradient[level[i]] += f.shares[i] * part * (z2*(tailed+1)/(tailed+z2) - 1)
		information[level[i]] += f.shares[i] * 2 * part * part * tailed / (tailed + 3)
	}
	for c := range log {
		step := (gradient[c] - penalty*log[c]) / (information[c] + penalty + 1e-9)
		step = math.Max(-0.7, math.Min(0.7, step))
		gradient[c], log[c] = step, log[c]+step
		most = math.Max(most, math.Abs(step))
	}
	for i, c := range level {
		f.log[i] = math.Max(f.log[i]+gradient[c], -40)
	}
	return most
}

func (f *spreadFit) information(level []int32, n int) []float64 {
	information := make([]float64, n)
	for i, p := range f.past {
		theta2 := math.Exp(2 * f.log[i])
		part := theta2 / (theta2 + p.Effect.SE*p.Effect.SE)
		information[level[i]] += f.shares[i] * 2 * part * part * tailed / (tailed + 3)
	}
	return information
}
