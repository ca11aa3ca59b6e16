package power

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
	"github.com/assay-planner/assay/stats/internal/words"
)

// Sizing is a design with all of its numbers: what was asked for and what follows.
// Users are of one arm, and every treatment arm has as many.
type Sizing struct {
	// Control and Treatment are users per arm, before rounding up; ControlUsers and
	// TreatmentUsers are the users to recruit, of whole clusters if there are
	// clusters, and TotalUsers those of all arms.
	Control        float64 `json:"control"`
	Treatment      float64 `json:"treatment"`
	ControlUsers   int     `json:"control_users"`
	TreatmentUsers int     `json:"treatment_users"`
	TotalUsers     int     `json:"total_users"`
	// ControlClusters and TreatmentClusters are 0 if users are randomised.
	ControlClusters   int `json:"control_clusters,omitempty"`
	TreatmentClusters int `json:"treatment_clusters,omitempty"`

	// MDE is the effect to detect, in the metric's unit, and RelativeMDE its fraction
	// of |baseline|, 0 if that is 0; Margin and RelativeMargin likewise.
	MDE            float64 `json:"mde"`
	RelativeMDE    float64 `json:"relative_mde"`
	Margin         float64 `json:"margin,omitempty"`
	RelativeMargin float64 `json:"relative_margin,omitempty"`
	// SE is the standard error of the difference of a treatment and control at the
	// unrounded sizes if the true effect is the MDE, clusters, covariate and population
	// included, in the metric's unit; RelativeSE is its fraction of |baseline|, 0 if
	// that is 0. If Test is Lift, RelativeSE is that of the relative lift, in which
	// the control mean's own error counts, and SE is that times |baseline|.
	SE         float64 `json:"se"`
	RelativeSE float64 `json:"relative_se"`

	// Alpha is the type I error, of both sides and all arms together, or of each arm
	// if Correction is none. Critical is
	// what the statistic of an arm must exceed; of the first step if by Holm.
	Alpha    float64 `json:"alpha"`
	Critical float64 `json:"critical"`
	// Power is the probability that a given arm is significant if the true effect of
	// every treatment is the MDE; AnyPower and AllPower that at least one arm is,
	// and that all are; both 0 where looks leave them unknown. Whether the wrong sign
	// counts, Strict says.
	Power    float64 `json:"power"`
	AnyPower float64 `json:"any_power,omitempty"`
	AllPower float64 `json:"all_power,omitempty"`

	DesignEffect float64  `json:"design_effect"`                // of clusters and covariate on the variance: 1 without them
	DF           float64  `json:"degrees_of_freedom,omitempty"` // of the t distribution; 0 if normal
	Warnings     []string `json:"warnings,omitempty"`
}

// sizing works out all numbers of a plan.
func (p plan) sizing() (Sizing, error) {
	d, n := p.Design, p.control
	most := n * max(1, d.Allocation) * float64(d.Treatments+1)
	if err := input.Check(most < math.MaxInt64/4, "MDE", d.MDE, "no population is that large: raise MDE or lower Power"); err != nil {
		return Sizing{}, err
	}
	s := Sizing{Control: n, Treatment: n * d.Allocation, MDE: p.effect, Margin: p.margin, Alpha: d.Alpha, DesignEffect: p.inflation * p.inflation}
	s.recruit(d)
	root := math.Sqrt(p.information())
	s.SE = p.contrast.se.unit(d.Allocation) * p.inflation / root
	if b := math.Abs(d.Metric.baseline()); b != 0 {
		s.RelativeMDE, s.RelativeSE, s.RelativeMargin = p.effect/b, s.SE/b, p.margin/b
	}
	if df := p.df(); !math.IsInf(df, 1) {
		s.DF = df
	}
	thresholds := p.thresholds()
	s.Critical = thresholds[0]
	o := p.powers(thresholds)
	s.Power, s.AnyPower, s.AllPower = o.one, o.any, o.all
	s.Warnings = p.warnings(s)
	return s, input.First(input.Finite("MDE", s.RelativeMDE), input.Finite("Margin", s.RelativeMargin), input.Finite("Metric.SD", s.RelativeSE))
}

// recruit rounds up, to whole clusters first if there are any.
func (s *Sizing) recruit(d Design) {
	s.ControlUsers, s.TreatmentUsers = up(s.Control), up(s.Treatment)
	if d.Cluster != (Cluster{}) {
		s.ControlClusters, s.TreatmentClusters = up(s.Control/d.Cluster.Size), up(s.Treatment/d.Cluster.Size)
		s.ControlUsers = up(float64(s.ControlClusters) * d.Cluster.Size)
		s.TreatmentUsers = up(float64(s.TreatmentClusters) * d.Cluster.Size)
	}
	s.TotalUsers = s.ControlUsers + d.Treatments*s.TreatmentUsers
}

// up rounds up, but takes 100.00000000000001, a rounding error, for 100.
func up(x float64) int { return int(math.Ceil(x * (1 - 1e-13))) }

// warnings says where the formulas, not the input, reach their limits.
func (p plan) warnings(s Sizing) (said []string) {
	d := p.Design
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	fewest := min(s.Control, s.Treatment)
	events := min(d.Metric.events(s.Control, 0), d.Metric.events(s.Treatment, p.effect))
	if events < 10 {
		say("only %s events (or users without one) are expected in an arm: the normal approximation is rough below 10", words.Count(events))
	}
	if clusters := fewest / d.Cluster.Size; d.Cluster.Size > 0 && clusters < 20 && d.Reference == Normal {
		say("clusters in an arm: %s, and below 20 the normal distribution promises too much: use Reference t", words.Count(clusters))
	}
	if rounded := float64(s.ControlUsers); d.Cluster.Size > 0 && rounded > 1.1*s.Control {
		say("whole clusters need %.0f%% more users in control than the formula", 100*(rounded/s.Control-1))
	}
	if d.Cluster == (Cluster{}) && fewest < 30 && d.Reference == Normal && math.IsInf(events, 1) {
		say("users in an arm: %s, and below 30 the normal distribution promises too much: use Reference t", words.Count(fewest))
	}
	if d.Test == Lift && math.Abs(s.RelativeMDE) > 0.1 {
		say("a lift of %s is large for the delta method: its power is off by that order", words.Lift(s.RelativeMDE))
	}
	if b := math.Abs(d.Metric.baseline()); d.Test == Lift && p.contrast.se.control*p.inflation/math.Sqrt(p.information()) > 0.1*b {
		say("the control mean is known to worse than 10%%: the delta method for the lift is rough")
	}
	if p.margin > 0 && p.direction*p.effect > 0 {
		better := fmt.Sprintf("%.3g", math.Abs(p.effect))
		if d.Relative {
			better = words.Share(math.Abs(s.RelativeMDE))
		}
		say("the size takes the treatment to be truly better by %s: if it only equals control, the power is lower", better)
	}
	if plain := p.information(); plain > 1.05*p.control {
		say("control counts as %s users for the finite population, if their effects differ as much as they can; with the same effect for all it needs so many", words.Count(plain))
	}
	if d.Population > 0 && float64(s.TotalUsers) > d.Population {
		say("rounded up, the arms need more than the population of %s", words.Count(d.Population))
	}
	return said
}
