package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"github.com/assay-planner/assay/stats/analysis"
)

// fileTests is what a file says: tests in the order of their first rows.
type fileTests struct {
	name  string
	tests []analysis.Test
	lines [][]int // of the rows of each test
	notes []string
	// options that a document gives; flags come before them.
	options documentOptions
}

// mistakes are everything wrong with a file.
type mistakes []problem

func (m mistakes) Error() string {
	const most = 20
	lines := make([]string, 0, most+1)
	for i, p := range m {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more", len(m)-most))
			break
		}
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}

// readText reads a file, or standard input for "-", and undoes gzip and zstd.
func readText(ctx context.Context, path string, stdin io.Reader) (name string, text []byte, err error) {
	name, in := path, stdin
	if path == "-" {
		name = "stdin"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return name, nil, err
		}
		defer f.Close()
		in = f
	}
	if text, err = readAll(ctx, in); err != nil {
		return name, nil, unfinished(ctx, unread(name, err), "nothing was analysed")
	}
	if text, err = decompressed(text); err != nil {
		return name, nil, badInput(fmt.Errorf("%s: %w", name, err)).next("is the file whole? nothing was analysed")
	}
	if len(text) > maxDraftFile {
		return name, nil, badInput(fmt.Errorf("%s is larger than %d MB: sufficient statistics are not", name, maxDraftFile>>20)).
			next("add the users up first, or import the file (assay import outcomes)")
	}
	return name, bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), nil
}

// unread says why a file could not be read.
func unread(name string, err error) error {
	if errors.Is(err, syscall.EISDIR) {
		return badInput(fmt.Errorf("%s is a directory", name)).next("name the file in it")
	}
	if _, named := errors.AsType[*fs.PathError](err); named {
		return err
	}
	return fmt.Errorf("read %s: %w", name, err)
}

func decompressed(text []byte) ([]byte, error) {
	var in io.Reader
	switch {
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		unzip, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("read gzip: %w", err)
		}
		in = unzip
	case bytes.HasPrefix(text, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		unzip, err := zstd.NewReader(bytes.NewReader(text), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, err
		}
		defer unzip.Close()
		in = unzip
	default:
		return text, nil
	}
	plain, err := io.ReadAll(io.LimitReader(in, maxDraftFile+1))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return plain, nil
}

var yamlKey = regexp.MustCompile(`^[ \t]*("?[A-Za-z_]+"?[ \t]*:|\{|---)`)

// parseTests reads a table or a document, by name or by its first line.
func parseTests(name string, text []byte) (fileTests, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return fileTests{}, mistakes{{File: name, Line: 1, Reason: "the file is empty"}}
	}
	if reason := notText(text); reason != "" {
		return fileTests{}, mistakes{{File: name, Line: 1, Reason: reason}}
	}
	base := strings.ToLower(filepath.Base(name))
	for _, zip := range []string{".gz", ".zst", ".zstd"} {
		base = strings.TrimSuffix(base, zip)
	}
	switch filepath.Ext(base) {
	case ".yaml", ".yml", ".json":
		return documentTests(name, text)
	case ".csv", ".tsv", ".tab", ".txt":
		return csvTests(name, text)
	case ".parquet", ".arrow", ".feather", ".ndjson", ".jsonl":
		return fileTests{}, badInput(fmt.Errorf("%s: without a mapping only CSV, TSV, YAML and JSON documents are read", name)).
			next("add --mapping M.yaml, which says what the columns mean; docs/mapping.md explains it")
	}
	for line := range bytes.Lines(text) {
		if first := bytes.TrimSpace(line); len(first) == 0 || first[0] == '#' {
			continue
		}
		if yamlKey.Match(line) {
			return documentTests(name, text)
		}
		break
	}
	return csvTests(name, text)
}

// notText says what a file is that is no UTF-8, as far as its first bytes tell.
func notText(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return "is a zip archive, as spreadsheets are: save the sheet as CSV"
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return "is UTF-16: save it as UTF-8"
	case bytes.HasPrefix(text, []byte("PAR1")), bytes.HasPrefix(text, []byte("ARROW1")):
		return "is a table of columns: add --mapping M.yaml, which says what they mean; docs/mapping.md explains it"
	case !utf8.Valid(text):
		return "is not UTF-8 text: save it as UTF-8"
	}
	return ""
}

