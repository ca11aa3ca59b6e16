package dashboard

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// HypothesisView is one hypothesis in full.
type HypothesisView struct {
	Row         planner.Row
	Plan        *planner.Plan        // in force; nil before the first one
	Explanation *planner.Explanation // nil if the plan in force does not know it
	Nearest     *planner.Nearest     // nil if the past could not be searched
}

// Hypothesis draws one hypothesis with its account.
func Hypothesis(w io.Writer, f Frame, v HypothesisView) error {
	return render(w, "hypothesis", v.Row.Title, f, v.draw())
}

type hypothesis struct {
	planner.Row
	Currency string
	Interval *interval
	Claimed  *interval // the author's own forecast, on the same axis
	Axis     axis
	Drivers  []driver
	Strip    *strip
	Facts    []fact
	Designs  []design
	Needs    []need
	Nearest  *planner.Nearest
}

// driver is one feature of the forecast with what it moves, give or take its SD.
type driver struct {
	Name   string
	Effect float64
	Past   int
	Told   bool      // Past says something
	Drawn  *interval // nil of a sum of several
}

// driverName says a feature in words: "component: ranking", "all past effects".
func driverName(d planner.Driver) string {
	if d.Block == "mean" {
		return d.Feature
	}
	return strings.ReplaceAll(d.Block, "_", " ") + ": " + d.Feature
}

// drivers draws what moved a forecast, all on one axis, but for what neither moves it nor
// might have, as far as the page's two decimals show.
func drivers(f planner.Forecast) []driver {
	const z90, shows = 1.2815515655446004, 0.00005
	var all []driver
	var spans []planner.Forecast
	for _, d := range f.Drivers {
		if math.Abs(d.Effect) < shows && d.SD < shows {
			continue
		}
		all = append(all, driver{Name: driverName(d), Effect: d.Effect, Past: d.Past, Told: d.SD > 0})
		spans = append(spans, planner.Forecast{Mean: d.Effect, Low: d.Effect - z90*d.SD, High: d.Effect + z90*d.SD})
	}
	axis := axisOf(spans, 160)
	for i := range all {
		if all[i].Told {
			drawn := axis.interval(spans[i])
			drawn.Text = fmt.Sprintf("Moves it by %s; with 80%% probability between %s and %s", lift(spans[i].Mean), lift(spans[i].Low), lift(spans[i].High))
			all[i].Drawn = &drawn
		}
	}
	return all
}

type fact struct{ Name, Value string }

type design struct {
	planner.DesignAtPrices
	Pays bool
}

// need is one capacity that the best design asks for, in one week.
type need struct {
	Use  planner.Use
	Week week
}

func (v HypothesisView) draw() hypothesis {
	h := hypothesis{Row: v.Row, Facts: facts(v.Row.Hypothesis), Nearest: v.Nearest}
	if v.Plan != nil {
		h.Currency = v.Plan.Currency
	}
	if f := v.Row.Forecast; f != nil {
		shown := []planner.Forecast{*f}
		if c := v.Row.Claim; c != nil {
			shown = append(shown, planner.Forecast{Mean: c.Mid, Low: c.Low, High: c.High})
		}
		h.Drivers = drivers(*f)
		h.Axis = axisOf(shown, 340)
		for i, into := range []**interval{&h.Interval, &h.Claimed}[:len(shown)] {
			drawn := h.Axis.interval(shown[i])
			*into = &drawn
		}
	}
	if s := v.Row.Start; s != nil && v.Plan != nil {
		drawn := stripOf(*s, starts(v.Plan))
		h.Strip = &drawn
	}
	if v.Explanation == nil {
		return h
	}
	for _, d := range v.Explanation.Designs {
		h.Designs = append(h.Designs, design{d, d.Surplus > 0})
	}
	for _, u := range v.Explanation.Capacity {
		h.Needs = append(h.Needs, need{u, weekOf(u, h.Currency)})
	}
	return h
}

// facts lists what the author wrote, leaving out what was not given.
func facts(h planner.Hypothesis) []fact {
	var all []fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, fact{name, value})
		}
	}
	add("Id", h.ID)
	add("Surface", h.Surface)
	add("Component", h.Component)
	add("Change", h.ChangeType)
	add("Segment", h.Segment)
	add("Metric", h.Metric)
	add("Guardrails", strings.Join(h.Guardrails, ", "))
	add("Author", h.Author)
	add("Generator", h.Generator)
	add("Team", h.Team)
	if c := h.Claim; c != nil {
		add("Author's own forecast", fmt.Sprintf("%s, between %s and %s", lift(c.Mid), lift(c.Low), lift(c.High)))
	}
	add("Compute", demand(h.Compute))
	if h.ICE != nil {
		add("ICE score", fmt.Sprintf("%s (impact %s, confidence %s, ease %s)", digits(h.ICE.Score()), digits(h.ICE.Impact), digits(h.ICE.Confidence), digits(h.ICE.Ease)))
	}
	add("Scores", h.Scores.String())
	if h.Strong {
		add("Strong", "the buckets of its treatment rest after the test")
	}
	add("Ramp", h.Ramp)
	add("Never beside", strings.Join(h.Conflicts, ", "))
	add("Only after", strings.Join(h.Requires, ", "))
	add("Submitted", moment(h.Submitted))
	if st := h.Stopped; st != nil {
		text := moment(st.At)
		if st.Reason != "" {
			text += ": " + st.Reason
		}
		add("Test stopped early", text)
	}
	if h.Withdrawn != nil {
		add("Withdrawn", moment(*h.Withdrawn))
	}
	return all
}

func demand(d planner.Demand) string {
	if d.Pool == "" {
		return ""
	}
	return fmt.Sprintf("%s: %s to train, %s a week per million users to serve", d.Pool, hours(d.Train), hours(d.Serve))
}

func hours(x float64) string { return count(x) + " " + allocator.GPUHour + "s" }
