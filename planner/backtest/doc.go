// Package backtest answers: how good are forecasts, held against what past experiments
// then measured?
//
// A Case is a tested idea: what was known of it before its test, and its outcome.
// Walk, Share, At and Folds cut cases into Folds: a past to learn from, and a block to
// forecast. Run fits each Model at each cut and returns a Report: how well it ranks, how
// sharp and how honest its distributions are, what its picks returned, and whether it
// seems to know what it cannot.
//
//	cases, left := backtest.FromEffects(effects, nil)
//	folds, err := backtest.Walk(cases, 5)
//	report, err := backtest.Run(ctx, folds, []backtest.Model{backtest.Learned{}, backtest.NormalPrior{}}, backtest.Options{})
//
// A model is given effects that had been measured by the cut, and nothing of a block but
// ideas: text, traits and claims under a name that tells nothing. What a text or a claim
// holds that was written after the test, no program can see from one side; two checks
// look for its traces in the forecasts (Report.Checks).
//
// The package reads no files, and forecasts nothing itself but by the simple models that
// others are held against: NormalPrior, Shrunk and Ridge.
package backtest
