package forecast

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// Kinds of blocks that are not traits or crosses of traits, whose names are their own.
const (
	meanBlock   = "mean"   // one level of all effects
	claimBlock  = "claims" // a slope for each who forecasts; "claims by author": for each and level of the trait
	shapeBlock  = "text shape"
	kindBlock   = "kinds of words"
	wordBlock   = "words"
	pairBlock   = "word pairs"
	endBlock    = "first and last word"
	letterBlock = "letters" // four in a row, so that words alike count alike
	inSet       = " within a set"
	cross       = " × "
	claimsBy    = claimBlock + " by "
	claimReach  = 4.0 // a claim counts as at most so many of its scales from its usual value
	firstToTell = 2   // levels that a trait must have to tell ideas apart
)

// block is one kind of feature with all that is needed to find an idea's.
type block struct {
	Name   string         `json:"name"`
	Levels []string       `json:"levels,omitempty"` // columns of traits, crosses and claims, sorted
	Past   map[int]int    `json:"past,omitempty"`   // how many past effects had the column
	Usual  []float64      `json:"usual,omitempty"`  // of counts in texts: their means
	Scale  []float64      `json:"scale,omitempty"`  // of counts in texts: their SDs
	Claims []claimScale   `json:"claims,omitempty"`
	index  map[string]int // of Levels
	trait  bool           // isTrait
}

// claimScale is what one's claims usually are.
type claimScale struct {
	By    string  `json:"by"`
	Usual float64 `json:"usual"` // median
	// Own are the medians of each author's own forecasts, of those who made enough:
	// one who always promises much says nothing by it, and is not missed where silent.
	Own map[string]float64 `json:"own,omitempty"`
	// Wide are those whose claims vary more than wide times as much as is usual of an author,
	// and what brings them to that.
	Wide  map[string]float64 `json:"wide,omitempty"`
	Scale float64            `json:"scale"` // 1.4826 median absolute deviations from these, or else their root mean square
	// Unit is the scale of effects, of a claim that is no lift but a score, such as an ICE
	// score of 1 to 1,000: one of its scales then counts as one of effects. 0: it is a lift.
	Unit float64 `json:"unit,omitempty"`
}

// largestLift is what the scale of claims that are lifts may be: beyond, it is one of scores.
const largestLift = 0.5

// leastUnit is how small the unit of a score may be, in usual errors of effects: where
// next to all effects were nothing, a unit of next to nothing would leave slopes without
// bound.
const leastUnit = 1e-3

// ownClaim is who makes the claims that are the authors' own, and fewestOwn how many of them
// tell what is usual of one.
const (
	ownClaim  = "author"
	fewestOwn = 5
)

// usual is what such a claim of an idea by its author usually is.
func (c claimScale) usual(author string) float64 {
	if own, known := c.Own[author]; known {
		return own
	}
	return c.Usual
}

// off is how far a claim is from what is usual.
func (c claimScale) off(claim float64, author string) float64 {
	if shrunk, is := c.Wide[author]; is {
		return (claim - c.usual(author)) * shrunk
	}
	return claim - c.usual(author)
}

// wide is how many times as much as is usual an author's claims may vary before they are
// read at that author's own scale: who promises ten times as much moves ten times as much
// otherwise, and leaves next to nothing of the slope for others.
const wide = 3

// leastScale is of claims that differ at all: a lift of a billionth is none.
const leastScale = 1e-9

// in is a distance between two claims in the unit of effects.
func (c claimScale) in(d float64) float64 {
	if c.Unit == 0 {
		return d
	}
	return d / c.Scale * c.Unit
}

// feature is the value of one column of a block, with its name.
type feature struct {
	column int
	value  float64
	name   string
}

// newBlock makes the block of a name from past ideas. It is not ok if it tells no ideas
// apart.
func newBlock(name string, past []Past) (b block, ok bool) {
	b = block{Name: name}
	switch name {
	case meanBlock:
		b.count(past)
		return b, len(b.Past) > 0
	default:
		if b.hashes() {
			break
		}
		if b.counts().names != nil {
			b.standardise(past)
			break
		}
		if strings.HasPrefix(name, claimBlock) {
			b.Claims = claimScales(past)
		}
		b.Levels = b.levels(past)
	}
	b.ready()
	b.count(past)
	if b.isWithin() && crowded(past) {
		return b, false
	}
	return b, len(b.Past) >= firstToTell || len(b.Past) == 1 && b.Claims != nil
}

