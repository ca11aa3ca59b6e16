// Package peers times the same work here, in statsmodels and scipy, and in R
// with pwr, rpact and metafor, and holds the answers against each other.
//
//	make bench-peers      # installs nothing: see docs/benchmarks.md
package peers

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/effect"
	"github.com/assay-planner/assay/stats/meta"
	"github.com/assay-planner/assay/stats/multiple"
	"github.com/assay-planner/assay/stats/power"
	"github.com/assay-planner/assay/stats/sequential"
)

var update = flag.Bool("update", false, "write the table into docs/benchmarks.md")

// task is a piece of work that peers do too, under the same name.
type task struct {
	name      string
	tolerance float64 // of the answers, relative: the peer's own precision
	aim       float64 // the ratio aimed at, of statsmodels and rpact; 0: none
	run       func() (float64, error)
}

func tasks() []task {
	p := make([]float64, 10_000)
	for i := range p {
		p[i] = math.Pow(float64(i+1)/10_001, 2)
	}
	thinned := make([]float64, 1000)
	for i := range thinned {
		thinned[i] = p[10*i]
	}
	studies := make([]stats.Estimate, 50)
	for i := range studies {
		k := float64(i + 1)
		studies[i] = stats.Estimate{Value: math.Sin(k) / 10, SE: 0.05 + 0.01*k/50}
	}
	unit := power.Design{Metric: power.Mean{SD: 1}, MDE: 0.03, Strict: true}
	student := unit
	student.Reference = power.StudentT
	powerful := student
	powerful.Power = 0.9
	rates := power.Design{Metric: power.Proportion{Baseline: 0.1}, MDE: 0.01}
	strict := rates
	strict.Strict = true
	all := []task{
		{"t-test: users", 1e-6, 100, func() (float64, error) { s, err := student.SampleSize(); return s.Control, err }},
		{"t-test: MDE", 1e-4, 100, func() (float64, error) { s, err := powerful.MDEAt(20_000); return s.MDE, err }},
		{"z-test: users", 1e-6, 100, func() (float64, error) { s, err := unit.SampleSize(); return s.Control, err }},
		{"proportions: users", 1e-6, 100, func() (float64, error) { s, err := rates.SampleSize(); return s.Control, err }},
		{"proportions: power", 1e-9, 100, func() (float64, error) { s, err := strict.PowerAt(5000); return s.Power, err }},
		{"proportions: Newcombe interval", 1e-9, 0, func() (float64, error) {
			r, err := effect.CompareProportions(effect.Proportion{Successes: 123, N: 5000}, effect.Proportion{Successes: 98, N: 5100}, effect.Options{Difference: effect.Newcombe})
			return r.Difference.Interval.Low, err
		}},
		{"Welch from sums", 1e-9, 0, func() (float64, error) {
			w, err := effect.Welch(effect.Arm{N: 50_000, Mean: 1.02, Variance: 4}, effect.Arm{N: 52_000, Mean: 1, Variance: 2.1 * 2.1})
			return w.P, err
		}},
		{"boundaries: O'Brien-Fleming, 5 looks", 1e-6, 20, boundary(sequential.Design{Looks: 5, Efficacy: sequential.OBrienFleming()})},
		{"meta-analysis: REML, 50 effects", 1e-5, 0, func() (float64, error) {
			r, err := meta.Fit(studies, meta.Options{})
			return r.Tau2, err
		}},
		{"Benjamini-Hochberg, 10,000", 1e-12, 0, func() (float64, error) { q, err := multiple.Adjust(p, multiple.BH); return q[99], err }},
		{"Hommel, 1,000", 1e-12, 0, func() (float64, error) { q, err := multiple.Adjust(thinned, multiple.Hommel); return q[9], err }},
	}
	for _, k := range []int{5, 10} {
		all = append(all, task{fmt.Sprintf("boundaries: OBF spending, %d looks", k), 1e-6, 20, boundary(sequential.Design{Looks: k})})
	}
	return all
}

// boundary is the last critical value of a two-sided 5% design, which is that of
// the one-sided 2.5% design.
func boundary(d sequential.Design) func() (float64, error) {
	return func() (float64, error) {
		plan, err := d.Plan()
		if err != nil {
			return 0, err
		}
		return plan.Stages[len(plan.Stages)-1].Efficacy, nil
	}
}

// measured is one peer's time and answer for a task.
type measured struct {
	peer            string
	seconds, answer float64
}

