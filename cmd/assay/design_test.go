package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-planner/assay/cmd/assay/render"
)

// design runs assay design with the words of a line.
func design(t testing.TB, line string) said {
	t.Helper()
	return assay(t, append([]string{"design"}, strings.Fields(line)...)...)
}

// goldens are whole answers, read in review: go test ./cmd/assay -run DesignPrints -update.
var goldens = map[string]string{
	"users":      "proportion --baseline 2% --mde 5%",
	"weeks":      "proportion --baseline 2% --mde 5% --weekly-users 2M --share 20% --looks 4 --futility hsd:-2",
	"detect":     "mean --mean 1.2 --sd 4 --weekly-users 2e6 --growth 0.5 --share 10% --weeks 6",
	"continuous": "proportion --baseline 2% --mde 5% --weekly-users 1M --share 0.1 --continuous --weeks 5",
	"guardrail":  "mean --mean 340 --sd 120 --margin 0.5% --lower-is-better --weekly-users 60k --weeks 8",
	"arms":       "proportion --baseline 2% --mde 5% --treatments 3 --goal all --allocation 0.5 --test wald",
	"clusters":   "mean --sd 4 --mde-absolute 0.3 --cluster-size 20 --icc 0.05 --cluster-cv 0.5 --reference t --cuped 0.5 --strict",
	"ratio":      "ratio --numerator 1.2 --denominator 6 --numerator-sd 3 --denominator-sd 8 --covariance 15 --users 100,000 --mde -2% --test lift",
	"count":      "count --rate 0.3 --dispersion 2 --exposure 2 --total-users 80k --solve margin",
	"alpha":      "proportion --baseline 2% --users 200000 --mde-absolute 0.001 --solve alpha",
	"reach":      "proportion --baseline 2% --mde 4% --reach ../../docs/examples/reach.csv --share 50% --weeks 10",
}