// ready indexes the levels.
func (b *block) ready() {
	b.trait = b.isTrait()
	b.index = make(map[string]int, len(b.Levels))
	for c, l := range b.Levels {
		b.index[l] = c
	}
}

func (b *block) levels(past []Past) []string {
	seen := map[string]bool{}
	trait := !b.hashes() && b.Claims == nil && !strings.HasPrefix(b.Name, claimBlock) && !strings.Contains(b.Name, cross)
	for i := range past {
		if trait {
			seen[past[i].Traits[b.Name]] = true
			continue
		}
		for _, t := range b.terms(past[i].Idea) {
			seen[t.text] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func (b *block) count(past []Past) {
	b.Past = map[int]int{}
	if b.trait {
		counts := make([]int, len(b.Levels)+1)
		for i := range past {
			counts[b.columnOf(past[i].Traits[b.Name])]++
		}
		for c, n := range counts {
			if n > 0 {
				b.Past[c] = n
			}
		}
		return
	}
	for i := range past {
		for _, f := range b.features(past[i].Idea) {
			b.Past[f.column]++
		}
	}
}

// columns is how many the block has. The last of one with levels is for those that were
// never seen.
func (b *block) columns() int {
	switch {
	case b.Name == meanBlock:
		return 1
	case b.counts().names != nil:
		return len(b.counts().names)
	case b.hashes():
		return hashed
	}
	return len(b.Levels) + 1
}

// features of an idea in the block.
func (b *block) features(i Idea) (fs []feature) {
	switch c := b.counts(); {
	case b.Name == meanBlock:
		if i.Set == "" {
			fs = append(fs, feature{0, 1, "all past effects"})
		}
		return fs
	case c.names != nil:
		if i.Text == "" {
			return nil
		}
		for k, x := range c.of(i.Text) {
			if b.Scale[k] > 0 {
				fs = append(fs, feature{k, math.Max(-4, math.Min(4, (x-b.Usual[k])/b.Scale[k])), c.names[k]})
			}
		}
		return fs
	}
	for _, t := range b.terms(i) {
		f := feature{name: t.text, value: t.value}
		if !b.hashes() {
			f.name = named(t.text)
		}
		if b.hashes() {
			f.column = column(t.text)
		} else {
			f.column = b.columnOf(t.text)
		}
		fs = append(fs, f)
	}
	return fs
}

// columnOf is the column of a level; that of one never seen is the last.
func (b *block) columnOf(level string) int {
	if c, seen := b.index[level]; seen {
		return c
	}
	return len(b.Levels)
}

// named is a level as a reader should see it, also where the trait is unknown.
func named(level string) string {
	parts := strings.Split(level, cross)
	for k := range parts {
		if parts[k] == "" || strings.HasSuffix(parts[k], " ") { // of a trait, of claims by it
			parts[k] += "unknown"
		}
	}
	return strings.Join(parts, cross)
}

func (b *block) hashes() bool {
	return textBlocks[strings.TrimSuffix(b.Name, inSet)] != nil
}

// counts are what the block counts in texts, if it does.
func (b *block) counts() counts { return countBlocks[b.Name] }

// isWithin is a block whose coefficients are drawn anew for each set: what a word does
// among the headlines of one story says nothing of another, but headlines that share it
// are alike.
func (b *block) isWithin() bool { return strings.HasSuffix(b.Name, inSet) }

// crowded reports sets of more ideas than a Within block of stats/mixed is quick for.
func crowded(past []Past) bool {
	members := map[string]int{}
	for i := range past {
		if past[i].Set != "" {
			if members[past[i].Set]++; members[past[i].Set] > 200 {
				return true
			}
		}
	}
	return false
}

// isTrait tells traits from crosses, claims and texts.
func (b *block) isTrait() bool {
	return b.Levels != nil && b.Claims == nil && !strings.Contains(b.Name, cross)
}

// terms of an idea are its features by name.
func (b *block) terms(i Idea) []term {
	if of := textBlocks[strings.TrimSuffix(b.Name, inSet)]; of != nil {
		if b.isWithin() && i.Set == "" {
			return nil
		}
		return of(i.Text)
	}
	if strings.HasPrefix(b.Name, claimBlock) {
		return b.claims(i)
	}
	level, crossed := i.Traits[b.Name], strings.Split(b.Name, cross)
	if len(crossed) > 1 {
		parts := make([]string, len(crossed))
		for k, name := range crossed {
			parts[k] = i.Traits[name]
		}
		level = strings.Join(parts, cross)
	}
	return []term{{level, 1}}
}

// claims are how far an idea's claims lie from what is usual of those who made them, in
// the unit of effects, so that a slope of 1 takes them at their word, or one scale of a
// score for one of effects.
func (b *block) claims(i Idea) (terms []term) {
	by := strings.TrimPrefix(b.Name, claimsBy)
	for _, c := range b.Claims {
		claim, made := i.Claims[c.By]
		if !made || math.IsNaN(claim) || c.Scale == 0 {
			continue
		}
		name := c.By
		if by != b.Name {
			name += " of " + by + " " + i.Traits[by]
		}
		reach := claimReach * c.Scale
		terms = append(terms, term{name, c.in(math.Max(-reach, math.Min(reach, c.off(claim, i.Traits[ownClaim]))))})
	}
	return terms
}

func claimScales(past []Past) (scales []claimScale) {
	all, whose := map[string][]float64{}, map[string][]string{}
	for i := range past {
		for by, claim := range past[i].Claims {
			if !math.IsNaN(claim) && math.Abs(claim) < 1e6 {
				all[by], whose[by] = append(all[by], claim), append(whose[by], past[i].Traits[ownClaim])
			}
		}
	}
	for _, by := range slices.Sorted(maps.Keys(all)) {
		s := claimScale{By: by, Usual: median(all[by])}
		if by == ownClaim {
			s.Own = ownUsual(all[by], whose[by])
			s.Wide = s.wide(all[by], whose[by])
		}
		off, square := make([]float64, len(all[by])), 0.0
		for k, c := range all[by] {
			off[k] = math.Abs(s.off(c, whose[by][k]))
			square += off[k] * off[k] / float64(len(off))
		}
		if s.Scale = 1.4826 * median(off); s.Scale < leastScale {
			s.Scale = math.Sqrt(square)
		}
		if s.Scale < leastScale {
			s.Scale = 0
		}
		if s.Scale > largestLift {
			effects, errors := make([]float64, len(past)), make([]float64, len(past))
			for i, p := range past {
				effects[i], errors[i] = math.Abs(p.Effect.Value), p.Effect.SE
			}
			s.Unit = max(1.4826*median(effects), leastUnit*median(errors))
		}
		scales = append(scales, s)
	}
	return scales
}

// wide finds authors of wide claims, of those with an own usual claim.
func (c claimScale) wide(claims []float64, whose []string) map[string]float64 {
	off, scale, wider := map[string][]float64{}, map[string]float64{}, map[string]float64{}
	for k, author := range whose {
		if own, known := c.Own[author]; known {
			off[author] = append(off[author], math.Abs(claims[k]-own))
		}
	}
	for author, d := range off {
		scale[author] = median(d)
	}
	if len(scale) < 2 {
		return nil
	}
	usual := median(slices.Collect(maps.Values(scale)))
	for author, s := range scale {
		if s > wide*usual {
			wider[author] = usual / s
		}
	}
	return wider
}

// ownUsual are the medians of authors who made enough claims.
func ownUsual(claims []float64, whose []string) map[string]float64 {
	of, own := map[string][]float64{}, map[string]float64{}
	for k, author := range whose {
		of[author] = append(of[author], claims[k])
	}
	for author, made := range of {
		if author != "" && len(made) >= fewestOwn {
			own[author] = median(made)
		}
	}
	return own
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// standardise learns the means and SDs of what is counted.
func (b *block) standardise(past []Past) {
	c := b.counts()
	b.Usual, b.Scale = make([]float64, len(c.names)), make([]float64, len(c.names))
	n := 0.0
	for i := range past {
		if past[i].Text == "" {
			continue
		}
		n++
		for k, x := range c.of(past[i].Text) {
			d := x - b.Usual[k]
			b.Usual[k] += d / n
			b.Scale[k] += d * (x - b.Usual[k])
		}
	}
	for k := range b.Scale {
		b.Scale[k] = math.Sqrt(b.Scale[k] / math.Max(n, 1))
	}
}
