// Package mixed answers: what is known of an idea's effect before it is tested,
// from past effects of ideas that share some of its features?
//
// It fits a mixed model to [Effects], each measured with its own standard error:
//
//	yᵢ = α_g(i) + Σ_b zᵢ_bᵀ u_b + εᵢ + eᵢ,   u_b ~ N(0, σ_b² I),   eᵢ ~ N(0, SEᵢ²)
//
// A [Block] of columns is one kind of feature: the levels of a surface, the words
// of a text, the slopes of an author's own forecasts. Its σ_b says how much that
// kind matters; it is learned with everything else, so that a block that explains
// nothing is shrunk to nothing, and a level seen once borrows from the others. εᵢ
// is what no feature explains: normal, a Student t, or a scale mixture of any shape,
// learned with the rest ([Shape]); forecasts count that its size is not known well from few
// effects, or from effects smaller than their errors. Old effects may count for less ([Effects.AddShare]).
// α_g is a level of its own for each group, as all headlines of one story share. A block may
// also count Within groups only: its coefficients are drawn anew for each.
//
//	past, err := mixed.NewEffects(mixed.Block{Name: "mean", Columns: 1, Fixed: true},
//		mixed.Block{Name: "surface", Columns: 4}, mixed.Block{Name: "words", Columns: 4096})
//	err = past.Add(stats.Estimate{Value: 0.004, SE: 0.002}, mixed.NoGroup, features...)
//	fit, err := mixed.Learn(past, mixed.Options{})
//	forecast, err := fit.Predict(features...)   // forecast.Mean, .SE, .Effect: the true effect's distribution
//
// Few columns are solved exactly, many by conjugate gradients with simulated
// posterior draws in place of traces, so that a million effects or a hundred
// thousand words are both within reach (see the benchmarks). A [Fit] survives JSON. The draws come from one fixed seed: the
// same effects give the same fit.
//
// The package does not make features of texts, choose blocks (compare fits by
// their density on later effects), or let a σ_b differ between the columns of a
// block.
package mixed
