package health

import (
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/norm"
	"github.com/assay-planner/assay/stats/internal/words"
)

// Status is how much a finding matters.
type Status string

const (
	OK   Status = "ok"
	Warn Status = "warn" // read the result with this in mind
	Fail Status = "fail" // do not believe the result until this is mended
)

// Finding is one check of a test.
type Finding struct {
	Name    string   `json:"name"` // sample-ratio, aa, novelty, weekdays, outliers
	Status  Status   `json:"status"`
	P       *float64 `json:"p,omitempty"` // where the check is a test
	Message string   `json:"message"`
	WayOut  string   `json:"way_out,omitempty"` // what to do, unless the status is ok
}

// Report is all findings of a test.
type Report struct {
	Status   Status    `json:"status"` // the worst of the findings; ok if there are none
	Findings []Finding `json:"findings"`
}

// Experiment is what is known of a test. A part that is empty is not checked.
type Experiment struct {
	// Counts are users by look and arm, cumulative; Weights are the designed
	// shares. One look is tested by χ², more by the sequential test.
	Counts  [][]int
	Weights []float64
	// AA are p-values of A/A tests of the same metric and pipeline.
	AA []float64
	// Days are daily effects, at least 3; Novelty says how they hang together. If
	// they are relative lifts, Lifts has the messages write them in percent.
	Days    []Day
	Lifts   bool
	Novelty NoveltyOptions
	// Treatment and Control are users' totals, the largest first.
	Treatment, Control []Bin
}

// Check makes every check that the experiment has the data for, in the order
// sample-ratio, aa, novelty, weekdays, outliers. Statuses:
//
//	sample-ratio  fail: p < 0.001 (SampleRatioAlarm)                      warn: too few users for χ²: then p is exact, or always-valid
//	aa            fail: p < 0.001, with p = 3·the smallest of three tests  warn: p < 0.05
//	novelty       warn: the effect fades or grows (p < NoveltyOptions.Alpha)
//	weekdays      warn: p < 0.01, or the test is not whole weeks
//	outliers      fail: without one user an arm or ≤ 1% of users a significant effect (|z| > 1.96) flips
//	              warn: so few users carry over half of the variance
//
// An error names the part that has no answer, as its own function does.
func Check(e Experiment) (Report, error) {
	r := Report{Status: OK, Findings: []Finding{}}
	for _, check := range []func(Experiment) ([]Finding, error){sampleRatioFinding, aaFinding, noveltyFindings, outliersFinding} {
		found, err := check(e)
		if err != nil {
			return Report{}, err
		}
		r.Findings = append(r.Findings, found...)
	}
	for _, f := range r.Findings {
		if f.Status == Fail || f.Status == Warn && r.Status == OK {
			r.Status = f.Status
		}
	}
	return r, nil
}

func sampleRatioFinding(e Experiment) ([]Finding, error) {
	const wayOut = "find where users are lost or counted twice (redirects, bots, filters after assignment, logging of one arm) and run the test again; no correction saves it"
	if len(e.Counts) == 0 {
		return nil, nil
	}
	f := Finding{Name: "sample-ratio", Status: OK}
	var p float64
	var numbers string
	if len(e.Counts) == 1 {
		r, err := SampleRatio(e.Counts[0], e.Weights)
		if err != nil {
			return nil, err
		}
		p = r.p()
		numbers = fmt.Sprintf("χ² = %.4g (df %d), p = %.2g", r.ChiSquare, r.DF, p)
		if r.MinExpected < 5 {
			f.Status, f.WayOut = Warn, "wait for more users"
			numbers += "; " + r.Warnings[0]
		}
		if r.MinExpected < 5 && r.Exact == nil { // χ² may be too small by any factor
			s, err := SequentialSampleRatio(e.Counts, e.Weights, 0)
			if err != nil {
				return nil, err
			}
			p = s.P
			numbers += fmt.Sprintf(", so that the always-valid p = %.2g decides", p)
		}
	} else {
		r, err := SequentialSampleRatio(e.Counts, e.Weights, 0)
		if err != nil {
			return nil, err
		}
		p = r.P
		numbers = fmt.Sprintf("always-valid p = %.2g over %d looks", p, len(r.Looks))
		if r.AlarmAt > 0 {
			numbers += fmt.Sprintf(", below %g from look %d on", SampleRatioAlarm, r.AlarmAt)
		}
	}
	f.P, f.Message = &p, "users are split as designed: "+numbers
	if p < SampleRatioAlarm {
		f.Status, f.Message, f.WayOut = Fail, "users are not split as designed: "+numbers, wayOut
	}
	return []Finding{f}, nil
}

