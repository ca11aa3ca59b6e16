package planner

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/assay-planner/assay/allocator/cohort"
)

// Ledger is who holds which buckets of which layer, when: lines in the order in which
// they were written. Lines are only ever added; the last one of a lease counts.
type Ledger []Lease

// Lease is one line of the ledger.
type Lease struct {
	At         time.Time      `json:"at"`    // of the plan, the withdrawal, the stop or its taking back that wrote it
	Event      Event          `json:"event"` // what happened
	Segment    string         `json:"segment"`
	Layer      string         `json:"layer"`
	Salt       string         `json:"salt"`
	Buckets    int            `json:"buckets"` // of the layer
	Experiment string         `json:"experiment,omitempty"`
	Hypothesis string         `json:"hypothesis,omitempty"`
	From       time.Time      `json:"from"`
	Until      time.Time      `json:"until,omitzero"` // exclusive; zero: until another line says so
	Control    []cohort.Range `json:"control,omitempty"`
	Treatment  []cohort.Range `json:"treatment,omitempty"`
	Resting    []cohort.Range `json:"resting,omitempty"` // of a past treatment
	Holdout    []cohort.Range `json:"holdout,omitempty"`
	Ramp       []Stage        `json:"ramp,omitempty"`    // how a test comes to all of its buckets
	Waiting    []cohort.Range `json:"waiting,omitempty"` // in a Tenancy: held by a test, and not yet exposed; its arms are what is
	Reason     string         `json:"reason,omitempty"`  // why it rests
}

// Event says what a line of the ledger records.
type Event string

const (
	LayerSet      Event = "layer"     // salt, buckets and holdout of a layer from now on
	TestStarted   Event = "started"   // a plan gave a test its buckets, for all its weeks
	TestReplanned Event = "replanned" // a second plan of the same night does not start it
	TestEnded     Event = "ended"     // its weeks were over when a plan was made
	TestStopped   Event = "stopped"   // it ended before its time, and holds its buckets until then only
	TestResumed   Event = "resumed"   // that, or the withdrawal, was taken back, and it holds them for all its weeks
	TestWithdrawn Event = "withdrawn" // it was taken back, and holds its buckets until then only
	TestForeseen  Event = "foreseen"  // in a Tenancy, never in the ledger: a plan may start it in a later week
	RestBegun     Event = "rests"     // a past treatment rests
	RestLifted    Event = "lifted"    // it need not rest any longer than until now
	RestEnded     Event = "rested"    // its rest was over when a plan was made
)

// Key names the layer across segments.
func (l Lease) Key() string { return LayerKey(l.Segment, l.Layer) }

// partition is the layer as the line knows it.
func (l Lease) partition() Partition {
	return Partition{Segment: l.Segment, Layer: l.Layer, Salt: l.Salt, Buckets: l.Buckets, Holdout: l.Holdout}
}

// holds tells whether the lease is in force at a time.
func (l Lease) holds(at time.Time) bool {
	return !l.From.After(at) && (l.Until.IsZero() || l.Until.After(at))
}

// test and rest tell what the lease is of.
func (l Lease) test() bool {
	return l.begins() || l.Event == TestReplanned || l.Event == TestEnded || l.Event == TestStopped || l.Event == TestWithdrawn
}

// begins tells whether by the line a test holds its buckets for all its weeks.
func (l Lease) begins() bool { return l.Event == TestStarted || l.Event == TestResumed }

func (l Lease) rest() bool {
	return l.Event == RestBegun || l.Event == RestLifted || l.Event == RestEnded
}

// last returns the last line of each lease of tests and rests, in the order in which
// the leases were first written.
func (l Ledger) last() []Lease {
	type key struct {
		layer, experiment string
		rest              bool
	}
	var all []Lease
	place := map[key]int{}
	for _, line := range l {
		if line.Event == LayerSet {
			continue
		}
		k := key{line.Key(), line.Experiment, line.rest()}
		if i, seen := place[k]; seen {
			all[i] = line
			continue
		}
		place[k] = len(all)
		all = append(all, line)
	}
	return all
}

// layerAt is the layer as the last line before the time, or at it, has it; before the
// first such line, it is as that has it.
func (l Ledger) layerAt(key string, at time.Time) (p Partition, found bool) {
	for _, line := range l {
		if line.Event == LayerSet && line.Key() == key && (!found || !line.From.After(at)) {
			p, found = line.partition(), true
		}
	}
	return p, found
}

