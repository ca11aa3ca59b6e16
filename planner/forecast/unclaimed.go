package forecast

import (
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/mixed"
)

// An idea of which somebody made no claim, though others have one, is known less well than
// they are: what the claim would have said is part of its effect. With slope b of claims
// that vary by s, learned as b̂ ± SE_b, that part has the variance
//
//	v = (b̂² + SE_b²) s²
//
// which is added to a forecast without the claim, and when a model is learned to the
// variance of past effects without it: what features leave unexplained is then that of
// ideas with all claims.

// unclaimed is v, in the square of the unit of effects, over all who made no claim.
func (m *Model) unclaimed(i Idea) (variance float64, err error) {
	for _, c := range m.claimants() {
		if i.claimed(c.By) || c.SD == 0 {
			continue
		}
		// What is said is in units of the idea's scale, and so are claims: it cancels.
		p, err := m.predict(m.claimFeatures(Idea{Traits: i.Traits, Claims: map[string]float64{c.By: c.Usual + c.SD}}), 1, 0)
		if err != nil {
			return 0, err
		}
		variance += p.Mean*p.Mean + p.SE*p.SE
	}
	return variance, nil
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

// widenUnclaimed adds v to a prediction.
func (m *Model) widenUnclaimed(p *mixed.Forecast, i Idea) error {
	v, err := m.unclaimed(i)
	if v > 0 {
		for k, c := range p.Effect.Components {
			p.Effect.Components[k] = stats.Normal{Mean: c.Mean, SD: math.Sqrt(c.SD*c.SD + v)}
		}
	}
	return err
}

// leastUnclaimed is the share of what features leave unexplained from which v counts.
const leastUnclaimed = 0.02

// withoutClaims is past with v added to the variances of effects without claims; nil where
// that changes next to nothing.
func (m *Model) withoutClaims(past []Past) (wider []Past, err error) {
	if len(m.claimants()) == 0 {
		return nil, nil
	}
	of := map[string]float64{}
	for k, p := range past {
		key := m.whoseClaims(p.Idea)
		v, known := of[key]
		if !known {
			if v, err = m.unclaimed(p.Idea); err != nil {
				return nil, err
			}
			of[key] = v
		}
		if tau := m.fit.Tail.SD() * m.spread.of(p.Idea); !(v > leastUnclaimed*tau*tau) {
			continue
		}
		if wider == nil {
			wider = slices.Clone(past)
		}
		wider[k].Effect.SE = math.Sqrt(p.Effect.SE*p.Effect.SE + v)
	}
	return wider, nil
}

// whoseClaims is all that v depends on: who made no claim, and what slopes differ by.
func (m *Model) whoseClaims(i Idea) string {
	var key strings.Builder
	for _, c := range m.claimants() {
		if !i.claimed(c.By) {
			key.WriteString(c.By + "\x1f")
		}
	}
	for _, b := range m.blocks {
		if trait, by := strings.CutPrefix(b.Name, claimsBy); by {
			key.WriteString(trait + "=" + i.Traits[trait] + "\x1f")
		}
	}
	return key.String()
}
