package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/embedded"
	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/backtest"
	"github.com/assay-planner/assay/planner/registry"
)

// folds reads what a backtest is about and splits it.
func (a *app) folds(ctx context.Context, files []string, f backtestFlags) ([]backtest.Fold, []string, error) {
	if f.mapping == "" {
		h := a.lazyHistory()
		defer h.close()
		store, err := h.get(ctx)
		if err != nil {
			return nil, nil, err
		}
		cases, notes, err := a.cases(ctx, store.History, f.metric, true, a.claimed)
		if err != nil {
			return nil, nil, err
		}
		if len(cases) == 0 {
			return nil, nil, badInput(fmt.Errorf("the history has no usable effect%s", ofMetric(f.metric))).
				next("assay import outcomes FILE… --mapping MAPPING.yaml\nor name files here: assay backtest --help")
		}
		folds, err := f.split(cases)
		return folds, notes, err
	}
	text, err := os.ReadFile(f.mapping)
	if err != nil {
		return nil, nil, err
	}
	m, err := mapping.Parse(f.mapping, text)
	if err != nil {
		return nil, nil, badInput(err).next("docs/mapping.md explains the mapping")
	}
	engine, err := embedded.Open("", embedded.Options{})
	if err != nil {
		return nil, nil, err
	}
	folds, notes, err := a.foldsOfFiles(ctx, engine, m, files, f)
	return folds, notes, errors.Join(err, engine.Close())
}

// foldsOfFiles imports training and test files into a database each, or all into one.
func (a *app) foldsOfFiles(ctx context.Context, engine *embedded.Engine, m *mapping.Mapping, files []string, f backtestFlags) ([]backtest.Fold, []string, error) {
	if len(files) > 0 {
		cases, notes, err := a.casesOfFiles(ctx, engine, "CREATE DATABASE files", "files", m, files, f.metric)
		if err != nil {
			return nil, nil, err
		}
		folds, err := f.split(cases)
		return folds, notes, err
	}
	past, left, err := a.casesOfFiles(ctx, engine, "CREATE DATABASE train", "train", m, f.train, f.metric)
	if err != nil {
		return nil, nil, err
	}
	var notes []string
	for _, n := range left {
		notes = append(notes, "train files: "+n)
	}
	block, left, err := a.casesOfFiles(ctx, engine, "CREATE DATABASE test", "test", m, f.test, f.metric)
	for _, n := range left {
		notes = append(notes, "test files: "+n)
	}
	if n := lateOf(past, block); n > 0 {
		notes = append(notes, fmt.Sprintf("train files: effects that ended after the first experiment of the test files began, and count all the same: %s",
			render.Thousands(float64(n))))
	}
	return []backtest.Fold{{Name: "test files", Past: past, Block: block}}, notes, err
}

// lateOf counts past effects that nobody had when the block began.
func lateOf(past, block []backtest.Case) (n int) {
	if len(block) == 0 {
		return 0
	}
	first := slices.MinFunc(block, func(a, b backtest.Case) int { return a.Started.Compare(b.Started) }).Started
	for _, c := range past {
		if c.Ended.After(first) {
			n++
		}
	}
	return n
}

func (a *app) casesOfFiles(ctx context.Context, engine *embedded.Engine, create, name string, m *mapping.Mapping, files []string, metric string) (cases []backtest.Case, notes []string, err error) {
	root, err := engine.Conn("")
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(root.Exec(ctx, create), root.Close()); err != nil {
		return nil, nil, err
	}
	conn, err := engine.Conn(name)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	store, err := history.Open(ctx, conn)
	if err != nil {
		return nil, nil, err
	}
	bar := a.bar()
	report, err := store.Import(ctx, history.ImportRequest{Files: files, Mapping: m,
		Progress: func(p history.Progress) { bar.show(filepath.Base(p.File), p.Bytes, p.BytesAll) }})
	bar.end()
	if errors.Is(err, history.ErrBadRows) {
		return nil, nil, a.refusedRows(report)
	}
	if err != nil {
		return nil, nil, err
	}
	cases, notes, err = a.cases(ctx, store, metric, m.Layout != mapping.Outcomes && m.Layout != mapping.Pairs, nil)
	if err == nil && len(cases) == 0 {
		left := "there are no rows of " + cmp.Or(metric, "any metric")
		if len(notes) > 0 {
			left = strings.Join(notes, "\n")
		}
		err = badInput(fmt.Errorf("%s: no usable effect%s", filepath.Base(files[0]), ofMetric(metric))).
			next("%s\nassay import outcomes --dry-run and assay doctor say what is wrong with each", left)
	}
	return cases, notes, err
}

func ofMetric(metric string) string {
	if metric == "" {
		return ""
	}
	return " on " + metric
}

// refusedRows lists the first problems of files that could not be imported.
func (a *app) refusedRows(r history.ImportReport) error {
	for i, p := range r.Problems {
		if i == 10 {
			a.note("… and %s more", render.Thousands(float64(len(r.Problems)-i)))
			break
		}
		a.note("%s", badRow{p}.line())
	}
	return badInput(history.ErrBadRows).next("assay import outcomes --dry-run lists all problems; mend the files or the mapping")
}

// claimed adds what was claimed of hypotheses that became experiments.
func (a *app) claimed(ctx context.Context, effects []history.Effect) ([]history.Effect, error) {
	path := filepath.Join(a.data, registryFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return effects, nil // nothing was ever submitted
	}
	reg, err := registry.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	hypotheses, err := reg.Hypotheses(ctx)
	starts, errStarts := reg.Starts(ctx, a.clock()())
	if err := errors.Join(err, errStarts, reg.Close()); err != nil {
		return nil, err
	}
	return planner.Claimed(effects, hypotheses, starts), nil
}

// cases are the ideas that a history tested: those in sets by their arms' own sums,
// the others by their effect against control. Without users, whose experiments have
// effects and no outcomes, effects are not mined where all experiments are in sets.
func (a *app) cases(ctx context.Context, store *history.History, metric string, users bool, claimed func(context.Context, []history.Effect) ([]history.Effect, error)) ([]backtest.Case, []string, error) {
	policy, err := a.policyIfAny()
	if err != nil {
		return nil, nil, err
	}
	down := map[string]bool{}
	if policy != nil {
		for _, m := range policy.Metrics {
			down[m.Name] = m.Down
		}
	}
	outcomes, err := store.Outcomes(ctx, metric)
	if err != nil {
		return nil, nil, err
	}
	inSets := map[string]bool{}
	for _, o := range outcomes {
		inSets[o.Experiment] = inSets[o.Experiment] || o.Set != ""
	}
	cases, left := backtest.FromOutcomes(outcomes, down)
	notes := leftOut("arms in sets", left)
	if !users && !slices.Contains(slices.Collect(maps.Values(inSets)), false) {
		return cases, notes, nil
	}
	effects, err := store.Effects(ctx, history.EffectQuery{Metric: metric})
	if err != nil {
		return nil, nil, err
	}
	effects = slices.DeleteFunc(effects, func(e history.Effect) bool { return inSets[e.Experiment] })
	if claimed != nil {
		if effects, err = claimed(ctx, effects); err != nil {
			return nil, nil, err
		}
	}
	more, left := backtest.FromEffects(effects, down)
	return append(cases, more...), append(notes, leftOut("effects", left)...), nil
}

// leftOut says what the history holds and a backtest cannot use.
func leftOut(what string, left backtest.Left) []string {
	var notes []string
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		notes = append(notes, fmt.Sprintf("%s left out, %s: %s", what, reason, render.Thousands(float64(left[reason]))))
	}
	return notes
}
