// Package forecast answers: what effect may an idea have that was never tested, given
// what past experiments found and what is known of the idea?
//
// [Learn] takes [Past] effects of one metric and returns a [Model]; its Forecast of an
// [Idea] is a distribution of the true effect with what moved it, its ForecastSet that of
// ideas that will be compared with each other, such as the headlines of one story.
//
//	model, err := forecast.Learn(ctx, past, forecast.Options{})
//	f, err := model.Forecast(forecast.Idea{Traits: map[string]string{"surface": "feed"}})
//	f.Mean(), f.SD(), f.ProbAbove(0), f.Quantile(0.9), f.Drivers
//
// A model pools partially over traits (surface, team, author …) and their pairs, believes
// claims as far as their record goes, learns by trait how large effects are, reads words,
// knows that ideas of one set that are worded alike are alike, ages effects, and has normal, t or
// mixture residuals: what of this foretells later effects better than less of it, by
// [Choose]. [LearnJoint] says how effects on several metrics go together, and its Breach how
// likely an idea harms its guardrails.
//
// All numbers come from stats/mixed and stats/proxy. The package does not read files, weigh
// what a lift is worth, design a test, or score its own forecasts against those of others.
package forecast
