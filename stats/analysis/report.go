package analysis

import (
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/anytime"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/health"
	"github.com/assay-planner/assay/stats/multiple"
	"github.com/assay-planner/assay/stats/sequential"
)

// Report is what a test says.
type Report struct {
	Test   string        `json:"test"`
	Level  float64       `json:"level"` // of all intervals; 1 − Level is the α of all decisions
	Sides  stats.Sides   `json:"sides"`
	Days   Days          `json:"days,omitempty"` // how days added up; empty: the rows have none
	Arms   []ArmUsers    `json:"arms"`
	Status health.Status `json:"status"` // the worst of Findings
	// Findings are of the whole test, or of one metric and treatment.
	Findings    []Finding    `json:"findings"`
	Family      Family       `json:"family"`
	Comparisons []Comparison `json:"comparisons"` // by metric, then treatment
	Best        []Best       `json:"best"`        // by metric, of two or more treatments and with a prior
	Warnings    []string     `json:"warnings,omitempty"`
}

// ArmUsers is one arm with the users that the metric with the most users has.
type ArmUsers struct {
	Name    string  `json:"name"`
	Control bool    `json:"control"`
	Users   int     `json:"users"`
	Share   float64 `json:"share"`   // of the users of all arms
	Planned float64 `json:"planned"` // the share that was planned
}

// Finding is a check of the test's health.
type Finding struct {
	Metric    string `json:"metric,omitempty"` // empty: the whole test
	Treatment string `json:"treatment,omitempty"`
	health.Finding
}

// Family is the comparisons that count together.
type Family struct {
	Correction multiple.Correction `json:"correction"`
	Size       int                 `json:"size"`  // metrics × treatments without guardrails and without those that have no answer
	Alpha      float64             `json:"alpha"` // of the family's error rate
	Promise    string              `json:"promise"`
}

// Comparison is one treatment against the control on one metric.
type Comparison struct {
	Metric        string  `json:"metric"`
	Treatment     string  `json:"treatment"`
	Control       string  `json:"control"`
	Kind          Kind    `json:"kind"`
	Quantile      float64 `json:"quantile,omitempty"`
	LowerIsBetter bool    `json:"lower_is_better,omitempty"`
	// Result is what is decided by; nil if Problem says why there is none.
	Result  *effect.Result `json:"result"`
	Problem string         `json:"problem,omitempty"`
	// Covariates is nil where none were used.
	Covariates *Covariates `json:"covariates,omitempty"`

	P           float64  `json:"p"`           // of the sides asked for, as if looked at once
	AdjustedP   *float64 `json:"adjusted_p"`  // over the family; nil for a guardrail, and while a plan's looks go on
	Established bool     `json:"established"` // AdjustedP ≤ 1 − level, or the guardrail holds
	Better      bool     `json:"better"`      // the estimate is on the good side
	Guardrail   *Guard   `json:"guardrail,omitempty"`
	Posterior   *Belief  `json:"posterior,omitempty"`
	Course      *Course  `json:"course,omitempty"`     // by day, unless a plan was given
	Sequential  *Looks   `json:"sequential,omitempty"` // with a plan
	Segments    []Split  `json:"segments,omitempty"`
	Verdict     string   `json:"verdict"`
	Warnings    []string `json:"warnings,omitempty"`
}

// Covariates is what adjustment for covariates did.
type Covariates struct {
	Adjustment effect.Adjustment `json:"adjustment"`
	Unadjusted effect.Result     `json:"unadjusted"`
	// VarianceSaved is 1 − (SE adjusted/SE unadjusted)² of the difference, a fraction;
	// negative where covariates cost more than they explain.
	VarianceSaved float64   `json:"variance_saved"`
	Correlation   float64   `json:"correlation"`
	Slopes        []float64 `json:"slopes"` // of the treatment's line
}

// Guard is a test of "not worse by Margin".
type Guard struct {
	Margin float64 `json:"margin"`          // relative, a fraction
	P      float64 `json:"p"`               // one-sided, against "worse by less than Margin"; 1 while a plan's looks go on
	Holds  bool    `json:"holds"`           // P ≤ (1 − level)/2
	Broken bool    `json:"broken"`          // it is established that it is worse by more than Margin
	Look   int     `json:"look,omitempty"`  // with a plan: the look that decided, or the last so far
	Looks  int     `json:"looks,omitempty"` // with a plan: those so far and those to come
}

// Belief is the posterior of the true relative lift under the prior.
type Belief struct {
	Mean         float64        `json:"mean"`
	SD           float64        `json:"sd"`
	ProbPositive float64        `json:"prob_positive"` // P(lift > 0)
	ProbBetter   float64        `json:"prob_better"`   // the same, or P(lift < 0) where lower is better
	Interval     stats.Interval `json:"interval"`      // equal-tailed credible interval
	// Loss is the expected loss of choosing the treatment, E[max(0, harm)], and
	// LossControl that of staying with the control; relative, fractions.
	Loss        float64 `json:"expected_loss"`
	LossControl float64 `json:"expected_loss_control"`
}

// Best is which arm of several to choose on a metric.
type Best struct {
	Metric string     `json:"metric"`
	Arms   []BestOdds `json:"arms"` // the control first
}

// BestOdds is an arm's probability of being best, and what choosing it is expected
// to cost against knowing the best, as a relative lift.
type BestOdds struct {
	Arm          string  `json:"arm"`
	ProbBest     float64 `json:"prob_best"`
	ExpectedLoss float64 `json:"expected_loss"`
}

// Course is the relative lift by day, always with everybody up to then.
type Course struct {
	Day     []float64      `json:"day"` // of each step
	Monitor anytime.Result `json:"monitor"`
}

// Looks are the looks of a group-sequential plan that the days reached.
type Looks struct {
	PlannedUsers int            `json:"planned_users"`
	Users        int            `json:"users"` // of all arms, so far
	Plan         []PlannedLook  `json:"plan"`
	Looks        []ObservedLook `json:"looks"`
	// Verdict and Inference are nil before the first look, and for a guardrail, which
	// has its margin tested at these looks: see Guard.
	Verdict   *sequential.Verdict   `json:"verdict"`
	Inference *sequential.Inference `json:"inference"`
}

// PlannedLook is when the plan looks.
type PlannedLook struct {
	Information float64 `json:"information"` // users over planned users
	Efficacy    float64 `json:"efficacy"`    // critical z; 0 if the look cannot stop the test
}

// ObservedLook is the relative lift at a look.
type ObservedLook struct {
	Day         float64 `json:"day"` // 0: rows have no days
	Users       int     `json:"users"`
	Information float64 `json:"information"`
	stats.Estimate
}

// Split is a metric by the segments of one dimension.
type Split struct {
	Dimension string `json:"dimension"`
	// Adjusted are the segments whose arms are adjusted for their covariates, by
	// Adjustment; empty: none.
	Adjusted   []string          `json:"adjusted,omitempty"`
	Adjustment effect.Adjustment `json:"adjustment,omitempty"`
	effect.Segments
}
