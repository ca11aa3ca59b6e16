package planner

import (
	"maps"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
)

// idea is what a forecast on a metric knows of the hypothesis. Its author's own forecast
// is one of the target.
func (h Hypothesis) idea(metric string, texts bool) forecast.Idea {
	i := forecast.Idea{ID: h.ID, Text: worded(h.Title, h.Text, texts),
		Traits: forecast.Traits(h.Surface, h.Component, h.ChangeType, string(h.Source), h.Generator, h.Team, h.Author)}
	if metric == h.Metric {
		i.Claims = h.claims()
	}
	return i
}

// claims are what was said of the hypothesis's target before a test: its author's own
// forecast, its ICE score and the scores of others; nil where nothing was.
func (h Hypothesis) claims() map[string]float64 {
	all := map[string]float64{}
	maps.Copy(all, h.Scores)
	if h.Claim != nil {
		all[authorClaim] = h.Claim.Mid
	}
	if h.ICE != nil {
		all[history.ICEClaim] = h.ICE.Score()
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// worded is a title, with what is said below it if past experiments say as much.
func worded(title, text string, texts bool) string {
	if texts && text != "" {
		title += "\n" + text
	}
	return strings.Join(strings.Fields(title), " ")
}

// tellTexts tells whether most past experiments have a text besides their title. If not,
// those of the queue would look unlike all of them.
func tellTexts(effects []history.Effect, m Metric) bool {
	with, all := 0, 0
	for _, e := range effects {
		if m.usable(e) {
			all++
			if e.Hypothesis != "" {
				with++
			}
		}
	}
	return 2*with > all
}

// tested are the hypotheses that became experiments, by the experiment's id: of those the
// author's own forecast is on record, made before the test.
type tested map[string]Hypothesis

func (s Snapshot) tested() tested {
	of := map[string]Hypothesis{}
	for _, h := range s.Hypotheses {
		of[h.ID] = h
	}
	t := tested{}
	for _, start := range s.Starts {
		if h, known := of[start.Hypothesis]; known {
			t[start.Experiment] = h
		}
	}
	return t
}

// claims of an effect's idea: those that were imported, and on the target metric of the
// hypothesis that it came from, that one's own.
func (t tested) claims(e history.Effect) map[string]float64 {
	h, known := t[e.Experiment]
	if !known || h.Metric != e.Metric || h.claims() == nil {
		return e.Claims
	}
	all := h.claims()
	for who, claim := range e.Claims {
		if _, own := all[who]; !own {
			all[who] = claim
		}
	}
	return all
}

// Claimed gives effects of experiments that came out of the backlog what was claimed of
// their hypotheses before they started.
func Claimed(effects []history.Effect, hypotheses []Hypothesis, starts []Start) []history.Effect {
	t := Snapshot{Hypotheses: hypotheses, Starts: starts}.tested()
	effects = slices.Clone(effects)
	for i, e := range effects {
		effects[i].Claims = t.claims(e)
	}
	return effects
}

// past are the usable effects on a metric. A lift is turned so that positive is better: a
// fall of a Down metric counts as a rise.
func (t tested) past(effects []history.Effect, m Metric, texts bool) []forecast.Past {
	var all []forecast.Past
	for _, e := range effects {
		if !m.usable(e) {
			continue
		}
		p := forecast.Past{Metric: m.Name, Started: e.Started, Ended: e.Ended, Effect: stats.Estimate{Value: m.better(e.Lift), SE: e.SE},
			Idea: forecast.Idea{ID: e.Experiment + "\x1f" + e.Arm, Text: worded(e.Title, e.Hypothesis, texts),
				Traits: forecast.Traits(e.Surface, e.Component, e.ChangeType, e.Source, e.Generator, e.Team, e.Author)}}
		if len(m.Worth) > 0 { // what is claimed is the lift of what is worth something
			p.Claims = t.claims(e)
		}
		all = append(all, p)
	}
	return all
}
