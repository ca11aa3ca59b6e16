package planner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
)

// fewestLearned is how many past effects of a metric planner/forecast learns from. Of fewer
// the two-level prior by surface and source says as much.
const fewestLearned = 30

// fewestFull is how many past effects the size of effects by every trait is learned from
// where nobody may choose: on metrics without worth, which are guardrails only.
const fewestFull = 60

// fitModel learns one prior for each metric of the policy that has usable
// effects, in the order of the policy, and how effects on metrics go together.
func fitModel(ctx context.Context, s Snapshot) (Model, error) {
	m := Model{Policy: s.Policy, Priors: []PriorFit{}, Noise: noises(s.Noise)}
	tested := s.tested()
	var pasts [][]forecast.Past
	var all []forecast.Past
	var metrics []Metric
	for _, metric := range s.Policy.Metrics {
		texts := tellTexts(s.Effects, metric)
		if past := tested.past(s.Effects, metric, texts); len(past) > 0 {
			m.Priors = append(m.Priors, PriorFit{Metric: metric.Name, Texts: texts})
			metrics, pasts, all = append(metrics, metric), append(pasts, past), append(all, past...)
		}
	}
	errs := make([]error, len(pasts)+1)
	var wait sync.WaitGroup
	for i := range pasts {
		wait.Go(func() { errs[i] = m.Priors[i].learn(ctx, metrics[i], pasts[i]) })
	}
	wait.Go(func() { m.Joint, errs[len(pasts)] = forecast.LearnJoint(all) })
	wait.Wait()
	return m, errors.Join(errs...)
}

// learn fits the metric's priors to past effects.
func (p *PriorFit) learn(ctx context.Context, metric Metric, past []forecast.Past) (err error) {
	groups := map[string][]stats.Estimate{}
	for _, f := range past {
		g := group(f.Traits["surface"], Source(f.Traits["source"]))
		groups[g] = append(groups[g], f.Effect)
	}
	if p.Fit, err = stats.FitGroups(groups); err != nil {
		return fmt.Errorf("fit the prior of %s: %w", p.Metric, err)
	}
	if len(past) < fewestLearned {
		return nil
	}
	o := forecast.Options{}
	if len(metric.Worth) == 0 && len(past) >= fewestFull { // nobody is ranked by it
		spec := forecast.Full(past)
		o.Spec = &spec
	}
	p.Model, err = forecast.Learn(ctx, past, o)
	if errors.Is(err, stats.ErrInput) { // an effect that it cannot take, such as one known to 1e-12
		p.Model, p.Warning = nil, err.Error()
		return nil
	}
	if err != nil {
		return fmt.Errorf("learn from past effects on %s: %w", p.Metric, err)
	}
	return nil
}

// group names the past experiments of one surface and source. One without any falls back
// to the population of all groups.
func group(surface string, source Source) string {
	if source == "" {
		source = "unknown"
	}
	return surface + "/" + string(source)
}

// group is the hypothesis's among those that were fitted. A trait that no past effect
// tells is left open: nothing says that ideas with it are unlike the past ones.
func (p *PriorFit) group(h Hypothesis) string {
	surface, source := h.Surface, h.Source
	told := func(blank func(group string) bool) bool {
		return slices.ContainsFunc(p.Fit.Groups, func(g stats.Group) bool { return !blank(g.Name) })
	}
	if !told(func(g string) bool { return strings.HasPrefix(g, "/") }) {
		surface = ""
	}
	if !told(func(g string) bool { return strings.HasSuffix(g, "/unknown") }) {
		source = ""
	}
	return group(surface, source)
}

// better turns a lift of the metric so that positive is better.
func (m Metric) better(lift float64) float64 {
	if m.Down {
		return -lift
	}
	return lift
}

// usable tells whether an effect on the metric may be learned from.
func (m Metric) usable(e history.Effect) bool {
	return e.Usable && e.Metric == m.Name && e.Segment == "" && e.SE > 0
}
