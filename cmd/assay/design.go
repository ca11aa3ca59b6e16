package main

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
)

const designHelp = `Design a test before it starts: how many users it needs, what effect so many users can
show, with what power, and how many weeks that takes. No data and no ClickHouse needed.

The metric is one of
  mean        per user, such as revenue or watch time       --mean --sd
  proportion  share of users who do something               --baseline
  ratio       of two means per user, such as clicks a view  --numerator --denominator and their --…-sd, --covariance
  count       events per user, such as sessions             --rate --dispersion --exposure

What is missing is found: users for an --mde, the MDE for --users, the power for both.
With traffic and no effect, every week says what it could detect. --solve names it
where that is not clear (alpha, margin).

  lift, mde    of treatment over control as a fraction of control: 1% and 0.01 are the
               same; in the metric's unit with --mde-absolute
  users        in control; each treatment arm has --allocation times as many
  alpha        probability of finding an effect where there is none: 5% of both sides
               and all arms together
  power        probability of finding an effect of the size of the MDE: 80%
  margin       a guardrail's: show that no more than this is lost; the MDE is then the
               true effect, 0 unless given, and --sides two-sided means alpha/2
  looks        planned moments at which the test may stop early; users are then the
               most it can take, and the expected ones are said
  weeks        different users, not visits: those who come back are counted once
  test         score: the usual z-test, for a proportion with pooled variance; wald: with
               separate variances; lift: of the relative lift, where the control's own
               error counts; stabilised: on the arcsine or square-root scale
  correction   dunnett: exact for several arms; holm, bonferroni: for any dependence
  spending     obf stops early only for large effects, pocock spends evenly; hsd:-4 is
               close to obf, hsd:1 to pocock; kd:1 is even, kd:3 close to obf

-o json has inputs, sizing, weeks and looks in one document, -o csv the table.`

const designExamples = `  assay design proportion --baseline 2% --mde 5%
  assay design mean --mean 1.2 --sd 4 --mde 1% --weekly-users 2M --share 50%
  assay design mean --mean 1.2 --sd 4 --weekly-users 2M --weeks 8       # what can I detect?
  assay design proportion --baseline 2% --users 200000 --mde 5%         # with what power?
  assay design ratio --numerator 1.2 --denominator 6 --numerator-sd 3 --denominator-sd 8 --mde 2%
  assay design count --rate 0.3 --dispersion 2 --exposure 2 --mde 3% --cuped 0.6
  assay design proportion --baseline 2% --mde 5% --treatments 3 --goal all
  assay design mean --mean 340 --sd 120 --margin 0.5% --lower-is-better  # a guardrail on latency
  assay design proportion --baseline 2% --mde 5% --weekly-users 2M --looks 4 --futility hsd:-2
  assay design proportion --baseline 2% --mde 5% --weekly-users 2M --continuous
  assay design proportion --baseline 2% --mde 5% --reach docs/examples/reach.csv --plot power.svg`

func (a *app) design() *cobra.Command {
	var f designFlags
	c := &cobra.Command{
		Use:       "design METRIC",
		Short:     "How many users, which effect, what power, how many weeks a test takes",
		Long:      designHelp,
		Example:   designExamples,
		ValidArgs: metricNames,
		Args: args(func(_ *cobra.Command, names []string) error {
			if len(names) != 1 {
				return fmt.Errorf("which metric? %s", alternatives(metricNames))
			}
			return nil
		}),
		RunE: func(c *cobra.Command, names []string) error {
			for _, check := range []error{checkMetric(c, names[0]), f.zeros(c), checkPlot(f.plot)} {
				if check != nil {
					return check
				}
			}
			q, err := f.question(names[0])
			if err != nil {
				return f.blame(c, err)
			}
			ans, err := q.answer()
			if err != nil {
				return f.blame(c, err)
			}
			if f.plot != "" {
				if err := a.plotted(f.plot, ans.chart().Save(f.plot)); err != nil {
					return err
				}
			}
			return a.printDesign(ans)
		},
	}
	f.register(c)
	return c
}

