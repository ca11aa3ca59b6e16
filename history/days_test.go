package history

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// byDay are three arms with planned shares of 2:1:1, over two days, and one
// segment of them. As snapshots, the second day holds the first.
const byDay = "arm,weight,at,country,users,buyers\n" +
	"control,2,2026-01-02,,2000,200\ncontrol,2,2026-01-03,,2100,220\n" +
	"blue,1,2026-01-02,,1000,110\nblue,1,2026-01-03,,1020,130\n" +
	"red,1,2026-01-02,,990,80\nred,1,2026-01-03,,1040,100\n" +
	"control,2,2026-01-02,DE,1000,110\nblue,1,2026-01-02,DE,500,60\n"

// TestDaysSegmentsAndSnapshots holds effects against numbers computed apart, by
// the formulas of effects.sql in double precision (Python 3): a proportion's
// variance is (y − np²)/(n − 1), and with three arms p = exp(−χ²/2).
func TestDaysSegmentsAndSnapshots(t *testing.T) {
	const about = `
layout: outcomes
experiment: {id: {value: e1}, started: {value: 2026-01-01}, ended: {value: 2026-01-15}}
arm: {id: arm, weight: weight}
segment: country
metrics: [{name: conversion, proportion: {trials: users, successes: buyers}}]
`
	// Days add up: control 420 of 4100, blue 240 of 2020, red 180 of 2030.
	days := []Effect{
		{Arm: "blue", ControlUsers: 4100, TreatmentUsers: 2020, Baseline: 0.1024390243902439, Lift: 0.1598302687411599, SE: 0.08841381646434679, SampleRatioP: 0.8473476907740959},
		{Arm: "red", ControlUsers: 4100, TreatmentUsers: 2030, Baseline: 0.1024390243902439, Lift: -0.13441238564391267, SE: 0.07346290226944857, SampleRatioP: 0.8473476907740959},
		{Arm: "blue", Segment: "DE", ControlUsers: 1000, TreatmentUsers: 500, Baseline: 0.11, Lift: 0.09090909090909083, SE: 0.1647058392434358, SampleRatioP: 1},
	}
	h, m := newHistory(t), parse(t, about+"day: at\n")
	mustImport(t, h, ImportRequest{Files: []string{write(t, "days.csv", byDay)}, Mapping: m})
	compare(t, days, effects(t, h, EffectQuery{AllSegments: true}))
	compare(t, days[2:], effects(t, h, EffectQuery{Segment: "DE"}))

	// Of snapshots the last counts: control 220 of 2100, blue 130 of 1020.
	h, m = newHistory(t), parse(t, about+"snapshot: at\n")
	mustImport(t, h, ImportRequest{Files: []string{write(t, "snapshots.csv", byDay)}, Mapping: m})
	last := effects(t, h, EffectQuery{})
	if blue := last[0]; len(last) != 2 || blue.ControlUsers != 2100 || blue.TreatmentUsers != 1020 ||
		math.Abs(blue.Lift-(130./1020/(220./2100)-1)) > 1e-12 {
		t.Errorf("%+v", last)
	}
}

// compare looks at what differs between the effects of one experiment.
func compare(t *testing.T, want, got []Effect) {
	t.Helper()
	for i := range got {
		e := got[i]
		got[i] = Effect{Arm: e.Arm, Segment: e.Segment, ControlUsers: e.ControlUsers, TreatmentUsers: e.TreatmentUsers,
			Baseline: e.Baseline, Lift: e.Lift, SE: e.SE, SampleRatioP: e.SampleRatioP}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
		t.Error(diff)
	}
}
