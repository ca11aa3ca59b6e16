package duration

import (
	"math"

	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
)

// Length is how long a test runs.
type Length struct {
	Sizing power.Sizing `json:"sizing"` // at most, if it may stop early
	// Reached says that the traffic ever brings so many users. Days is when, a fraction
	// of a day included, and Week the first whole week by whose end there are enough; 0 if
	// never.
	Reached bool    `json:"reached"`
	Days    float64 `json:"days,omitempty"`
	Week    int     `json:"week,omitempty"`
	// Most is the number of users in the test, over all arms, that the traffic never
	// exceeds; 0 if it grows without end.
	Most         float64 `json:"most,omitempty"`
	Extrapolated bool    `json:"extrapolated"` // Days lies beyond twice the days that the traffic was fitted to
	// Inflation is the most users over those of the test that looks once: 1 without looks.
	Inflation float64 `json:"inflation"`
	// NoEffect and Effect are what to expect if there is no effect, and if it is the MDE.
	// With a Margin NoEffect is what to expect if all of the margin is lost.
	NoEffect Expected `json:"no_effect"`
	Effect   Expected `json:"effect"`
	// Looks is when each planned look is due; empty without a plan of looks.
	Looks []Look `json:"looks,omitempty"`
}

// Expected is a mean over tests of this design.
type Expected struct {
	Users float64 `json:"users"`          // of all arms, when it stops
	Days  float64 `json:"days,omitempty"` // until it stops; 0 if the traffic never brings the sample size
}

// Look is when a look is due.
type Look struct {
	Look        int     `json:"look"` // 1 is the first
	Information float64 `json:"information"`
	Users       float64 `json:"users"`          // of all arms
	Reached     bool    `json:"reached"`        // the traffic ever brings them
	Days        float64 `json:"days,omitempty"` // 0 if it does not
	Power       float64 `json:"power"`          // that the test has found the effect by this look
}

// Length returns how long a test runs that ends with the given users in control, and how
// long on average if it may stop early; control 0 means SampleSize. Without Traffic it
// has users but no days. A size that the traffic never brings is no error:
// Reached is false, and Most what there will be.
//
// Expected days are exact for planned looks, Σ P(stop at look j) day(users at look j)
// with futility boundaries followed. Monitored continuously they are the same sum over
// all looks, its probabilities interpolated between 20 moments, if the effect is the
// MDE. If there is none nearly all tests run to the end: then they are the day of the
// expected users, and those the part that they are at the sample size.
func (t Test) Length(control float64) (Length, error) {
	inTest, err := t.inTest()
	if err != nil && t.Traffic.Model != "" {
		return Length{}, err
	}
	s, err := t.ending(control)
	if err != nil {
		return Length{}, err
	}
	l := Length{Sizing: s, Inflation: t.Monitoring.inflation(), Most: limit(inTest)}
	total := s.Control * t.arms()
	l.Days, l.Reached = inTest.Day(total)
	if l.Reached {
		// A power law inverted and rounded must not start another week.
		l.Week = max(1, int(math.Ceil(l.Days/7*(1-1e-12))))
		l.Extrapolated = inTest.Extrapolated(l.Days)
	} else {
		l.Days = 0
	}
	return l, t.expect(&l, inTest, total)
}

// ending is the sizing at the planned end.
func (t Test) ending(control float64) (power.Sizing, error) {
	if control == 0 {
		return t.SampleSize()
	}
	return t.PowerAt(control)
}

// limit is what a curve tends to; 0 if it grows without end.
func limit(c reach.Curve) float64 {
	switch {
	case c.Model == reach.BetaBinomial, c.Model == reach.Geometric, c.Model == reach.Power && c.Exponent == 0:
		return c.Scale
	}
	return 0
}

func (t Test) expect(l *Length, inTest reach.Curve, total float64) error {
	day := func(users float64) float64 {
		d, _ := inTest.Day(users)
		return d
	}
	m := t.Monitoring
	if m.none() {
		l.NoEffect = Expected{Users: total, Days: l.Days}
		l.Effect = l.NoEffect
		return nil
	}
	drift, err := t.drift(l.Sizing.Control)
	if err != nil {
		return err
	}
	if m.Plan != nil {
		for i, s := range m.Plan.Stages {
			users := total * s.Information
			days, reached := inTest.Day(users)
			l.Looks = append(l.Looks, Look{Look: i + 1, Information: s.Information, Users: users, Reached: reached, Days: days})
		}
		if l.NoEffect, err = planned(m, l, 0); err == nil {
			l.Effect, err = planned(m, l, drift)
		}
		return err
	}
	l.NoEffect.Users = total * m.Price.MeanUsersNull / m.Price.MaxUsers
	l.NoEffect.Days = day(l.NoEffect.Users)
	l.Effect, err = m.ends(drift, total, day)
	if !l.Reached {
		l.NoEffect.Days, l.Effect.Days = 0, 0
	}
	return err
}

// planned is the mean over the looks at which the plan ends. It leaves each look's
// power in l.
func planned(m Monitoring, l *Length, drift float64) (Expected, error) {
	p, err := m.Plan.At(drift)
	if err != nil {
		return Expected{}, err
	}
	var e Expected
	var found float64
	for i, look := range l.Looks {
		found += p.Upper[i]
		if m.of.strict {
			found += p.Lower[i]
		}
		l.Looks[i].Power = found
		stops := p.Upper[i] + p.Lower[i] + p.Futility[i]
		e.Users += stops * look.Users
		e.Days += stops * look.Days
	}
	if !l.Reached {
		e.Days = 0
	}
	return e, nil
}

// ends is the mean over continuously monitored tests with this expected z at their end.
func (m Monitoring) ends(drift, total float64, day func(users float64) float64) (Expected, error) {
	const moments = 20
	looks := m.Price.Looks
	var mean, last Expected
	from, running := 0, 1.0
	for i := 1; i <= moments && from < looks; i++ {
		to := max(1, looks*i/moments)
		if to == from {
			continue
		}
		stopped, err := m.continuous.PowerAt(math.Sqrt(float64(looks)/float64(to))/drift, to)
		if err != nil {
			return Expected{}, err
		}
		for j := from; j < to; j++ {
			users := total * float64(j+1) / float64(looks)
			now := Expected{users, day(users)}
			still := running + (1-stopped-running)*float64(j-from)/float64(to-from)
			mean.Users += (now.Users - last.Users) * still
			mean.Days += (now.Days - last.Days) * still
			last = now
		}
		from, running = to, 1-stopped
	}
	return mean, nil
}
