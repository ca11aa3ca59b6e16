// Package peers times the allocation of a night's portfolio here, in HiGHS under Node
// and in CBC, to the same gap between value and own bound, and shows how time grows
// with the number of hypotheses.
//
//	make bench-solvers      # installs nothing: see docs/benchmarks.md
package peers

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/assay-planner/assay/allocator/knapsack"
)

var update = flag.Bool("update", false, "write the tables and the plot into docs")

// limit is how long a peer may take, in seconds.
const limit = 300

// answer is what a solver found, and how long it took.
type answer struct {
	value, seconds float64
	late           bool // it did not reach the gap within the limit
}

func TestPeers(t *testing.T) {
	if os.Getenv("ASSAY_PEERS") == "" {
		t.Skip("needs Node with npm's highs, and CBC: run by make bench-solvers (ASSAY_PEERS=1)")
	}
	var table strings.Builder
	table.WriteString("| hypotheses | gap | here | HiGHS under Node | ratio | CBC | ratio |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, task := range []struct {
		hypotheses int
		gap        float64
		aim        float64 // of the ratio to HiGHS; 0: none
	}{{1_000, 0.01, 0}, {10_000, 0.001, 100}} {
		p := portfolio(task.hypotheses, 1)
		file := filepath.Join(t.TempDir(), "problem.lp")
		out, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := writeLP(out, p); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		ours := here(t, p, task.gap)
		highs, cbc := underNode(t, file, task.gap), byCBC(t, file, task.gap)
		fmt.Fprintf(&table, "| %d | %g%% | %.3g s | %s | %s | %s | %s |\n", task.hypotheses, task.gap*100, ours.seconds, highs, highs.over(ours), cbc, cbc.over(ours))
		for name, peer := range map[string]answer{"HiGHS": highs, "CBC": cbc} {
			if !peer.late && math.Abs(peer.value-ours.value) > 2*task.gap*ours.value {
				t.Errorf("%d hypotheses: %v here, %v of %s", task.hypotheses, ours.value, peer.value, name)
			}
		}
		if highs.seconds < task.aim*ours.seconds {
			t.Errorf("%d hypotheses: %.0f times as fast as HiGHS, aimed at %g", task.hypotheses, highs.seconds/ours.seconds, task.aim)
		}
	}
	t.Log("\n" + table.String())
	if *update {
		rewrite(t, "solvers", table.String())
	}
}

// here is the fastest of three.
func here(t *testing.T, p *knapsack.Problem, gap float64) answer {
	best := answer{seconds: math.Inf(1)}
	for range 3 {
		start := time.Now()
		s, err := knapsack.Solve(context.Background(), p, knapsack.Options{Gap: gap})
		if err != nil || !s.Feasible || s.Gap() > gap {
			t.Fatalf("%s: gap %v, %v", p.Name, s.Gap(), err)
		}
		best = answer{value: s.Value, seconds: min(best.seconds, time.Since(start).Seconds())}
	}
	return best
}

func underNode(t *testing.T, file string, gap float64) answer {
	t.Helper()
	text := run(t, exec.Command("node", "highs.cjs", file, fmt.Sprint(gap), fmt.Sprint(limit)))
	cells := strings.Split(strings.TrimSpace(text), "\t")
	if len(cells) != 3 {
		t.Fatalf("node prints %q", text)
	}
	a := answer{value: number(t, cells[1]), seconds: number(t, cells[2])}
	a.late = cells[0] != "Optimal"
	return a
}

var cbcValue = regexp.MustCompile(`Objective value:\s+(\S+)`)

func byCBC(t *testing.T, file string, gap float64) answer {
	t.Helper()
	start := time.Now()
	text := run(t, exec.Command("cbc", file, "-ratioGap", fmt.Sprint(gap), "-sec", fmt.Sprint(limit), "-timeMode", "elapsed", "-solve", "-quit"))
	a := answer{seconds: time.Since(start).Seconds(), late: strings.Contains(text, "Stopped on time")}
	if found := cbcValue.FindStringSubmatch(text); found != nil {
		a.value = math.Abs(number(t, found[1]))
	}
	return a
}

func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s\nnpm ci; Debian: apt-get install nodejs coinor-cbc", strings.Join(cmd.Args, " "), err, problems.String())
	}
	return out.String()
}

func (a answer) String() string {
	if a.late {
		return fmt.Sprintf("not in %.0f s", a.seconds)
	}
	return fmt.Sprintf("%.3g s", a.seconds)
}

// over is how many times as long it took; at least, if it was late.
func (a answer) over(ours answer) string {
	least := ""
	if a.late {
		least = "> "
	}
	return fmt.Sprintf("%s%.0f×", least, a.seconds/ours.seconds)
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// rewrite puts a table between its marks in docs/benchmarks.md.
func rewrite(t *testing.T, mark, table string) {
	t.Helper()
	path, start, end := "../../../docs/benchmarks.md", "<!-- "+mark+" -->\n", "<!-- /"+mark+" -->"
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
