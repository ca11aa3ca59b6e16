package sample

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/assay-planner/assay/planner"
)

// Seed is that of the bundled sample: of the first 200 seeds the one whose
// properties (see TestProperties) lie closest to their means, a typical draw.
const Seed = 11

// Tonight is the night for which the sample's plan is made: the history ends
// and the backlog stands as it does at this moment.
var Tonight = time.Date(2026, 6, 30, 2, 0, 0, 0, time.UTC)

// Programme is an experimentation programme with its truth.
type Programme struct {
	Tonight     time.Time
	Experiments []Experiment         // by start; ids E-0001 …
	Twins       []Experiment         // experiments of these that came over a second time, as legacy-0001 …
	Hypotheses  []planner.Hypothesis // by submission; ids H-0001 …
	Policy      planner.Policy
	Truth       Truth
}

// Experiment is one past test.
type Experiment struct {
	ID, Title                       string
	Surface, Component, ChangeType  string
	Source                          planner.Source
	Generator, Team, Author, Metric string    // Metric is the one that it was meant to move
	Started, Ended                  time.Time // a zero Ended: still running
	Planned                         time.Time // when it was to end; zero: nobody wrote it down
	Decision                        string    // what was done about it
	Overlap                         string    // what else changed for its users
	Repeats                         string    // of a twin, the experiment that it is
	Flaw                            Flaw
	Arms                            []Arm // the control arm first
}

// Flaw is what went wrong with an experiment, if anything did. Files do not
// carry it: a history has to find out by itself.
type Flaw string

const (
	Sound        Flaw = ""
	SplitBroken  Flaw = "split"  // users lost from the treatment arms, and not at random
	Aborted      Flaw = "abort"  // taken down within the hour: a handful of users
	TooSmall     Flaw = "small"  // a hundredth of the users it needed
	StoppedEarly Flaw = "peeked" // ended at the first look because it looked significant
)

// Arm is one group of users and what was summed over them.
type Arm struct {
	Name     string
	Control  bool
	Users    int64
	Outcomes []Outcome // one per metric, in the order of the policy
}

// Outcome is what the lift of one metric and its error need: Σy, Σy², Σd, Σd²
// and Σyd over users. The metric is Σy/Σd.
type Outcome struct {
	Metric          string
	Definition      string // by which it was measured; "" where nobody tells
	Ratio           bool   // false: a plain mean, d is 1 for every user
	Sum, SumSquares float64
	Den, DenSquares float64
	SumDen          float64 // Σyd
}

// Lift is one true relative lift: 0.02 is +2%. Arm is empty for a hypothesis.
type Lift struct {
	ID, Arm, Metric string
	Lift            float64
}

// Truth is what no real programme knows.
type Truth struct {
	Past    []Lift // every treatment arm of every experiment × every metric
	Backlog []Lift // every hypothesis × every metric
}

// TrueLifts returns the true lift of each hypothesis on its own target metric.
func (p Programme) TrueLifts() map[string]float64 {
	lifts := map[string]float64{}
	for i, h := range p.Hypotheses {
		for _, l := range p.Truth.Backlog[i*len(metrics) : (i+1)*len(metrics)] {
			if l.Metric == h.Metric {
				lifts[h.ID] = l.Lift
			}
		}
	}
	return lifts
}

// Generate makes the programme of a seed: the same seed, the same programme,
// on every platform. History, backlog and records have streams of their own, so
// that a change to one leaves the others as they were.
func Generate(seed uint64) Programme {
	p := Programme{Tonight: Tonight, Policy: policy()}
	titles := map[string]bool{} // an idea is had once
	past := generator{rand.New(rand.NewPCG(seed, 1)), titles}
	for i, at := range past.starts(experiments) {
		e, lifts := past.experiment(i+1, at)
		p.Experiments = append(p.Experiments, e)
		p.Truth.Past = append(p.Truth.Past, lifts...)
	}
	next := generator{rand.New(rand.NewPCG(seed, 2)), titles}
	p.Hypotheses, p.Truth.Backlog = next.backlog(p.Policy)
	p.Twins = generator{rand.New(rand.NewPCG(seed, 3)), nil}.told(p.Experiments)
	return p
}

// imported is everything that a history gets to see, in order of id.
func (p Programme) imported() []Experiment { return slices.Concat(p.Experiments, p.Twins) }

const (
	experiments = 2000
	hypotheses  = 500
)

// generator draws from one stream. titles holds every idea that was had.
type generator struct {
	*rand.Rand
	titles map[string]bool
}

// pick returns an index with probability in proportion to its weight.
func (g generator) pick(weights ...float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	u := g.Float64() * sum
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// between draws uniformly from [low, high).
func (g generator) between(low, high float64) float64 { return low + (high-low)*g.Float64() }

// one draws one of the values, each as likely as the others.
func one[T any](g generator, of []T) T { return of[g.IntN(len(of))] }
