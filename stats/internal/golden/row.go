package golden

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Row is one line of a table by column name; a blank cell is missing.
type Row struct {
	t     testing.TB
	line  int // of the file
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
	x, err := strconv.ParseFloat(r.Text(column), 64)
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
		xs = append(xs, Row{r.t, r.line, map[string]string{column: s}}.Num(column))
	}
	return xs
}

// Read reads a CSV of at least one row, gzipped if its name says so. A table that a
// directory of full tables does not have skips the test.
func Read(t testing.TB, path string) []Row {
	t.Helper()
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(filepath.Dir(path)) != "testdata" {
		t.Skipf("no %s in %s", filepath.Base(path), filepath.Dir(path))
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
		rows[i] = Row{t, i + 2, map[string]string{}}
		for c, cell := range line {
			name := strings.TrimPrefix(lines[0][c], "\ufeff") // spreadsheets write this mark first
			rows[i].cells[strings.TrimSpace(name)] = strings.TrimSpace(cell)
		}
	}
	return rows
}

// Select keeps the rows that have a text in a column.
func Select(rows []Row, column, text string) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Text(column) != text })
}

// Sorted puts rows in the order of the numbers in a column.
func Sorted(rows []Row, column string) []Row {
	return slices.SortedStableFunc(slices.Values(rows), func(a, b Row) int { return cmp.Compare(a.Num(column), b.Num(column)) })
}
