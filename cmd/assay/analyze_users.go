package main

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	outcomes "github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/effect"
)

// mappedUsers adds users up as they are read: of each it keeps a hash and its arm,
// some 130 bytes. Who is seen in two arms is left out, as when users are mined; that
// shows at the second sight only, so that the file is then read once more without them.
type mappedUsers struct {
	name    string
	pre     map[string]bool // metrics with a value from before the test
	parts   []userPart
	at      map[userPart]int
	sums    map[userSum]*effect.Moments
	order   []userSum
	ratio   map[string]bool
	more    map[[2]string]bool // experiments' metrics with values besides 0 and 1
	lines   []int              // of each part, the first
	batch   []int              // the part of each row of the batch, −1 of who is left out
	seen    map[userHash]userSeen
	crossed map[userHash]string // who is in two arms, with the experiment
	bad     mistakes
}

// userPart is users that are added up together.
type userPart struct{ experiment, arm, segment string }

type userSum struct {
	part   int
	metric string
}

// userHash stands for an experiment's user; of 10⁹ two share one with probability 10⁻²¹.
type userHash [2]uint64

type userSeen struct {
	part int
	line int64
}

var userSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func hashUser(experiment, unit string) (h userHash) {
	for i, seed := range userSeeds {
		h[i] = maphash.Comparable(seed, [2]string{experiment, unit})
	}
	return h
}

func newMappedUsers(name string, m *mapping.Mapping, crossed map[userHash]string) *mappedUsers {
	u := &mappedUsers{name: name, pre: map[string]bool{}, at: map[userPart]int{}, sums: map[userSum]*effect.Moments{}, ratio: map[string]bool{},
		more: map[[2]string]bool{}, seen: map[userHash]userSeen{}, crossed: crossed}
	for _, metric := range m.Metrics {
		u.pre[metric.Name.Value] = metric.Pre != ""
	}
	return u
}

// Assignments implements importer.Sink: it finds the part of every user of a batch.
func (u *mappedUsers) Assignments(a *outcomes.Assignments) error {
	u.batch = u.batch[:0]
	for i, line := range a.Line {
		part, user := u.part(userPart{a.Experiment[i], a.Arm[i], a.Segment[i]}, line), hashUser(a.Experiment[i], a.Unit[i])
		before, again := u.seen[user]
		_, crossed := u.crossed[user]
		switch {
		case crossed:
			part = -1
		case !again:
			u.seen[user] = userSeen{part, line}
		case u.parts[before.part].arm == a.Arm[i]:
			u.bad = append(u.bad, problem{File: u.name, Line: int(line), Column: "unit", Value: strings.Clone(a.Unit[i]),
				Reason: fmt.Sprintf("line %d has the same user of the arm %s: a row is one user", before.line, u.parts[part].arm)})
		default:
			u.crossed[user] = u.parts[part].experiment
		}
		u.batch = append(u.batch, part)
	}
	return nil
}

// part numbers it. The importer lends its texts, so that those kept are copies.
func (u *mappedUsers) part(p userPart, line int64) int {
	at, known := u.at[p]
	if !known {
		p = userPart{strings.Clone(p.experiment), strings.Clone(p.arm), strings.Clone(p.segment)}
		at, u.at[p] = len(u.parts), len(u.parts)
		u.parts, u.lines = append(u.parts, p), append(u.lines, int(line))
	}
	return at
}

// Facts implements importer.Sink: one metric of the batch's users.
func (u *mappedUsers) Facts(f *outcomes.Facts) error {
	for i, part := range u.batch {
		if part < 0 {
			continue
		}
		sum := userSum{part, f.Metric[i]}
		m := u.sums[sum]
		if m == nil {
			sum.metric = strings.Clone(sum.metric)
			m = &effect.Moments{}
			u.sums[sum], u.order, u.ratio[sum.metric] = m, append(u.order, sum), f.Ratio
		}
		y := f.Value[i]
		if y != 0 && y != 1 {
			u.more[[2]string{u.parts[part].experiment, sum.metric}] = true
		}
		var x []float64
		if f.Ratio {
			x = append(x, f.Denominator[i])
		}
		if u.pre[sum.metric] {
			x = append(x, f.Pre[i])
		}
		if err := m.Add(y, x...); err != nil {
			u.bad = append(u.bad, problem{File: u.name, Line: int(f.Line[i]), Column: sum.metric, Value: fmt.Sprint(y), Reason: reasonOf(err)})
		}
	}
	return nil
}

// Outcomes are of other layouts.
func (u *mappedUsers) Outcomes(*outcomes.Outcomes) error { return nil }

// finish is a row of everybody for each experiment, arm and metric, and one for each segment.
func (u *mappedUsers) finish() ([]statRow, mistakes) {
	var rows []statRow
	everybody := map[userSum]int{}
	for _, sum := range u.order {
		p, m := u.parts[sum.part], *u.sums[sum]
		r := statRow{experiment: p.experiment, line: u.lines[sum.part]}
		r.Arm, r.Metric, r.Segment, r.Moments = p.arm, sum.metric, p.segment, m
		switch {
		case u.ratio[sum.metric]:
			r.Kind = analysis.Ratio
		case !u.more[[2]string{p.experiment, sum.metric}]:
			r.Kind = analysis.Proportion
			m.Means[0] = math.Round(m.Means[0]*float64(m.N)) / float64(m.N)
		}
		if r.Segment != "" {
			rows = append(rows, r)
		}
		all := userSum{u.part(userPart{experiment: p.experiment, arm: p.arm}, int64(r.line)), sum.metric}
		at, known := everybody[all]
		if !known {
			everybody[all] = len(rows)
			r.Segment = ""
			rows = append(rows, r)
			continue
		}
		var err error
		if rows[at].Moments, err = rows[at].Moments.Merge(m); err != nil {
			u.bad = append(u.bad, problem{File: u.name, Line: r.line, Column: sum.metric, Reason: reasonOf(err)})
		}
	}
	return rows, u.bad
}

// reasonOf is what is wrong, without the name of a Go field.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*stats.InputError](err); ok {
		return e.Reason
	}
	return err.Error()
}

// notes tell how many users were seen in two arms.
func (u *mappedUsers) notes(experiment string) (notes []string) {
	n := 0
	for _, of := range u.crossed {
		if of == experiment {
			n++
		}
	}
	if n > 0 {
		notes = append(notes, fmt.Sprintf("%s seen in two arms left out", render.Plural(n, "user", "users")))
	}
	return notes
}
