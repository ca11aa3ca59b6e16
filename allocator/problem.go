package allocator

import (
	"github.com/assay-planner/assay/allocator/cohort"
	"github.com/assay-planner/assay/allocator/mip"
)

// Problem is one night's question: which options to take, given what is free.
//
// Time is counted in whole weeks from the night of the run: week k is
// [night + 7k days, night + 7(k+1) days), for k from 0 to Weeks−1. What happens
// beyond the horizon is not modelled: it takes no capacity there.
type Problem struct {
	Weeks      int         `json:"weeks"` // length of the horizon, 1 to 520
	Pools      []Pool      `json:"pools"`
	Layers     []Layer     `json:"layers"`
	Candidates []Candidate `json:"candidates"`
	Quotas     []Quota     `json:"quotas,omitempty"`
}

// Pool is a kind of machine, with the GPU-hours that are still free in each week.
type Pool struct {
	Name     string  `json:"name"`
	GPUHours []int64 `json:"gpu_hours"` // free GPU-hours by week; as many as Problem.Weeks
}

// Layer splits the users of one segment into buckets. Experiments of one layer
// never share a bucket; layers of one segment are independent of each other.
type Layer struct {
	Segment string `json:"segment"`
	Name    string `json:"name"`
	Buckets int    `json:"buckets"` // in the whole layer, held ones included
	Held    []Hold `json:"held"`    // what running work keeps
}

// Hold keeps buckets from week 0 on: for work that is running already, for buckets that
// rest, for a holdout.
type Hold = cohort.Hold

// Range is the buckets from From up to To, exclusive.
type Range = cohort.Range

// Candidate is one hypothesis with the ways in which it could be tested.
// At most one option of a candidate is chosen.
type Candidate struct {
	ID string `json:"id"`
	// Conflicts lists candidates whose treatment must not meet this one's on the
	// same users: both chosen in one segment, in different layers, in overlapping
	// weeks is forbidden. Within one layer users are disjoint anyway. It holds both
	// ways even if only one side lists it; ids that are not in the problem say nothing.
	Conflicts []string `json:"conflicts"`
	// Requires lists candidates that must be chosen and have ended (Start + Weeks)
	// by the start of this one. The caller drops what is already satisfied: an id
	// that is not in the problem makes the candidate impossible.
	Requires []string `json:"requires"`
	// Groups are those of whose quotas it takes: its team, its source. A group without a
	// quota says nothing.
	Groups  []string `json:"groups,omitempty"`
	Options []Option `json:"options"`
}

// Option is one design at one start week. It may end beyond the horizon, but
// must start within it. An option that is not worth more than 0 is never chosen,
// since doing nothing is worth 0.
type Option struct {
	Design  string    `json:"design"`
	Start   int       `json:"start"` // first week, 0 ≤ Start < Problem.Weeks
	Weeks   int       `json:"weeks"` // duration, at least 1
	Value   float64   `json:"value"` // in any one unit, the same for all; finite
	Compute []Compute `json:"compute"`
	Segment string    `json:"segment"`
	Layer   string    `json:"layer"`
	Buckets int       `json:"buckets"` // kept unchanged for all its weeks; 0 needs no users, and no layer
	// Cool is for how many weeks after its end the treatment's buckets (cohort.Split of
	// its cohort) rest: nobody else gets them before, the control's are free at once.
	Cool int `json:"cool,omitempty"`
}

// Compute is what an option takes from one pool, by week from the option's Start.
// It may be shorter than the option (training first, serving for nothing) or longer
// (work after the last exposure). Hours beyond the horizon are not counted. Several
// entries for one pool add up.
type Compute struct {
	Pool     string  `json:"pool"`
	GPUHours []int64 `json:"gpu_hours"`
}

// Quota limits what the candidates of a group take together over the horizon: their
// least and greatest share of what there is.
//
// The greatest is never exceeded. The least is met as far as that is possible with
// options worth more than 0: of two plans the better one is that which falls short of
// all Leasts by the smaller sum of shortfall/Least, whatever it is worth, and only then
// the one of greater value. A shortfall is no fault of a plan: it is told in Plan.Quotas.
type Quota struct {
	Group string `json:"group"`           // as in Candidate.Groups: "team ranking", "source ai"
	Unit  string `json:"unit"`            // GPUHour, BucketWeek or Start
	Least int64  `json:"least,omitempty"` // 0 asks for nothing
	Most  *int64 `json:"most,omitempty"`  // nil: no limit
}

// Options limits the effort of Solve by counts, so that the same problem always gets
// the same plan; a limit of time is the deadline of its context. The zero value is a
// good default.
type Options struct {
	// Effort is how many options the improvement of the plan may try to place; 0 means
	// 2,000 for every option, at most [DefaultEffort]: a few seconds on one core. Negative
	// means none: the plan is then the best of the greedy ones.
	Effort int
	// Gap ends the work as soon as the plan's Gap is at most this.
	Gap float64
	// Seed steers the random part of the improvement.
	Seed uint64
	// Unit follows every value in the texts of reasons, for example "M€/year".
	Unit string
	// Exact finds the best plan where the prices leave no more than so many options open
	// (0 means 1,000), and proves it; nil: none. If the context has a deadline it may take
	// most of the time that is left then, and otherwise its work is counted too: at most
	// Work at a time, in its own units (0 means 20,000), and less of it where more than
	// 1,000 are open, since there is little hope of a proof.
	Exact mip.Solver
	Open  int
	Work  int64
	// Former is the plan of a problem that differs little, or nil. Its prices are where
	// the search for tonight's begins, and its choices, as far as they are still options
	// and fit, are one of the first plans: a warm start costs less and proves as much.
	Former *Plan
}

// DefaultEffort is the most that an Effort of 0 stands for.
const DefaultEffort = 16_000_000

func (l Layer) name() string { return l.Segment + "/" + l.Name }

// end is the first week after the option.
func (o Option) end() int { return o.Start + o.Weeks }

// bucketsIn is how many buckets the option keeps in a week: all until its end, then
// those of its treatment, the smaller half, until they have rested.
func (o Option) bucketsIn(week int) int {
	switch {
	case week < o.Start || week >= o.end()+o.Cool:
		return 0
	case week < o.end():
		return o.Buckets
	}
	return o.Buckets / 2
}
