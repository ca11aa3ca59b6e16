package importer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/history/mapping"
)

const rates = "layout: outcomes\n" + about + "metrics: [{name: m, proportion: {trials: n, successes: y}}]\n"

// dated also reads dates from the file, and knows a text for "no value".
const dated = "layout: outcomes\nexperiment: {id: e, started: from, ended: {column: to, plus: 1d}}\narm: {id: a}\nnull: [NA]\n" +
	"metrics: [{name: m, proportion: {trials: n, successes: y}}]\n"

func TestOddFiles(t *testing.T) {
	cases := []struct {
		name, file, text string
		rows, bad        int64
		want             []string // the problems
	}{
		{"header only", "a.csv", "e,a,n,y\n", 0, 0, nil},
		{"a column twice", "a.csv", "e,a,n,y,n\nx,blue,10,1,20\n", 0, 0, []string{
			"a.csv: column n: the file has this column 2 times: which one is meant?"}},
		{"byte order mark", "a.ndjson", "\xef\xbb\xbf" + `{"e":"x","a":"blue","n":10,"y":1}`, 1, 0, nil},
		{"a JSON list", "a.json", `[{"e":"x"}]`, 1, 1, []string{`a.json:1: "[{\"e\":\"x\"}]" is a JSON list: write one object per line`}},
		{"empty objects", "a.ndjson", "{}\n", 0, 0, []string{
			"a.ndjson: column a: the file has no columns at all", "a.ndjson: column e: the file has no columns at all",
			"a.ndjson: column n: the file has no columns at all", "a.ndjson: column y: the file has no columns at all"}},
		{"a quote that is not closed costs what it swallows", "a.csv", "e,a,n,y\nx,blue,10,1\nx,\"red,10,1\nx,green,10,1\nx,pink,10,1\n", 4, 3, []string{
			`a.csv:3: "x" extraneous or missing " in quoted-field at character 13 of line 5, so lines 3 to 5 are lost`}},
		{"infinite once only", "a.csv", "e,a,n,y\nx,blue,10,-Inf\n", 1, 1, []string{`a.csv:2: column y: "-Inf" is not finite`}},
		{"a long cell is cut between letters", "a.ndjson", strings.Repeat("é", 61) + "x", 1, 1, []string{
			`a.ndjson:1: "` + strings.Repeat("é", 60) + `…" is not a JSON object`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			result, _ := read(t, rates, c.file, c.text)
			if diff := cmp.Diff(c.want, problems(result)); diff != "" {
				t.Error(diff)
			}
			if result.Rows != c.rows || result.Bad != c.bad {
				t.Errorf("%d rows, %d bad; want %d and %d", result.Rows, result.Bad, c.rows, c.bad)
			}
		})
	}
}

