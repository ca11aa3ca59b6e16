package sample

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
	"gonum.org/v1/gonum/stat"
)

// properties are what docs/sample.md states, with the range that it states for
// the bundled seed. The mean over other seeds must lie in the same range, so
// that the bundled one is not a lucky draw.
var properties = []struct {
	name      string
	of        func(Programme) float64
	low, high float64
}{
	{"experiments", func(p Programme) float64 { return float64(len(p.Experiments)) }, 2000, 2000},
	{"hypotheses", func(p Programme) float64 { return float64(len(p.Hypotheses)) }, 500, 500},
	{"AI share of the backlog", func(p Programme) float64 { return share(p.Hypotheses, isAI) }, 0.33, 0.34},
	{"AI share of the history before 2025", func(p Programme) float64 {
		return shareOf(p, func(e Experiment) bool { return e.Started.Before(firstAI) }, byAI)
	}, 0, 0},
	{"AI share of the history since 2025", func(p Programme) float64 {
		return shareOf(p, func(e Experiment) bool { return e.Started.After(firstAI) }, byAI)
	}, 0.29, 0.37},
	{"lattice's share of AI experiments", func(p Programme) float64 {
		return shareOf(p, byAI, func(e Experiment) bool { return e.Generator == "lattice" })
	}, 0.53, 0.67},
	{"experiments still running", func(p Programme) float64 { return shareOf(p, all, func(e Experiment) bool { return e.Ended.IsZero() }) }, 0.01, 0.035},
	{"experiments with a broken split", flawed(SplitBroken), 0.055, 0.085},
	{"experiments that are too small", flawed(TooSmall), 0.05, 0.08},
	{"aborted experiments", flawed(Aborted), 0.008, 0.022},
	{"experiments stopped early", flawed(StoppedEarly), 0.03, 0.075},
	{"usable effects", func(p Programme) float64 { return share(p.Effects(), func(e history.Effect) bool { return e.Usable }) }, 0.89, 0.94},
	{"experiments whose decision ships", func(p Programme) float64 { return shareOf(p, ended, ships) }, 0.10, 0.15},
	{"what is significantly better, shipped", func(p Programme) float64 { return shareOf(p, better, ships) }, 0.65, 0.85},
	{"what ships, significantly better", func(p Programme) float64 { return shareOf(p, ships, better) }, 0.50, 0.80},
	{"significant wins", wins(""), 0.10, 0.15},
	{"significant wins of lattice", wins("lattice"), 0.03, 0.12},
	{"significant wins of beacon", wins("beacon"), 0.03, 0.15},
	{"mean true strength", func(p Programme) float64 { return stat.Mean(strengthsOf(p, ""), nil) }, -0.15, 0.02},
	{"mean true strength of lattice", func(p Programme) float64 { return stat.Mean(strengthsOf(p, "lattice"), nil) }, -0.25, -0.02},
	{"mean true strength of beacon", func(p Programme) float64 { return stat.Mean(strengthsOf(p, "beacon"), nil) }, -0.5, -0.05},
	{"excess kurtosis of true strengths", func(p Programme) float64 { return stat.ExKurtosis(strengthsOf(p, ""), nil) }, 5, 150},
	{"true strengths beyond 4 (normal of the same quartiles: 0.05%)", func(p Programme) float64 { return beyond(strengthsOf(p, ""), 4) }, 0.015, 0.04},
	{"correlation of claim and truth", claims(func(planner.Hypothesis) bool { return true }), 0, 0.2},
	{"correlation of people's claims and truth", claims(func(h planner.Hypothesis) bool { return !isAI(h) }), 0.1, 0.3},
	{"median claim of people over median size of effects", inflation("", 0.5), 2, 4},
	{"median claim of beacon over median size of effects", inflation("beacon", 0.5), 5, 10},
	{"truths in people's 80% intervals", covered(""), 0.1, 0.25},
	{"truths in lattice's 80% intervals", covered("lattice"), 0.70, 0.90},
	{"correlation of ICE and truth", ice, 0.05, 0.2},
	{"hypotheses with a conflict", func(p Programme) float64 {
		return share(p.Hypotheses, func(h planner.Hypothesis) bool { return len(h.Conflicts) > 0 })
	}, 0.05, 0.11},
	{"hypotheses with a prerequisite", func(p Programme) float64 {
		return share(p.Hypotheses, func(h planner.Hypothesis) bool { return len(h.Requires) > 0 })
	}, 0.015, 0.055},
	{"share of training hours that the costliest tenth needs", topTenth, 0.45, 0.75},
}

func TestProperties(t *testing.T) {
	bundled := Generate(Seed)
	var others []Programme
	for seed := range uint64(8) {
		others = append(others, Generate(seed))
	}
	for _, c := range properties {
		var mean float64
		var each []string
		for _, p := range others {
			x := c.of(p)
			mean += x / float64(len(others))
			each = append(each, fmt.Sprintf("%.3g", x))
		}
		got := c.of(bundled)
		t.Logf("%-58s %8.3g  mean %8.3g  %v", c.name, got, mean, each)
		if got < c.low || got > c.high || mean < c.low || mean > c.high {
			t.Errorf("%s: %.4g, over other seeds %.4g, should lie in [%g, %g]", c.name, got, mean, c.low, c.high)
		}
	}
}

