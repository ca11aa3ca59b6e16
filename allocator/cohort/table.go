package cohort

import "fmt"

// State says what becomes of the units of a bucket.
type State string

const (
	Unused  State = "free"    // nobody holds the bucket
	Exposed State = "exposed" // in an arm of an experiment
	Waiting State = "waiting" // an experiment holds it and has not come to it in its ramp
	Resting State = "resting" // it rests from the treatment of a past experiment
	Holdout State = "holdout" // it is never given out
)

// Tenant is who holds buckets of a layer at one moment.
type Tenant struct {
	Experiment string  `json:"experiment,omitempty"`
	Arms       []Arm   `json:"arms,omitempty"`    // exposed buckets
	Waiting    []Range `json:"waiting,omitempty"` // held, and not yet exposed
	Resting    []Range `json:"resting,omitempty"` // rest from this experiment
	Holdout    []Range `json:"holdout,omitempty"`
}

// Arm is a variant of an experiment with its buckets.
type Arm struct {
	Name   string  `json:"name"`
	Ranges []Range `json:"ranges"`
}

// Assignment is what is known of one unit in one layer.
type Assignment struct {
	Bucket     int    `json:"bucket"`
	State      State  `json:"state"`
	Experiment string `json:"experiment,omitempty"` // empty if free or held out
	Arm        string `json:"arm,omitempty"`        // only if exposed
}

// Table tells the assignment of any unit of a layer. It is safe for use by many
// goroutines, since it never changes.
type Table struct {
	layer  Layer
	salted salted
	slots  []uint32     // by bucket, whose it is: a place in kinds
	kinds  []Assignment // without the bucket; the first is of those that nobody holds
}

// NewTable returns the table of a layer at one moment. An *InputError says which
// ranges lie outside the layer, or on whose buckets.
func NewTable(l Layer, tenants []Tenant) (*Table, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	t := &Table{l, saltedWith(l.Salt), make([]uint32, l.Buckets), []Assignment{{State: Unused}}}
	for i, tenant := range tenants {
		field := fmt.Sprintf("tenants[%d]", i)
		for j, arm := range tenant.Arms {
			if err := t.fill(arm.Ranges, Assignment{State: Exposed, Experiment: tenant.Experiment, Arm: arm.Name}, fmt.Sprintf("%s.arms[%d].ranges", field, j)); err != nil {
				return nil, err
			}
		}
		for _, part := range []struct {
			ranges []Range
			as     Assignment
			field  string
		}{
			{tenant.Waiting, Assignment{State: Waiting, Experiment: tenant.Experiment}, "waiting"},
			{tenant.Resting, Assignment{State: Resting, Experiment: tenant.Experiment}, "resting"},
			{tenant.Holdout, Assignment{State: Holdout}, "holdout"},
		} {
			if err := t.fill(part.ranges, part.as, field+"."+part.field); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

func (t *Table) fill(ranges []Range, as Assignment, field string) error {
	kind := uint32(len(t.kinds))
	t.kinds = append(t.kinds, as)
	for i, r := range ranges {
		text := fmt.Sprintf("%d to %d", r.From, r.To)
		if r.From < 0 || r.From >= r.To || r.To > len(t.slots) {
			return wrong(text, fmt.Sprintf("must be a range within the %d buckets of the layer", len(t.slots)), "%s[%d]", field, i)
		}
		for b := r.From; b < r.To; b++ {
			if held := t.kinds[t.slots[b]]; held.State != Unused {
				return wrong(text, fmt.Sprintf("must not share bucket %d with %s", b, held.holder()), "%s[%d]", field, i)
			}
			t.slots[b] = kind
		}
	}
	return nil
}

func (a Assignment) holder() string {
	if a.Experiment == "" {
		return "the holdout"
	}
	return a.Experiment
}

// Layer returns the layer that the table is of.
func (t *Table) Layer() Layer { return t.layer }

// Assign tells where a unit is. It allocates nothing.
func (t *Table) Assign(unit string) Assignment {
	bucket := t.Bucket(unit)
	kind := &t.kinds[t.slots[bucket]]
	return Assignment{bucket, kind.State, kind.Experiment, kind.Arm}
}

// Bucket is that of the layer, faster: what follows from the salt is worked out.
func (t *Table) Bucket(unit string) int { return bucketOf(t.salted.hash(unit), t.layer.Buckets) }
