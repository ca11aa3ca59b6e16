package sample

import (
	"fmt"
	"math"
	"slices"
	"time"
)

var (
	firstDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	firstAI  = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) // before it, only people had ideas
)

// shareAI is that of the two generators together, in the backlog and in the
// history since firstAI; volume is the part of it that the first one writes.
const (
	shareAI = 1.0 / 3
	volume  = 0.6
)

// starts draws the start days of n experiments, in order. The programme grows:
// the rate rises linearly to 1.6 times the first.
func (g generator) starts(n int) []time.Time {
	const growth = 0.6
	days := Tonight.Sub(firstDay).Hours() / 24
	at := make([]time.Time, n)
	for i := range at {
		// The inverse of (x + growth·x²/2)/(1 + growth/2).
		u := g.Float64() * (1 + growth/2)
		x := (math.Sqrt(1+2*growth*u) - 1) / growth
		at[i] = firstDay.AddDate(0, 0, int(x*days))
	}
	slices.SortFunc(at, time.Time.Compare)
	return at
}

// author draws who has the next idea.
func (g generator) author(ai bool) writer {
	if !ai {
		return writers[0]
	}
	return writers[1+g.pick(volume, 1-volume)]
}

// experiment draws the i-th past test and its true effects.
func (g generator) experiment(i int, start time.Time) (Experiment, []Lift) {
	d := g.draft(g.author(start.After(firstAI) && g.Float64() < shareAI))
	e := Experiment{
		ID: fmt.Sprintf("E-%04d", i), Title: d.title,
		Surface: d.surface.name, Component: d.component.name, ChangeType: d.idea.change,
		Source: d.source(), Generator: d.writer.generator, Team: d.team, Author: d.author, Metric: d.metric.name,
		Started: start, Flaw: g.flaw(),
	}
	weeks := []int{1, 2, 3, 4}[g.pick(0.15, 0.50, 0.15, 0.20)]
	arms := 1 + g.pick(0.84, 0.12, 0.04)
	truth := make([][]float64, arms)
	for a, s := range g.strengths(arms) {
		truth[a] = d.lifts(s)
	}
	g.run(&e, d, truth, weeks)
	return e, past(e, truth)
}

// flaw draws what goes wrong. StoppedEarly is decided by run: here it means
// somebody who looks.
func (g generator) flaw() Flaw {
	return []Flaw{Sound, SplitBroken, Aborted, TooSmall, StoppedEarly}[g.pick(0.62, 0.07, 0.015, 0.065, 0.23)]
}

// run draws the users and what they did, in two parts: the first third, after
// which an impatient team looks, and the rest.
func (g generator) run(e *Experiment, d draft, truth [][]float64, weeks int) {
	end := e.Started.AddDate(0, 0, 7*weeks)
	if !e.Started.Before(plansKept) {
		e.Planned = end
	}
	size := g.size(d.surface, e.Flaw, weeks)
	if end.After(Tonight) {
		size *= max(Tonight.Sub(e.Started).Hours()/24, 0.5) / float64(7*weeks)
	} else {
		e.Ended = end
	}
	measured := g.measured(*e, truth)
	first, rest := g.look(*e, d, size/3, measured), g.look(*e, d, size*2/3, measured)
	if e.Flaw == StoppedEarly {
		if e.record(first); !e.Ended.IsZero() && e.significant() {
			e.Ended = e.Started.AddDate(0, 0, max(2, int(math.Round(float64(7*weeks)/3))))
			return
		}
		e.Flaw = Sound
	}
	for i := range first {
		first[i] = first[i].plus(rest[i])
	}
	e.record(first)
}

// size draws the expected users per arm: log-normal around 1.4 million, more
// where there are more users, and more in longer tests.
func (g generator) size(s surface, f Flaw, weeks int) float64 {
	n := 1.4e6 * s.size * math.Pow(float64(weeks), 0.4) * math.Exp(0.7*g.NormFloat64())
	switch f {
	case TooSmall:
		n /= 100
	case Aborted:
		n = g.between(20, 90)
	}
	return n
}

// measured is the truth, or what a broken split makes of it: those who were
// lost were not like the others, which moves every metric by about a percent.
func (g generator) measured(e Experiment, truth [][]float64) [][]float64 {
	out := make([][]float64, len(truth)+1)
	out[0] = make([]float64, len(metrics))
	for a, lifts := range truth {
		out[a+1] = slices.Clone(lifts)
		if e.Flaw == SplitBroken {
			for m := range lifts {
				out[a+1][m] += 0.012 * g.NormFloat64()
			}
		}
	}
	return out
}

// look draws the sums over about n users per arm, control first.
func (g generator) look(e Experiment, d draft, n float64, lifts [][]float64) []sums {
	arms := make([]sums, len(lifts))
	for a := range arms {
		expected := n
		if e.Flaw == SplitBroken && a > 0 {
			expected *= 1 - g.between(0.01, 0.06)
		}
		came := max(2, math.Round(expected+math.Sqrt(expected)*g.NormFloat64()))
		arms[a] = g.observe(came, d.surface, lifts[a])
	}
	return arms
}

func past(e Experiment, truth [][]float64) []Lift {
	var lifts []Lift
	for a, of := range truth {
		for m, lift := range of {
			lifts = append(lifts, Lift{e.ID, e.Arms[a+1].Name, metrics[m].name, lift})
		}
	}
	return lifts
}
