package insights

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/returns"
	"github.com/assay-planner/assay/stats/shrink"
)

// ShipRule is the rule by which tests ship now: by the posterior mean, if it is above Cut,
// or by significance at the one-sided level Alpha.
type ShipRule struct {
	PosteriorMean bool
	Cut           float64
	Alpha         float64
}

// Rules is what ship rules would have returned on the past experiments.
type Rules struct {
	Current string `json:"current"` // the rule in use
	Reason  string `json:"reason"`  // why it counts as the one in use
	// Currency is that of all returns, a year: each lift counts with what the policy says
	// that it is worth on its surface. Empty: they are sums of lifts, all surfaces alike.
	Currency string `json:"currency,omitempty"`
	Rows     []Rule `json:"rows"` // from the highest total to the lowest
}

// Rule is one of them. Total and Gain are unbiased: the rule decides on part of the
// information, and is scored on the independent rest (returns.Thinned).
type Rule struct {
	returns.Row
	// PlugIn is the sum of the very estimates by which the rule chose what ships: too high
	// (returns.PlugIn). Inflation is by how much, PlugIn less Total: luck, and a little for
	// deciding on all of the information.
	PlugIn    returns.Amount `json:"plug_in"`
	Inflation float64        `json:"inflation"`
}

// Careful is what makes the returns doubtful, for the first rule of which something does;
// "" is nothing.
func (r Rules) Careful() string {
	doubtful, first := 0, ""
	for _, row := range r.Rows {
		if len(row.Warnings) == 0 {
			continue
		}
		if doubtful++; first == "" {
			first = row.Rule + ": " + strings.Join(row.Warnings, "; ")
		}
	}
	if doubtful > 1 {
		first += fmt.Sprintf("; so or alike for %d of the %d rules", doubtful, len(r.Rows))
	}
	return first
}

func (l *learner) rules() (*Rules, error) {
	if len(l.trials) < 2 {
		l.miss("ship rules", "two experiments are the fewest that rules can be compared on")
		return nil, nil
	}
	experiments, currency := l.experiments()
	inUse, reason := ShipRule{Alpha: l.o.Alpha}, "no policy says which rule is in use: that of the level of a win is taken for it"
	if l.o.InUse != nil {
		inUse, reason = *l.o.InUse, "the policy's ship rule"
		if inUse.PosteriorMean {
			reason += ", with the adaptive prior for what a forecast would know of each idea"
		}
	}
	candidates := []returns.Rule{returns.Refitted("adaptive prior", l.adaptivePrior, inUse.Cut), returns.Refitted("normal prior", normalPrior, inUse.Cut)}
	if !inUse.PosteriorMean {
		candidates = append([]returns.Rule{bySignificance(inUse.Alpha)}, candidates...)
	}
	candidates = append(candidates, bySignificance(l.o.Alpha), returns.Best(), returns.Never())
	if 4*l.o.Alpha < 1 {
		candidates = append(candidates, bySignificance(4*l.o.Alpha))
	}
	candidates = distinct(candidates)
	compare := func(m returns.Method) (returns.Table, error) {
		return returns.Compare(experiments, returns.Options{Method: m, Level: l.o.Level}, candidates[0], candidates[1:]...)
	}
	table, err := compare(returns.Thinned)
	if err != nil {
		return nil, err
	}
	inflated, err := compare(returns.PlugIn)
	if err != nil {
		return nil, err
	}
	plugIn := map[string]returns.Amount{}
	for _, row := range inflated.Rows {
		plugIn[row.Rule] = row.Total
	}
	r := &Rules{Current: table.Current, Reason: reason, Currency: currency}
	for _, row := range table.Rows {
		r.Rows = append(r.Rows, Rule{row, plugIn[row.Rule], plugIn[row.Rule].Value - row.Total.Value})
	}
	return r, nil
}

// experiments are those whose lifts have a worth where they ran, and its currency; or all
// of them, with lifts that count alike, where too few have one.
func (l *learner) experiments() (valued []returns.Experiment, currency string) {
	worth := l.o.Worth[l.o.Metric]
	all, elsewhere := make([]returns.Experiment, len(l.trials)), map[string]bool{}
	for i, t := range l.trials {
		all[i] = returns.Experiment{Arms: estimates([]trial{t}), ControlSE: t.controlSE()}
		surface := t.arms[0].of.Surface
		if !(worth[surface] > 0) {
			elsewhere[cmp.Or(surface, "unknown")] = true
			continue
		}
		e := all[i]
		e.Worth = worth[surface]
		valued = append(valued, e)
	}
	none := len(all) - len(valued)
	switch where := strings.Join(sortedKeys(elsewhere), ", "); {
	case len(worth) == 0:
		return all, ""
	case len(valued) < 2:
		l.miss("ship rules in "+l.o.Currency, fmt.Sprintf("the policy gives a lift of %s no worth on the surfaces of the past (%s): lifts count alike; map the column surface of the experiment, or give them a worth", l.o.Metric, where))
		return all, ""
	case none > 0:
		l.miss("ship rules", fmt.Sprintf("%d experiments are left out: the policy gives a lift of %s no worth on their surfaces (%s)", none, l.o.Metric, where))
	}
	return valued, l.o.Currency
}

// distinct keeps the first rule of a name.
func distinct(rules []returns.Rule) (kept []returns.Rule) {
	seen := map[string]bool{}
	for _, r := range rules {
		if !seen[r.Name] {
			kept = append(kept, r)
		}
		seen[r.Name] = true
	}
	return kept
}

func bySignificance(alpha float64) returns.Rule {
	r := returns.Significant(alpha)
	r.Name = fmt.Sprintf("p < %g", alpha)
	return r
}

// adaptivePrior remembers its fits: every rule's value, by whichever method, and the total
// of what shipped leave out the same blocks of experiments.
func (l *learner) adaptivePrior(es []stats.Estimate) (bayes.Prior, error) {
	key := fmt.Sprint(es)
	if prior, known := l.fits[key]; known {
		return prior, nil
	}
	fit, err := shrink.Adaptive(es, adaptive)
	if err != nil {
		return nil, err
	}
	if l.fits == nil {
		l.fits = map[string]bayes.Prior{}
	}
	l.fits[key] = fit.Prior()
	return l.fits[key], nil
}

func normalPrior(es []stats.Estimate) (bayes.Prior, error) {
	fit, err := stats.FitNormal(es)
	return bayes.Single(fit.Prior), err
}
