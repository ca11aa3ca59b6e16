package main

import (
	"encoding/json"
	"testing"
)

func TestNearestIsShown(t *testing.T) {
	dir := sampled(t)
	assay(t, "hypothesis", "show", "H-0007", "--data", dir).want(t, exitOK).fits(t).
		contains(t, assay(t, "hypothesis", "show", "H-0007", "--data", dir).out, "Nearest past experiments, and their ctr", "E-1208", "says nearly the same as the past experiment E-1208")
	said := assay(t, "plan", "show", "--explain", "H-0012", "--data", dir).want(t, exitOK).fits(t)
	said.contains(t, said.out, "Nearest past experiments", "E-1132")
	var explained struct {
		Plan string
		Past []struct {
			Experiment string
			Lift       *struct{ Shrunk *float64 }
		}
	}
	if err := json.Unmarshal([]byte(assay(t, "plan", "show", "--explain", "H-0012", "--data", dir, "-o", "json").want(t, exitOK).out), &explained); err != nil {
		t.Fatal(err)
	}
	if explained.Plan == "" || len(explained.Past) < 5 || explained.Past[0].Lift == nil || explained.Past[0].Lift.Shrunk == nil {
		t.Errorf("%+v", explained)
	}
}

func TestForecastsNameTheirTwins(t *testing.T) {
	dir := sampled(t)
	said := assay(t, "forecast", "--data", dir).want(t, exitOK).fits(t)
	said.contains(t, said.out, "H-0007 says nearly the same as the past experiment E-1208")
	var rows []forecastRow
	if err := json.Unmarshal([]byte(assay(t, "forecast", "--data", dir, "-o", "json").want(t, exitOK).out), &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Nearest == nil || len(r.Nearest.Past) == 0 {
			t.Errorf("%s: %+v", r.ID, r.Nearest)
		}
	}
}

func TestSubmitWarnsOfDuplicates(t *testing.T) {
	dir := copied(t)
	said := assay(t, "hypothesis", "submit", "--data", dir, "--id", "again", "--title", "Pace the budgets by hours that remain, within half a day, in feed",
		"--surface", "feed", "--component", "auction", "--metric", "rpm").want(t, exitOK)
	said.contains(t, said.out, "again", "new")
	said.contains(t, said.err, "warning: again is taken, but says nearly the same as the hypothesis H-0087")
	said = assay(t, "hypothesis", "submit", "--data", dir, "--id", "past", "--title", "On search, compress product vectors to 32-byte product codes",
		"--surface", "search", "--component", "retrieval", "--metric", "ctr").want(t, exitOK)
	said.contains(t, said.err, "the past experiment E-1208")
}
