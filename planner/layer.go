package planner

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/allocator/cohort"
)

// Partition is a layer as assignments need it.
type Partition struct {
	Segment string         `json:"segment"`
	Layer   string         `json:"layer"`
	Salt    string         `json:"salt"`
	Buckets int            `json:"buckets"`
	Holdout []cohort.Range `json:"holdout,omitempty"` // never given out
}

// Key names the layer across segments.
func (p Partition) Key() string { return LayerKey(p.Segment, p.Layer) }

// free is how many buckets may be given out.
func (p Partition) free() int { return p.Buckets - cohort.Size(p.Holdout) }

// Hash is the partition as the hash of users knows it.
func (p Partition) Hash() cohort.Layer { return cohort.Layer{Salt: p.Salt, Buckets: p.Buckets} }

// Partitions lists the layers of all segments in the order of the file.
func (p Policy) Partitions() []Partition {
	all := []Partition{}
	for _, s := range p.Segments {
		for _, l := range s.Layers {
			all = append(all, s.partition(l))
		}
	}
	return all
}

// partition finds a layer that the policy is known to have.
func (p Policy) partition(segment, layer string) Partition {
	part, _ := find(p.Partitions(), func(q Partition) bool { return q.Segment == segment && q.Layer == layer })
	return part
}

// partition fills in what the policy leaves out. The holdout is the last buckets, so
// that the others stay in one piece, rounded up to whole ones.
func (s Segment) partition(l Layer) Partition {
	p := Partition{Segment: s.Name, Layer: l.Name, Salt: l.Salt, Buckets: l.Buckets}
	if p.Salt == "" {
		p.Salt = LayerKey(s.Name, l.Name)
	}
	if p.Buckets == 0 {
		p.Buckets = Buckets
	}
	if n := int(math.Ceil(l.Holdout*float64(p.Buckets) - 1e-9)); n > 0 {
		p.Holdout = []cohort.Range{{From: p.Buckets - n, To: p.Buckets}}
	}
	return p
}

// checkLayers says why users could not be assigned, or not independently, or why a
// design could not be split over the buckets of a layer.
func (p Policy) checkLayers() []error {
	var bad []error
	wrong := func(s Segment, l Layer, format string, args ...any) {
		bad = append(bad, fmt.Errorf("segments %s: layers %s: %s", s.Name, l.Name, fmt.Sprintf(format, args...)))
	}
	salts := map[string]string{} // by whom
	for _, s := range p.Segments {
		for _, l := range s.Layers {
			if l.Holdout < 0 || l.Holdout > 0.9 || math.IsNaN(l.Holdout) {
				wrong(s, l, "holdout is %g; it must lie between 0 and 0.9", l.Holdout)
				continue
			}
			if l.Buckets < 0 || l.Buckets > 0 && l.Buckets < 10 || l.Buckets > cohort.MaxBuckets {
				wrong(s, l, "buckets is %d; it must lie between 10 and %d", l.Buckets, cohort.MaxBuckets)
				continue
			}
			part := s.partition(l)
			if err := part.Hash().Check(); err != nil {
				field := "salt"
				if l.Salt == "" {
					field = "salt, which follows from the names,"
				}
				wrong(s, l, "%s is %q; write a salt of 1 to %d bytes without a colon", field, part.Salt, cohort.MaxSalt)
			}
			if other, taken := salts[part.Salt]; taken {
				wrong(s, l, "salt is %q, and so is that of %s: the two would not be independent; give one another salt", part.Salt, other)
			}
			salts[part.Salt] = part.Key()
			for _, share := range p.Designs.Shares {
				if _, whole := bucketsOf(share, part.Buckets); !whole {
					wrong(s, l, "buckets is %d, of which a share of %g is no even number: give the layer more buckets, or change designs.shares", part.Buckets, share)
				}
			}
		}
	}
	return bad
}

// bucketsOf returns an even number of buckets for a share, on the grid of shares, and
// whether a layer of so many buckets can have it exactly.
func bucketsOf(share float64, buckets int) (n int, whole bool) {
	grid := 2 * max(1, int(math.Round(share*Buckets/2))) // of 10,000
	return grid * buckets / Buckets, grid*buckets%(2*Buckets) == 0
}

// evenBuckets is the even number of 10,000 buckets that a share comes to.
func evenBuckets(share float64) int {
	n, _ := bucketsOf(share, Buckets)
	return n
}

// in is the design of a hypothesis in a layer: so many of its buckets, in its stages as
// in all, and its rest.
func (p Policy) in(d *Design, h Hypothesis, s Segment, l Layer) *Design {
	part := s.partition(l)
	n, _ := bucketsOf(d.Share, part.Buckets)
	cool := p.coolDown(h, l)
	if n == d.Buckets && cool == d.CoolDown {
		return d
	}
	scaled := *d
	scaled.Buckets, scaled.CoolDown, scaled.Ramp = n, cool, nil
	for _, stage := range d.Ramp {
		stage.Buckets, _ = bucketsOf(stage.Share, part.Buckets)
		stage.Buckets = max(2, stage.Buckets&^1) // whole ones, as near as the layer has them
		scaled.Ramp = append(scaled.Ramp, stage)
	}
	return &scaled
}

// Partition is the layer of a start, as it was when it was decided. Starts from before
// layers had salts of their own say nothing.
func (s Start) Partition() Partition {
	p := Partition{Segment: s.Segment, Layer: s.Layer, Salt: s.Salt, Buckets: s.Of}
	if p.Salt == "" {
		p.Salt = LayerKey(s.Segment, s.Layer)
	}
	if p.Buckets == 0 {
		p.Buckets = Buckets
	}
	return p
}

// unmoved refuses a policy under which running tests would get other users: what runs
// keeps its buckets, and they are those of the old salt.
func (s Snapshot) unmoved() error {
	for _, r := range s.running() {
		if len(r.Control)+len(r.Treatment) == 0 {
			continue
		}
		now, then := s.Policy.partition(r.Segment, r.Layer), r.Partition()
		if now.Layer == "" {
			continue // nothing is planned in the layer any more
		}
		field, is, was := "salt", fmt.Sprintf("%q", now.Salt), fmt.Sprintf("%q", then.Salt)
		if now.Buckets != then.Buckets {
			field, is, was = "buckets", fmt.Sprint(now.Buckets), fmt.Sprint(then.Buckets)
		} else if now.Salt == then.Salt {
			continue
		}
		return fmt.Errorf("%w: segments %s: layers %s: %s is %s, but %s runs until %s on users found by %s: write %s: %s until then, withdraw it, or add a new layer",
			ErrPolicy, r.Segment, r.Layer, field, is, r.Experiment, day(r.Until), was, field, was)
	}
	return nil
}
