// Package forecast answers: what effect may an idea have that was never tested, given
// what past experiments found and what is known of the idea?
//
// Learn takes Past effects of one metric and returns a Model; its Forecast of an Idea
// is a distribution of the true effect, with what moved it.
//
//	model, err := forecast.Learn(past, forecast.Options{})
//	f, err := model.Forecast(forecast.Idea{Traits: map[string]string{"surface": "feed"}})
//	f.Mean(), f.SD(), f.ProbAbove(0), f.Quantile(0.9)
//
// The package does not read files, weigh what a lift is worth, or design a test.
package forecast
