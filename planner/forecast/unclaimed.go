package forecast

import (
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/mixed"
)

// An idea of which somebody made no claim, though others have one, is known less well than
// they are: what the claim would have said is part of its effect. With cᵢ what the claim of a
// past idea adds to its mean, ± SEᵢ, in units of the idea's scale, that part has the variance
//
//	v = mean of cᵢ² + SEᵢ²
//
// which is added to a forecast without the claim, and when a model is learned to the
// variance of past effects without it: what features leave unexplained is then that of
// ideas with all claims. Where slopes differ, by author say, the mean is over the author's
// own claims as far as there are any: whoever claims wildly is believed little, and one who
// never claims is not taken for either.

// unmade is what the claims that somebody made are worth.
type unmade struct {
	By  string             `json:"by"`
	All average            `json:"all"`
	Of  map[string]average `json:"of"` // by whose slope it is, see Model.slope
}

type average struct {
	Mean float64 `json:"mean"`
	N    float64 `json:"n"`
}

func (a average) and(x, n float64) average {
	n += a.N
	return average{a.Mean + (x-a.Mean)*(n-a.N)/n, n}
}

// ownUnmade is how many claims of its own count as much as the mean of all.
const ownUnmade = 5

// of is v for whose slope it is.
func (u unmade) of(slope string) float64 { return u.Of[slope].and(u.All.Mean, ownUnmade).Mean }

// usualWorth is how far claims correlate with true effects before there is any record of
// them: published is −0.05 of the scores of 43 ideas, ± 0.15. A record outweighs it.
//
// Source: Si, Hashimoto & Yang (2025), "The Ideation-Execution Gap", arXiv 2506.20803, for
// scores of ideas before and after they were carried out.
const usualWorth = 0.15

// leastSpread is the share of the variance of effects that is taken to be no noise at least.
const leastSpread = 0.05

// usualSlope is how steep slopes of claims usually are: those of claims that correlate by
// usualWorth with true effects. 0 of other blocks.
func (m *Model) usualSlope(b int, past []Past) float64 {
	if m.blocks[b].Claims == nil {
		return 0
	}
	var claims, n, mean, effects, noise float64
	for i, p := range past {
		scale := m.spread.of(p.Idea)
		y, se := p.Effect.Value/scale, p.Effect.SE/scale
		d := y - mean
		mean += d / float64(i+1)
		effects += d * (y - mean) / float64(len(past))
		noise += se * se / float64(len(past))
		for _, f := range m.blocks[b].features(p.Idea) {
			claims += f.value * f.value / (scale * scale)
			n++
		}
	}
	if claims == 0 {
		return 0
	}
	return usualWorth * math.Sqrt(math.Max(effects-noise, leastSpread*effects)*n/claims)
}

// learnUnmade averages over past ideas, as a few thousand tell it.
func (m *Model) learnUnmade(past []Past) error {
	m.unmade = nil
	for _, c := range m.claimants() {
		u := unmade{By: c.By, Of: map[string]average{}}
		for _, p := range sampled(past) {
			if !p.claimed(c.By) {
				continue
			}
			said, err := m.predict(m.claimFeatures(Idea{Traits: p.Traits, Claims: map[string]float64{c.By: p.Claims[c.By]}}), 1/m.spread.of(p.Idea), 0)
			if err != nil {
				return err
			}
			v, slope := said.Mean*said.Mean+said.SE*said.SE, m.slope(p.Idea)
			u.All, u.Of[slope] = u.All.and(v, 1), u.Of[slope].and(v, 1)
		}
		m.unmade = append(m.unmade, u)
	}
	return nil
}

// unclaimed is v over all who made no claim of the idea, in units of its scale.
func (m *Model) unclaimed(i Idea) (variance float64) {
	for _, u := range m.unmade {
		if !i.claimed(u.By) {
			variance += u.of(m.slope(i))
		}
	}
	return variance
}

// claimants are those who made claims of past ideas.
func (m *Model) claimants() []claimScale {
	for _, b := range m.blocks {
		if b.Name == claimBlock {
			return b.Claims
		}
	}
	return nil
}

func (i Idea) claimed(by string) bool {
	claim, made := i.Claims[by]
	return made && !math.IsNaN(claim)
}

// claimFeatures are the idea's in the blocks of claims.
func (m *Model) claimFeatures(i Idea) (z []mixed.Feature) {
	for b := range m.blocks {
		if strings.HasPrefix(m.blocks[b].Name, claimBlock) {
			for _, f := range m.blocks[b].features(i) {
				z = append(z, mixed.Feature{Block: b, Column: f.column, Value: f.value})
			}
		}
	}
	return z
}

// widenUnclaimed adds v to a prediction of an idea of some scale.
func (m *Model) widenUnclaimed(p *mixed.Forecast, i Idea, scale float64) {
	if v := m.unclaimed(i) * scale * scale; v > 0 {
		for k, c := range p.Effect.Components {
			p.Effect.Components[k] = stats.Normal{Mean: c.Mean, SD: math.Sqrt(c.SD*c.SD + v)}
		}
	}
}

// leastUnclaimed is the share of what features leave unexplained from which v counts.
const leastUnclaimed = 0.02

// withoutClaims is past with v added to the variances of effects without claims; nil where
// that changes next to nothing.
func (m *Model) withoutClaims(past []Past) (wider []Past) {
	tau := m.fit.Tail.SD()
	for k, p := range past {
		v := m.unclaimed(p.Idea)
		if !(v > leastUnclaimed*tau*tau) {
			continue
		}
		if wider == nil {
			wider = slices.Clone(past)
		}
		wider[k].Effect.SE = math.Hypot(p.Effect.SE, math.Sqrt(v)*m.spread.of(p.Idea))
	}
	return wider
}

// slope tells whose it is: the levels of the traits that slopes of claims differ by.
func (m *Model) slope(i Idea) string {
	var levels []string
	for _, b := range m.blocks {
		if trait, by := strings.CutPrefix(b.Name, claimsBy); by {
			levels = append(levels, i.Traits[trait])
		}
	}
	return strings.Join(levels, "\x1f")
}
