package planner

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/assay-planner/assay/allocator/cohort"
)

// Policy is what the company decides and Assay obeys: how much capacity there
// is, what a lift is worth, when a result ships, and which designs may be
// used. It is one YAML file, policy.yaml, in the data directory.
type Policy struct {
	Currency     string    `yaml:"currency" json:"currency"`              // unit of every value: USD
	HorizonWeeks int       `yaml:"horizon_weeks" json:"horizon_weeks"`    // weeks that a plan looks ahead
	GainYears    float64   `yaml:"gain_years" json:"gain_years"`          // how long a shipped lift lasts
	DelayCost    float64   `yaml:"delay_cost" json:"delay_cost_per_week"` // share of a gain lost for each week until it ships
	UserWeekCost float64   `yaml:"user_week_cost" json:"user_week_cost"`  // currency per user and week in a treatment arm
	ShipRule     ShipRule  `yaml:"ship_rule" json:"ship_rule"`            // when a finished test ships
	Metrics      []Metric  `yaml:"metrics" json:"metrics"`
	Pools        []Pool    `yaml:"pools" json:"pools"`
	Segments     []Segment `yaml:"segments" json:"segments"`
	Designs      Menu      `yaml:"designs" json:"designs"`
	CoolDown     CoolDown  `yaml:"cool_down" json:"cool_down,omitzero"` // when buckets rest after a test
	Quotas       []Quota   `yaml:"quotas" json:"quotas,omitempty"`      // shares of teams and sources
	// ChangeCost is the share of its value that a change of an announced start costs a plan;
	// nil: 0.05.
	ChangeCost *float64 `yaml:"change_cost" json:"change_cost,omitempty"`
}

// ShipRule is the rule by which a finished test becomes a launch.
type ShipRule struct {
	Rule  string  `yaml:"rule" json:"rule"`             // posterior-mean or significant
	Cut   float64 `yaml:"cut" json:"cut,omitempty"`     // posterior-mean: ship above this relative lift
	Alpha float64 `yaml:"alpha" json:"alpha,omitempty"` // significant: one-sided level
}

// Metric is a quantity that tests move.
type Metric struct {
	Name  string  `yaml:"name" json:"name"`
	Down  bool    `yaml:"down" json:"down,omitempty"`   // less is better: a guardrail such as the hide rate
	Least float64 `yaml:"least" json:"least,omitempty"` // the smallest relative lift worth shipping; 0: the cut of the ship rule
	// Margin is by how much, relative, the metric may get worse where it is a guardrail.
	Margin float64            `yaml:"margin" json:"margin,omitempty"`
	Worth  map[string]float64 `yaml:"worth" json:"worth,omitempty"` // by surface: currency per year of a relative lift of 1 (+100%)
}

// Pool is a kind of machine.
type Pool struct {
	Name        string  `yaml:"name" json:"name"`
	GPUHours    float64 `yaml:"gpu_hours_per_week" json:"gpu_hours_per_week"`
	CostPerHour float64 `yaml:"cost_per_gpu_hour" json:"cost_per_gpu_hour"`
}

// Segment is a population of users on one surface. The number of different
// users seen in w weeks grows more slowly than w: WeeklyUsers · w^Growth.
type Segment struct {
	Name        string  `yaml:"name" json:"name"`
	Surface     string  `yaml:"surface" json:"surface"`
	WeeklyUsers float64 `yaml:"weekly_users" json:"weekly_users"`
	Growth      float64 `yaml:"growth" json:"growth"`
	Share       float64 `yaml:"share" json:"share"` // of the surface's worth, in (0, 1]
	Layers      []Layer `yaml:"layers" json:"layers"`
}

// users returns the expected number of different users in w weeks.
func (s Segment) users(weeks float64) float64 {
	return s.WeeklyUsers * math.Pow(weeks, s.Growth)
}