// assemble makes tests of rows. A name of an arm stands for itself; arms come in
// the order of rows, and the control is marked later.
func assemble(name string, rows []statRow) (fileTests, error) {
	var bad mistakes
	var tests []analysis.Test
	at := map[string]int{}
	of := make([][]statRow, 0)
	for _, r := range rows {
		i, known := at[r.experiment]
		if !known {
			i = len(tests)
			at[r.experiment] = i
			tests, of = append(tests, analysis.Test{Name: r.experiment}), append(of, nil)
		}
		of[i] = append(of[i], r)
	}
	for i := range tests {
		fillTest(name, &tests[i], of[i], func(p problem) { bad = append(bad, p) })
	}
	if len(bad) > 0 {
		slices.SortStableFunc(bad, func(a, b problem) int { return a.Line - b.Line })
		return fileTests{}, bad
	}
	out := fileTests{name: name, tests: tests}
	for i := range of {
		var lines []int
		for _, r := range of[i] {
			lines = append(lines, r.line)
		}
		out.lines = append(out.lines, lines)
	}
	return out, nil
}

// fillTest adds rows to a test, with days counted from its first one.
func fillTest(name string, t *analysis.Test, rows []statRow, report func(problem)) {
	type key struct {
		arm, metric, segment string
		day                  float64
	}
	lines := map[key]int{}
	days := calendarOf(rows)
	for _, r := range rows {
		where := func(column, value, reason string) {
			report(problem{File: name, Line: r.line, Column: column, Value: value, Reason: reason})
		}
		if r.hasDay() && r.cumulative != days.cumulative {
			where("snapshot", r.dayText(), "other rows of the test have days: give all rows a day, or all a snapshot")
		}
		if r.numbered && days.dated {
			where("day", r.dayText(), "is a number, and other rows of the test have dates")
		}
		r.Day = days.number(r)
		at := key{r.Arm, r.Metric, r.Segment, r.Day}
		if before, seen := lines[at]; seen {
			where("arm", r.Arm, fmt.Sprintf("line %d has the same arm, metric, segment and day", before))
			continue
		}
		lines[at] = r.line
		i := slices.IndexFunc(t.Arms, func(a analysis.Arm) bool { return a.Name == r.Arm })
		if i < 0 {
			i = len(t.Arms)
			t.Arms = append(t.Arms, analysis.Arm{Name: r.Arm})
		}
		if r.weight > 0 {
			if w := t.Arms[i].Weight; w > 0 && w != r.weight {
				where("weight", fmt.Sprint(r.weight), fmt.Sprintf("an earlier row gives the arm %s the weight %v", r.Arm, w))
			}
			t.Arms[i].Weight = r.weight
		}
		t.Rows = append(t.Rows, r.Row)
	}
	if t.Days = analysis.NewUsers; days.cumulative {
		t.Days = analysis.Cumulative
	}
}

// calendar numbers a test's days from 1.
type calendar struct {
	dated, cumulative bool
	start             time.Time // midnight of the first date
	least             float64   // of numbered days
}

func calendarOf(rows []statRow) calendar {
	c := calendar{least: math.Inf(1)}
	for _, r := range rows {
		switch {
		case r.numbered:
			c.least = min(c.least, r.Day)
		case r.when.IsZero():
			continue
		case !c.dated || r.when.Before(c.start):
			c.dated, c.start = true, r.when
		}
		c.cumulative = c.cumulative || r.cumulative
	}
	c.start = c.start.Truncate(24 * time.Hour)
	return c
}

// number is the row's day, 0 if it has none. A file may count from 0 or from 1.
func (c calendar) number(r statRow) float64 {
	switch {
	case r.numbered && c.least < 1:
		return r.Day + 1
	case r.numbered:
		return r.Day
	case r.when.IsZero():
		return 0
	}
	return 1 + r.when.Sub(c.start).Hours()/24
}

// chooseControl marks the control: the arm that was asked for, or the one called control.
func chooseControl(t *analysis.Test, asked string) error {
	want := asked
	if want == "" {
		if slices.ContainsFunc(t.Arms, func(a analysis.Arm) bool { return a.Control }) {
			return nil
		}
		want = "control"
	}
	var names []string
	found := false
	for i := range t.Arms {
		is := t.Arms[i].Name == want || asked == "" && strings.EqualFold(t.Arms[i].Name, want)
		t.Arms[i].Control = is && !found
		found = found || is
		names = append(names, t.Arms[i].Name)
	}
	of := ""
	if t.Name != "" {
		of = " of " + t.Name
	}
	switch {
	case len(names) == 1:
		return badInput(fmt.Errorf("the test%s has one arm only, %s: there is nothing to compare it with", of, names[0]))
	case !found && asked != "":
		return badInput(fmt.Errorf("--control %q: no arm%s is called so", asked, of)).next("its arms are %s", strings.Join(names, ", "))
	case !found:
		return badInput(errors.New("no arm"+of+" is called control")).next("say which one is, with --control NAME; its arms are %s", strings.Join(names, ", "))
	}
	return nil
}
