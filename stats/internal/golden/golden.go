// Package golden compares results with tables that peer software made, row by
// row, and reports how many rows were checked and how far off the worst was.
//
//	go test ./stats/... -run Golden -v
//	ASSAY_GOLDEN=dir go test ./stats/... -run Golden -v   # other rows of the same tables
package golden

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Row is one line of a table by column name; a blank cell is missing.
type Row struct {
	t     testing.TB
	cells map[string]string
}

// Text is the cell of a column. A column that the table has not, here and below,
// ends the test: a misspelt one would be compared with nothing.
func (r Row) Text(column string) string {
	r.t.Helper()
	if !r.Column(column) {
		r.t.Fatalf("the table has no column %q", column)
	}
	return r.cells[column]
}

// Column reports whether the table has the column at all.
func (r Row) Column(column string) bool {
	_, ok := r.cells[column]
	return ok
}

// Has reports whether the column has a value in this row.
func (r Row) Has(column string) bool {
	r.t.Helper()
	cell := strings.ToLower(r.Text(column))
	return cell != "" && cell != "na" && cell != "nan"
}

// Num is the number in a column; none fails the test.
func (r Row) Num(column string) float64 {
	r.t.Helper()
	x, err := strconv.ParseFloat(strings.TrimSpace(r.Text(column)), 64)
	if err != nil {
		r.t.Fatalf("column %s of %v: %v", column, r.cells, err)
	}
	return x
}

// Nums are the numbers of a cell that are separated by spaces.
func (r Row) Nums(column string) []float64 {
	r.t.Helper()
	var xs []float64
	for _, s := range strings.Fields(r.Text(column)) {
		xs = append(xs, Row{r.t, map[string]string{column: s}}.Num(column))
	}
	return xs
}

// Check collects the comparisons of one table.
type Check struct {
	*testing.T
	Dir     string // where the table is, for other files beside it
	columns []*column
	line    int // of the file, where the rows in hand start
	checked bool
	skipped map[string]int
}

type column struct {
	name             string
	values           int
	worst, tolerance float64
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
	c.checked = true
	e := math.Abs(got-want) / scale
	if got == want {
		e = 0
	}
	col := c.column(name)
	col.values++
	col.worst, col.tolerance = math.Max(col.worst, e), math.Max(col.tolerance, tolerance)
	if !(e <= tolerance) {
		c.Errorf("line %d: %s: got %.15g, want %.15g: relative error %.2g above %.2g", c.line, name, got, want, e, tolerance)
	}
}

// Leave counts a row that this directory has not all inputs for.
func (c *Check) Leave(reason string) {
	c.checked = true
	c.skipped[reason]++
}

func (c *Check) column(name string) *column {
	for _, col := range c.columns {
		if col.name == name {
			return col
		}
	}
	col := &column{name: name}
	c.columns = append(c.columns, col)
	return col
}

// Table runs check on each row of a table: on the rows kept in testdata, and on
// those of ASSAY_GOLDEN or of the shared tables, where there are any. A row that
// check compares nothing of fails.
func Table(t *testing.T, name string, check func(c *Check, r Row)) {
	Groups(t, name, nil, func(c *Check, rows []Row) { check(c, rows[0]) })
}

// Groups is Table for rows that belong together: neighbours in the table that
// are equal in the key columns. No key makes each row a group.
func Groups(t *testing.T, name string, key []string, check func(c *Check, rows []Row)) {
	t.Run("kept rows", func(t *testing.T) { run(t, kept(t), name, key, check) })
	t.Run("full", func(t *testing.T) { run(t, Dir(t), name, key, check) })
}

func run(t *testing.T, dir, name string, key []string, check func(c *Check, rows []Row)) {
	all := Read(t, filepath.Join(dir, name))
	for _, column := range key {
		all[0].Text(column) // which must be there
	}
	c := &Check{T: t, Dir: dir, skipped: map[string]int{}}
	total := len(all)
	for len(all) > 0 {
		n := 1
		for n < len(all) && key != nil && same(all[0], all[n], key) {
			n++
		}
		c.line, c.checked = 2+total-len(all), false
		check(c, all[:n])
		if !c.checked {
			t.Errorf("%s, line %d: nothing was compared of %v", name, c.line, all[0].cells)
		}
		all = all[n:]
	}
	c.report(name, total)
}

func (c *Check) report(name string, total int) {
	worst, left := 0.0, 0
	for _, col := range c.columns {
		worst = math.Max(worst, col.worst)
	}
	for reason, n := range c.skipped {
		c.Logf("%s: %d rows left: %s", name, n, reason)
		left += n
	}
	c.Logf("%s: %d of %d rows checked, worst relative error %.2g", name, total-left, total, worst)
	for _, col := range c.columns {
		c.Logf("    %-24s %5d values, worst %.2g, tolerance %.2g", col.name, col.values, col.worst, col.tolerance)
	}
	if left == total {
		c.Skipf("%s: no row could be checked", name)
	}
}

func same(a, b Row, key []string) bool {
	for _, k := range key {
		if a.cells[k] != b.cells[k] {
			return false
		}
	}
	return true
}

// Read reads a CSV of at least one row, gzipped if its name says so. A table that a
// directory of full tables does not have skips the test.
func Read(t testing.TB, path string) []Row {
	t.Helper()
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(filepath.Dir(path)) != "testdata" {
		t.Skipf("no %s", filepath.Base(path))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	if strings.HasSuffix(path, ".gz") {
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		reader = csv.NewReader(unzipped)
	}
	lines, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(lines) < 2 {
		t.Fatalf("%s has no rows", path)
	}
	rows := make([]Row, len(lines)-1)
	for i, line := range lines[1:] {
		rows[i] = Row{t, map[string]string{}}
		for c, cell := range line {
			rows[i].cells[lines[0][c]] = cell
		}
	}
	return rows
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