func all(Experiment) bool            { return true }
func ended(e Experiment) bool        { return !e.Ended.IsZero() }
func ships(e Experiment) bool        { return strings.HasPrefix(e.Decision, shipped) }
func better(e Experiment) bool       { return ended(e) && e.Flaw != SplitBroken && e.best().target > 1.96 }
func byAI(e Experiment) bool         { return e.Source == planner.AI }
func isAI(h planner.Hypothesis) bool { return h.Source == planner.AI }

func flawed(f Flaw) func(Programme) float64 {
	return func(p Programme) float64 { return shareOf(p, all, func(e Experiment) bool { return e.Flaw == f }) }
}

func share[T any](of []T, is func(T) bool) float64 {
	n := 0
	for _, x := range of {
		if is(x) {
			n++
		}
	}
	return float64(n) / float64(len(of))
}

func shareOf(p Programme, among, is func(Experiment) bool) float64 {
	return share(slices.DeleteFunc(slices.Clone(p.Experiments), func(e Experiment) bool { return !among(e) }), is)
}

// wins is the share of usable target effects that are better and significant
// at 5%, two-sided.
func wins(generator string) func(Programme) float64 {
	return func(p Programme) float64 {
		target := map[string]string{}
		for _, e := range p.Experiments {
			target[e.ID] = e.Metric
		}
		effects := slices.DeleteFunc(p.Effects(), func(e history.Effect) bool {
			return !e.Usable || e.Metric != target[e.Experiment] || generator != "" && e.Generator != generator
		})
		return share(effects, func(e history.Effect) bool { return e.Lift > 1.96*e.SE })
	}
}

// strengthsOf are the true lifts of first treatment arms on their targets, in
// units of the scale of their surface, component, kind of change and metric.
func strengthsOf(p Programme, generator string) []float64 {
	truth := map[Lift]float64{}
	for _, l := range p.Truth.Past {
		truth[Lift{ID: l.ID, Arm: l.Arm, Metric: l.Metric}] = l.Lift
	}
	var out []float64
	for _, e := range p.Experiments {
		if e.Generator == generator {
			unit := unitOf(e.Surface, e.Component, e.ChangeType, e.Metric)
			out = append(out, truth[Lift{ID: e.ID, Arm: e.Arms[1].Name, Metric: e.Metric}]/unit)
		}
	}
	return out
}

func unitOf(onSurface, inComponent, change, of string) float64 {
	s := surfaces[slices.IndexFunc(surfaces, func(s surface) bool { return s.name == onSurface })]
	c := components[slices.IndexFunc(components, func(c component) bool { return c.name == inComponent })]
	m := metrics[slices.IndexFunc(metrics, func(m metric) bool { return m.name == of })]
	return m.scale * draft{surface: s, component: c, idea: idea{change: change}}.scale()
}

func beyond(xs []float64, limit float64) float64 {
	return share(xs, func(x float64) bool { return math.Abs(x) > limit })
}

func claims(of func(planner.Hypothesis) bool) func(Programme) float64 {
	return func(p Programme) float64 {
		truth := p.TrueLifts()
		var claim, true_ []float64
		for _, h := range p.Hypotheses {
			if h.Claim != nil && of(h) {
				claim, true_ = append(claim, h.Claim.Mid), append(true_, truth[h.ID])
			}
		}
		return stat.Correlation(claim, true_, nil)
	}
}

func ice(p Programme) float64 {
	truth := p.TrueLifts()
	var score, true_ []float64
	for _, h := range p.Hypotheses {
		if h.ICE != nil {
			score, true_ = append(score, h.ICE.Score()), append(true_, truth[h.ID])
		}
	}
	return stat.Correlation(score, true_, nil)
}

// inflation compares the quantiles of claims and of sizes of true lifts.
func inflation(generator string, q float64) func(Programme) float64 {
	return func(p Programme) float64 {
		truth := p.TrueLifts()
		var claim, size []float64
		for _, h := range p.Hypotheses {
			if h.Claim != nil && h.Generator == generator {
				claim, size = append(claim, h.Claim.Mid), append(size, math.Abs(truth[h.ID]))
			}
		}
		slices.Sort(claim)
		slices.Sort(size)
		return stat.Quantile(q, stat.Empirical, claim, nil) / stat.Quantile(q, stat.Empirical, size, nil)
	}
}

func covered(generator string) func(Programme) float64 {
	return func(p Programme) float64 {
		truth := p.TrueLifts()
		hs := slices.DeleteFunc(slices.Clone(p.Hypotheses), func(h planner.Hypothesis) bool { return h.Claim == nil || h.Generator != generator })
		return share(hs, func(h planner.Hypothesis) bool { return h.Claim.Low <= truth[h.ID] && truth[h.ID] <= h.Claim.High })
	}
}

func topTenth(p Programme) float64 {
	var hours []float64
	var sum, top float64
	for _, h := range p.Hypotheses {
		hours = append(hours, h.Compute.Train)
		sum += h.Compute.Train
	}
	slices.Sort(hours)
	for _, x := range hours[len(hours)*9/10:] {
		top += x
	}
	return top / sum
}