func TestEmptyFilesAreErrors(t *testing.T) {
	m := parse(t, rates)
	for _, name := range []string{"a.csv", "a.tsv", "a.ndjson"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(context.Background(), path, m, &recorder{}, Options{})
		if _, told := errors.AsType[*FileError](err); !told || !strings.Contains(err.Error(), name+": the file is empty") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBadRowsLeaveNoTrace: an experiment of which no row is good is not there,
// and a row that is left out moves no date.
func TestBadRowsLeaveNoTrace(t *testing.T) {
	result, lines := read(t, dated, "a.csv", "e,a,from,to,n,y\n"+
		"gone,blue,2026-01-05,2026-01-02,10,1\n"+ // ends before it starts
		"x,blue,2026-01-05,,10,1\n"+
		"x,red,,2026-01-01,10,1\n"+ // contradicts line 3
		"x,green,2026-01-06,2026-01-19,10,1\n"+
		"late,blue,2026-01-05,2106-02-07,10,1\n")
	want := []string{
		`a.csv:6: column to: "2106-02-07" lies outside the years 1970 to 2105, once 24h0m0s is added`,
		`a.csv:2: column to: the experiment gone ends before it starts`,
		`a.csv:4: column to: the experiment x ends before it starts`,
	}
	if diff := cmp.Diff(want, problems(result)); diff != "" {
		t.Error(diff)
	}
	if len(result.Experiments) != 1 || len(lines) != 2 {
		t.Fatalf("%d experiments, lines %q", len(result.Experiments), lines)
	}
	e := result.Experiments[0]
	days := []string{time.Unix(e.Started, 0).UTC().Format(time.DateOnly), time.Unix(e.Ended, 0).UTC().Format(time.DateOnly)}
	if diff := cmp.Diff([]string{"2026-01-05", "2026-01-20"}, days); diff != "" || len(e.Arms) != 2 {
		t.Errorf("%d arms, %s", len(e.Arms), diff)
	}
}

// TestManyBadRows took four minutes when every bad cell evaluated its column.
func TestManyBadRows(t *testing.T) {
	var text strings.Builder
	text.WriteString("e,a,from,to,n,y\n")
	for range 60_000 {
		text.WriteString("x,blue,2026-01-01,2026-01-02,10,11\n")
	}
	start := time.Now()
	result, _ := read(t, dated, "a.csv", text.String())
	if took := time.Since(start); result.Bad != 60_000 || took > 20*time.Second {
		t.Errorf("%d bad rows in %v", result.Bad, took)
	}
}

// TestLongRows: neither a huge line nor a quote that is never closed is held in memory.
func TestLongRows(t *testing.T) {
	m := parse(t, rates)
	cell := bytes.Repeat([]byte("long "), maxLine/5+10_000)
	for name, text := range map[string]string{"a.csv": "e,a,n,y\nx,blue,10,1\nx,\"" + string(cell), "b.csv": "e,a,n,y\nx,blue,10,1\nx," + string(cell),
		"c.ndjson": `{"e":"x"}` + "\n" + `{"e":"` + string(cell)} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(context.Background(), path, m, &recorder{}, Options{Name: name})
		if err == nil || !strings.Contains(err.Error(), "longer than 64 MB") || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func parse(t *testing.T, yaml string) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Parse("m.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestEveryKindOfText reads text from each Arrow type that programs write it in.
func TestEveryKindOfText(t *testing.T) {
	for _, kind := range []arrow.DataType{arrow.BinaryTypes.String, arrow.BinaryTypes.LargeString, arrow.BinaryTypes.StringView,
		arrow.BinaryTypes.Binary, arrow.BinaryTypes.LargeBinary, arrow.BinaryTypes.BinaryView} {
		schema := arrow.NewSchema([]arrow.Field{{Name: "e", Type: kind}, {Name: "a", Type: kind, Nullable: true},
			{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "y", Type: arrow.PrimitiveTypes.Int64}}, nil)
		b := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
		add := func(field int, text string) {
			switch to := b.Field(field).(type) {
			case interface{ Append(string) }:
				to.Append(text)
			case interface{ Append([]byte) }:
				to.Append([]byte(text))
			default:
				t.Fatalf("%v: %T", kind, to)
			}
		}
		for _, arm := range []string{"blue", "a name of more than twelve letters"} {
			add(0, "x")
			add(1, arm)
		}
		add(0, "x")
		b.Field(1).AppendNull()
		for _, n := range []int64{10, 20, 30} {
			b.Field(2).(*array.Int64Builder).Append(n)
			b.Field(3).(*array.Int64Builder).Append(1)
		}
		var file bytes.Buffer
		w := ipc.NewWriter(io.Writer(&file), ipc.WithSchema(schema))
		if err := w.Write(b.NewRecord()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		result, lines := read(t, rates, "a.arrows", file.String())
		got := strings.Join(lines, "\n")
		if !strings.Contains(got, "1: x/blue/m") || !strings.Contains(got, "2: x/a name of more than twelve letters/m") {
			t.Errorf("%v: %s", kind, got)
		}
		if diff := cmp.Diff([]string{"a.arrows:3: column a: is empty"}, problems(result)); diff != "" {
			t.Errorf("%v: %s", kind, diff)
		}
	}
}
