package history

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Judged is one experiment with its verdict.
type Judged struct {
	Experiment string    `json:"experiment"`
	Title      string    `json:"title"`
	Surface    string    `json:"surface"`
	Started    time.Time `json:"started,omitzero"` // zero when unknown
	Ended      time.Time `json:"ended,omitzero"`   // zero: still running

	Effects int `json:"effects"` // everybody's: treatment arms × metrics
	Usable  int `json:"usable"`

	// Verdict is "usable" if any effect is, else what most of them are left out
	// for; "nothing to compare" without any.
	Verdict string `json:"verdict"`
	// SeenBy says by what a screen saw it, and of a usable experiment how many
	// effects are left out for what.
	SeenBy string `json:"seen_by"`
}

// Verdicts returns every experiment that was ever imported, in order of id.
func (h *History) Verdicts(ctx context.Context) ([]Judged, error) {
	h.publish.RLock()
	defer h.publish.RUnlock()
	effects, found, err := h.everybody(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("judge experiments: %w", err)
	}
	by := map[string][]Effect{}
	for _, e := range effects {
		by[e.Experiment] = append(by[e.Experiment], e)
	}
	var all []Judged
	err = each(ctx, h.conn, "experiments", func(rows driver.Rows) error {
		var j Judged
		var excluded string
		err := rows.Scan(&j.Experiment, &j.Title, &j.Surface, &j.Started, &j.Ended, &excluded)
		j.Started, j.Ended = known(j.Started), known(j.Ended)
		switch {
		case len(by[j.Experiment]) > 0:
			j.judge(by[j.Experiment], found)
		case excluded != "":
			j.Verdict = "excluded: " + excluded
		case j.Ended.IsZero():
			j.Verdict = "still running"
		default:
			j.Verdict, j.SeenBy = "nothing to compare", "no metric has users in a treatment arm"
		}
		all = append(all, j)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("judge experiments: %w", err)
	}
	return all, nil
}

// judge sums up an experiment's effects. Of verdicts that are equally frequent the
// first counts.
func (j *Judged) judge(effects []Effect, found screens) {
	times, order := map[string]int{}, []string{}
	for _, e := range effects {
		if times[e.Verdict] == 0 {
			order = append(order, e.Verdict)
		}
		times[e.Verdict]++
	}
	j.Effects, j.Usable, j.Verdict = len(effects), times[Usable], order[0]
	for _, verdict := range order {
		if times[verdict] > times[j.Verdict] {
			j.Verdict = verdict
		}
	}
	if j.Usable > 0 {
		j.Verdict = Usable
	}
	var others []string
	for _, verdict := range order {
		seen := ""
		switch verdict {
		case tooFewUsers:
			seen = fewestSeen(effects)
		case sampleRatio:
			seen = ratioSeen(effects)
		case noControl:
			seen = armsSeen(effects)
		}
		switch {
		case verdict != j.Verdict && seen != "":
			others = append(others, fmt.Sprintf("%d of %d effects: %s, %s", times[verdict], len(effects), verdict, seen))
		case verdict != j.Verdict:
			others = append(others, fmt.Sprintf("%d of %d effects: %s", times[verdict], len(effects), verdict))
		case seen != "":
			others = append([]string{seen}, others...)
		}
	}
	for _, e := range effects {
		if s, ok := found[[2]string{e.Experiment, ""}]; ok && s.verdict == e.Verdict && e.Verdict == j.Verdict {
			others = append([]string{s.seenBy}, others...)
			break
		}
		if s, ok := found[[2]string{e.Experiment, e.Metric}]; ok && s.verdict == e.Verdict {
			others = append(others, e.Metric+" "+s.seenBy)
			break
		}
	}
	j.SeenBy = strings.Join(others, "; ")
}

// fewestSeen says how many users an arm has that has too few.
func fewestSeen(effects []Effect) string {
	least := math.Inf(1)
	for _, e := range effects {
		if e.Verdict == tooFewUsers {
			least = min(least, e.ControlUsers, e.TreatmentUsers)
		}
	}
	return fmt.Sprintf("%g in an arm, fewer than %g", least, float64(fewestUsers))
}

// armsSeen names the arms of which none is the control.
func armsSeen(effects []Effect) string {
	var arms []string
	for _, e := range effects {
		if e.Verdict == noControl {
			arms = append(arms, e.Arm)
		}
	}
	slices.Sort(arms)
	return "its arms are " + strings.Join(slices.Compact(arms), ", ")
}

// ratioSeen says how unlikely the split of the users is.
func ratioSeen(effects []Effect) string {
	p := 1.
	for _, e := range effects {
		if e.Verdict == sampleRatio {
			p = min(p, e.SampleRatioP)
		}
	}
	return fmt.Sprintf("p = %.1g of the planned split, below 0.001", p)
}

// VerdictKinds are all that VerdictKind tells apart, in the order of docs/mapping.md. What
// a mapping excludes has its reason behind the word.
var VerdictKinds = []string{Usable, "excluded", "still running", noControl, sampleRatio, "duplicate of another", "peeked and stopped early",
	"overlapping change", "metric changed", tooFewUsers, "missing variance", "zero variance", "baseline not positive", "not a number", "nothing to compare"}

const (
	sampleRatio = "sample ratio mismatch"
	noControl   = "no control arm"
	tooFewUsers = "too few users"
)

// VerdictKind is a verdict without what differs between experiments, by which
// verdicts are counted: every "duplicate of X" is a "duplicate of another".
func VerdictKind(verdict string) string {
	if strings.HasPrefix(verdict, "duplicate of ") {
		return "duplicate of another"
	}
	return verdict
}
