package importer

import (
	"reflect"
	"slices"
	"strings"

	"github.com/assay-planner/assay/history/mapping"
)

// Complete takes from what was known of e whatever the mapping of e's file does not
// say. What the mapping does say counts as it stands in the file, also where it is
// empty. Arms of which the file says nothing are not added.
func (e *Experiment) Complete(was *Experiment, m *mapping.Mapping) {
	for _, text := range textsOf(&m.Experiment) {
		if !text.field.Given() {
			*text.of(e) = *text.of(was)
		}
	}
	for _, date := range []struct {
		field  mapping.Field
		is     *int64
		stored int64
	}{
		{m.Experiment.Started, &e.Started, was.Started},
		{m.Experiment.Ended, &e.Ended, was.Ended},
		{m.Experiment.PlannedEnd, &e.PlannedEnd, was.PlannedEnd},
	} {
		if !date.field.Given() {
			*date.is = date.stored
		}
	}
	if !m.Experiment.PlannedUsers.Given() {
		e.PlannedUsers = was.PlannedUsers
	}
	if m.Exclude == nil {
		e.Excluded = was.Excluded
	}
	// Rows of pairs name their control arm as the mapping does, also where it says nothing.
	if m.Control == (mapping.Control{}) && m.Layout != mapping.Pairs && was.Control != "" {
		e.Control = was.Control
		e.Controlled = e.Arm(was.Control) != nil
	}
	for _, a := range e.Arms {
		if known := was.Arm(a.ID); known != nil {
			a.complete(known, &m.Arm)
		}
	}
}

func (a *Arm) complete(was *Arm, m *mapping.Arm) {
	if !m.Title.Given() {
		a.Title = was.Title
	}
	if !m.Weight.Given() {
		a.Weight = was.Weight
	}
	for name, value := range was.Attributes {
		if says(m, name) {
			continue
		}
		if a.Attributes == nil {
			a.Attributes = map[string]string{}
		}
		a.Attributes[name] = value
	}
}

// says reports whether the mapping says an attribute, under the name by which it is kept.
func says(m *mapping.Arm, attribute string) bool {
	who, claim := strings.CutPrefix(attribute, mapping.ClaimAttribute)
	_, claimed := m.Claims[who]
	_, named := m.Attributes[attribute]
	switch {
	case attribute == mapping.SetAttribute:
		return m.Sets.Given
	case attribute == mapping.ClaimsOf:
		return m.ClaimsOf.Given()
	case claim && who == mapping.ICEClaim:
		return claimed || len(m.ICE.Factors()) > 0
	case claim:
		return claimed
	}
	return named
}

// Arm is the one with this id; nil where there is none.
func (e *Experiment) Arm(id string) *Arm {
	if i := slices.IndexFunc(e.Arms, func(a *Arm) bool { return a.ID == id }); i >= 0 {
		return e.Arms[i]
	}
	return nil
}

// Differs reports whether e and was say different things of the experiment itself;
// arms are not looked at.
func (e *Experiment) Differs(was *Experiment) bool {
	a, b := *e, *was
	a.Arms, a.Line, a.Controlled = nil, 0, false
	b.Arms, b.Line, b.Controlled = nil, 0, false
	return !reflect.DeepEqual(a, b)
}
