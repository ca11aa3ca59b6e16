package main

import (
	"bytes"
	"os"
	"path/filepath"
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
		"proportion --baseline 2% --mde 5% --treatments 3 --looks 3":      "corrected by Bonferroni",
		"proportion --baseline 2% --mde 5% --treatments 2 --looks 3":      "on average the comparison of a given treatment stops at",
		"proportion --baseline 99.99% --mde 0.005%":                       "99.99% → 99.995%",
		"mean --sd 4 --total-users 10001 --mde-absolute 1":                "5,000 users in each arm (10,000 in all)",
		"mean --sd 4 --mde-absolute 1 --power 99.99%":                     "power >99.9%",
		"mean --sd 4 --users 3 --mde-absolute 1":                          "power 4.9%",
		// R's rpact, as in stats/duration.
		"mean --sd 4 --users 2000 --mde-absolute 0.3 --sides one-sided --looks 4 --solve alpha": "at 6.813% one-sided",
		// The power by week of a test whose population never has the power asked for.
		"mean --sd 4 --users 1000 --mde-absolute 1e-3 --population 1e7 --allocation 0.25 --weekly-users 2k": "1 1,600 400 2,000",
	} {
		s := design(t, line).want(t, exitOK)
		if flat := strings.Join(strings.Fields(s.out), " "); !strings.Contains(flat, want) {
			t.Errorf("%s: no %q in\n%s", line, want, s.out)
		}
	}
}

// One document, with the keys that scripts rely on, and the same bytes each time.
// at follows a path of keys and indices.
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
func TestDesignFitsNarrowTerminals(t *testing.T) {
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
		for _, width := range []int{60, 80} {
			var out bytes.Buffer
			for _, err := range []error{
				render.Table(&out, render.Styles{}, width, ans.lookColumns(width), ans.Looks),
				render.Table(&out, render.Styles{}, width, ans.columns(), ans.rows()),
				ans.chart().Text(&out, render.Styles{}, width),
			} {
				if err != nil {
					t.Error(err)
				}
			}
			for line := range strings.Lines(out.String()) {
				if n := render.Len(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%s: %d columns: %s", name, n, line)
				}
			}
		}
	}
}

// Every field that stats may blame has a flag.
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
