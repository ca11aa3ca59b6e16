package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// forecastFields are the lines of a card that say what is forecast of an idea, and why.
func (a *app) forecastFields(f *planner.Forecast) []field {
	return []field{
		{"forecast", forecastText(f)},
		{"quantiles", quantilesText(f)},
		{"drawn", a.drawn(f)},
		{"because of", driversText(f)},
		{"may harm", breachText(f)},
	}
}

func forecastText(f *planner.Forecast) string {
	if f == nil {
		return "none yet; it comes with the next plan"
	}
	text := fmt.Sprintf("%s on %s, SD %s, 80%% interval %s to %s; %s likely to be positive", render.Lift(f.Mean), f.Metric, unsigned(f.SD),
		render.Lift(f.Low), render.Lift(f.High), render.Percent(f.ProbPositive))
	if f.Least != 0 {
		text += fmt.Sprintf(", %s to be above %s, the least worth shipping", render.Percent(f.ProbLeast), render.Lift(f.Least))
	}
	return text + fmt.Sprintf("; known as well as from %s like it", render.Plural(int(math.Round(f.Evidence)), "past effect", "past effects"))
}

// quantilesText names them as columns and JSON do.
func quantilesText(f *planner.Forecast) string {
	if f == nil || f.SD == 0 {
		return ""
	}
	var parts []string
	for _, q := range []struct {
		name string
		lift float64
	}{{"q05", f.Q05}, {"q10", f.Low}, {"q25", f.Q25}, {"q50", f.Median}, {"q75", f.Q75}, {"q90", f.High}, {"q95", f.Q95}} {
		parts = append(parts, q.name+" "+render.Lift(q.lift))
	}
	return strings.Join(parts, ", ")
}

// unsigned prints a size of lifts.
func unsigned(lift float64) string { return strings.TrimPrefix(render.Lift(lift), "+") }

// drawn shows where the forecast lies: its 80% interval around 0.
func (a *app) drawn(f *planner.Forecast) string {
	if f == nil || f.SD == 0 {
		return ""
	}
	axis := render.AxisFor(min(50, a.width()-50), f.Low, f.High)
	return fmt.Sprintf("%s %s %s", render.Lift(f.Low), axis.Interval(f.Low, f.Mean, f.High), render.Lift(f.High))
}

// fewDrivers is how many a person reads.
const fewDrivers = 4

// driversText names what moved the mean most, with how many past effects tell of it, and
// sums up the rest, so that all add up to the mean.
func driversText(f *planner.Forecast) string {
	if f == nil {
		return ""
	}
	var parts []string
	few := 0
	for few < min(fewDrivers, len(f.Drivers)) && render.Moves(f.Drivers[few].Effect) {
		few++
	}
	for _, d := range f.Drivers[:few] {
		name := strings.ReplaceAll(d.Block, "_", " ") + " " + d.Feature
		if d.Block == "mean" {
			name = d.Feature
		}
		part := name + " " + render.Lift(d.Effect)
		if d.Past == 0 && d.Block != "others" {
			part += " (never seen)"
		} else if d.Past > 0 {
			part += fmt.Sprintf(" (%s past)", render.Count(float64(d.Past)))
		}
		parts = append(parts, part)
	}
	if rest := f.Drivers[few:]; len(rest) > 0 {
		sum := 0.0
		for _, d := range rest {
			sum += d.Effect
		}
		if render.Moves(sum) {
			parts = append(parts, "the rest "+render.Lift(sum))
		}
	}
	if times := fmt.Sprintf("%.2g", f.Scale); times != "1" && f.Scale > 0 && len(parts) > 0 {
		parts = append(parts, "effects of such ideas are "+times+" times as large as usual")
	}
	return strings.Join(parts, "; ")
}

// breachText says how likely guardrails are harmed.
func breachText(f *planner.Forecast) string {
	if f == nil || f.Breach == nil {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(f.Breach.Each)) {
		parts = append(parts, fmt.Sprintf("%s with %s", name, render.Percent(f.Breach.Each[name])))
	}
	if len(parts) > 0 {
		if len(parts) > 1 {
			parts = append(parts, fmt.Sprintf("any with %s", render.Percent(f.Breach.Any)))
		}
		parts = append(parts, fmt.Sprintf("%s if it gains", render.Percent(f.Breach.AnyGivenGain)))
	}
	if len(f.Breach.Unknown) > 0 {
		parts = append(parts, "nothing is known of "+strings.Join(f.Breach.Unknown, ", "))
	}
	return strings.Join(parts, ", ")
}

// breachOrNil is nil where there is no guardrail, or none that was ever measured.
func breachOrNil(f planner.Forecast) any {
	if f.Breach == nil || len(f.Breach.Each) == 0 {
		return nil
	}
	return f.Breach.Any
}
