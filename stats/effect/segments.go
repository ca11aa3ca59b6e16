package effect

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// Segment is both arms of a test among the users of one segment, defined by
// something that was settled before the treatment.
type Segment struct {
	Name      string `json:"name"`
	Treatment Arm    `json:"treatment"`
	Control   Arm    `json:"control"`
	// Covariance of the two means and DF, the degrees of freedom of their
	// difference, are those of an Adjusted, if the arms are. Both 0: independent
	// arms with Options' degrees of freedom.
	Covariance float64 `json:"covariance,omitempty"`
	DF         float64 `json:"df,omitempty"`
}

// adjusted reports whether the arms are adjusted for covariates.
func (s Segment) adjusted() bool { return s.Covariance != 0 || s.DF != 0 }

// Segments is one metric by segment.
type Segments struct {
	Segments []SegmentResult `json:"segments"` // in the order given
	// Together compares the arms as if there were no segments.
	Together Result `json:"together"`
	// PostStratified weighs the segments' means by their users, the same in
	// both arms.
	PostStratified Result `json:"post_stratified"`
	// Difference and Lift say whether segments differ in their absolute and in
	// their relative effects, among the segments in which users differ; Lift is
	// nil if one of them has none.
	Difference Heterogeneity  `json:"difference"`
	Lift       *Heterogeneity `json:"lift"`
	Warnings   []string       `json:"warnings,omitempty"`
}

// SegmentResult is the effect in one segment.
type SegmentResult struct {
	Name string `json:"name"`
	Result
}

// CompareSegments compares treatment and control within each of two or more
// disjoint segments that together are all users of the test, and overall:
//
//	post-stratified mean of an arm = Σ w_s ȳ_as      w_s = (n_ts + n_cs)/n
//	its squared SE                 = Σ w_s² s_as²/n_as
//	covariance of the two          = Σ w_s² Covariance_s
//
// which removes what the segments explain of the variance, and any difference of the
// arms in their mix of segments. Its degrees of freedom are Satterthwaite's. As
// the weights count as known, the answer is for these segment sizes. A segment in
// which neither arm varies has P 1, an interval of All and a warning, and so has
// the post-stratified effect if no segment varies. Together weighs means, variances and
// covariances by the users of its own arm, n_as/n_a.
//
// If the arms have different mixes, the effect of all users together can
// have the opposite sign of the effects within segments (Simpson's paradox): a
// warning. The p-values are those of each segment alone; with many segments some
// are small by chance, and correcting for that is the caller's part.
//
// Sources: Miratrix, Sekhon & Yu (2013), JRSS B 75:369–396; Cochran (1954),
// Biometrics 10:101–129; Higgins & Thompson (2002), Statistics in Medicine
// 21:1539–1558.
func CompareSegments(segments []Segment, o Options) (Segments, error) {
	if err := input.Check(len(segments) >= 2, "segments", float64(len(segments)), "needs at least 2"); err != nil {
		return Segments{}, err
	}
	o, err := o.filled(ofMeans, ofLifts)
	if err != nil {
		return Segments{}, err
	}
	var s Segments
	var all [2]Moments
	covariance := 0.0 // Σ n_ts n_cs Covariance_s
	for i, g := range segments {
		r, err := g.compare(o)
		if err != nil {
			return Segments{}, within(fmt.Sprintf("segments[%d]", i), err)
		}
		s.Segments = append(s.Segments, SegmentResult{g.Name, r})
		covariance += float64(g.Treatment.N) * g.Covariance * float64(g.Control.N)
		for a, arm := range [2]Arm{g.Treatment, g.Control} {
			if err := all[a].merge(arm.moments()); err != nil {
				return Segments{}, within(fmt.Sprintf("segments[%d]", i), err)
			}
		}
	}
	together := Segment{Treatment: all[0].arm(0), Control: all[1].arm(0), Covariance: covariance / float64(all[0].N) / float64(all[1].N)}
	if s.Together, err = together.whole(o); err != nil {
		return Segments{}, err
	}
	if s.PostStratified, err = postStratify(segments, o); err != nil {
		return Segments{}, err
	}
	if err := s.heterogeneity(); err != nil {
		return Segments{}, err
	}
	s.paradox()
	return s, nil
}

