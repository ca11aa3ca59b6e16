package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
}

// knownValue is what a table says of an instance.
type knownValue struct {
	problem     int
	best, upper *float64
}

// benchAllocate solves every instance of some directories.
func (a *app) benchAllocate(ctx context.Context, dirs []string, f allocateFlags) error {
	exact, err := a.solver(f)
	if err != nil {
		return err
	}
	var all []benched
	for _, dir := range dirs {
		files, err := instancesIn(dir)
		if err != nil {
			return err
		}
		table, err := readKnown(dir)
		if err != nil {
			return err
		}
		for _, path := range files {
			err := a.solveFile(ctx, path, exact, f, func(k, of int, one allocation) {
				all = append(all, f.benched(one, of, table.of(bareName(path), of)[k]))
			})
			if err != nil {
				return err
			}
			if ctx.Err() != nil {
				if err := a.answerBench(all); err != nil {
					return err
				}
				return &fault{code: exitInterrupted, err: fmt.Errorf("%d instances are printed; the last is the best so far", len(all))}
			}
		}
	}
	return a.answerBench(all)
}

// benched holds an answer against what is known of the instance, one of so many in its
// file.
func (f allocateFlags) benched(one allocation, of int, known knownValue) benched {
	b := benched{File: bareName(one.File), Value: one.Value, Bound: one.Bound, BestKnown: known.best, UpperBound: known.upper,
		Seconds: one.Seconds, Feasible: one.Feasible, Proved: one.Proved}
	if of > 1 {
		b.Problem = cmp.Or(known.problem, one.Problem)
	}
	if f.solutions != "" && one.Choice != nil {
		b.Solution = one.solutionName()
	}
	return b
}

// instancesIn lists the files of a directory that look like instances, by name.
func instancesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return nil, usage("--bench takes directories, and %s is a file", dir).next("leave out --bench to solve one file")
		}
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if ext := filepath.Ext(bareName(e.Name())); !e.IsDir() && slices.Contains([]string{".txt", ".dat", ".mmkp", ".json"}, ext) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, &fault{code: exitNotFound, err: fmt.Errorf("%s has no instances", dir), step: "they end in .txt, .dat, .mmkp or .json, with or without .gz"}
	}
	return files, nil
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
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			return nil, badInput(fmt.Errorf("%s: %w", path, err))
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
			if err != nil {
				return nil, fmt.Errorf("line %d: %s is %q, which is not a number", i+2, rows[0][cell.at], row[cell.at])
			}
			*cell.into = &v
		}
		if problem >= 0 {
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

// of finds the rows of a file with so many problems. A table may name the file it was
// taken from ("mknapcb1" for mknapcb1_odd.txt) and number problems as that file did:
// if there are as many rows as problems they stand in order, if not, by their number.
func (t knownTable) of(file string, problems int) []knownValue {
	rows, found := t[file]
	stem := strings.TrimSuffix(file, filepath.Ext(file))
	for _, name := range []string{stem, stem[:max(strings.LastIndex(stem, "_"), 0)]} {
		if !found {
			rows, found = t[name]
		}
	}
	out := make([]knownValue, problems)
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