func checkPlot(path string) error {
	if path != "" && !slices.Contains(render.FileKinds, strings.ToLower(filepath.Ext(path))) {
		return usage("--plot: %s: a chart is written as %s", path, alternatives(render.FileKinds))
	}
	return nil
}

// plotted says that a chart was written, or names the flag if it was not.
func (a *app) plotted(path string, err error) error {
	if err != nil {
		return fmt.Errorf("--plot: %w", err)
	}
	a.note("wrote %s", path)
	return nil
}

// designAnswer is what assay design prints; its JSON shape is stable.
type designAnswer struct {
	Statement string       `json:"statement"`
	SolvedFor string       `json:"solved_for"`
	Inputs    designInputs `json:"inputs"`
	// Sizing is the test as it is designed; with looks or monitoring its users are the
	// most there can be, and its power theirs.
	Sizing power.Sizing `json:"sizing"`
	// Duration is null where there is neither traffic nor an early stop.
	Duration *designDuration  `json:"duration"`
	Traffic  *reach.Curve     `json:"traffic"`
	Weeks    []duration.Week  `json:"weeks"`    // with traffic
	ByUsers  []duration.Point `json:"by_users"` // without
	Looks    []designLook     `json:"looks"`
	Warnings []string         `json:"warnings"`

	question designQuestion
	solved   power.Design // with what was found filled in
}

// designDuration is a duration without the sizing, which stands beside it.
type designDuration struct {
	Reached      bool              `json:"reached"`
	Days         float64           `json:"days"`
	Week         int               `json:"week"`
	Most         float64           `json:"most_users"`
	Extrapolated bool              `json:"extrapolated"`
	Inflation    float64           `json:"inflation"`
	NoEffect     duration.Expected `json:"expected_no_effect"`
	Effect       duration.Expected `json:"expected_effect"`
}

// designLook is a planned look; a boundary that is never crossed is null.
type designLook struct {
	Look        int      `json:"look"`
	Information float64  `json:"information"`
	Users       float64  `json:"users"` // of all arms
	Days        float64  `json:"days"`  // 0: the traffic never brings them, or there is none
	Efficacy    *float64 `json:"efficacy_z"`
	P           float64  `json:"efficacy_p"` // at or below which the test stops: two-sided in a two-sided test
	Futility    *float64 `json:"futility_z"`
	Spent       float64  `json:"alpha_spent"`
	Power       float64  `json:"cumulative_power"`
}

// answer finds what is missing, then all the rest that follows from it.
func (q designQuestion) answer() (designAnswer, error) {
	ans := designAnswer{SolvedFor: q.solve, question: q, Warnings: []string{}, Looks: []designLook{}, Weeks: []duration.Week{}, ByUsers: []duration.Point{}}
	s, err := q.find()
	if err != nil {
		return ans, err
	}
	ans.Sizing, ans.solved = s, q.fill(s)
	t, rows := q.test, q.test
	t.Design = ans.solved
	if q.solve == "alpha" {
		rows.Design = ans.solved
	}
	if q.traffic != "" || !q.once() {
		l, err := t.Length(s.Control)
		if err != nil {
			return ans, err
		}
		ans.setDuration(l)
	}
	if q.traffic != "" {
		ans.Traffic = &t.Traffic
		// The weeks are of the question: if its answer is an effect, each week has its own.
		if ans.Weeks, err = rows.Weeks(q.shown(ans.Duration)); err != nil {
			return ans, err
		}
	} else if ans.ByUsers, err = byUsers(rows, s, q.solve == "users"); err != nil {
		return ans, err
	}
	ans.Inputs = q.inputs(ans.solved)
	ans.Warnings = append(ans.Warnings, q.notes...)
	for _, w := range s.Warnings {
		ans.Warnings = append(ans.Warnings, strings.NewReplacer("use Reference t", "use --reference t").Replace(w))
	}
	ans.Warnings = append(ans.Warnings, t.Traffic.Fit.Warnings...)
	if ans.Duration != nil && ans.Duration.Extrapolated {
		ans.Warnings = append(ans.Warnings, fmt.Sprintf("the test ends beyond twice the days that the traffic was fitted to (%.4g): its length is a guess", t.Traffic.Fit.Days))
	}
	ans.Statement = ans.words()
	return ans, nil
}

