// Package reach answers: how many different users will a test, or a segment,
// have seen by day d?
//
// Never a constant rate times days: those who come daily are seen on the first
// day, and each later day adds mostly users that come rarely. A [Curve] is such a
// growth; [Fit] learns it from the cumulative users of one past test or of the
// segment's logs ([Point]), and [Weekly] states one from users per week and an
// exponent.
//
//	curve, err := reach.Fit([]reach.Point{{Day: 1, Users: 41e3}, {Day: 2, Users: 58e3}, …}, reach.Options{})
//	curve.Users(28)                  // different users by day 28
//	day, reached := curve.Day(120e3) // when there are enough for the test
//	half, err := curve.Share(0.5)    // of the half that is in the test
//	weeks, err := half.Schedule(6)   // week by week
//
// A curve that is asked for more than twice the days it was fitted to extrapolates, and
// says so. The package knows no weekdays (give whole weeks of days, or
// the weekly points), no growth of the population itself, and no
// repeated visits: it counts users, not events.
package reach