// Layer is one independent partition of a segment's users into buckets.
type Layer struct {
	Name       string   `yaml:"name" json:"name"`
	Components []string `yaml:"components" json:"components,omitempty"` // what may be tested here; empty: anything
	Buckets    int      `yaml:"buckets" json:"buckets,omitempty"`       // zero: 10,000
	Salt       string   `yaml:"salt" json:"salt,omitempty"`             // of the hash of users; empty: SEGMENT/NAME
	Holdout    float64  `yaml:"holdout" json:"holdout,omitempty"`       // share of the buckets that is never given out
	// CoolDown is when buckets of this layer rest; nil: as in all.
	CoolDown *CoolDown `yaml:"cool_down" json:"cool_down,omitempty"`
}

// CoolDown says when buckets rest after a test, so that what its treatment did to
// users does not mix with what the next test does.
type CoolDown struct {
	Weeks int     `yaml:"weeks" json:"weeks"` // how long; zero: never
	Lift  float64 `yaml:"lift" json:"lift"`   // a treatment rests if its lift on any metric, after shrinkage, is at least this, up or down
}

// takes reports whether a change of the component may be tested in the layer.
func (l Layer) takes(component string) bool {
	return len(l.Components) == 0 || slices.Contains(l.Components, component)
}

// Menu is the set of designs on offer: every share of a segment's users, for
// every number of weeks, half of them in treatment.
type Menu struct {
	Shares []float64 `yaml:"shares" json:"shares"` // of a segment's users, both arms together
	Weeks  []int     `yaml:"weeks" json:"weeks"`
	Ramp   string    `yaml:"ramp" json:"ramp,omitempty"` // as "1% for 2 days, 5% for 5 days"; empty: none. See parseRamp
}

// Buckets is the number of buckets of a layer whose policy says nothing else, and the
// grid of shares: the least is two buckets of it, one for each arm.
const Buckets = cohort.DefaultBuckets

// ErrPolicy is what an unusable policy file wraps.
var ErrPolicy = errors.New("invalid policy")

// ParsePolicy reads and checks policy.yaml.
func ParsePolicy(text []byte) (Policy, error) {
	var p Policy
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
		return Policy{}, fmt.Errorf("%w: %s", ErrPolicy, yaml.FormatError(err, false, true))
	}
	if err := p.Check(); err != nil {
		return Policy{}, err
	}
	return p, nil
}

// surfaces lists the surfaces in the order of their first segment.
func (p Policy) surfaces() []string {
	var names []string
	for _, s := range p.Segments {
		if !slices.Contains(names, s.Surface) {
			names = append(names, s.Surface)
		}
	}
	return names
}

// metricNames lists the metrics in the order of the file.
func (p Policy) metricNames() []string {
	names := make([]string, len(p.Metrics))
	for i, m := range p.Metrics {
		names[i] = m.Name
	}
	return names
}

// poolNames lists the pools in the order of the file.
func (p Policy) poolNames() []string {
	names := make([]string, len(p.Pools))
	for i, q := range p.Pools {
		names[i] = q.Name
	}
	return names
}

// segmentsOf lists the segments of a surface in the order of the file.
func (p Policy) segmentsOf(surface string) []string {
	var names []string
	for _, s := range p.Segments {
		if s.Surface == surface {
			names = append(names, s.Name)
		}
	}
	return names
}

// metric and pool find a part by name.
func (p Policy) metric(name string) (Metric, bool) {
	return find(p.Metrics, func(m Metric) bool { return m.Name == name })
}
func (p Policy) pool(name string) (Pool, bool) {
	return find(p.Pools, func(q Pool) bool { return q.Name == name })
}

// segment returns the segment that a hypothesis is tested on: the one it
// names, or the first of its surface.
func (p Policy) segment(h Hypothesis) (Segment, bool) {
	return find(p.Segments, func(s Segment) bool {
		return s.Surface == h.Surface && (h.Segment == "" || s.Name == h.Segment)
	})
}

func find[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}

// LayerKey names a layer across segments, as plans and pages print it.
func LayerKey(segment, layer string) string { return strings.Join([]string{segment, layer}, "/") }