// find is the sizing that solves the question.
func (q designQuestion) find() (power.Sizing, error) {
	switch q.solve {
	case "users":
		return q.test.SampleSize()
	case "mde":
		return q.test.MDEAt(q.control)
	case "margin":
		return q.test.MarginAt(q.control)
	case "alpha":
		return q.test.Design.AlphaAt(q.control)
	}
	return q.test.PowerAt(q.control)
}

// fill is the design with what was found, and with its defaults.
func (q designQuestion) fill(s power.Sizing) power.Design {
	d := q.test.Design
	unit := func(absolute, relative float64) float64 {
		if d.Relative {
			return relative
		}
		return absolute
	}
	switch q.solve {
	case "mde":
		d.MDE = unit(s.MDE, s.RelativeMDE)
	case "margin":
		d.Margin = unit(s.Margin, s.RelativeMargin)
	case "alpha":
		d.Alpha = s.Alpha
	}
	d.Alpha, d.Power = cmp.Or(d.Alpha, 0.05), cmp.Or(d.Power, 0.8)
	d.Sides, d.Test, d.Correction = cmp.Or(d.Sides, stats.TwoSided), cmp.Or(d.Test, power.Score), cmp.Or(d.Correction, power.Dunnett)
	d.Goal, d.Reference = cmp.Or(d.Goal, power.OneArm), cmp.Or(d.Reference, power.Normal)
	d.Treatments, d.Allocation = max(1, d.Treatments), cmp.Or(d.Allocation, 1)
	return d
}

func (q designQuestion) once() bool {
	return q.test.Monitoring.Plan == nil && q.test.Monitoring.Price == nil
}

// guards reports a test of non-inferiority.
func (q designQuestion) guards() bool { return q.test.Guardrail || q.test.Design.Margin != 0 }

// shown is how many weeks the table has.
func (q designQuestion) shown(d *designDuration) int {
	if q.weeks > 0 {
		return q.weeks
	}
	if d != nil && d.Reached && d.Week > 10 && d.Week <= 24 {
		return d.Week + 2
	}
	return 12
}

// byUsers is what a fifth of the users up to twice as many show. A size that was found
// is the one to recruit, rounded up.
func byUsers(t duration.Test, s power.Sizing, found bool) ([]duration.Point, error) {
	control := s.Control
	if recruit := float64(s.ControlUsers); found && (t.Design.Population == 0 || recruit*armsOf(t.Design) <= t.Design.Population) {
		control = recruit
	}
	points := []duration.Point{}
	for i := 1; i <= 10; i++ {
		n := control * float64(i) / 5
		if i != 5 {
			n = math.Ceil(n)
		}
		if t.Design.Population > 0 && n*armsOf(t.Design) > t.Design.Population {
			break
		}
		p, err := t.At(n)
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return points, nil
}

func (ans *designAnswer) setDuration(l duration.Length) {
	ans.Duration = &designDuration{l.Reached, l.Days, l.Week, l.Most, l.Extrapolated, l.Inflation, l.NoEffect, l.Effect}
	plan := ans.question.test.Monitoring.Plan
	if plan == nil {
		return
	}
	sides := 1.0
	if ans.question.twoSided() {
		sides = 2
	}
	for i, s := range plan.Stages {
		row := designLook{Look: i + 1, Information: s.Information, Users: l.Looks[i].Users, Days: l.Looks[i].Days,
			Efficacy: bounded(s.Efficacy), Futility: bounded(s.Futility), P: s.NominalP * sides, Spent: s.Spent, Power: l.Looks[i].Power}
		ans.Looks = append(ans.Looks, row)
	}
}

// twoSided says that a test rejects in both directions: non-inferiority never does.
func (q designQuestion) twoSided() bool {
	return !q.guards() && q.test.Design.Sides != stats.OneSided
}

// bounded is nil for a boundary at infinity.
func bounded(z float64) *float64 {
	if math.IsInf(z, 0) {
		return nil
	}
	return &z
}
