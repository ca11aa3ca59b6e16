package reach_test

import (
	"fmt"

	"github.com/assay-planner/assay/stats/reach"
)

// The first two weeks of a past test.
var past = []reach.Point{{Day: 1, Users: 41_200}, {Day: 2, Users: 58_900}, {Day: 3, Users: 70_100}, {Day: 4, Users: 78_300}, {Day: 5, Users: 84_900}, {Day: 6, Users: 90_000}, {Day: 7, Users: 94_300},
	{Day: 8, Users: 98_000}, {Day: 9, Users: 101_300}, {Day: 10, Users: 104_100}, {Day: 11, Users: 106_700}, {Day: 12, Users: 109_000}, {Day: 13, Users: 111_000}, {Day: 14, Users: 112_900}}

func ExampleFit() {
	c, err := reach.Fit(past, reach.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s of %.0f users, error %.1f%%; from week 1, week 2 was foretold to %.1f%%\n", c.Model, c.Scale, 100*c.Fit.Error, 100*c.Fit.Ahead)
	fmt.Printf("four weeks: %.0f users; a constant rate would say %.0f\n", c.Users(28), 2*c.Users(14))
	// Output:
	// beta_binomial of 327747 users, error 0.2%; from week 1, week 2 was foretold to 0.9%
	// four weeks: 130503 users; a constant rate would say 225800
}

func ExampleCurve_Users() {
	c := reach.Curve{Model: reach.BetaBinomial, Scale: 1e6, A: 1, B: 3}
	fmt.Printf("%.0f %.0f %.0f\n", c.Users(1), c.Users(7), c.Users(28))
	// Output: 250000 700000 903226
}

func ExampleCurve_Day() {
	c := reach.Curve{Model: reach.Geometric, Scale: 1e6, Visit: 0.1}
	day, ok := c.Day(5e5)
	fmt.Printf("%.1f %v\n", day, ok)
	_, ok = c.Day(1.5e6)
	fmt.Println(ok)
	// Output:
	// 6.6 true
	// false
}

func ExampleCurve_Check() {
	fmt.Println(reach.Curve{}.Check())
	// Output: stats: invalid input: Scale = 0: must be above 0 (1e-40 to 1e40)
}

func ExampleCurve_Extrapolated() {
	c, err := reach.Fit(past, reach.Options{})
	fmt.Println(c.Extrapolated(28), c.Extrapolated(29), err)
	// Output: false true <nil>
}

// A planner's segment: a million users a week, growing with the root of weeks.
func ExampleWeekly() {
	c, err := reach.Weekly(1e6, 0.5)
	fmt.Printf("%.0f %.0f %v\n", c.Users(7), c.Users(28), err)
	// Output: 1000000 2000000 <nil>
}

func ExampleCurve_Share() {
	c, _ := reach.Weekly(1e6, 0.5)
	arm, err := c.Share(0.1)
	day, _ := arm.Day(150_000)
	fmt.Printf("150,000 users in an arm of 10%% after %.1f weeks, %v\n", day/7, err)
	// Output: 150,000 users in an arm of 10% after 2.3 weeks, <nil>
}

func ExampleCurve_Schedule() {
	c, _ := reach.Fit(past, reach.Options{})
	weeks, err := c.Schedule(5)
	for _, w := range weeks {
		fmt.Printf("week %d: %.0f users, %.0f of them new, extrapolated %v\n", w.Week, w.Users, w.New, w.Extrapolated)
	}
	fmt.Println(err)
	// Output:
	// week 1: 94173 users, 94173 of them new, extrapolated false
	// week 2: 112900 users, 18727 of them new, extrapolated false
	// week 3: 123347 users, 10447 of them new, extrapolated false
	// week 4: 130503 users, 7156 of them new, extrapolated false
	// week 5: 135903 users, 5400 of them new, extrapolated true
	// <nil>
}
