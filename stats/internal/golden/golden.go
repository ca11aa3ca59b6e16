// Package golden compares results with tables that peer software made, row by
// row, and reports how many rows were checked and how far off the worst was.
//
//	go test ./stats/... -run Golden -v
//	ASSAY_GOLDEN=dir go test ./stats/... -run Golden -v   # other rows of the same tables
package golden

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Check collects the comparisons of one table.
type Check struct {
	testing.TB
	Dir                     string // where the table is, for other files beside it
	columns                 []*column
	line                    int // of the file, of the row in hand
	compared, left, broken  bool
	checked, failed, missed int // rows
	reasons                 map[string]int
}

type column struct {
	name            string
	values          int
	worst           float64
	strict, lenient float64 // tolerances
}

// tolerance is one number, or the range where rows differ.
func (c column) tolerance() string {
	if c.strict == c.lenient {
		return fmt.Sprintf("%.2g", c.strict)
	}
	return fmt.Sprintf("%.2g to %.2g by row", c.strict, c.lenient)
}

// Equal compares a value with the reference by relative error, or by absolute
// error where the reference is 0. Two equal infinities agree; a NaN never does.
func (c *Check) Equal(column string, got, want, tolerance float64) {
	c.Helper()
	scale := math.Abs(want)
	if want == 0 {
		scale = 1
	}
	c.Within(column, got, want, scale, tolerance)
}

// Within compares |got − want|/scale with the tolerance: for references that are
// exact only on the scale of, say, a standard error.
func (c *Check) Within(name string, got, want, scale, tolerance float64) {
	c.Helper()
	c.compared = true
	e := math.Abs(got-want) / scale
	if got == want {
		e = 0
	}
	col := c.column(name)
	col.values++
	col.worst = math.Max(col.worst, e)
	col.strict, col.lenient = min(col.strict, tolerance), max(col.lenient, tolerance)
	if !(e <= tolerance) {
		c.Errorf("%s: got %.15g, want %.15g: relative error %.2g above %.2g", name, got, want, e, tolerance)
	}
}

// At names the row of a group that the next comparisons are of.
func (c *Check) At(r Row) { c.line = r.line }

// Errorf fails the rows in hand and goes on with them.
func (c *Check) Errorf(format string, args ...any) {
	c.Helper()
	c.broken = true
	c.TB.Errorf("line %d: "+format, append([]any{c.line}, args...)...)
}

// Fatalf fails the rows in hand and goes on with the next.
func (c *Check) Fatalf(format string, args ...any) {
	c.Helper()
	c.Errorf(format, args...)
	panic(nextRows{})
}

// Error is Errorf without a format.
func (c *Check) Error(args ...any) { c.Helper(); c.Errorf("%s", fmt.Sprint(args...)) }

// Fatal is Fatalf without a format.
func (c *Check) Fatal(args ...any) { c.Helper(); c.Fatalf("%s", fmt.Sprint(args...)) }

// nextRows is what Fatalf panics with.
type nextRows struct{}

// Leave counts what of these rows is not compared: all of them, unless something
// else of them is.
func (c *Check) Leave(reason string) {
	c.left = true
	c.reasons[reason]++
}

func (c *Check) column(name string) *column {
	for _, col := range c.columns {
		if col.name == name {
			return col
		}
	}
	col := &column{name: name, strict: math.Inf(1)}
	c.columns = append(c.columns, col)
	return col
}

// Table runs check on each row of a table: on the rows kept in testdata, and on
// those of ASSAY_GOLDEN or of the shared tables, where there are any. A row that
// check compares nothing of fails.
func Table(t *testing.T, name string, check func(c *Check, r Row)) {
	Groups(t, name, nil, "", func(c *Check, rows []Row) { check(c, rows[0]) })
}

// Groups is Table for rows that belong together: those that are equal in the key
// columns, wherever they stand, in the order of the numbers of another column. No
// key makes each row a group, and no order column leaves the table's.
func Groups(t *testing.T, name string, key []string, order string, check func(c *Check, rows []Row)) {
	t.Run("kept rows", func(t *testing.T) { run(t, kept(t), name, key, order, check) })
	t.Run("full", func(t *testing.T) { run(t, Dir(t), name, key, order, check) })
}

