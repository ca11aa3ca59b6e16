package planner

import (
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner/forecast"
	"github.com/assay-planner/assay/stats"
)

// Forecast is the predictive distribution of one hypothesis's true relative
// lift on its target metric, before any test of it.
type Forecast struct {
	Metric       string  `json:"metric"`
	Mean         float64 `json:"mean"`
	SD           float64 `json:"sd"`
	Q05          float64 `json:"q05"` // quantiles: with probability 5% the lift is below this
	Low          float64 `json:"q10"` // with High an 80% interval
	Q25          float64 `json:"q25"`
	Median       float64 `json:"q50"`
	Q75          float64 `json:"q75"`
	High         float64 `json:"q90"`
	Q95          float64 `json:"q95"`
	ProbPositive float64 `json:"prob_positive"`       // P(lift > 0)
	Least        float64 `json:"worth_shipping"`      // the smallest lift worth shipping, see Policy
	ProbLeast    float64 `json:"prob_worth_shipping"` // P(lift > the smallest worth shipping)
	// Breach is how likely the idea harms its guardrails; nil if it has none.
	Breach *Breach `json:"guardrail_breach,omitempty"`
	// Evidence is how many past effects, measured as precisely as is usual, would pin the
	// mean as well as all that is known does.
	Evidence float64 `json:"evidence"`
	// Scale is how large effects of such ideas are beside those of others, in either direction.
	Scale   float64  `json:"scale"`
	Drivers []Driver `json:"drivers,omitempty"` // what moved the mean, largest first; they add up to it
	Group   string   `json:"group"`             // surface/source, and how many
	Effects int      `json:"effects"`           // past effects there are of it
}

// Breach is how likely an idea worsens a guardrail by more than its margin.
type Breach struct {
	Each map[string]float64 `json:"each"` // by metric
	Any  float64            `json:"any"`
	// AnyGivenGain is P(any | lift > 0): what a test that wins is likely to hide.
	AnyGivenGain float64  `json:"any_given_gain"`
	Unknown      []string `json:"unknown,omitempty"` // guardrails that no past experiment measured
}

// Driver is one feature of an idea and how it moves the forecast's mean.
type Driver = forecast.Driver

// Design is one way to test a hypothesis, with what it costs and is worth.
type Design struct {
	Name     string    `json:"name"` // "5% × 2 weeks"
	Share    float64   `json:"share"`
	Buckets  int       `json:"buckets"` // both arms together: of 10,000, and of the layer's in a Start
	Weeks    int       `json:"weeks"`
	UsersPer float64   `json:"users_per_arm"`
	SE       float64   `json:"se"`        // standard error of the relative lift it will measure
	MDE      float64   `json:"mde"`       // relative lift that it detects with 80% power at 5%, two-sided
	ProbShip float64   `json:"prob_ship"` // that the result ships
	Gain     float64   `json:"gain"`      // expected, over the policy's gain years, if it starts tonight; in currency
	Cost     float64   `json:"cost"`      // compute and cohort, in currency
	GPUHours []float64 `json:"gpu_hours"` // reserved in each week from its start; whole hours
	Pool     string    `json:"pool,omitempty"`
	CoolDown int       `json:"cool_down_weeks,omitempty"` // for which its treatment's buckets rest, whatever it measures
	Ramp     []Stage   `json:"ramp,omitempty"`            // how it comes to all of its buckets; none: at once
	// Late is by how many days it is shorter than its weeks, since it begins within a week
	// and ends with one; a part of a day counts as one.
	Late int `json:"late_days,omitempty"`
}

// Start is one hypothesis's place in a plan, chosen or foreseen.
type Start struct {
	Hypothesis string            `json:"hypothesis"`
	Experiment string            `json:"experiment"` // id under which its outcomes must come back
	Design     Design            `json:"design"`
	Week       int               `json:"week"` // 0 is tonight: firm; later weeks are a forecast, announced by the plan
	From       time.Time         `json:"from"`
	Until      time.Time         `json:"until"`
	Segment    string            `json:"segment"`
	Layer      string            `json:"layer"`
	Salt       string            `json:"salt,omitempty"`       // of the layer's hash
	Of         int               `json:"of_buckets,omitempty"` // that the layer has
	Control    []allocator.Range `json:"control"`              // buckets of the control arm
	Treatment  []allocator.Range `json:"treatment"`            // buckets of the treatment arm
	Value      float64           `json:"value"`                // in the policy's currency
}

