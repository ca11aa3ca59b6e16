package allocator

import "math"

// Plan is what to run, with its proof: no plan at all is worth more than Bound.
type Plan struct {
	Value float64 `json:"value"` // sum of the values of the chosen options
	Bound float64 `json:"bound"` // no feasible plan is worth more
	// With quotas: no plan that falls short of all Leasts by no more in sum than this one
	// does, so no better one; see [Quota].
	// Gap is (Bound − Value)/Value: 0.002 means that at most 0.2% is left on the
	// table. It is 0 if both are 0, and Unproved if Value is 0 and Bound is not.
	Gap float64 `json:"gap"`
	// Optimal: it is proved, to one part in 10⁹, that no plan falls short of quotas by less,
	// or is worth more and falls short by as much.
	Optimal bool     `json:"optimal"`
	Cut     bool     `json:"cut,omitempty"`    // the work was ended, by time or by hand, before it was done
	Choices []Choice `json:"choices"`          // the chosen ones, ordered by candidate
	Reasons []Reason `json:"reasons"`          // one for every candidate, ordered by candidate
	Quotas  []Share  `json:"quotas,omitempty"` // one for each quota of the problem, ordered by group and unit
	Prices  []Price  `json:"prices"`           // one for each pool and week, then each layer and week, ordered by name and week
}

// Unproved is the Gap of a plan worth nothing under a bound above 0: larger than
// any tolerance, and unlike infinity it survives JSON.
const Unproved = math.MaxFloat64

// Choice is one experiment of the plan. Besides the option's place in the problem
// it repeats the option's own words, so that a plan can be read alone.
type Choice struct {
	Candidate string  `json:"candidate"`
	Option    int     `json:"option"` // index into Candidate.Options as given
	Design    string  `json:"design"`
	Start     int     `json:"start"`
	Weeks     int     `json:"weeks"`
	Value     float64 `json:"value"`
	Segment   string  `json:"segment,omitempty"` // empty if it needs no users
	Layer     string  `json:"layer,omitempty"`
	Cohort    []Range `json:"cohort,omitempty"` // disjoint, ascending; together Option.Buckets buckets
}

// Price is the shadow price of one capacity in one week: about what the plan would
// gain from one more unit, and what an option has to earn for each unit it takes.
type Price struct {
	Name     string  `json:"name"` // the pool's name, or segment/layer
	Unit     string  `json:"unit"` // GPUHour or Bucket
	Week     int     `json:"week"`
	Capacity int64   `json:"capacity"` // free for this plan, after what running work holds
	Used     int64   `json:"used"`
	Price    float64 `json:"price"` // value per unit, ≥ 0; 0 where the relaxation, which takes options in parts, leaves room
}

// Share is what a group of candidates has of a quota.
type Share struct {
	Group string `json:"group"`
	Unit  string `json:"unit"`
	Least int64  `json:"least,omitempty"`
	Most  *int64 `json:"most,omitempty"`
	Used  int64  `json:"used"`
	Short int64  `json:"short,omitempty"` // by how much Used is less than Least
	// Price is about what the plan would gain if Most were one unit more, and Cost what it
	// would gain if Least were one unit less.
	Price float64 `json:"price"`
	Cost  float64 `json:"cost"`
}

// Units of capacity, in Price and Need, and of quotas.
const (
	GPUHour    = "GPU-hour"    // of any pool, where it is a quota's
	Bucket     = "bucket"      // of a layer, in one week
	BucketWeek = "bucket-week" // of any layer, as long as it is kept, the rest after the end included
	Start      = "start"       // a chosen candidate
)

// ReasonKind says in one word why a candidate is in the plan or not. The kinds
// stand in their order of precedence: a candidate gets the first that applies.
type ReasonKind string

const (
	// Chosen: it is in the plan.
	Chosen ReasonKind = "chosen"
	// Infeasible: none of its options would fit even if it were alone.
	Infeasible ReasonKind = "infeasible"
	// Prerequisite: what it requires is not in the problem, not chosen, or ends too late.
	Prerequisite ReasonKind = "prerequisite"
	// NoValue: no option that fits is worth more than doing nothing.
	NoValue ReasonKind = "no_value"
	// Conflict: all of its options, or all that pay, meet the users of a chosen one.
	Conflict ReasonKind = "conflict"
	// Outpriced: none of its options pays; what it needs earns more elsewhere.
	Outpriced ReasonKind = "outpriced"
	// OverQuota: it pays for its capacity, but a group of it has no more of its quota, or
	// better use for it.
	OverQuota ReasonKind = "quota"
	// NoRoom: it pays at tonight's prices, yet no whole place was left for it. This is
	// what remains between the plan and its bound, and may include what a better plan
	// would have found room for.
	NoRoom ReasonKind = "no_room"
)

// Reason explains one candidate in words, and in fields for programs.
type Reason struct {
	Candidate string     `json:"candidate"`
	Kind      ReasonKind `json:"kind"`
	Text      string     `json:"text"`   // for logs and simple callers; one with words of its own uses the other fields
	Option    int        `json:"option"` // the option spoken of: the chosen or the best one; −1 if none
	Value     float64    `json:"value"`  // of that option
	Cost      float64    `json:"cost"`   // what it takes, at tonight's prices
	// Margin is, for a chosen one, Value − Cost less that of its next best option
	// (or of doing nothing, worth 0); for the others, Value − Cost: a shortfall if negative.
	Margin   float64  `json:"margin"`
	Blocking []Need   `json:"blocking,omitempty"` // the capacities that keep it out, by name and week
	Others   []string `json:"others,omitempty"`   // candidates in its way, or for a chosen one those that require it
}

// Need is what an option takes of one capacity in one week.
type Need struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Week  int     `json:"week"`
	Needs int64   `json:"needs"`
	Free  int64   `json:"free"`  // Infeasible: the whole capacity; otherwise what the plan leaves over
	Price float64 `json:"price"` // per unit
	// Quota says that Name is a group, and the need one of its quota; Week is 0.
	Quota bool `json:"quota,omitempty"`
}
