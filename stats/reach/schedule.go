package reach

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Weekly states a curve without data: users · wᵉ different users in w weeks, for
// an exponent e from 0 to 1 (0.5: users grow with √weeks).
func Weekly(users, exponent float64) (Curve, error) {
	if err := input.First(input.Positive("users", users), input.Check(exponent >= 0 && exponent <= 1, "exponent", exponent, "must lie between 0 and 1")); err != nil {
		return Curve{}, err
	}
	return stated(users/math.Pow(7, exponent), exponent)
}

// stated is a power law, or the line that it ends in.
func stated(scale, exponent float64) (Curve, error) {
	c := Curve{Model: Power, Scale: scale, Exponent: exponent}
	if exponent == 1 {
		c = Curve{Model: Line, Scale: scale}
	}
	if err := c.Check(); err != nil {
		return Curve{}, err
	}
	return c, nil
}

// Share is the curve of a fixed share of the users, 0 < share ≤ 1, drawn by user: a
// test's allocation, or one of its arms. A user in the share visits as before,
// so only the scale changes. It does not answer for traffic that is drawn by visit.
func (c Curve) Share(share float64) (Curve, error) {
	if err := input.First(c.Check(), input.Check(share > 0 && share <= 1, "share", share, "must be above 0, at most 1")); err != nil {
		return Curve{}, err
	}
	c.Scale *= share
	if err := c.Check(); err != nil {
		return Curve{}, err
	}
	return c, nil
}

// Week is a row of a schedule.
type Week struct {
	Week         int     `json:"week"`         // 1 is the first
	Users        float64 `json:"users"`        // different users by its end
	New          float64 `json:"new"`          // of them first seen in this week
	Extrapolated bool    `json:"extrapolated"` // beyond twice the days of the fit
}

// Schedule returns the users by the end of each week from 1 to weeks, at most 5,200.
func (c Curve) Schedule(weeks int) ([]Week, error) {
	if err := input.First(c.Check(), input.Check(weeks >= 1 && weeks <= 5200, "weeks", float64(weeks), "must lie between 1 and 5200")); err != nil {
		return nil, err
	}
	rows, before := make([]Week, weeks), 0.0
	for i := range rows {
		day := 7 * float64(i+1)
		users := c.Users(day)
		rows[i] = Week{Week: i + 1, Users: users, New: max(0, users-before), Extrapolated: c.Extrapolated(day)}
		before = users
	}
	return rows, nil
}
