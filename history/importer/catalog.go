package importer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/history/mapping"
)

// catalog gathers the experiments and arms of a file, row by row.
type catalog struct {
	entries map[string]*entry
	order   []*entry
	metrics map[string]bool
	days    map[int64]bool

	reckonings map[string]mapping.Reckoning
}

// entry is one experiment while its rows go by.
type entry struct {
	Experiment
	arms     map[string]*Arm
	marked   bool   // control was named by a row
	lowest   string // smallest value of the mapping's control.lowest so far
	lastArm  *Arm
	excluded bool
}

func newCatalog() catalog {
	return catalog{entries: map[string]*entry{}, metrics: map[string]bool{}, days: map[int64]bool{},
		reckonings: map[string]mapping.Reckoning{}}
}

// attributes are the columns of a batch that describe experiments and arms.
// Strings are views of the batch: what is kept is cloned.
type attributes struct {
	id, arm  []string
	texts    []attribute
	started  []int64
	ended    []int64
	until    []int64   // planned
	users    []float64 // planned; nil: the mapping does not say
	title    []string
	weight   []float64
	extra    map[string][]string
	claims   map[string][]float64
	claimsOf []string
	control  []string // of the mapping's control rule
	exclude  [][]string
}

type attribute struct {
	column string
	cells  []string
	of     func(*Experiment) *string
}

// textField is a text of an experiment, and the field of a mapping that says it.
type textField struct {
	field mapping.Field
	of    func(*Experiment) *string
}

func textsOf(m *mapping.Experiment) []textField {
	return []textField{
		{m.Title, func(e *Experiment) *string { return &e.Title }},
		{m.Hypothesis, func(e *Experiment) *string { return &e.Hypothesis }},
		{m.Surface, func(e *Experiment) *string { return &e.Surface }},
		{m.Component, func(e *Experiment) *string { return &e.Component }},
		{m.ChangeType, func(e *Experiment) *string { return &e.ChangeType }},
		{m.Source, func(e *Experiment) *string { return &e.Source }},
		{m.Generator, func(e *Experiment) *string { return &e.Generator }},
		{m.Team, func(e *Experiment) *string { return &e.Team }},
		{m.Author, func(e *Experiment) *string { return &e.Author }},
		{m.Decision, func(e *Experiment) *string { return &e.Decision }},
		{m.Analysis, func(e *Experiment) *string { return &e.Analysis }},
		{m.Layer, func(e *Experiment) *string { return &e.Layer }},
		{m.Overlap, func(e *Experiment) *string { return &e.Overlap }},
	}
}

// attributes evaluates the mapping's experiment, arm and control for a batch.
func (r *reader) attributes() attributes {
	e, a := r.m.Experiment, r.m.Arm
	out := attributes{id: r.texts(e.ID, true), arm: r.texts(a.ID, true),
		started: r.instants(e.Started, false), ended: r.instants(e.Ended, false), until: r.instants(e.PlannedEnd, false)}
	for _, f := range textsOf(&e) {
		if f.field.Given() {
			out.texts = append(out.texts, attribute{f.field.Column, r.texts(f.field, false), f.of})
		}
	}
	if a.Title.Given() {
		out.title = r.texts(a.Title, false)
	}
	if a.Weight.Given() {
		out.weight = r.positive(a.Weight, "is not a positive share")
	}
	if e.PlannedUsers.Given() {
		out.users = r.positive(e.PlannedUsers, "is not a positive number of users")
	}
	for name, f := range a.Attributes {
		if out.extra == nil {
			out.extra = map[string][]string{}
		}
		out.extra[name] = r.texts(f, false)
	}
	for name, f := range a.Claims {
		if out.claims == nil {
			out.claims = map[string][]float64{}
		}
		out.claims[name] = r.claims(f)
	}
	if score := r.ice(a.ICE); score != nil {
		if out.claims == nil {
			out.claims = map[string][]float64{}
		}
		out.claims[mapping.ICEClaim] = score
	}
	if a.ClaimsOf.Given() {
		out.claimsOf = r.texts(a.ClaimsOf, false)
	}
	switch c := r.m.Control; {
	case c.Equals != nil:
		out.control = r.cells(c.Equals.Column)
	case c.Lowest != "":
		out.control = r.cells(c.Lowest)
	}
	for _, rule := range r.m.Exclude {
		out.exclude = append(out.exclude, r.cells(rule.Column))
	}
	r.oneOf(e.Source, "human", "ai")
	r.oneOf(e.Analysis, "fixed", "sequential")
	return out
}

// oneOf wants one of two words or nothing: forecasts are judged by source, and a
// third spelling would be a third source.
func (r *reader) oneOf(f mapping.Field, one, other string) {
	if !f.Given() {
		return
	}
	last := ""
	for i, word := range r.texts(f, false) {
		if word == last || word == one || word == other || word == "" {
			last = word
			continue
		}
		r.report(i, f.Column, word, fmt.Sprintf("is neither %q nor %q; the mapping can rename it", one, other))
	}
}

// positive evaluates a field of positive numbers, where NaN means no value.
func (r *reader) positive(f mapping.Field, reason string) []float64 {
	texts := r.texts(f, false)
	numbers := textColumn(texts).numbers(func(row int, reason string) { r.report(row, f.Column, texts[row], reason) })
	for i, x := range numbers {
		if x <= 0 || x-x != 0 && x == x {
			r.report(i, f.Column, strconv.FormatFloat(x, 'g', -1, 64), reason)
		}
	}
	return numbers
}

