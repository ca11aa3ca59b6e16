package planner

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/allocator/cohort"
)

func TestParseRamp(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "[]",
		"none":                          "[]",
		"1% for 2 days, 5% for 5 days":  "[{0.01 2 100} {0.05 5 500}]",
		" 0.5%1d,2.5 % for 1 day ":      "[{0.005 1 50} {0.025 1 250}]",
		"1%":                            `"1%" is no stage; write, say, 1% for 2 days, 5% for 5 days, or none`,
		"1% for 2 weeks":                `"1% for 2 weeks" is no stage`,
		"5% for 2 days, 1% for 1 day":   `"1% for 1 day": each stage must have more users than the one before`,
		"5% for 2 days, 5.001% for 1 d": `each stage must have more users`,
		"100% for 1 day":                `a stage has 0.02% of the users or more, and less than all`,
		"0.01% for 1 day":               `a stage has 0.02%`,
		"1% for 0 days":                 `a stage lasts 1 to 365 days`,
		"1% for 2 days,, 5% for 2 days": `"" is no stage`,
		"NaN% for 2 days":               `is no stage`,
		"1% for 99999999999999999 days": `is no stage`,
	} {
		stages, err := parseRamp(text)
		got := fmt.Sprint(stages)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// A test of half the users over four weeks that begins with 10% for 7 days. The segment
// has a million users a week, growing with the square root: 5% in each arm count for
// four weeks, 100,000; 20% for the three that are left, 200,000·√3.
func TestRampedDesign(t *testing.T) {
	m := belief(smallPolicy())
	h := idea("a")
	h.Ramp = "10% for 7 days"
	designs, err := m.designs(h)
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, d := range designs {
		names += d.Name + "; "
	}
	// 10% is full exposure for a share of 10%; half the users for one week leaves none of it.
	if names != "10% × 1 week; 10% × 2 weeks; 10% × 4 weeks; 50% × 2 weeks; 50% × 4 weeks; " {
		t.Fatal(names)
	}
	if len(designs[2].Ramp) != 0 {
		t.Errorf("%s has the ramp %v", designs[2].Name, designs[2].Ramp)
	}
	d := designs[4]
	near(t, "users", d.UsersPer, 0.05*2e6+0.2*1e6*math.Sqrt(3))
	near(t, "standard error", d.SE, 2*math.Sqrt(2/d.UsersPer))
	// 50,000 treated users in the first week, 250,000 in the others, at 10 GPU-hours a million.
	if fmt.Sprint(d.GPUHours) != "[101 3 3 3]" {
		t.Errorf("GPU-hours %v", d.GPUHours)
	}
	near(t, "cost", d.Cost, 110*2+250_000*(3+0.2)*0.001)
	if d.RampText() != "10% for 7 days, then all" {
		t.Error(d.RampText())
	}
	h.Ramp = "10% for 22 days"
	if _, err := m.designs(h); err != nil {
		t.Errorf("10%% × 4 weeks needs no ramp: %v", err)
	}
	h.Ramp = "9% for 22 days"
	if _, err := m.designs(h); err == nil || !strings.Contains(err.Error(), "its ramp takes 22 days and leaves no design a week at full exposure") {
		t.Error(err)
	}
}

// Without a ramp nothing has changed, and a hypothesis may go without the policy's.
func TestRampOfThePolicy(t *testing.T) {
	p := smallPolicy()
	p.Designs.Ramp = "1% for 2 days"
	h := idea("a")
	with, err := belief(p).designs(h)
	if err != nil || len(with) != 4 { // of one week there is none
		t.Fatal(len(with), err)
	}
	h.Ramp = noRamp
	without, err := belief(p).designs(h)
	if err != nil || len(without) != 6 || without[1].UsersPer <= with[0].UsersPer {
		t.Error(len(without), without[1].UsersPer, with[0].UsersPer, err)
	}
	for ramp, want := range map[string]string{
		"1% for 22 days": "invalid policy: designs: ramp takes 22 days and leaves none of designs.weeks a week at full exposure",
		"[1%, 5%]":       `invalid policy: designs: ramp: "[1%" is no stage`,
	} {
		p.Designs.Ramp = ramp
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", ramp, err)
		}
	}
	h.Ramp = "1% for 22 days"
	if bad := h.Validate(smallPolicy()); len(bad) != 1 || bad[0].Field != "ramp" {
		t.Error(bad)
	}
}

// A test on a ramp holds all of its cohort from the start, and is exposed to growing
// prefixes of both arms, equally large.
func TestRampInTheLedger(t *testing.T) {
	layer := Partition{Segment: "feed", Layer: "a", Salt: "s", Buckets: 100}
	s := Start{Hypothesis: "a", Experiment: "a@", From: tonight, Until: tonight.Add(3 * week), Segment: "feed", Layer: "a", Salt: "s", Of: 100,
		Control: []cohort.Range{{From: 10, To: 13}, {From: 20, To: 27}}, Treatment: []cohort.Range{{From: 27, To: 37}},
		Design: Design{Buckets: 20, Ramp: []Stage{{Share: 0.02, Days: 2, Buckets: 2}, {Share: 0.1, Days: 5, Buckets: 10}}}}
	book := Ledger{layer.line(tonight)}
	book = append(book, book.Planned(Plan{At: tonight, Layers: []Partition{layer}, Entries: []Entry{{Start: &s}}})...)
	for _, tc := range []struct {
		after time.Duration
		want  string
	}{
		{0, "[{10 11}] [{27 28}] [{11 13} {20 27} {28 37}]"},
		{47 * time.Hour, "[{10 11}] [{27 28}] [{11 13} {20 27} {28 37}]"},
		{48 * time.Hour, "[{10 13} {20 22}] [{27 32}] [{22 27} {32 37}]"},
		{week - time.Second, "[{10 13} {20 22}] [{27 32}] [{22 27} {32 37}]"},
		{week, "[{10 13} {20 27}] [{27 37}] []"},
	} {
		held, err := book.Tenancy("feed/a", tonight.Add(tc.after))
		if err != nil || len(held.Tests) != 1 {
			t.Fatal(held, err)
		}
		test := held.Tests[0]
		if got := fmt.Sprint(test.Control, test.Treatment, test.Waiting); got != tc.want {
			t.Errorf("after %s: %s, want %s", tc.after, got, tc.want)
		}
		if free := cohort.Size(held.Free); free != 80 {
			t.Errorf("after %s: %d buckets are free", tc.after, free)
		}
		units := make([]string, 500)
		for i := range units {
			units[i] = fmt.Sprint(i)
		}
		assigned, err := held.Assign(units)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range assigned.Assignments {
			_, waits := cohort.Meet(test.Waiting, []cohort.Range{{From: a.Bucket, To: a.Bucket + 1}})
			if waits != (a.State == cohort.Waiting) || waits && (a.Experiment != "a@" || a.Arm != "") {
				t.Errorf("%+v waits: %v", a, waits)
			}
		}
	}
}
