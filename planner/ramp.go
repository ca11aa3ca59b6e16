package planner

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator/cohort"
)

// Stage is a step of a ramp. A test with a ramp holds its whole cohort from the start
// and shows itself to a part of it, which grows: for Days days to the first Buckets
// buckets, half of them in each arm, then to the next stage's, and after the last one to
// all. Both arms grow together, so that they stay alike: were only treatment to grow,
// days on which users behave differently would weigh differently in the two arms.
type Stage struct {
	Share   float64 `json:"share"` // of the segment's users, both arms together
	Days    int     `json:"days"`
	Buckets int     `json:"buckets"` // an even number: of 10,000, and of the layer's in a Start
}

// noRamp is how a hypothesis says that it needs none, whatever the policy says.
const noRamp = "none"

var stageText = regexp.MustCompile(`^([0-9]*\.?[0-9]+)\s*%\s*(?:for\s+)?([0-9]{1,4})\s*(?:d|days?)$`)

// parseRamp reads "1% for 2 days, 5% for 5 days". No text, or "none", is no ramp.
func parseRamp(text string) ([]Stage, error) {
	if text = strings.TrimSpace(text); text == "" || text == noRamp {
		return nil, nil
	}
	var stages []Stage
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		m := stageText.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("%q is no stage; write, say, 1%% for 2 days, 5%% for 5 days, or none", part)
		}
		percent, _ := strconv.ParseFloat(m[1], 64)
		days, _ := strconv.Atoi(m[2])
		s := Stage{Share: percent / 100, Days: days}
		s.Buckets, _ = bucketsOf(s.Share, Buckets)
		switch {
		case s.Share < 2.0/Buckets || s.Share >= 1:
			return nil, fmt.Errorf("%q: a stage has 0.02%% of the users or more, and less than all", part)
		case days < 1 || days > 365:
			return nil, fmt.Errorf("%q: a stage lasts 1 to 365 days", part)
		case len(stages) > 0 && s.Buckets <= stages[len(stages)-1].Buckets:
			return nil, fmt.Errorf("%q: each stage must have more users than the one before", part)
		}
		stages = append(stages, s)
	}
	return stages, nil
}

// rampOf is the ramp of a hypothesis: its own, or the policy's. What it and the policy
// say must have been checked.
func (p Policy) rampOf(h Hypothesis) []Stage {
	text := h.Ramp
	if text == "" {
		text = p.Designs.Ramp
	}
	stages, _ := parseRamp(text)
	return stages
}

// below is the part of a ramp that a design of so many buckets goes through: a stage
// that shows it to as many users as it has, or more, is full exposure.
func below(stages []Stage, buckets int) []Stage {
	for i, s := range stages {
		if s.Buckets >= buckets {
			return stages[:i]
		}
	}
	return stages
}

// daysOf is how long a ramp takes.
func daysOf(stages []Stage) int {
	days := 0
	for _, s := range stages {
		days += s.Days
	}
	return days
}

// leavesAWeek tells whether a test of so many days has a week of full exposure left.
// With less it would measure some days of the week and not the others.
func leavesAWeek(stages []Stage, days int) bool { return daysOf(stages) <= days-7 }

// exposed returns how many of its buckets see the design so many days after it begins.
func (d Design) exposed(days float64) int {
	for _, s := range d.Ramp {
		if days < float64(s.Days) {
			return min(s.Buckets, d.Buckets)
		}
		days -= float64(s.Days)
	}
	return d.Buckets
}

// usersPer returns the expected number of different users who see the design, in each
// arm: those of the first stage from the start on, those that a later stage adds from
// then on, and those not yet exposed only from full exposure on:
//
//	n = Σᵢ (shareᵢ − shareᵢ₋₁)/2 · users(weeks − late/7 − startᵢ/7)
//
// where stage i begins startᵢ days after the test, and the last is full exposure.
func (d Design) usersPer(s Segment) float64 {
	n, before, day := 0.0, 0.0, 0
	add := func(share float64) {
		n += (share - before) / 2 * s.users(d.lasts()-float64(day)/7)
		before = share
	}
	for _, stage := range d.Ramp {
		add(float64(stage.Buckets) / Buckets)
		day += stage.Days
	}
	add(d.Share)
	return n
}

// lasts is how long the design runs, in weeks.
func (d Design) lasts() float64 { return float64(d.Weeks) - float64(d.Late)/7 }

// fullWeeks is for how long the design would have to be shown to all of its cohort to be
// shown as much as it is.
func (d Design) fullWeeks() float64 {
	weeks := d.lasts()
	for _, s := range d.Ramp {
		weeks -= float64(s.Days) / 7 * (1 - float64(s.Buckets)/Buckets/d.Share)
	}
	return weeks
}

// RampText says how the design is ramped; empty if it is not.
func (d Design) RampText() string {
	if len(d.Ramp) == 0 {
		return ""
	}
	parts := make([]string, len(d.Ramp))
	for i, s := range d.Ramp {
		parts[i] = fmt.Sprintf("%s%% for %s", strconv.FormatFloat(100*s.Share, 'g', 4, 64), count(s.Days, "day"))
	}
	return strings.Join(parts, ", ") + ", then all"
}

// exposure divides arms into what sees the test so long after its start, and what it
// holds and does not show itself to yet.
func exposure(ramp []Stage, since time.Duration, control, treatment []cohort.Range) (c, t, waiting []cohort.Range) {
	d := Design{Ramp: ramp, Buckets: cohort.Size(control) + cohort.Size(treatment)}
	n := d.exposed(since.Hours() / 24)
	if n == d.Buckets {
		return control, treatment, nil
	}
	c, restC := cohort.First(control, n/2)
	t, restT := cohort.First(treatment, n/2)
	return c, t, cohort.Join(append(restC, restT...))
}

// offers tells whether any design of the menu has a week of full exposure left.
func (m Menu) offers(stages []Stage) bool {
	for _, share := range m.Shares {
		buckets, _ := bucketsOf(share, Buckets)
		for _, weeks := range m.Weeks {
			if leavesAWeek(below(stages, buckets), 7*weeks) {
				return true
			}
		}
	}
	return len(m.Shares) == 0 || len(m.Weeks) == 0 // which is another mistake
}