// describe enters the good rows of a batch into the catalog, and reports rows
// that contradict what an earlier row said of the same experiment.
func (r *reader) describe(a attributes) {
	var current *entry
	for i, id := range a.id {
		if r.bad[i] {
			continue
		}
		if !r.endsAfterStart(id, a.started[i], a.ended[i], i) {
			continue
		}
		if current == nil || current.ID != id {
			if current = r.catalog.entries[id]; current == nil {
				current = r.enter(a, i)
			}
		}
		r.agree(current, a, i)
		if !r.bad[i] && r.m.Arm.ID.Given() {
			r.arm(current, a, i)
		}
	}
}

// enter adds the experiment of row i to the catalog.
func (r *reader) enter(a attributes, i int) *entry {
	e := &entry{arms: map[string]*Arm{}}
	e.ID, e.Line = strings.Clone(a.id[i]), r.table.lines[i]
	e.Started, e.Ended, e.PlannedEnd = a.started[i], a.ended[i], a.until[i]
	for _, t := range a.texts {
		*t.of(&e.Experiment) = strings.Clone(t.cells[i])
	}
	r.catalog.entries[e.ID] = e
	r.catalog.order = append(r.catalog.order, e)
	return e
}

// endsAfterStart reports row i when the dates cannot both be true.
func (r *reader) endsAfterStart(id string, started, ended int64, i int) bool {
	if ended == 0 || ended >= started {
		return true
	}
	r.report(i, r.m.Experiment.Ended.Column, "", "the experiment "+id+" ends before it starts")
	return false
}

// agree reports where row i differs from its experiment's first row. Dates may
// be told by some rows only; the earliest start and the latest end count, and of
// plans the longest and largest. A bad row leaves no trace.
func (r *reader) agree(e *entry, a attributes, i int) {
	for _, t := range a.texts {
		if have := *t.of(&e.Experiment); t.cells[i] != have {
			r.report(i, t.column, t.cells[i], "differs from "+strconv.Quote(shown(have))+
				" in line "+strconv.FormatInt(e.Line, 10)+", which names the same experiment "+e.ID)
		}
	}
	started, ended := e.Started, max(e.Ended, a.ended[i])
	if s := a.started[i]; s != 0 && (started == 0 || s < started) {
		started = s
	}
	if r.bad[i] || !r.endsAfterStart(e.ID, started, ended, i) {
		return
	}
	e.Started, e.Ended, e.PlannedEnd = started, ended, max(e.PlannedEnd, a.until[i])
	if a.users != nil && a.users[i] > e.PlannedUsers { // never of NaN
		e.PlannedUsers = a.users[i]
	}
	if !e.excluded {
		for k, rule := range r.m.Exclude {
			if text := a.exclude[k][i]; rule.Matches(text, text == "") {
				e.Excluded, e.excluded = rule.Reason, true
				break
			}
		}
	}
}

// arm enters the arm of row i, and whether it is the control arm.
func (r *reader) arm(e *entry, a attributes, i int) {
	c := r.m.Control
	marks := c.Equals != nil && c.Equals.Matches(a.control[i], a.control[i] == "")
	if marks && e.marked && e.Control != a.arm[i] {
		r.report(i, c.Equals.Column, a.control[i], "marks "+a.arm[i]+" as control, but the experiment "+e.ID+" has "+e.Control+" already")
		return
	}
	arm := e.lastArm
	if arm == nil || arm.ID != a.arm[i] {
		if arm = e.arms[a.arm[i]]; arm == nil {
			arm = &Arm{ID: strings.Clone(a.arm[i])}
			if a.title != nil {
				arm.Title = strings.Clone(a.title[i])
			}
			arm.Attributes = r.attributesOf(a, i)
			e.arms[arm.ID] = arm
			e.Arms = append(e.Arms, arm)
		}
		e.lastArm = arm
	}
	if a.claims != nil {
		arm.claimed(a, i)
	}
	if a.weight != nil && a.weight[i] > 0 {
		arm.Weight = a.weight[i]
	}
	switch {
	case marks, c.First && !e.marked:
		e.Control, e.marked = arm.ID, true
	case c.Lowest != "" && a.control[i] != "" && (!e.marked || lower(a.control[i], e.lowest)):
		e.Control, e.lowest, e.marked = arm.ID, strings.Clone(a.control[i]), true
	}
}

// lower compares as numbers when both are, and as text otherwise.
func lower(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return x < y
	}
	return a < b
}

// finish settles the control arms that the mapping names. A named arm is the
// control even of a file that does not hold it: its rows may come in another.
func (c *catalog) finish(m *mapping.Mapping) []*Experiment {
	experiments := make([]*Experiment, len(c.order))
	for i, e := range c.order {
		if m.Control.Equals == nil && m.Control.Lowest == "" && !m.Control.First {
			e.Control = m.ControlName()
		}
		e.Controlled = e.arms[e.Control] != nil
		if !e.Controlled && m.Layout == mapping.Pairs { // the control stands beside every arm, in no row of its own
			e.Arms = append(e.Arms, &Arm{ID: e.Control})
			e.Controlled = true
		}
		experiments[i] = &e.Experiment
	}
	return experiments
}
