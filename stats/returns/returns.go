package returns

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Return is what a rule would have returned.
type Return struct {
	Rule        string  `json:"rule"`
	Method      Method  `json:"method"`
	Experiments int     `json:"experiments"`
	Total       Amount  `json:"total"`       // Σ worth·lift of what ships
	Mean        Amount  `json:"mean"`        // Total per experiment
	Shipped     float64 `json:"shipped"`     // experiments that ship an arm, in expectation
	Information float64 `json:"information"` // share of the data that the rule decided on

	Warnings []string `json:"warnings,omitempty"` // what makes these numbers doubtful; empty: nothing known
}

// Of values one rule on past experiments, two at least:
//
//	total = Σ wᵢ rᵢ      SE² = n/(n − 1) Σ (wᵢ rᵢ − total/n)²
//
// with wᵢ the worth and rᵢ the lift that the Method gives the rule on experiment i.
// Intervals are Student's on n − 1 degrees of freedom. They are of what the rule
// returns on n experiments like these; for the true total of just these they are
// wide rather than narrow. Of a rule that ships fewer than 40 of them the spread says too
// little: where estimates are thinned, SE² is then at least what it would be if they were
// run again, in full up to 20, and the interval is of just these experiments (of a rule
// with Fit, of just these fits). See Warnings for what is left.
//
// The error is an *InputError for invalid input, or what Rule.Fit returned.
//
// Source: Chou, Gray, Kallus, Bibaut & Ejdemyr (2025), "Evaluating Decision Rules
// Across Many Weak Experiments", KDD, for cross-fitting over a programme.
func Of(experiments []Experiment, r Rule, o Options) (Return, error) {
	o = o.withDefaults()
	if err := checked(experiments, o); err != nil {
		return Return{}, err
	}
	s, err := score(experiments, r, o)
	if err != nil {
		return Return{}, err
	}
	return s.summarise(r.Name, experiments, o), nil
}

func checked(es []Experiment, o Options) error {
	if err := input.First(o.check(), input.Check(len(es) >= 2, "experiments", float64(len(es)), "there must be two at least")); err != nil {
		return err
	}
	for i, e := range es {
		if err := e.check(fmt.Sprintf("experiments[%d]", i), o.Method == CrossFit); err != nil {
			return err
		}
	}
	return nil
}

// scores are one rule's, experiment by experiment: what it returns, times the worth;
// of that, the last step of an extrapolation; how often it ships; and where few ship, what
// it returns if the experiment is run again.
type scores struct {
	values, left, ships []float64
	again               [][]float64
}

func score(es []Experiment, r Rule, o Options) (scores, error) {
	s := scores{values: make([]float64, len(es)), left: make([]float64, len(es)), ships: make([]float64, len(es))}
	rules, err := refits(es, r, o)
	if err != nil {
		return s, named(r, err)
	}
	for i, e := range es {
		if s.values[i], s.left[i], s.ships[i], err = scoreOne(e, rules[i%len(rules)], o, i); err != nil {
			return s, named(r, err)
		}
		s.values[i] *= e.worth()
		s.left[i] *= e.worth()
	}
	if thins := o.Method == Thinned || o.Method == Extrapolated; thins && s.shipped() < manyShip {
		if s.again, err = runAgain(es, rules, o); err != nil {
			return s, named(r, err)
		}
	}
	return s, nil
}

// scoreOne draws from a source of the experiment's own, so that every rule and level
// sees the same noise.
func scoreOne(e Experiment, r Rule, o Options, i int) (value, left, ships float64, err error) {
	switch o.Method {
	case PlugIn:
		value, ships, err = plugIn(e, r)
		return value, 0, ships, err
	case CrossFit:
		value, ships, err = crossFitted(e, r)
		return value, 0, ships, err
	}
	levels, weights, last := o.levels()
	for j, a := range levels {
		lift, shipped, err := thinned(e, r, a, o.Draws, rand.New(rand.NewPCG(o.Seed, uint64(i))))
		if err != nil {
			return 0, 0, 0, err
		}
		value += weights[j] * lift
		left += last[j] * lift
		ships += weights[j] * shipped
	}
	return value, left, ships, nil
}

// refits are the rules of the blocks; experiment i has that of block i mod their
// number. A rule that is not fitted is the same for all.
func refits(es []Experiment, r Rule, o Options) ([]Rule, error) {
	if r.Fit == nil || r.err != nil {
		return []Rule{r}, usable(r)
	}
	rules := make([]Rule, min(o.Refits, len(es)))
	for block := range rules {
		others := make([]Experiment, 0, len(es))
		for i, e := range es {
			if i%len(rules) != block {
				others = append(others, e)
			}
		}
		var err error
		if rules[block], err = r.Fit(others); err != nil {
			return nil, err
		}
		if err := usable(rules[block]); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

func usable(r Rule) error {
	if r.err != nil {
		return r.err
	}
	return input.Check(r.Choose != nil, "Choose", 0, "the rule chooses nothing")
}

// named says which rule an error is of.
func named(r Rule, err error) error {
	var of *stats.InputError
	if errors.As(err, &of) {
		return input.Within(fmt.Sprintf("rule %q: ", r.Name), err)
	}
	return fmt.Errorf("rule %q: %w", r.Name, err)
}

func (s scores) summarise(name string, es []Experiment, o Options) Return {
	total := sum(s.values, s.left, s.rerun(scores{}), o.Level)
	n := float64(len(es))
	r := Return{Rule: name, Method: o.Method, Experiments: len(es), Total: total, Mean: total.times(1 / n), Information: o.information(es)}
	r.Shipped = math.Min(n, math.Max(0, s.shipped())) // an extrapolation may leave the range
	switch share := concentration(s.values); {
	case o.Method != PlugIn && r.Shipped > 0 && r.Shipped < fewShip:
		r.Warnings = append(r.Warnings, fmt.Sprintf("it ships %.2g of %d experiments, and with fewer than %d that ship no rule's return is known well: let more end before you choose by it", r.Shipped, len(es), fewShip))
	case share > 0.3:
		r.Warnings = append(r.Warnings, fmt.Sprintf("one experiment makes %.0f%% of the variance: the intervals are rough", 100*share))
	}
	return r
}