// Planned returns the lines that a plan adds when it comes into force: the layers that
// have changed; what it starts tonight, and what an earlier plan of the same night
// started and it does not; what has ended since; and what rests, or need not any more.
// A plan that changes nothing adds nothing.
func (l Ledger) Planned(p Plan) []Lease {
	var lines []Lease
	add := func(line Lease, event Event) {
		line.At, line.Event = p.At, event
		lines = append(lines, line)
	}
	for _, layer := range p.Layers {
		if was, known := l.layerAt(layer.Key(), p.At); !known || !reflect.DeepEqual(was, layer) {
			add(layer.line(p.At), LayerSet)
		}
	}
	starts, rests := map[string]Lease{}, map[string]Lease{}
	for _, s := range p.Firm() {
		starts[s.Experiment] = s.lease()
	}
	for _, r := range p.Resting {
		rests[r.Experiment] = r.lease(p.Layers)
	}
	known := map[string]bool{}
	for _, old := range l.last() {
		now, both := starts[old.Experiment]
		if old.rest() {
			now, both = rests[old.Experiment]
		}
		switch {
		case both:
			if known[now.name()] = true; !now.same(old) {
				add(now, now.Event)
			}
		case old.test() && old.From.Equal(p.At) && (old.Until.After(p.At) || old.Event == TestWithdrawn):
			old.Until = old.From
			add(old, TestReplanned)
		case old.begins() && !old.Until.After(p.At):
			add(old, TestEnded)
		case old.Event == RestBegun && !old.Until.After(p.At):
			add(old, RestEnded)
		case old.Event == RestBegun:
			old.Until = p.At
			add(old, RestLifted)
		}
	}
	for _, s := range p.Firm() {
		if now := s.lease(); !known[now.name()] {
			add(now, TestStarted)
		}
	}
	for _, r := range p.Resting {
		if now := r.lease(p.Layers); !known[now.name()] {
			add(now, RestBegun)
		}
	}
	return lines
}

// Ended returns the lines that the withdrawal of a hypothesis, or the stop of its test,
// adds: what it holds ends then, or never begins if it is withdrawn before.
func (l Ledger) Ended(h Hypothesis) []Lease {
	var lines []Lease
	for _, line := range l.last() {
		if line.Hypothesis != h.ID || !line.begins() {
			continue
		}
		if st := h.Stopped; st != nil && line.From.Before(st.At) && st.At.Before(line.Until) {
			line.At, line.Event, line.Until, line.Reason = st.Recorded.UTC(), TestStopped, st.At.UTC(), st.Reason
			lines = append(lines, line)
		}
		if at := h.Withdrawn; at != nil && at.Before(line.Until) {
			line.At, line.Event, line.Until = at.UTC(), TestWithdrawn, at.UTC()
			if at.Before(line.From) {
				line.Until = line.From
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// name tells a lease from the others of a plan.
func (l Lease) name() string { return string(l.Event) + " " + l.Experiment }

// same tells whether nothing has changed but the time of writing.
func (l Lease) same(old Lease) bool {
	l.At = old.At
	return reflect.DeepEqual(l.plain(), old.plain())
}

// plain is the lease as it comes back from the registry: times in UTC, no empty lists.
func (l Lease) plain() Lease {
	l.From, l.Until = l.From.UTC(), l.Until.UTC()
	for _, rs := range []*[]cohort.Range{&l.Control, &l.Treatment, &l.Resting, &l.Holdout} {
		if len(*rs) == 0 {
			*rs = nil
		}
	}
	if len(l.Ramp) == 0 {
		l.Ramp = nil
	}
	return l
}

func (p Partition) line(from time.Time) Lease {
	return Lease{Event: LayerSet, Segment: p.Segment, Layer: p.Layer, Salt: p.Salt, Buckets: p.Buckets, Holdout: p.Holdout, From: from}
}

func (s Start) lease() Lease {
	p := s.Partition()
	return Lease{Event: TestStarted, Segment: s.Segment, Layer: s.Layer, Salt: p.Salt, Buckets: p.Buckets, Experiment: s.Experiment,
		Hypothesis: s.Hypothesis, From: s.From, Until: s.Until, Control: s.Control, Treatment: s.Treatment, Ramp: s.Design.Ramp}
}

// lease is the rest as the ledger has it; only buckets of a layer as it is now rest.
func (r Rest) lease(layers []Partition) Lease {
	p, _ := find(layers, func(p Partition) bool { return p.Segment == r.Segment && p.Layer == r.Layer })
	return Lease{Event: RestBegun, Segment: r.Segment, Layer: r.Layer, Salt: p.Salt, Buckets: p.Buckets, Experiment: r.Experiment,
		Hypothesis: r.Hypothesis, From: r.From, Until: r.Until, Resting: r.Ranges, Reason: r.Reason}
}

// Firm lists what the plan starts tonight; later weeks are a forecast.
func (p Plan) Firm() []Start {
	var starts []Start
	for _, e := range p.Entries {
		if e.Start != nil && e.Start.Week == 0 {
			starts = append(starts, *e.Start)
		}
	}
	return starts
}

// Layers names the layers that the ledger knows, in the order of their first line.
func (l Ledger) Layers() []string {
	var keys []string
	for _, line := range l {
		if key := line.Key(); line.Event == LayerSet && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Of is the lines of one layer: who asks for many moments of it reads only those.
func (l Ledger) Of(key string) Ledger {
	return keep(l, func(line Lease) bool { return line.Key() == key })
}

// Now is the present: the time, or that of a later plan in force, which was made ahead.
func (l Ledger) Now(now time.Time) time.Time {
	for _, line := range l {
		if line.At.After(now) {
			now = line.At
		}
	}
	return now.UTC()
}

// Ledger returns that of the registry, and layers that no plan has had yet as the policy
// has them.
func (p *Planner) Ledger(ctx context.Context) (Ledger, error) {
	book, err := p.registry.Ledger(ctx)
	if err != nil {
		return nil, err
	}
	for _, layer := range p.policy.Partitions() {
		if _, planned := book.layerAt(layer.Key(), time.Time{}); !planned {
			book = append(book, layer.line(time.Time{}))
		}
	}
	return book, nil
}