func aaFinding(e Experiment) ([]Finding, error) {
	if len(e.AA) == 0 {
		return nil, nil
	}
	r, err := AA(e.AA, AAOptions{})
	if err != nil {
		return nil, err
	}
	p := math.Min(1, 3*min(r.AndersonP, r.VarianceP, r.FalsePositivesP))
	f := Finding{Name: "aa", Status: OK, P: &p, Message: fmt.Sprintf(
		"%d A/A tests: %.3g%% false positives at %g%% (%.3g%% to %.3g%%); the variance is %.3g times the reported one (%.3g to %.3g)", r.Tests,
		100*r.Share, 100*r.Alpha, 100*r.ShareInterval.Low, 100*r.ShareInterval.High, r.VarianceFactor, r.VarianceInterval.Low, r.VarianceInterval.High)}
	if p < 0.05 {
		f.Status = Warn
		f.WayOut = "check that the analysis unit is the unit of randomisation, that users are not counted twice, and that ratios use the delta method"
	}
	if p < 0.001 {
		f.Status = Fail
	}
	return []Finding{f}, nil
}

func noveltyFindings(e Experiment) ([]Finding, error) {
	if len(e.Days) == 0 {
		return nil, nil
	}
	r, err := Novelty(e.Days, e.Novelty)
	if err != nil {
		return nil, err
	}
	course := Finding{Name: "novelty", Status: OK, P: &r.ByLogDay.P, Message: fmt.Sprintf("no trend of the effect over %d days: %s", len(e.Days), e.course(r))}
	switch r.Course {
	case Fading:
		course.Status, course.Message = Warn, "the effect shrinks (novelty): "+e.course(r)
		course.WayOut = "run on, and decide by the effect of users who have had it for weeks, or by the long-run effect"
	case Emerging:
		course.Status, course.Message = Warn, "the effect grows (primacy): "+e.course(r)
		course.WayOut = "run on: the test so far understates the effect; or decide by the long-run effect"
	}
	week := Finding{Name: "weekdays", Status: OK, Message: "the test covers whole weeks"}
	if w := r.Weekdays; w != nil {
		week.P = &w.P
		week.Message = fmt.Sprintf("heterogeneity over weekdays Q = %.3g (df %d), p = %.2g", w.Q, w.DF, w.P)
		if w.P < 0.01 {
			week.Status, week.WayOut = Warn, "the effect depends on the weekday: judge it over whole weeks only"
		}
	}
	if !r.WholeWeeks {
		week.Status, week.WayOut = Warn, "run to the end of a week, so that each weekday counts the same"
		week.Message = "the test does not cover whole weeks; " + week.Message
		if r.Weekdays == nil {
			week.Message = r.Warnings[0]
		}
	}
	return []Finding{course, week}, nil
}

// course tells a trend in numbers.
func (e Experiment) course(r NoveltyResult) string {
	first, last, long := fmt.Sprintf("%.3g", r.ByLogDay.First.Value), fmt.Sprintf("%.3g", r.ByLogDay.Last.Value), fmt.Sprintf("%.3g", r.LongRun.Value)
	either := -norm.Quantile(0.025) * r.LongRun.SE
	margin := fmt.Sprintf("%.2g", either)
	if e.Lifts {
		first, last, long, margin = words.Lift(r.ByLogDay.First.Value), words.Lift(r.ByLogDay.Last.Value), words.Lift(r.LongRun.Value), words.Share(either)
	}
	return fmt.Sprintf("%s on the first day, %s on the last, %s ± %s in the long run (p = %.2g)", first, last, long, margin, r.ByLogDay.P)
}

func outliersFinding(e Experiment) ([]Finding, error) {
	if len(e.Treatment) == 0 && len(e.Control) == 0 {
		return nil, nil
	}
	r, err := Outliers(e.Treatment, e.Control)
	if err != nil {
		return nil, err
	}
	f := Finding{Name: "outliers", Status: OK, Message: "no few users decide the result"}
	if r.Dominated > 0 {
		f.Status, f.Message = Warn, r.Tails[r.Dominated-1].dominates()
		f.WayOut = "cap the metric at a value fixed before looking (say the 99.9th percentile of the past), in both arms"
	}
	for _, t := range r.Tails {
		if t.few() && t.Flips && math.Abs(r.Effect.Value) > -norm.Quantile(0.025)*r.Effect.SE {
			f.Status = Fail
			f.Message = fmt.Sprintf("without %s the effect is %.3g instead of %.3g", t.who(), t.Without.Value, r.Effect.Value)
			f.WayOut = "look at these users one by one (bots, resellers, test accounts), then cap the metric in both arms"
			break
		}
	}
	return []Finding{f}, nil
}
