package quantile

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Clusters are sums over the users of one arm, for events that are not
// independent because a user has several. User i has Nᵢ events, Bᵢ of them at or
// below a threshold near the quantile: ask for the quantile first, then for
// these sums at its value (pooled over arms, or each arm's own).
//
// The zero value says that every event is a unit of its own.
type Clusters struct {
	Users        int     // users with at least one event; at least 2
	Events       float64 // ΣNᵢ
	Below        float64 // ΣBᵢ
	EventSquares float64 // ΣNᵢ²
	BelowSquares float64 // ΣBᵢ²
	Product      float64 // ΣNᵢBᵢ
}

// DesignEffect returns by how much dependence within users multiplies the variance of
// the share p̂ = ΣB/ΣN of events at or below the threshold, and so that of the
// quantile, against as many independent events:
//
//	deff = Var(p̂) / (p̂(1 − p̂)/ΣN)      Var(p̂) = Σ(Bᵢ − p̂Nᵢ)² n/(n − 1) / (ΣN)²
//
// by the delta method over n independent users. It is 1 with one event each
// (but for n/(n − 1)), and can be below 1 where users spread themselves evenly.
//
// Sources: Deng, Knoblich & Lu (2018), "Applying the Delta Method in Metric
// Analytics", KDD, §4; Liu, Sun, Varshney & Xu (2019), "Large-Scale Online
// Experimentation with Quantile Metrics", ICSE-SEIP.
func (c Clusters) DesignEffect() (float64, error) { return c.designEffect("") }

func (c Clusters) designEffect(prefix string) (float64, error) {
	if err := c.check(prefix); err != nil {
		return 0, err
	}
	p, n := c.Below/c.Events, float64(c.Users)
	// Σ(B − pN)², as a whole of sums that agree in many digits only if all users
	// are alike; what is left of rounding below 0 is 0.
	squares := max(0, c.BelowSquares-2*p*c.Product+p*p*c.EventSquares)
	return squares * n / (n - 1) / (c.Events * p * (1 - p)), nil
}

func (c Clusters) check(prefix string) error {
	return input.First(
		input.Check(c.Users >= 2, prefix+"Users", float64(c.Users), "a variance needs at least 2 users"),
		input.Check(c.Events >= float64(c.Users) && c.Events <= 1e18, prefix+"Events", c.Events, "must be at least one per user (at most 1e18)"),
		input.Check(c.Below > 0 && c.Below < c.Events, prefix+"Below", c.Below, "must lie strictly between 0 and Events"),
		input.Check(c.EventSquares >= c.Events*c.Events/float64(c.Users)*(1-1e-9) && c.EventSquares <= input.Max, prefix+"EventSquares", c.EventSquares, "is below Events²/Users, which no counts can give"),
		input.Check(c.BelowSquares >= c.Below*c.Below/float64(c.Users)*(1-1e-9) && c.BelowSquares <= c.EventSquares*(1+1e-9), prefix+"BelowSquares", c.BelowSquares, "must lie between Below²/Users and EventSquares"),
		input.Check(c.Product >= c.BelowSquares*(1-1e-9) && c.Product <= c.EventSquares*(1+1e-9), prefix+"Product", c.Product, "must lie between BelowSquares and EventSquares"),
		input.Check(c.Product <= math.Sqrt(c.BelowSquares)*math.Sqrt(c.EventSquares)*(1+1e-9), prefix+"Product", c.Product, "is above √(BelowSquares·EventSquares), which no counts can give"))
}
