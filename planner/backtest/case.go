package backtest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"html"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
)

// Case is a tested idea: what was known of it before, and what its test measured.
type Case struct {
	forecast.Past
	Experiment string
	// Rate is the mean of the idea's arm, from which the lift of a pick within a set is
	// reckoned; 0 where it was compared with a control.
	Rate float64
	Down bool // less of the metric is better; Effect is turned already
}

// Left counts what cannot be a case, by reason.
type Left map[string]int

// FromEffects makes cases of usable effects against a control, over everybody. down
// names the metrics of which less is better.
func FromEffects(effects []history.Effect, down map[string]bool) ([]Case, Left) {
	left := Left{}
	var cases []Case
	for _, e := range effects {
		if e.Segment != "" {
			continue
		}
		if !e.Usable || e.SE <= 0 {
			left[e.Verdict]++
			continue
		}
		c := Case{Experiment: e.Experiment, Past: forecast.Past{Metric: e.Metric, Effect: stats.Estimate{Value: e.Lift, SE: e.SE},
			Started: e.Started, Ended: e.Ended}}
		if down[e.Metric] {
			c.Effect.Value = -c.Effect.Value
		}
		c.Idea = forecast.Idea{ID: opaque(e.Experiment, e.Arm), Text: plain(e.Title), Claims: e.Claims,
			Traits: forecast.Traits(e.Surface, e.Component, e.ChangeType, e.Source, e.Generator, e.Team, e.Author)}
		cases = append(cases, c)
	}
	return sorted(cases), left
}

// FromOutcomes makes cases of arms that were compared with each other. Those of one
// set with the same title are one idea: their sums are added up. The effect is a log
// rate, for a metric that counts users
//
//	y = ln((Σy + ½)/(n + ½)),   SE² = 1/(Σy + ½) − 1/(n + ½)
//
// and for any other, by the delta method, y = ln(Σy/Σd), SE² = Var(Σy/Σd)/(Σy/Σd)².
// Outcomes without a set are left to FromEffects.
func FromOutcomes(outcomes []history.Outcome, down map[string]bool) ([]Case, Left) {
	left := Left{}
	shares := countsUsers(outcomes)
	var cases []Case
	for _, o := range pooled(outcomes, left) {
		effect, ok := logRate(o, shares[o.Metric])
		if !ok {
			left["no rate or no variance"]++
			continue
		}
		if down[o.Metric] {
			effect.Value = -effect.Value
		}
		text := plain(o.Title)
		cases = append(cases, Case{Experiment: o.Experiment, Rate: o.Y / o.D, Down: down[o.Metric], Past: forecast.Past{
			Idea: forecast.Idea{ID: opaque(o.Experiment, o.Set, text), Set: opaque(o.Experiment, o.Set), Text: text, Claims: o.Claims,
				Traits: forecast.Traits(o.Surface, o.Component, o.ChangeType, o.Source, o.Generator, o.Team, o.Author)},
			Metric: o.Metric, Effect: effect, Started: o.Started, Ended: o.Ended}})
	}
	return sorted(inCompany(cases, left)), left
}

// countsUsers tells which metrics count users: every user has 0 or 1.
func countsUsers(outcomes []history.Outcome) map[string]bool {
	shares := map[string]bool{}
	for _, o := range outcomes {
		is, known := shares[o.Metric]
		shares[o.Metric] = (is || !known) && o.YY == o.Y && o.D == o.N && o.Y <= o.N
	}
	return shares
}

// pooled adds up the outcomes of one idea, in the order of their first ones.
func pooled(outcomes []history.Outcome, left Left) []history.Outcome {
	type key struct{ experiment, set, metric, text string }
	at := map[key]int{}
	var all []history.Outcome
	for _, o := range outcomes {
		switch {
		case o.Set == "":
			continue
		case o.Excluded != "":
			left["excluded: "+o.Excluded]++
			continue
		case o.Ended.IsZero():
			left["still running"]++
			continue
		}
		k := key{o.Experiment, o.Set, o.Metric, plain(o.Title)}
		i, known := at[k]
		if !known {
			at[k], all = len(all), append(all, o)
			continue
		}
		p := &all[i]
		p.N, p.Y, p.YY, p.D, p.DD, p.YD = p.N+o.N, p.Y+o.Y, p.YY+o.YY, p.D+o.D, p.DD+o.DD, p.YD+o.YD
		if p.Claims == nil {
			p.Claims = o.Claims
		}
	}
	return all
}

// inCompany are the cases that are not alone in their set.
func inCompany(cases []Case, left Left) []Case {
	inSet := map[[2]string]int{}
	for _, c := range cases {
		inSet[[2]string{c.Set, c.Metric}]++
	}
	return slices.DeleteFunc(cases, func(c Case) bool {
		alone := inSet[[2]string{c.Set, c.Metric}] < 2
		if alone {
			left["alone in its set"]++
		}
		return alone
	})
}

// logRate is false for sums without a positive rate or without variance.
func logRate(o history.Outcome, share bool) (stats.Estimate, bool) {
	if share && o.N > 0 {
		y, n := o.Y+0.5, o.N+0.5
		e := stats.Estimate{Value: math.Log(y / n), SE: math.Sqrt(1/y - 1/n)}
		return e, e.SE > 0
	}
	rate := o.Y / o.D
	spread := (o.YY - 2*rate*o.YD + rate*rate*o.DD) / (o.N - 1)
	e := stats.Estimate{Value: math.Log(rate), SE: math.Sqrt(spread*o.N) / o.Y}
	return e, rate > 0 && o.D > 0 && e.SE > 0 && !math.IsInf(e.SE, 0)
}

// opaque names something without telling anything of it: an arm's own id may hold the
// order of publication.
func opaque(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return hex.EncodeToString(sum[:8])
}

// plain is a text as its readers saw it: HTML entities read, white space collapsed.
func plain(text string) string { return strings.Join(strings.Fields(html.UnescapeString(text)), " ") }

// sorted puts cases in an order that no outcome has a hand in.
func sorted(cases []Case) []Case {
	slices.SortFunc(cases, func(a, b Case) int {
		return cmp.Or(a.Started.Compare(b.Started), strings.Compare(a.Experiment, b.Experiment), strings.Compare(a.Metric, b.Metric),
			strings.Compare(a.Set, b.Set), strings.Compare(a.ID, b.ID))
	})
	return cases
}
