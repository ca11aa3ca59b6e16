package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/allocator/mip/highs"
)

// benched is one instance of a bench.
type benched struct {
	File       string   `json:"file"`
	Problem    int      `json:"problem,omitempty"` // its number in the table of known values, or else in the file
	Value      *float64 `json:"value"`
	Bound      *float64 `json:"bound"`
	BestKnown  *float64 `json:"best_known"`
	UpperBound *float64 `json:"upper_bound"`
	Seconds    float64  `json:"seconds"`
	Feasible   bool     `json:"feasible"`
	Proved     string   `json:"proved,omitempty"`
	Solution   string   `json:"solution,omitempty"` // the file of its choice
	Fault      string   `json:"fault,omitempty"`    // why it was not solved
}

// knownValue is what a table says of an instance.
type knownValue struct {
	problem     int
	best, upper *float64
}

// instance is a file of a bench, with the table of its directory.
type instance struct {
	path  string
	known knownTable
}

// benchAllocate solves every instance of some directories. One that cannot be read keeps
// its row in the answer, and none of the others from being solved.
func (a *app) benchAllocate(ctx context.Context, dirs []string, f allocateFlags) error {
	exact, err := a.solver(f)
	if err != nil {
		return err
	}
	instances, err := a.instancesOf(dirs)
	if err != nil {
		return err
	}
	if h, ok := exact.(*highs.Solver); ok { // compiled once on a machine: no instance's time
		if err := h.Prepare(ctx); err != nil {
			return err
		}
	}
	paths := make([]string, len(instances))
	for i, in := range instances {
		paths[i] = in.path
	}
	if err := f.apart(paths); err != nil {
		return err
	}
	var all []benched
	var bad *fault
	for _, in := range instances {
		err := a.solveFile(ctx, in.path, exact, f, func(k, of int, one allocation) {
			all = append(all, f.benched(one, of, in.known.of(bareName(in.path), of)[k]))
		})
		switch {
		case ctx.Err() != nil:
			if err := a.answerBench(all); err != nil {
				return err
			}
			return &fault{code: exitInterrupted, err: fmt.Errorf("%d instances are printed; the last is the best so far", len(all))}
		case errors.As(err, &bad):
			a.note("%v", err)
			known := in.known.of(bareName(in.path), 1)[0]
			all = append(all, benched{File: bareName(in.path), BestKnown: known.best, UpperBound: known.upper, Fault: err.Error()})
		case err != nil:
			return err
		}
	}
	if err := a.answerBench(all); err != nil || bad == nil {
		return err
	}
	return badInput(errors.New("not every instance was solved")).next("mend or remove those files; docs/allocate.md describes the forms")
}

// instancesOf lists what stands in the directories, and notes what their tables name and
// is not there.
func (a *app) instancesOf(dirs []string) (all []instance, err error) {
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			return nil, usage("--bench takes directories, and %s is a file", dir).next("leave out --bench to solve one file")
		}
		known, err := readKnown(dir)
		if err != nil {
			return nil, err
		}
		files, packed, err := instancesIn(dir, known)
		if err != nil {
			return nil, err
		}
		for _, name := range packed {
			a.note("%s is left out: beside it is %s, which is taken for the same", filepath.Join(dir, name), bareName(name))
		}
		here := map[string]bool{}
		for _, path := range files {
			all = append(all, instance{path, known})
			if name, found := known.name(bareName(path)); found {
				here[name] = true
			}
		}
		if gone := len(known) - len(here); gone > 0 {
			a.note("%s has no file for %d of the %d names in its table", dir, gone, len(known))
		}
	}
	return all, nil
}

// benched holds an answer against what is known of the instance, one of so many in its
// file.
func (f allocateFlags) benched(one allocation, of int, known knownValue) benched {
	b := benched{File: bareName(one.File), Value: one.Value, Bound: one.Bound, BestKnown: known.best, UpperBound: known.upper,
		Seconds: one.Seconds, Feasible: one.Feasible, Proved: one.Proved}
	if of > 1 {
		b.Problem = cmp.Or(known.problem, one.Problem)
	}
	if f.solutions != "" && one.lines != nil {
		b.Solution = one.solutionName()
	}
	return b
}