// whole is Compare, of all segments together.
func (s Segment) whole(o Options) (Result, error) {
	if !s.adjusted() {
		return Compare(s.Treatment, s.Control, o)
	}
	_, _, df, err := welch(s.Treatment, s.Control)
	if s.DF = df; err != nil {
		return Result{}, err
	}
	return s.compare(o)
}

// compare is Compare, but a segment in which nobody differs, of which a test has
// some, does not fail the others.
func (s Segment) compare(o Options) (Result, error) {
	if s.Treatment.check("") == nil && s.Control.check("") == nil && s.Treatment.meanSE() == 0 && s.Control.meanSE() == 0 {
		return untested(s.Treatment, s.Control, o, "neither arm varies: there is nothing to test"), nil
	}
	if s.adjusted() {
		if o.Difference == PooledT {
			o.Difference = WelchT // its variances are pooled already, or are not to be
		}
		if err := input.First(s.Treatment.check("treatment"), s.Control.check("control")); err != nil {
			return Result{}, err
		}
		return Adjusted{Treatment: s.Treatment, Control: s.Control, Covariance: s.Covariance, DF: s.DF}.Compare(o)
	}
	return Compare(s.Treatment, s.Control, o)
}

// untested is a comparison that excludes nothing, with the reason.
func untested(treatment, control Arm, o Options, reason string) Result {
	r := Result{Treatment: treatment, Control: control, Options: o, P: 1, PGreater: 1, PLess: 1, Warnings: []string{reason}}
	r.Difference = Effect{Value: treatment.Mean - control.Mean, Interval: between(math.Inf(-1), math.Inf(1), o.Level)}
	return r
}

func (a Arm) moments() Moments {
	return Moments{N: a.N, Means: []float64{a.Mean}, Products: []float64{a.Variance * float64(a.N-1)}}
}

// within puts the place of an error before its field.
func within(place string, err error) error {
	if e, ok := err.(*input.Error); ok {
		return &input.Error{Field: place + "." + e.Field, Value: e.Value, Reason: e.Reason}
	}
	return err
}

func postStratify(segments []Segment, o Options) (Result, error) {
	if o.Difference == PooledT {
		o.Difference = WelchT // each segment and arm has its own variance here
	}
	users, p, spread := 0.0, pair{}, 0.0
	for _, s := range segments {
		users += float64(s.Treatment.N) + float64(s.Control.N)
	}
	add := func(to *Arm, variance *float64, from Arm, weight float64) float64 {
		to.N += from.N
		to.Mean += weight * from.Mean
		v := weight * weight * from.Variance / float64(from.N)
		*variance += v
		return v
	}
	for _, s := range segments {
		weight := (float64(s.Treatment.N) + float64(s.Control.N)) / users
		vt := add(&p.treatment, &p.vt, s.Treatment, weight)
		vc := add(&p.control, &p.vc, s.Control, weight)
		cov := weight * weight * s.Covariance
		p.cov += cov
		if s.DF > 0 {
			spread += (vt + vc - 2*cov) * (vt + vc - 2*cov) / s.DF
		} else {
			spread += vt*vt/float64(s.Treatment.N-1) + vc*vc/float64(s.Control.N-1)
		}
	}
	p.treatment.Variance, p.control.Variance = p.vt*float64(p.treatment.N), p.vc*float64(p.control.N)
	if p.se = math.Sqrt(math.Max(0, p.vt+p.vc-2*p.cov)); p.se == 0 {
		return untested(p.treatment, p.control, o, "no arm varies within any segment: there is nothing to test"), nil
	}
	// Where fourth powers leave the range of floats, the normal does as well.
	if p.df = p.se * p.se * p.se * p.se / spread; o.Difference == NormalZ || !(p.df > 0) || math.IsInf(p.df, 0) {
		p.df = 0
	}
	return p.answer(o)
}

// paradox warns where taking all users together turns the effect around.
func (s *Segments) paradox() {
	together := s.Together.Difference.Value
	against := 0
	for _, r := range s.Segments {
		if r.Difference.Value*together < 0 {
			against++
		}
	}
	switch {
	case against == len(s.Segments):
		s.Warnings = append(s.Warnings, "Simpson's paradox: the effect in every segment has the opposite sign of that of all users together; the arms differ in their mix of segments")
	case s.PostStratified.Difference.Value*together < 0 && s.PostStratified.Significant:
		s.Warnings = append(s.Warnings, "the post-stratified effect is significant and has the opposite sign of that of all users together: the arms differ in their mix of segments")
	}
}