func TestPeers(t *testing.T) {
	if os.Getenv("ASSAY_PEERS") == "" {
		t.Skip("needs Python's statsmodels and R: run by make bench-peers (ASSAY_PEERS=1)")
	}
	theirs := peerRun(t, python(), "tasks.py")
	for name, ms := range peerRun(t, "Rscript", "tasks.R") {
		theirs[name] = append(theirs[name], ms...)
	}
	var table strings.Builder
	table.WriteString("| work | here | peer | its time | ratio | answers differ by |\n| --- | ---: | --- | ---: | ---: | ---: |\n")
	all := tasks()
	for name := range theirs {
		if !slices.ContainsFunc(all, func(t task) bool { return t.name == name }) {
			t.Errorf("only the scripts have the task %q", name)
		}
	}
	for _, task := range all {
		ours := measure(t, task)
		if len(theirs[task.name]) == 0 {
			t.Errorf("no peer has the task %q", task.name)
		}
		for _, m := range theirs[task.name] {
			ratio := m.seconds / ours.seconds
			off := math.Abs(ours.answer-m.answer) / math.Abs(m.answer)
			fmt.Fprintf(&table, "| %s | %s | %s | %s | %s× | %.0e |\n", task.name, duration(ours.seconds), m.peer, duration(m.seconds), digits(ratio), off)
			if !(off <= task.tolerance) {
				t.Errorf("%s: %v here, %v in %s", task.name, ours.answer, m.answer, m.peer)
			}
			// pwr and R itself spend their time in compiled code: shown, not aimed at.
			if ratio < task.aim && m.peer != "pwr" && !strings.HasPrefix(m.peer, "R ") {
				t.Errorf("%s: %.0f times as fast as %s, aimed at %.0f", task.name, ratio, m.peer, task.aim)
			}
		}
	}
	t.Log("\n" + table.String())
	if *update {
		rewrite(t, table.String())
	}
}

// peerRun runs a script that prints task, peer, seconds and answer by line.
func peerRun(t *testing.T, program, script string) map[string][]measured {
	t.Helper()
	cmd := exec.Command(program, script)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s\nDebian: apt-get install python3-statsmodels r-base-core r-cran-pwr r-cran-rpact r-cran-metafor", program, script, err, problems.String())
	}
	results := map[string][]measured{}
	for line := range strings.Lines(out.String()) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if len(cells) != 4 {
			t.Fatalf("%s prints %q", script, line)
		}
		results[cells[0]] = append(results[cells[0]], measured{cells[1], number(t, cells[2]), number(t, cells[3])})
	}
	return results
}

// python is Debian's, which has Debian's packages, unless the caller says otherwise.
func python() string {
	if p := os.Getenv("ASSAY_PYTHON"); p != "" {
		return p
	}
	return "/usr/bin/python3"
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// measure times a task as the scripts do: the fastest of five batches of about a
// tenth of a second. Whatever else the machine does only makes a batch slower.
func measure(t *testing.T, task task) measured {
	t.Helper()
	answer, err := task.run()
	if err != nil {
		t.Fatalf("%s: %v", task.name, err)
	}
	once := timed(1, task)
	batch := max(1, int(0.1/max(1e-9, once)))
	var batches [5]float64
	for i := range batches {
		batches[i] = timed(batch, task)
	}
	return measured{"here", slices.Min(batches[:]), answer}
}

func timed(runs int, task task) float64 {
	start := time.Now()
	for range runs {
		_, _ = task.run()
	}
	return time.Since(start).Seconds() / float64(runs)
}

func duration(seconds float64) string {
	switch {
	case seconds < 1e-6:
		return fmt.Sprintf("%.0f ns", seconds*1e9)
	case seconds < 1e-3:
		return fmt.Sprintf("%.3g µs", seconds*1e6)
	default:
		return fmt.Sprintf("%.3g ms", seconds*1e3)
	}
}

// digits prints a ratio with two digits, since no more are stable.
func digits(ratio float64) string {
	exponent := int(math.Floor(math.Log10(ratio)))
	scale := math.Pow(10, float64(exponent-1))
	return strconv.FormatFloat(math.Round(ratio/scale)*scale, 'f', max(0, 1-exponent), 64)
}

// rewrite puts the table between its marks in docs/benchmarks.md.
func rewrite(t *testing.T, table string) {
	const path, start, end = "../../../docs/benchmarks.md", "<!-- peers -->\n", "<!-- /peers -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), start)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no marks %q and %q", path, start, end)
	}
	if err := os.WriteFile(path, []byte(before+start+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
