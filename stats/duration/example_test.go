package duration_test

import (
	"fmt"

	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/reach"
	"github.com/assay-planner/assay/stats/sequential"
)

// signup is a test of a rate of 2% that should find +5%, on a fifth of 2 M weekly users.
func signup() duration.Test {
	traffic, err := reach.Weekly(2e6, 0.5)
	if err != nil {
		panic(err)
	}
	return duration.Test{
		Design:  power.Design{Metric: power.Proportion{Baseline: 0.02}, MDE: 0.05, Relative: true},
		Traffic: traffic,
		Share:   0.2,
	}
}

func ExampleTest_Weeks() {
	weeks, err := signup().Weeks(4)
	if err != nil {
		panic(err)
	}
	for _, w := range weeks {
		fmt.Printf("week %d: %.0f an arm, MDE %.2f%%, power %.3f, enough %v\n", w.Week, w.Control, 100*w.RelativeMDE, w.Power, w.Enough)
	}
	// Output:
	// week 1: 200000 an arm, MDE 6.30%, power 0.607, enough false
	// week 2: 282843 an arm, MDE 5.28%, power 0.756, enough false
	// week 3: 346410 an arm, MDE 4.77%, power 0.836, enough true
	// week 4: 400000 an arm, MDE 4.43%, power 0.884, enough true
}

func ExampleTest_Length() {
	t := signup()
	l, err := t.Length(0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d an arm: %.1f days, in week %d\n", l.Sizing.ControlUsers, l.Days, l.Week)

	t.Traffic = reach.Curve{Model: reach.Geometric, Scale: 2e6, Visit: 0.3}
	l, err = t.Length(0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("reached %v: the test never has more than %.0f users\n", l.Reached, l.Most)
	// Output:
	// 315206 an arm: 17.4 days, in week 3
	// reached false: the test never has more than 400000 users
}

func ExampleTest_At() {
	p, err := signup().At(1e6)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.0f users in all: +%.2f%% is found; power for +5%% is %.4f\n", p.Total, 100*p.RelativeMDE, p.Power)
	// Output: 2000000 users in all: +2.79% is found; power for +5% is 0.9988
}

func ExampleLooks() {
	t := signup()
	var err error
	if t.Monitoring, err = duration.Looks(t.Design, sequential.Design{Looks: 4}); err != nil {
		panic(err)
	}
	l, err := t.Length(0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("at most %.1f days (%.3f times the users), %.1f on average under +5%%\n", l.Days, l.Inflation, l.Effect.Days)
	for _, look := range l.Looks {
		fmt.Printf("look %d on day %.1f: |z| ≥ %.3f\n", look.Look, look.Days, t.Monitoring.Plan.Stages[look.Look-1].Efficacy)
	}
	// Output:
	// at most 18.1 days (1.020 times the users), 12.9 on average under +5%
	// look 1 on day 1.1: |z| ≥ 4.333
	// look 2 on day 4.5: |z| ≥ 2.963
	// look 3 on day 10.2: |z| ≥ 2.359
	// look 4 on day 18.1: |z| ≥ 2.014
}

func ExampleContinuous() {
	t := signup()
	var err error
	if t.Monitoring, err = duration.Continuous(t.Design, 0); err != nil {
		panic(err)
	}
	l, err := t.Length(0)
	if err != nil {
		panic(err)
	}
	fmt.Printf("at most %.1f days (%.2f times the users), %.1f on average under +5%%\n", l.Days, l.Inflation, l.Effect.Days)
	// Output:
	// at most 49.3 days (1.68 times the users), 23.4 on average under +5%
}

func ExampleTest_SampleSize() {
	t := signup()
	once, err := t.SampleSize()
	if err != nil {
		panic(err)
	}
	if t.Monitoring, err = duration.Looks(t.Design, sequential.Design{Looks: 4, Efficacy: sequential.Pocock()}); err != nil {
		panic(err)
	}
	looks, err := t.SampleSize()
	if err != nil {
		panic(err)
	}
	fmt.Println(once.ControlUsers, looks.ControlUsers)
	// Output:
	// 315206 379028
}

func ExampleTest_MDEAt() {
	s, err := signup().MDEAt(1e6)
	if err != nil {
		panic(err)
	}
	fmt.Printf("+%.2f%%\n", 100*s.RelativeMDE)
	// Output: +2.79%
}

func ExampleTest_PowerAt() {
	s, err := signup().PowerAt(200_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", s.Power)
	// Output: 0.607
}

func ExampleTest_MarginAt() {
	t := signup()
	t.Design.MDE = 0 // no effect
	s, err := t.MarginAt(1e6)
	if err != nil {
		panic(err)
	}
	fmt.Printf("a loss of %.2f%% is ruled out\n", 100*s.RelativeMargin)
	// Output:
	// a loss of 2.77% is ruled out
}

func ExampleTest_AlphaAt() {
	t := signup()
	var err error
	if t.Monitoring, err = duration.Looks(t.Design, sequential.Design{Looks: 4}); err != nil {
		panic(err)
	}
	t, s, err := t.AlphaAt(300_000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("at α = %.3f the power is %.0f%%\n", t.Design.Alpha, 100*s.Power)
	// Output: at α = 0.063 the power is 80%
}
