package main

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats/duration"
)

func TestDesignJSON(t *testing.T) {
	const line = "proportion --baseline 2% --mde 5% --weekly-users 2M --share 10% --looks 3 --futility obf -o json"
	s := design(t, line).want(t, exitOK)
	if again := design(t, line); again.out != s.out {
		t.Error("not the same bytes again")
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(s.out), &got); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]any{
		"solved_for": "users", "inputs.alpha": 0.05, "inputs.power": 0.8, "inputs.test": "score", "inputs.values.baseline": 0.02,
		"inputs.monitoring": "looks", "inputs.share": 0.1, "sizing.control_users": nil, "duration.week": nil,
		"duration.expected_effect.users": nil, "traffic.exponent": 0.5, "weeks.0.week": 1.0, "weeks.0.relative_mde": nil,
		"weeks.0.power": nil, "weeks.0.enough": false, "looks.2.information": 1.0, "looks.2.efficacy_z": nil, "looks.0.futility_z": nil,
		"looks.0.cumulative_power": nil,
	} {
		value, ok := at(got, path)
		if !ok || want != nil && value != want || want == nil && value == nil {
			t.Errorf("%s is %v (there: %v), want %v", path, value, ok, want)
		}
	}
	for _, list := range []string{"by_users", "warnings"} {
		if rows, ok := got[list].([]any); !ok || len(rows) > 0 {
			t.Errorf("%s is %v, want []", list, got[list])
		}
	}
	last, _ := at(got, "looks.2.cumulative_power")
	if p, ok := last.(float64); !ok || math.Abs(p-0.8) > 1e-6 {
		t.Errorf("power at the last look is %v", last)
	}
}

func at(v any, path string) (any, bool) {
	for key := range strings.SplitSeq(path, ".") {
		switch inner := v.(type) {
		case map[string]any:
			next, ok := inner[key]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(inner) {
				return nil, false
			}
			v = inner[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func TestDesignCSV(t *testing.T) {
	s := design(t, "proportion --baseline 2% --mde 5% --weekly-users 2M --share 20% --weeks 4 -o csv").want(t, exitOK)
	rows, err := csv.NewReader(strings.NewReader(s.out)).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%v, %v", rows, err)
	}
	if got := strings.Join(rows[0], ","); got != "week,control_users,treatment_users,total_users,mde,relative_mde,margin,relative_margin,power,enough,extrapolated" {
		t.Error(got)
	}
	if rows[2][9] != "false" || rows[3][9] != "true" || rows[3][0] != "3" || rows[1][6] != "" {
		t.Errorf("%v", rows)
	}
}

// What there is none of is null, not 0.
func TestDesignJSONOfWhatNeverComes(t *testing.T) {
	for line, nulls := range map[string][]string{
		"proportion --baseline 2% --mde 5% --weekly-users 9k --growth 0 --looks 2 -o json": {"duration.days", "duration.week", "looks.1.days"},
		"proportion --baseline 2% --mde 5% --weekly-users 2M -o json":                      {"duration.most_users"},
		"proportion --baseline 2% --mde 5% -o json":                                        {"duration", "traffic"},
		"proportion --baseline 2% --mde 5% --looks 2 -o json":                              {"duration.days", "duration.week", "duration.most_users", "looks.0.days"},
	} {
		var got map[string]any
		if err := json.Unmarshal([]byte(design(t, line).want(t, exitOK).out), &got); err != nil {
			t.Fatal(err)
		}
		for _, path := range nulls {
			if value, ok := at(got, path); !ok || value != nil {
				t.Errorf("%s: %s is %v (there: %v), want null", line, path, value, ok)
			}
		}
	}
}

// With looks the power of several arms together is not known: there is no 0 for it.
func TestDesignJSONOfSeveralArmsWithLooks(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal([]byte(design(t, "proportion --baseline 2% --mde 5% --treatments 2 --looks 2 -o json").want(t, exitOK).out), &got); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"sizing.any_power", "sizing.all_power"} {
		if value, there := at(got, path); there {
			t.Errorf("%s is %v", path, value)
		}
	}
}

// Any question has an answer or an error that names flags; its table, JSON and CSV say
// the same.
func TestDesignOfAnything(t *testing.T) {
	one := func(rt *rapid.T, name string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, name) }
	rapid.Check(t, func(rt *rapid.T) {
		line := strings.Join([]string{
			one(rt, "metric", "mean --mean 1.2 --sd 4", "proportion --baseline 2%", "count --rate 0.3 --dispersion 2", "ratio --numerator 1.2 --denominator 6 --numerator-sd 3 --denominator-sd 8 --covariance 15"),
			one(rt, "question", "--mde 5%", "--mde -300%", "--mde-absolute 0.001", "--margin 2% --lower-is-better", "--margin 2% --mde 0.5%", "--users 200k", "--users 2 --mde 5%",
				"--users 200k --solve margin", "--total-users 1M --mde 3% --solve alpha"),
			one(rt, "arms", "", "--allocation 0.25", "--treatments 3 --correction holm --goal all", "--treatments 2 --correction bonferroni", "--sides one-sided", "--strict"),
			one(rt, "variance", "", "--cuped 0.6", "--cluster-size 20 --icc 0.05 --cluster-cv 0.5 --reference t", "--population 10M"),
			one(rt, "test", "", "--test wald", "--test lift", "--test stabilised"),
			one(rt, "looks", "", "--looks 3", "--looks 20%,100% --futility hsd:-2 --spending pocock"),
			one(rt, "traffic", "", "--weekly-users 400k", "--weekly-users 400k --growth 0 --share 10%", "--reach ../../docs/examples/reach.csv"),
		}, " ")
		table := design(t, line)
		if table.code != exitOK {
			if table.code != exitUsage || !strings.Contains(table.err, "--") || table.out != "" || strings.Contains(table.err, "stats:") {
				rt.Fatalf("%s: %v", line, table)
			}
			return
		}
		table.fits(t)
		var got designAnswer
		if err := json.Unmarshal([]byte(design(t, line+" -o json").out), &got); err != nil || strings.Contains(table.out, "NaN") || strings.Contains(table.out, "Inf") {
			rt.Fatalf("%s: %v\n%s", line, err, table.out)
		}
		rows, err := csv.NewReader(strings.NewReader(design(t, line+" -o csv").out)).ReadAll()
		if err != nil || len(rows) != 1+len(got.Weeks)+len(got.ByUsers) {
			rt.Fatalf("%s: %d rows for %d weeks and %d points (%v)", line, len(rows), len(got.Weeks), len(got.ByUsers), err)
		}
		for i, row := range rows[1:] {
			var p duration.Point
			if len(got.Weeks) > 0 {
				p = got.Weeks[i].Point
			} else {
				p = got.ByUsers[i]
			}
			power, _ := strconv.ParseFloat(row[8], 64)
			if control, err := strconv.ParseFloat(row[1], 64); err != nil || control != p.Control || power != p.Power {
				rt.Fatalf("%s: row %v is %+v in JSON", line, row, p)
			}
		}
		if d := got.Duration; got.SolvedFor == "users" && len(got.Weeks) > 0 {
			for _, w := range got.Weeks {
				if w.Enough != (d.Reached && w.Week >= *d.Week) {
					rt.Fatalf("%s: week %d is enough: %t, the test takes %v days", line, w.Week, w.Enough, d.Days)
				}
			}
		}
	})
}
