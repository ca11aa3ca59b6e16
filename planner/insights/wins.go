package insights

import "math"

// Wins says how often ideas win, and how many of the wins are luck. A win is an arm
// whose estimate is significantly positive.
type Wins struct {
	Arms int     `json:"arms"` // with a usable effect; an experiment may have several
	Won  int     `json:"won"`
	Rate float64 `json:"rate"` // Won/Arms
	// FalseWins is how many of the wins are expected to have a true effect of 0 or
	// below: the sum of their posterior probabilities.
	FalseWins  float64 `json:"false_wins"`
	FalseShare float64 `json:"false_share"` // FalseWins/Won; 0 if none won
	Expected   float64 `json:"expected"`    // wins, were no idea to do anything
	// Positive is the share of all arms with a true effect above 0, by the fitted
	// distribution of true effects; a test finds fewer.
	Positive float64 `json:"positive"`
	// Periods are the same by when experiments ended, in order: years, or quarters or
	// months, so that there are at most twelve. Arms that do not say when are in none.
	Periods []Period `json:"periods"`
}

func (l *learner) wins() *Wins {
	w := &Wins{Positive: l.prior.ProbAbove(0)}
	for i, t := range l.trials {
		for k, a := range t.arms {
			w.Arms++
			if a.Value > l.z*a.SE {
				w.Won++
				w.FalseWins += l.after[i][k].CDF(0)
			}
		}
	}
	w.Rate = float64(w.Won) / float64(w.Arms)
	w.FalseShare = w.FalseWins / math.Max(1, float64(w.Won))
	w.Expected = l.o.Alpha * float64(w.Arms)
	w.Periods = l.periods()
	return w
}