func TestDesignPrintsWhatItDid(t *testing.T) {
	for name, line := range goldens {
		t.Run(name, func(t *testing.T) {
			got := design(t, line).want(t, exitOK).fits(t)
			text := "$ assay design " + line + "\n" + got.out
			path := filepath.Join("testdata", "design_"+name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil || string(want) != text {
				t.Errorf("%s is not what is printed now (%v):\n%s", path, err, firstDifference(string(want), text))
			}
			if got.err != "" {
				t.Errorf("standard error: %s", got.err)
			}
		})
	}
}

// The numbers of R's power.prop.test(p1 = .02, p2 = .021, power = .8) and of
// power.t.test in its normal limit, in the words of the answer.
func TestDesignNumbers(t *testing.T) {
	for line, want := range map[string]string{
		"proportion --baseline 2% --mde 5%":                               "315,206 users in each arm (630,412 in all) show a lift of +5%",
		"proportion --baseline 0.02 --mde-absolute 0.001":                 "315,206 users in each arm",
		"mean --sd 1 --mde-absolute 0.1":                                  "1,570 users in each arm",
		"mean --sd 1 --users 1570 --mde-absolute 0.1":                     "four times out of five",
		"mean --sd 1 --mde-absolute 0.1 --allocation 0.5":                 "2,355 users in control and 1,178 in treatment",
		"proportion --baseline 2% --mde 5% --power 90%":                   "nine times out of ten",
		"proportion --baseline 2% --mde 5% --weekly-users 400k":           "That takes 17.4 days: to the end of week 3.",
		"proportion --baseline 2% --mde 5% --weekly-users 9k --growth 0":  "The traffic never brings that many: it ends at 9,000 users in the test.",
		"proportion --baseline 2% --mde 5% --treatments 2 --goal any":     "show for at least one of the treatments",
		"mean --mean 10 --sd 4 --mde 2% --lower-is-better":                "an improvement is below 0",
		"mean --mean 10 --sd 4 --margin 2% --looks 2":                     "users if nothing changes and at",
		"mean --mean 10 --sd 4 --margin 2% --mde 1% --looks 2":            "users with that true effect and at",
		"mean --mean 10 --sd 4 --users 1 --mde 2%":                        "1 user in each arm (2 in all)",
		"mean --mean 10 --sd 4 --weekly-users 9.99k --growth 1 --weeks 1": "4,995 users in each arm (9,990 in all)",
		"mean --mean 1.2 --sd 4 --mde 1% --weekly-users 1000":             "week 12,168,872.",
		"proportion --baseline 2% --mde 5% --treatments 2 --looks 3":      "corrected by Bonferroni",
	} {
		s := design(t, line).want(t, exitOK)
		if flat := strings.Join(strings.Fields(s.out), " "); !strings.Contains(flat, want) {
			t.Errorf("%s: no %q in\n%s", line, want, s.out)
		}
	}
}

func TestDesignMistakes(t *testing.T) {
	for _, c := range []struct{ line, message, step string }{
		{"", "which metric? mean, proportion, ratio or count", "usage: assay design METRIC"},
		{"mean median", "which metric?", "usage"},
		{"median", `"median" is no metric`, "use mean, proportion"},
		{"proportion", "a proportion needs --baseline", "assay design proportion --baseline 2% --mde 5%"},
		{"ratio --numerator 3", "a ratio needs --denominator, --numerator-sd and --denominator-sd", "as in: assay design ratio"},
		{"proportion --baseline 2 --mde 5%", "--baseline: 2: 2 is 200%: write 2% or 0.02", "--help"},
		{"proportion --baseline 2% --mde 2", "--mde: 2: 2 is +200%: write 2% for two percent", "--help"},
		{"proportion --baseline 2% --mde -3", "-3 is -300%: write -3% for three percent", "--help"},
		{"proportion --baseline 2% --mde 2%%", "--mde: 2%%: is not a number", "--help"},
		{"proportion --baseline 2% --mde NaN", "is not a number", "--help"},
		{"proportion --baseline 2% --mde 0", "no test finds an effect of 0", "--margin"},
		{"proportion --baseline 2% --mde-absolute 5%", "is a number, not a percentage", "--help"},
		{"proportion --baseline 0% --mde 5%", "--baseline: 0%: must lie strictly between 0 and 1", ""},
		{"proportion --baseline 60% --mde 90%", "--mde: 90%: puts the treatment outside the range of the metric", "2% or 0.02"},
		{"proportion --baseline 60% --mde-absolute 0.9", "--mde-absolute: 0.9: puts", "2% or 0.02"},
		{"proportion --baseline 2%", "nothing says how large an effect to find", "--weekly-users 2M"},
		{"proportion --baseline 2% --mde 5% --users 1000 --power 80%", "nothing is left to find", "--solve alpha"},
		{"proportion --baseline 2% --mde 5% --mde-absolute 0.01", "both give the effect", ""},
		{"proportion --baseline 2% --mde 5% --margin-absolute 0.01", "different units", "both relative, or both absolute"},
		{"proportion --baseline 2% --mde 5% --users 5 --total-users 10", "both give the users", ""},
		{"proportion --baseline 2% --mde 5% --sd 3", "--sd describes a mean, not a proportion", "a proportion takes --baseline"},
		{"mean --sd 4 --mde 2%", "--mean: not given: a relative --mde", "--mde-absolute"},
		{"mean --sd -4 --mde-absolute 2", "--sd: -4: a standard deviation is not below 0", ""},
		{"mean --sd 0 --mde-absolute 2", "--sd: 0: must be above 0", ""},
		{"mean --sd 4,5 --mde-absolute 2", "a decimal point is written as a point", ""},
		{"ratio --numerator 1 --denominator 0 --numerator-sd 1 --denominator-sd 1 --mde 2%", "--denominator: 0: must not be 0", ""},
		{"ratio --numerator 1 --denominator 2 --numerator-sd 1 --denominator-sd 1 --covariance 5 --mde 2%", "--covariance: 5: exceeds", ""},
		{"proportion --baseline 2% --mde 5% --alpha 5", "--alpha: 5: 5 is 500%: write 5% or 0.05", ""},
		{"proportion --baseline 2% --mde 5% --alpha 0", "--alpha: 0: must be above 0", ""},
		{"proportion --baseline 2% --mde 5% --power 4%", "--power: 4%: must exceed --alpha", "80% or 0.8"},
		{"proportion --baseline 2% --mde 5% --alpha 95%", "--alpha: 95%: must be below the power of 80%", "5% or 0.05"},
		{"mean --mean 1 --sd 4 --mde 0.000001%", "--mde: 0.000001%: no population is that large: raise --mde or lower --power", ""},
		{"mean --mean 1 --sd 4 --margin 1% --mde -2%", "--mde: -2%: lies where the treatment is worse by --margin or more", ""},
		{"mean --mean 1 --sd 4 --mde 5% --icc 0.1", "--cluster-size: not given: a cluster has", ""},
		{"proportion --baseline 2% --margin 0", "--margin: 0: a margin is above 0", "1%"},
		{"proportion --baseline 2% --mde 5% --growth 0.4", "--growth says nothing without traffic", "--weekly-users 2M"},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --growth 3", "--growth: 3: must lie between 0", "0.5 is usual"},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --weeks 1.5", "--weeks: 1.5: must be a whole number", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --weeks 600", "--weeks: 600: at most 520", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --share 0", "--share: 0: must be above 0", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 0", "--weekly-users: 0: must be above 0", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --reach r.csv", "both give the traffic", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --population 1e5", "--population: 1e5: more users come than there are", "--share"},
		{"proportion --baseline 2% --mde 5% --futility obf", "plan looks: there are none", "--looks 4"},
		{"proportion --baseline 2% --mde 5% --looks 0", "--looks: 0: must be 1 to 100 looks", "25%,50%,100%"},
		{"proportion --baseline 2% --mde 5% --looks 50%,20%", "must rise from look to look", ""},
		{"proportion --baseline 2% --mde 5% --looks 50%,80%", "the last look is at 100%", ""},
		{"proportion --baseline 2% --mde 5% --looks soon", "--looks: soon: soon is not a number", ""},
		{"proportion --baseline 2% --mde 5% --looks 3 --spending hsd", "--spending: hsd: is no spending function", "hsd:-4"},
		{"proportion --baseline 2% --mde 5% --looks 3 --futility kd:0", "--futility: kd:0: is no spending function", "kd:3"},
		{"proportion --baseline 2% --mde 5% --looks 3 --binding", "--binding: true: needs a one-sided test", "--sides one-sided"},
		{"proportion --baseline 2% --mde 5% --looks 3 --treatments 2 --correction dunnett", "--correction: dunnett: treatments with looks need --correction bonferroni or none", ""},
		{"proportion --baseline 2% --mde 5% --looks 3 --treatments 2 --goal any", "--goal: any: several arms together have no plan", ""},
		{"proportion --baseline 2% --mde 5% --looks 3 --continuous", "two ways to look", "costs fewer users"},
		{"proportion --baseline 2% --mde 5% --continuous --spending pocock", "--continuous has no plan", ""},
		{"proportion --baseline 2% --mde 5% --plot x.jpg", "--plot: x.jpg: a chart is written as .svg, .png or .pdf", ""},
		{"proportion --baseline 2% --mde 5% --sides three", "--sides: three: must be two-sided or one-sided", ""},
		{"proportion --baseline 2% --mde 5% --users 1 --reference t", "--users: 1: too few users or clusters for a t-test", "more users"},
		{"proportion --baseline 2% --mde 5% --treatments 60", "--treatments: 60: at most 50", ""},
		{"proportion --baseline 2% --mde 5% --cuped 1.2", "--cuped: 1.2: must lie strictly between −1 and 1", ""},
		{"mean --mean 1 --sd 4 --mde 5% --test stab", "--test: stabilised: only a Proportion and a Count", ""},
		{"proportion --baseline 2% --mde 5% --solve users --users 10", "--solve users: the users are given", ""},
		{"proportion --baseline 2% --solve users", "--solve users needs an effect", ""},
		{"proportion --baseline 2% --mde 5% --solve mde --users 10", "--solve mde: the effect is given", ""},
		{"proportion --baseline 2% --margin 5% --solve margin --users 10", "--solve margin: the margin is given", ""},
		{"proportion --baseline 2% --mde 5% --solve power --power 0.9 --users 10", "--solve power: the power is given", ""},
		{"proportion --baseline 2% --mde 5% --solve alpha --alpha 0.1 --users 10", "--solve alpha: alpha is given", ""},
		{"proportion --baseline 2% --mde 5% --solve alpha --users 1e5 --looks 3", "looked at once", ""},
		{"proportion --baseline 2% --mde 5% --solve power", "--solve power needs the users", "--total-users"},
		{"proportion --baseline 2% --mde 5% --solve everything", "--solve: everything: must be users, mde, power, alpha or margin", ""},
		{"proportion --baseline 2% --mde 5% --unknown 3", "unknown flag: --unknown", "--help"},
	} {
		s := design(t, c.line)
		if s.code != exitUsage || !strings.Contains(s.err, c.message) || !strings.Contains(s.err, c.step) || s.out != "" {
			t.Errorf("assay design %s: want %q and %q, got %v", c.line, c.message, c.step, s)
		}
		if strings.Contains(s.err, "stats:") || strings.Contains(s.err, "Metric.") {
			t.Errorf("assay design %s names fields, not flags: %s", c.line, s.err)
		}
	}
}

func TestReachFiles(t *testing.T) {
	const line = "proportion --baseline 2% --mde 5% --reach "
	for _, good := range []string{
		"day,users\n1,400000\n7,1000000\n",
		"\ufeffday;users\r\n1;400000\r\n7;1000000\r\n",
		"Segment\tUsers\tDay\nall\t400000\t1\nall\t1,000,000\t7\n",
		"day,users\n1,\"400,000\"\n7,1M\n",
	} {
		s := design(t, line+write(t, "reach.csv", good)+" -o json").want(t, exitOK)
		var got designAnswer
		if err := json.Unmarshal([]byte(s.out), &got); err != nil || got.Traffic == nil || math.Abs(got.Traffic.Users(7)-1e6) > 1 {
			t.Errorf("%q: %v %+v", good, err, got.Traffic)
		}
	}
	for text, want := range map[string]string{
		"":                               ":1: the file is empty",
		"day,users\n":                    ":1: there are no days below the header",
		"date,users\n1,2\n":              ":1: the first line must name the columns day and users, it has \"date,users\"",
		"1,400000\n":                     ":1: the first line must name",
		"day,users\n1,many\n":            ":2: column users: \"many\" is not a number",
		"day,users\n1\n":                 ":2: column users: there is none in this line",
		"day,users\n1,100\n1,200\n":      ":3: column day: 1 must be later than the point before",
		"day,users\n1,100\n2,90\n":       ":3: column users: 90 is below the point before",
		"day,users\n1,-5\n":              ":2: column users: -5 must be 0",
		"day,users\n1,0\n2,0\n":          ":3: column users: 0 nobody was seen",
		"day,users\n1,\"400\n2,500\n":    "extraneous or missing",
		"day;users\n1;400,5\n2;500,25\n": ":2: column users: \"400,5\" a decimal point is written as a point",
	} {
		s := design(t, line+write(t, "reach.csv", text)).want(t, exitBadInput)
		s.contains(t, s.err, want, "reach.csv")
	}
	design(t, line+"no/such/file.csv").want(t, exitNotFound)
}

// One document, with the keys that scripts rely on, and the same bytes each time.
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

// at follows a path of keys and indices.
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

func TestDesignPlots(t *testing.T) {
	path := filepath.Join(t.TempDir(), "power.svg")
	s := design(t, "proportion --baseline 2% --mde 5% --weekly-users 2M --plot "+path).want(t, exitOK)
	s.contains(t, s.err, "wrote "+path)
	if text, err := os.ReadFile(path); err != nil || !bytes.Contains(text, []byte("Power by week")) {
		t.Error(err)
	}
}

// The examples of the help run, as they stand there.
func TestDesignExamplesRun(t *testing.T) {
	examples := strings.ReplaceAll(designExamples, "docs/examples", "../../docs/examples")
	for line := range strings.Lines(strings.ReplaceAll(examples, "power.svg", filepath.Join(t.TempDir(), "power.svg"))) {
		line, _, _ = strings.Cut(line, " #")
		words := strings.Fields(line)
		assay(t, words[1:]...).want(t, exitOK).fits(t)
	}
	for metric, line := range designExample {
		if words := strings.Fields(line); words[2] != metric || assay(t, words[1:]...).code != exitOK {
			t.Errorf("%s: %s", metric, line)
		}
	}
}

// Tables, cards and charts fit a narrow terminal too.
func TestDesignFitsEightyColumns(t *testing.T) {
	for name, line := range goldens {
		words := strings.Fields(line)
		var f designFlags
		c := (&app{}).design()
		c.ResetFlags()
		f.register(c)
		if err := c.ParseFlags(words[1:]); err != nil {
			t.Fatal(err)
		}
		q, err := f.question(words[0])
		if err != nil {
			t.Fatal(err)
		}
		ans, err := q.answer()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		for _, err := range []error{
			render.Table(&out, render.Styles{}, 80, ans.lookColumns(), ans.Looks),
			render.Table(&out, render.Styles{}, 80, ans.columns(), ans.rows()),
			ans.chart().Text(&out, render.Styles{}, 80),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		for line := range strings.Lines(out.String()) {
			if n := render.Len(strings.TrimRight(line, "\n")); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}

// Every field that stats may blame has a flag.
func TestEveryFieldHasAFlag(t *testing.T) {
	c := (&app{}).design()
	for field, flag := range fieldFlags {
		if c.Flags().Lookup(flag) == nil {
			t.Errorf("%s: there is no --%s", field, flag)
		}
	}
}

func FuzzAmount(f *testing.F) {
	for _, text := range []string{"2%", "0.02", "2,000,000", "2M", "-3", "1e400", "٣", "0x1p4", "+5 %", "1_000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, k := range []kind{anyNumber, userCount, wholeNumber, fractionKind, liftKind} {
			x, err := k.parse(text)
			if err != nil {
				continue
			}
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Fatalf("%q is %v", text, x)
			}
			again, err := k.parse(strconv.FormatFloat(x, 'g', -1, 64))
			if k != liftKind && (err != nil || again != x) {
				t.Fatalf("%q is %v, which is read as %v (%v)", text, x, again, err)
			}
		}
	})
}

func FuzzReachFile(f *testing.F) {
	f.Add("day,users\n1,400000\n7,1000000\n")
	f.Add("\ufeffday;users\r\n1;400\r\n")
	f.Add("users\tday\n\"1\n")
	f.Fuzz(func(t *testing.T, text string) {
		points, lines, err := parseReach([]byte(text))
		if err == nil && (len(points) == 0 || len(points) != len(lines)) {
			t.Fatalf("%d points of %d lines", len(points), len(lines))
		}
		if err != nil && !strings.Contains(err.Error(), ":") {
			t.Fatalf("no line in %v", err)
		}
	})
}

// docs/cli.md shows what is printed now.
func TestDesignDoc(t *testing.T) {
	const path = "../../docs/cli.md"
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	now := block.ReplaceAllStringFunc(string(doc), func(fenced string) string {
		command, _, _ := strings.Cut(block.FindStringSubmatch(fenced)[2], "\n")
		line, ours := strings.CutPrefix(command, "$ assay design ")
		if !ours {
			return fenced
		}
		shown++
		return "```console\n" + command + "\n" + design(t, line).want(t, exitOK).out + "```"
	})
	if *update {
		if err := os.WriteFile(path, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if now != string(doc) || shown == 0 {
		t.Errorf("%s shows what is no longer printed: %s", path, firstDifference(string(doc), now))
	}
}
