package planner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator/cohort"
)

// Tenancy is who holds the buckets of one layer at one moment. What one holds nobody
// else does.
type Tenancy struct {
	Partition                // as it was then
	At        time.Time      `json:"at"`
	Tests     []Lease        `json:"tests"`    // by start, then experiment
	Rests     []Lease        `json:"resting"`  // the same
	Foreseen  []Lease        `json:"foreseen"` // by Foresee: a forecast, of buckets that are free still
	Free      []cohort.Range `json:"free"`
}

// unknownLayerError says that there is no such layer, or several, and which there are.
type unknownLayerError struct {
	layer string
	known []string
}

func (e *unknownLayerError) Error() string {
	if named := e.named(); len(named) > 1 {
		return fmt.Sprintf("layer %q: several segments have it: write one of %s", e.layer, strings.Join(named, ", "))
	}
	return fmt.Sprintf("layer %q: not found; the layers are %s", e.layer, strings.Join(e.known, ", "))
}

func (e *unknownLayerError) Unwrap() error { return ErrNotFound }

// named lists the layers of that name, whatever their segment.
func (e *unknownLayerError) named() []string {
	return keep(e.known, func(key string) bool { return strings.HasSuffix(key, "/"+e.layer) })
}

// LayerNamed finds a layer by SEGMENT/LAYER, or by its name alone if only one segment
// has it. The error is an ErrNotFound that lists the layers.
func (l Ledger) LayerNamed(name string) (key string, err error) {
	unknown := &unknownLayerError{name, l.Layers()}
	if slices.Contains(unknown.known, name) {
		return name, nil
	}
	if named := unknown.named(); len(named) == 1 {
		return named[0], nil
	}
	return "", unknown
}

// Tenancy returns who holds what of a layer at a time, as is known now: of the future
// what is firm, since later weeks of a plan are a forecast. A test keeps its buckets
// where a holdout came later, and what is given out does not rest.
func (l Ledger) Tenancy(key string, at time.Time) (Tenancy, error) {
	part, found := l.layerAt(key, at)
	if !found {
		return Tenancy{}, &unknownLayerError{key, l.Layers()}
	}
	t := Tenancy{Partition: part, At: at.UTC(), Tests: []Lease{}, Rests: []Lease{}, Foreseen: []Lease{}}
	for _, line := range l.last() {
		if line.Key() != key || !line.holds(at) || line.partition().Hash() != part.Hash() {
			continue
		}
		if line.test() {
			t.Tests = append(t.Tests, line)
		} else {
			t.Rests = append(t.Rests, line)
		}
	}
	byStart := func(a, b Lease) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return strings.Compare(a.Experiment, b.Experiment)
	}
	slices.SortFunc(t.Tests, byStart)
	slices.SortFunc(t.Rests, byStart)
	t.divide()
	for i := range t.Tests {
		test := &t.Tests[i]
		test.Control, test.Treatment, test.Waiting = exposure(test.Ramp, at.Sub(test.From), test.Control, test.Treatment)
	}
	return t, nil
}

// divide leaves each bucket to one of those who claim it: to tests, then to rests, then
// to the holdout.
func (t *Tenancy) divide() {
	var taken []cohort.Range
	claim := func(rs []cohort.Range) []cohort.Range {
		rs = cohort.Without(rs, taken, t.Buckets)
		taken = append(taken, rs...)
		return rs
	}
	for i := range t.Tests {
		t.Tests[i].Control, t.Tests[i].Treatment = claim(t.Tests[i].Control), claim(t.Tests[i].Treatment)
	}
	for i := range t.Rests {
		t.Rests[i].Resting = claim(t.Rests[i].Resting)
	}
	t.Rests = slices.DeleteFunc(t.Rests, func(r Lease) bool { return len(r.Resting) == 0 })
	t.Holdout = claim(t.Holdout)
	t.Free = cohort.Free(t.Buckets, taken)
}

// Foresee adds the tests of later weeks of a plan that would run then.
func (t *Tenancy) Foresee(p Plan) {
	taken := cohort.Free(t.Buckets, t.Free)
	for _, s := range p.announced() {
		line := s.lease()
		if line.Key() != t.Key() || !line.holds(t.At) || line.partition().Hash() != t.Hash() {
			continue
		}
		line.At, line.Event = p.At, TestForeseen
		line.Control, line.Treatment = cohort.Without(line.Control, taken, t.Buckets), cohort.Without(line.Treatment, taken, t.Buckets)
		t.Foreseen = append(t.Foreseen, line)
	}
}

// Unclaimed is what is free and not foreseen for any test either.
func (t Tenancy) Unclaimed() []cohort.Range {
	free := t.Free
	for _, l := range t.Foreseen {
		free = cohort.Without(free, slices.Concat(l.Control, l.Treatment), t.Buckets)
	}
	return free
}

// Assignments is where units of a layer are at one moment.
type Assignments struct {
	Segment     string       `json:"segment"`
	Layer       string       `json:"layer"`
	Salt        string       `json:"salt"`
	Buckets     int          `json:"buckets"`
	At          time.Time    `json:"at"`
	Assignments []Assignment `json:"assignments"` // in the order of the units
}

// Assignment is where one unit is.
type Assignment struct {
	Unit string `json:"unit"`
	cohort.Assignment
}

// Assign tells where units are.
func (t Tenancy) Assign(units []string) (Assignments, error) {
	table, err := t.Table()
	if err != nil {
		return Assignments{}, err
	}
	a := Assignments{t.Segment, t.Layer, t.Salt, t.Buckets, t.At, make([]Assignment, len(units))}
	for i, unit := range units {
		a.Assignments[i] = Assignment{unit, table.Assign(unit)}
	}
	return a, nil
}

// Table answers for the units of the layer at that moment.
func (t Tenancy) Table() (*cohort.Table, error) {
	tenants := []cohort.Tenant{{Holdout: t.Holdout}}
	for _, test := range t.Tests {
		tenants = append(tenants, cohort.Tenant{Experiment: test.Experiment, Arms: []cohort.Arm{
			{Name: "control", Ranges: test.Control}, {Name: "treatment", Ranges: test.Treatment}}, Waiting: test.Waiting})
	}
	for _, r := range t.Rests {
		tenants = append(tenants, cohort.Tenant{Experiment: r.Experiment, Resting: r.Resting})
	}
	table, err := cohort.NewTable(t.Hash(), tenants)
	if err != nil {
		return nil, fmt.Errorf("layer %s: %w", t.Key(), err)
	}
	return table, nil
}