func run(t testing.TB, dir, name string, key []string, order string, check func(c *Check, rows []Row)) {
	c := &Check{TB: t, Dir: dir, reasons: map[string]int{}}
	all := Read(t, filepath.Join(dir, name))
	for i := range all {
		all[i].t = c // whose Fatalf goes on with the next rows
	}
	for _, rows := range groups(all, key) {
		if order != "" {
			rows = Sorted(rows, order)
		}
		c.rows(rows, check)
	}
	c.report(name, len(all))
}

// rows checks one group and counts it. What stops a check, as a cell that cannot be
// read or an error in assert.Must, fails these rows and not those after them.
func (c *Check) rows(rows []Row, check func(c *Check, rows []Row)) {
	c.line, c.compared, c.left, c.broken = rows[0].line, false, false, false
	defer func() {
		switch e := recover().(type) {
		case nil, nextRows:
		case runtime.Error:
			c.Errorf("%v\n%s", e, debug.Stack())
		default:
			c.Errorf("%v", e)
		}
		switch {
		case c.Skipped(): // for a table that is kept elsewhere
		case c.broken:
			c.failed += len(rows)
		case c.compared:
			c.checked += len(rows)
		case c.left:
			c.missed += len(rows)
		default:
			c.failed += len(rows)
			c.Errorf("nothing was compared of %v", rows[0].cells)
		}
	}()
	check(c, rows)
}

// groups are the rows that are equal in the key columns, in order of the first.
func groups(all []Row, key []string) (gs [][]Row) {
	known := map[string]int{}
	for _, r := range all {
		k := strconv.Itoa(r.line)
		if key != nil {
			var cells []string
			for _, column := range key {
				cells = append(cells, strconv.Quote(r.Text(column)))
			}
			k = strings.Join(cells, ",")
		}
		if _, ok := known[k]; !ok {
			known[k] = len(gs)
			gs = append(gs, nil)
		}
		gs[known[k]] = append(gs[known[k]], r)
	}
	return gs
}

func (c *Check) report(name string, total int) {
	c.Helper()
	worst := 0.0
	for _, col := range c.columns {
		worst = math.Max(worst, col.worst)
	}
	for _, reason := range slices.Sorted(maps.Keys(c.reasons)) {
		c.Logf("%s: %d times left: %s", name, c.reasons[reason], reason)
	}
	c.Logf("%s: %d of %d rows checked, %d failed, worst relative error %.2g", name, c.checked+c.failed, total, c.failed, worst)
	for _, col := range c.columns {
		c.Logf("    %-24s %5d values, worst %.2g, tolerance %s", col.name, col.values, col.worst, col.tolerance())
	}
	if c.missed == total {
		c.Skipf("%s: no row could be checked", name)
	}
}

// Dir is the directory of full tables. Without one the test is skipped, but one
// that ASSAY_GOLDEN names must have tables.
func Dir(t testing.TB) string {
	t.Helper()
	dir, named := os.Getenv("ASSAY_GOLDEN"), true
	if dir == "" {
		dir, named = filepath.Join(root(t), "..", "shared", "golden"), false
	} else if !filepath.IsAbs(dir) {
		// A test runs in its package's directory, the caller stood in the root.
		dir = filepath.Join(root(t), dir)
	}
	tables, _ := filepath.Glob(filepath.Join(dir, "*.csv*"))
	switch {
	case len(tables) > 0:
	case named:
		t.Fatalf("ASSAY_GOLDEN: no tables (*.csv) in %s", dir)
	default:
		t.Skip("no full reference tables: set ASSAY_GOLDEN to their directory")
	}
	return dir
}

// kept is the directory of the rows that the repository holds.
func kept(t testing.TB) string { return filepath.Join(root(t), "stats", "testdata") }

// root is the module's directory, above the package under test.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above the package under test")
	return ""
}
