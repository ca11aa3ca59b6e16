package history_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/mapping"
)

// One finished test: 1,000 users in each arm, of whom 100 and 130 bought.
const outcomes = `test,variant,users,buyers
checkout-7,control,1000,100
checkout-7,blue,1000,130
`

const outcomesMapping = `
layout: outcomes
experiment: {id: test, surface: {value: checkout}, ended: {value: 2026-01-15}}
arm: {id: variant}
metrics:
  - {name: conversion, proportion: {trials: users, successes: buyers}}
`

func ExampleHistory_Import() {
	ctx := context.Background()
	conn, closeConn := history.DatabaseForExamples()
	defer closeConn()
	file := filepath.Join(os.TempDir(), "outcomes-example.csv")
	if err := os.WriteFile(file, []byte(outcomes), 0o644); err != nil {
		log.Fatal(err)
	}
	defer os.Remove(file)

	m, err := mapping.Parse("outcomes.yaml", []byte(outcomesMapping))
	if err != nil {
		log.Fatal(err)
	}
	h, err := history.Open(ctx, conn)
	if err != nil {
		log.Fatal(err)
	}
	report, err := h.Import(ctx, history.ImportRequest{Files: []string{file}, Mapping: m})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Experiments, "experiment,", report.Files[0].Imported, "outcomes")

	effects, err := h.Effects(ctx, history.EffectQuery{AsOf: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range effects {
		fmt.Printf("%s %s: %s lift %.2f ± %.2f, %s\n", e.Experiment, e.Arm, e.Metric, e.Lift, e.SE, e.Verdict)
	}
	// Output:
	// 1 experiment, 2 outcomes
	// checkout-7 blue: conversion lift 0.30 ± 0.16, usable
}