// instancesIn lists the files of a directory that look like instances or stand in its
// table, by name; of a file that is there both plain and packed the plain one, and the
// name of the other.
func instancesIn(dir string, known knownTable) (files, packed []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	plain := map[string]bool{}
	for _, e := range entries { // by name: x.txt comes before x.txt.gz
		name := bareName(e.Name())
		_, listed := known[name]
		named := slices.Contains([]string{".txt", ".dat", ".mmkp", ".json"}, strings.ToLower(filepath.Ext(name))) && !strings.HasPrefix(strings.ToUpper(name), "README")
		switch {
		case e.IsDir() || !listed && !named:
		case plain[name]:
			packed = append(packed, e.Name())
		default:
			files, plain[name] = append(files, filepath.Join(dir, e.Name())), true
		}
	}
	if len(files) == 0 {
		return nil, nil, &fault{code: exitNotFound, err: fmt.Errorf("%s has no instances", dir), step: "they end in .txt, .dat, .mmkp or .json, with or without .gz"}
	}
	return files, packed, nil
}

// knownTable is what a directory says of its instances, by file.
type knownTable map[string][]knownValue

// readKnown reads instances.csv, or else best_known.csv, if there is one.
func readKnown(dir string) (knownTable, error) {
	for _, name := range []string{"instances.csv", "best_known.csv"} {
		path := filepath.Join(dir, name)
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r := csv.NewReader(f)
		r.TrimLeadingSpace = true
		rows, err := r.ReadAll()
		f.Close()
		if err != nil {
			return nil, badInput(fmt.Errorf("%s: %w", path, err)).next("mend it, or take it away: it only says what to compare with")
		}
		table, err := parseKnown(rows)
		if err != nil {
			return nil, badInput(fmt.Errorf("%s: %w", path, err)).next("it needs a column file, and best_known or best_feasible, upper_bound or lp_bound")
		}
		return table, nil
	}
	return knownTable{}, nil
}

func parseKnown(rows [][]string) (knownTable, error) {
	if len(rows) == 0 {
		return nil, errors.New("it is empty")
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff") // some programs put a byte order mark before text
	for _, row := range rows {
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
	}
	column := func(names ...string) int {
		for _, n := range names {
			if i := slices.Index(rows[0], n); i >= 0 {
				return i
			}
		}
		return -1
	}
	file, problem := column("file"), column("problem")
	best, upper := column("best_known", "best_feasible"), column("upper_bound", "lp_bound")
	if file < 0 {
		return nil, errors.New("it has no column file")
	}
	table := knownTable{}
	for i, row := range rows[1:] {
		var k knownValue
		for _, cell := range []struct {
			at   int
			into **float64
		}{{best, &k.best}, {upper, &k.upper}} {
			if cell.at < 0 || row[cell.at] == "" {
				continue
			}
			v, err := strconv.ParseFloat(row[cell.at], 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("line %d: %s is %q, which is not a number", i+2, rows[0][cell.at], row[cell.at])
			}
			*cell.into = &v
		}
		if problem >= 0 && row[problem] != "" {
			n, err := strconv.Atoi(row[problem])
			if err != nil || n < 1 {
				return nil, fmt.Errorf("line %d: problem is %q; it must be a number, counted from 1", i+2, row[problem])
			}
			k.problem = n
		}
		name := bareName(row[file])
		table[name] = append(table[name], k)
	}
	return table, nil
}

// name is what the table calls a file: it may be that of the one it was taken from, as
// "mknapcb1" for mknapcb1_odd.txt.
func (t knownTable) name(file string) (name string, found bool) {
	stem := strings.TrimSuffix(file, filepath.Ext(file))
	for _, name := range []string{file, stem, stem[:max(strings.LastIndex(stem, "_"), 0)]} {
		if _, found := t[name]; found {
			return name, true
		}
	}
	return "", false
}

// of finds the rows of a file with so many problems. If there are as many rows as
// problems they stand in order, if not, by the number that a table may give them.
func (t knownTable) of(file string, problems int) []knownValue {
	name, _ := t.name(file)
	rows, out := t[name], make([]knownValue, problems)
	if len(rows) == problems {
		copy(out, rows)
		return out
	}
	for _, k := range rows {
		if k.problem >= 1 && k.problem <= problems {
			out[k.problem-1] = k
		}
	}
	return out
}
