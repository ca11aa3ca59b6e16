package dashboard

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// TonightView is the plan in force; without a plan the page says how to get one.
type TonightView struct {
	Plan *planner.Plan
	Rows []planner.Row // the backlog, for titles of what runs
}

// Tonight draws the plan in force.
func Tonight(w io.Writer, f Frame, v TonightView) error {
	if v.Plan == nil {
		return render(w, "tonight", "Tonight", f, tonight{Waiting: len(v.Rows)})
	}
	return render(w, "tonight", "Tonight", f, v.draw(f.Now))
}

type tonight struct {
	Plan       *planner.Plan
	Waiting    int
	Gap        string
	GapMeans   string
	Ships      string
	Evidence   string
	Capacities []capacity
	Quotas     []quota
	Starting   []chosen
	Foreseen   []chosen
	Running    []running
	Tests      int
	AITests    int
}

// chosen is one hypothesis that the plan tests.
type chosen struct {
	planner.Entry
	Interval interval
	Strip    strip
	GPUHours float64
}

// chosenTable is a table of chosen hypotheses.
type chosenTable struct {
	Caption, Currency string
	Axis              axis
	Rows              []chosen
}

func tableOf(rows []chosen, caption, currency string) chosenTable {
	return chosenTable{caption, currency, rows[0].Interval.axis, rows}
}

// short reports whether a list is shown without being asked for.
func short(list any) bool { return reflect.ValueOf(list).Len() <= 12 }

// running is one test that an earlier night started.
type running struct {
	planner.Start
	Title string
	Strip strip
	Done  float64 // share of its time, of 100
	Left  string
}

func (v TonightView) draw(now time.Time) tonight {
	p := v.Plan
	t := tonight{Plan: p, Gap: gap(p.Gap), GapMeans: gapMeans(p), Ships: ships(p.ShipRule), Evidence: evidence(p.Evidence)}
	t.Capacities, t.Quotas = capacities(p), quotas(p)
	all := starts(p)
	scale := axisOf(chosenForecasts(p), 150)
	for _, e := range p.Entries {
		if e.Start == nil {
			t.Waiting++
			continue
		}
		if e.Source == planner.AI {
			t.AITests++
		}
		c := chosen{Entry: e, Interval: scale.interval(e.Forecast), Strip: stripOf(*e.Start, all), GPUHours: total(e.Start.Design.GPUHours)}
		if e.Start.Week == 0 {
			t.Starting = append(t.Starting, c)
		} else {
			t.Foreseen = append(t.Foreseen, c)
		}
	}
	slices.SortStableFunc(t.Foreseen, func(a, b chosen) int { return a.Start.Week - b.Start.Week })
	if now.Before(p.At) { // a plan for a night to come
		now = p.At
	}
	t.Running = v.running(all, now)
	t.Tests = len(t.Starting) + len(t.Foreseen)
	return t
}

// starts is everything that holds users in the plan's weeks.
func starts(p *planner.Plan) []planner.Start {
	all := slices.Clone(p.Running)
	for _, e := range p.Entries {
		if e.Start != nil {
			all = append(all, *e.Start)
		}
	}
	return all
}

func chosenForecasts(p *planner.Plan) []planner.Forecast {
	var fs []planner.Forecast
	for _, e := range p.Entries {
		if e.Start != nil {
			fs = append(fs, e.Forecast)
		}
	}
	return fs
}

func (v TonightView) running(all []planner.Start, now time.Time) []running {
	of := map[string]planner.Row{}
	for _, r := range v.Rows {
		of[r.ID] = r
	}
	var out []running
	for _, s := range v.Plan.Running {
		r := running{Start: s, Title: of[s.Hypothesis].Title, Strip: stripOf(s, all)}
		if r.Title == "" {
			r.Title = s.Hypothesis
		}
		if whole := s.Until.Sub(s.From); whole > 0 {
			r.Done = math.Round(1000*math.Max(0, math.Min(1, float64(now.Sub(s.From))/float64(whole)))) / 10
		}
		switch row := of[s.Hypothesis]; {
		case row.Withdrawn != nil:
			r.Left = "withdrawn"
		case row.Stopped != nil:
			r.Left = "stopped early"
		default:
			r.Left = left(s.Until.Sub(now))
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b running) int { return a.Until.Compare(b.Until) })
	return out
}

func left(d time.Duration) string {
	switch days := int(math.Ceil(d.Hours() / 24)); {
	case days <= 0:
		return "over"
	default:
		return plural(days, "day left", "days left")
	}
}

func gap(x float64) string {
	if x == allocator.Unproved {
		return "unproved"
	}
	return percent(x)
}

func gapMeans(p *planner.Plan) string {
	if p.Gap == allocator.Unproved {
		return "the bound says nothing about this plan"
	}
	return fmt.Sprintf("at most %s is left on the table", planner.Money(math.Max(0, p.Bound-p.Value), p.Currency))
}

func ships(r planner.ShipRule) string {
	if r.Rule == "significant" {
		return fmt.Sprintf("A test ships if its lift is significant at %s, one-sided.", percent(r.Alpha))
	}
	if r.Cut == 0 {
		return "A test ships if the posterior mean of its lift is above zero."
	}
	return fmt.Sprintf("A test ships if the posterior mean of its lift is above %s.", lift(r.Cut))
}

// evidence says what the plan was learnt from and what was left out.
func evidence(e planner.Evidence) string {
	text := fmt.Sprintf("Learnt from %s of %s, measured in %s.", thousands(float64(e.Usable)), plural(e.Effects, "past effect", "past effects"), plural(e.Experiments, "experiment", "experiments"))
	var why []string
	for verdict, n := range e.Screened {
		why = append(why, fmt.Sprintf("%s (%s)", verdict, thousands(float64(n))))
	}
	if len(why) == 0 {
		return text
	}
	slices.Sort(why)
	return text + " Not used: " + strings.Join(why, ", ") + "."
}

func total(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum
}
