package main

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/history"
)

// TestAnalyzePast analyses an experiment of the history, whose users the engine adds
// up by day, the last of which has two in each arm: lifts are those of the file of users, and there is a course over days.
func TestAnalyzePast(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := assay(t, "analyze", "--experiment", "e1", "--data", dir).want(t, exitNotFound)
	s.contains(t, s.err, "there is no history")
	assay(t, "analyze", "--data", dir).want(t, exitUsage)
	assay(t, "analyze", "--experiment", "e1", "--mapping", "m.yaml", "--data", dir).want(t, exitUsage)

	var rows strings.Builder
	rows.WriteString("user,arm,seen,country,spend,before,orders\n")
	for i := range 1200 {
		noise, orders := math.Sin(float64(i)*12.9898), 1+i*7%5
		fmt.Fprintf(&rows, "u%d,%s,2026-01-%02d,%s,%v,%v,%d\n", i, []string{"control", "blue"}[i%2], 2+i/2%9+i/1196, []string{"DE", "FR"}[i/2%2],
			3+noise+0.1*float64(i%2), 3+noise+math.Sin(float64(i)*78.233), orders)
	}
	file, mapping := write(t, "users.csv", rows.String()), write(t, "m.yaml", `layout: users
unit: user
exposed_at: seen
segment: country
experiment: {id: {value: e1}, started: {value: 2026-01-01}, ended: {value: 2026-01-15}}
arm: {id: arm}
metrics: [{name: spend, value: spend, pre: before}, {name: price, value: spend, denominator: orders, pre: before}]
`)
	assay(t, "import", "outcomes", file, "--mapping", mapping, "--data", dir).want(t, exitOK)

	past := assay(t, "analyze", "--experiment", "e1", "--data", dir, "-o", "json").want(t, exitOK)
	fromFile := assay(t, "analyze", file, "--mapping", mapping, "-o", "json").want(t, exitOK)
	a, b := lifts(t, past.out), lifts(t, fromFile.out)
	if len(a) != 2 || len(b) != 2 {
		t.Fatalf("%v, %v", a, b)
	}
	for metric, want := range b {
		if got := a[metric]; math.Abs(got[0]-want[0]) > 1e-9 || math.Abs(got[1]-want[1]) > 1e-9 {
			t.Errorf("%s: lift and its standard error %v of the history, %v of the file", metric, got, want)
		}
	}
	s = assay(t, "analyze", "--experiment", "e1", "--data", dir).want(t, exitOK).fits(t)
	s.contains(t, s.out, "control: 600 users", "DE", "day")
	s = assay(t, "analyze", "--experiment", "e2", "--data", dir).want(t, exitNotFound)
	s.contains(t, s.err, "nothing was ever imported about it", "assay history verdicts")
}

func lifts(t *testing.T, text string) map[string][2]float64 {
	t.Helper()
	var reports []struct {
		Comparisons []struct {
			Metric string
			Result struct{ Lift struct{ Value, SE float64 } }
		}
	}
	if err := json.Unmarshal([]byte(text), &reports); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	of := map[string][2]float64{}
	for _, r := range reports {
		for _, c := range r.Comparisons {
			of[c.Metric] = [2]float64{c.Result.Lift.Value, c.Result.Lift.SE}
		}
	}
	return of
}

// Days of too few users are put together with the next, or the last with the one
// before, and no user is lost.
func TestThickDays(t *testing.T) {
	for days, want := range map[string]string{
		"1": "1", "3": "3", "1 1 1": "3", "1 2 3": "3 3", "5 1": "6", "5 1 1": "5 2", "5 1 1 1": "5 3", "1 5 1 4 1": "6 6", "1 5 1 4 3": "6 5 3", "0 0 2 1": "3",
	} {
		var in []history.Day
		for i, n := range strings.Fields(days) {
			users, err := strconv.ParseFloat(n, 64)
			if err != nil {
				t.Fatal(err)
			}
			in = append(in, history.Day{Metric: "m", Arm: "control", At: time.Unix(int64(i+1)*86400, 0), N: users, Y: 2 * users})
		}
		var got []string
		for _, d := range thickDays(in) {
			if got = append(got, fmt.Sprint(d.N)); d.Y != 2*d.N {
				t.Errorf("%s: %+v", days, d)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s users became %s, want %s", days, strings.Join(got, " "), want)
		}
	}
}