// Entry is what a plan says of one hypothesis of the backlog.
type Entry struct {
	Rank       int      `json:"rank"` // 1 is the most valuable use of scarce capacity
	Hypothesis string   `json:"hypothesis"`
	Title      string   `json:"title"`
	Surface    string   `json:"surface"`
	Component  string   `json:"component"`
	Source     Source   `json:"source"`
	Generator  string   `json:"generator,omitempty"`
	Team       string   `json:"team,omitempty"`
	Status     Status   `json:"status"`
	ICE        float64  `json:"ice"`
	Forecast   Forecast `json:"forecast"`
	Best       *Design  `json:"best_design,omitempty"` // the most valuable design if it were alone; nil when none can run
	Value      float64  `json:"value"`                 // of that design if it starts tonight, before prices
	Price      float64  `json:"price"`                 // what its place, or the best it could bid for, costs at tonight's prices
	Density    float64  `json:"density"`               // value of that place per unit of its price, see ranked; rank goes by it
	Start      *Start   `json:"start,omitempty"`       // set when chosen
	ReasonKind string   `json:"reason_kind"`
	Reason     string   `json:"reason"`
}

// Use is one capacity in one week: what there is, what running work keeps
// and what rests, what the plan uses, and the price of one more unit.
type Use struct {
	Name     string  `json:"name"` // pool, or segment/layer
	Unit     string  `json:"unit"` // GPU-hour or bucket
	Week     int     `json:"week"`
	Capacity float64 `json:"capacity"`
	Held     float64 `json:"held"`
	Resting  float64 `json:"resting,omitempty"` // part of Held: buckets that rest from a past treatment
	Planned  float64 `json:"planned"`
	Price    float64 `json:"price"` // currency per unit
}

// AllHeld reports whether running work holds all that there is. Nothing is for
// sale then, and a price of 0 does not mean that there is room.
func (u Use) AllHeld() bool { return u.Capacity > 0 && u.Held >= u.Capacity }

// PriceEveryWeek returns what one more unit of a capacity, in every week of the
// plan, would add to it: the sum of its prices. A test spans several weeks, so
// how the sum is split over them can be arbitrary: all of it may sit in one.
func (p Plan) PriceEveryWeek(unit, name string) float64 {
	sum := 0.0
	for _, u := range p.Uses {
		if u.Unit == unit && u.Name == name {
			sum += u.Price
		}
	}
	return sum
}

// Noise is how much users vary on one metric of one surface; it sizes designs.
type Noise struct {
	Surface    string  `json:"surface"`
	Metric     string  `json:"metric"`
	RelativeSD float64 `json:"relative_sd"` // standard deviation of one user over the mean
	Effects    int     `json:"effects"`     // past effects behind it
}

// PriorFit is the fitted prior of one metric, kept with the plan so that any
// number in it can be recomputed.
type PriorFit struct {
	Metric string          `json:"metric"`
	Fit    stats.GroupsFit `json:"fit"` // by surface and source
	// Model is what forecasts come from; nil where past effects are few, or in the plan of
	// an earlier version. They come from Fit then.
	Model *forecast.Model `json:"model,omitempty"`
	// Warning says why nothing could be learned beyond Fit.
	Warning string `json:"warning,omitempty"`
	Texts   bool   `json:"texts,omitempty"` // it was learned from the texts of hypotheses too, not only titles
}

// Evidence states what a plan was made from.
type Evidence struct {
	Experiments int            `json:"experiments"`
	Effects     int            `json:"effects"`
	Usable      int            `json:"usable"`
	Screened    map[string]int `json:"screened"` // why the rest was not used
	Digest      string         `json:"digest"`   // of all inputs: same digest and time, same plan
}

// Plan is one night's answer for a horizon of weeks.
type Plan struct {
	ID       string         `json:"id"` // the night, e.g. 2026-11-23T02:00Z
	At       time.Time      `json:"at"`
	Weeks    int            `json:"weeks"`
	NextWeek time.Time      `json:"next_week,omitzero"` // when week 1 begins, unless that is a week after At
	Currency string         `json:"currency"`
	ShipRule ShipRule       `json:"ship_rule"`
	Value    float64        `json:"value"`             // expected net gain of the chosen designs
	Bound    float64        `json:"bound"`             // no plan can be worth more
	Gap      float64        `json:"gap"`               // (bound − value) / value
	Optimal  bool           `json:"optimal,omitempty"` // proved: no plan is better
	Cut      bool           `json:"cut,omitempty"`     // the time limit ended the allocation before it was done
	Uses     []Use          `json:"uses"`
	Quotas   []QuotaUse     `json:"quotas,omitempty"`  // as the policy has them
	Entries  []Entry        `json:"entries"`           // every hypothesis of the backlog, by rank
	Running  []Start        `json:"running"`           // what earlier nights started and still holds capacity
	Resting  []Rest         `json:"resting,omitempty"` // past treatments whose buckets nobody gets yet
	Layers   []Partition    `json:"layers"`            // how users are assigned from this plan on
	Priors   []PriorFit     `json:"priors"`
	Joint    forecast.Joint `json:"joint,omitzero"` // how true effects on different metrics go together
	Noise    []Noise        `json:"noise"`
	Evidence Evidence       `json:"evidence"`
	// Stability is what became of the starts that the plan before announced; nil if there
	// was none.
	Stability *Stability `json:"stability,omitempty"`
	// Backfill is set for a plan within the week that only gives away what has become free.
	Backfill *Backfill `json:"backfill,omitempty"`
}
