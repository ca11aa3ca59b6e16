package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/assay-planner/assay/history/embedded"
)

// adsTables are those that docs/sources.md reads: two tests, one of which has ended.
var adsTables = []string{
	"CREATE DATABASE ads",
	"CREATE TABLE ads.tests (id String, name String, team String, surface String, started_at DateTime('UTC'), ended_at Nullable(DateTime('UTC')), base_arm String) ENGINE = MergeTree ORDER BY id",
	"INSERT INTO ads.tests VALUES ('t1', 'larger text', 'feed', 'home', '2026-01-01 00:00:00', '2026-02-01 00:00:00', 'off'), ('t2', 'smaller text', 'feed', 'home', '2026-02-01 00:00:00', NULL, 'off')",
	"CREATE TABLE ads.exposures (user_id UInt64, exposed_at DateTime('UTC'), test_id String, arm String, country String) ENGINE = MergeTree ORDER BY user_id",
	"INSERT INTO ads.exposures SELECT number % 600, toDateTime('2026-01-10 00:00:00', 'UTC'), if(number < 600, 't1', 't2'), if(number % 2 = 1, 'on', 'off'), if(number % 3 = 0, 'DE', 'FR') FROM numbers(1200)",
	"CREATE TABLE ads.payments (user_id UInt64, paid_at DateTime('UTC'), amount Float64, clicks UInt32) ENGINE = MergeTree ORDER BY user_id",
	"INSERT INTO ads.payments SELECT number % 600, toDateTime('2026-01-04 12:00:00', 'UTC') + 86400 * intDiv(number, 600), 1 + (number * 7 % 11) + number % 2, 1 + number % 5 FROM numbers(6000)",
}

// TestSourceDoc runs what docs/sources.md shows, on its own example, against a
// warehouse in this process whose user is read-only; assay is a process of its
// own. The first night imports what has ended, the second finds nothing new.
func TestSourceDoc(t *testing.T) {
	doc, err := os.ReadFile("../../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(doc), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples", len(blocks))
	}
	letGo(t)
	engine, err := embedded.Open("", embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	owner, err := engine.Conn("default")
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for _, s := range adsTables {
		if err := owner.Exec(context.Background(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
	var mu sync.Mutex
	var wrong []string
	warehouse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v := r.URL.Query()
		for name := range v {
			switch {
			case name == "database", name == "default_format", name == "client_protocol_version", name == "query_id", strings.HasPrefix(name, "param_"):
			default:
				mu.Lock()
				wrong = append(wrong, "sent "+name)
				mu.Unlock()
			}
		}
		if !regexp.MustCompile(`^(SELECT|WITH)\s`).Match(body) {
			mu.Lock()
			wrong = append(wrong, "asked "+string(body))
			mu.Unlock()
		}
		v.Set("readonly", "1")
		r.URL.RawQuery, r.Body = v.Encode(), io.NopCloser(strings.NewReader(string(body)))
		engine.Handler().ServeHTTP(w, r)
	}))
	defer warehouse.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "source.yaml")
	text := regexp.MustCompile(`(?m)^clickhouse: .*$`).ReplaceAllString(blocks[0][1], "clickhouse: "+warehouse.URL+"/ads")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}

	dry := child(t, "--data", dir, "import", "outcomes", "--source", path, "--dry-run").want(t, exitOK).fits(t)
	dry.contains(t, dry.out, "assignments: 1,200 rows", "unit_id", "FIRST VALUES", "experiments: 2 rows", "1 experiment, 2 arms, 2 metrics")
	first := child(t, "--data", dir, "import", "outcomes", "--source", path, "-o", "json").want(t, exitOK)
	var report importReport
	if err := json.Unmarshal([]byte(first.out), &report); err != nil {
		t.Fatal(err)
	}
	// two metrics of two arms, over everybody and two countries
	if f := report.Files[0]; f.File != "source ads warehouse until 2026-02-01T00:00:00.000000Z" || f.Imported != 12 || report.Experiments != 1 {
		t.Errorf("%+v", report)
	}
	again := child(t, "--data", dir, "import", "outcomes", "--source", path).want(t, exitOK)
	again.contains(t, again.out, "imported before and left alone")
	for _, s := range []string{ // another test has ended, and only it is new
		"INSERT INTO ads.tests VALUES ('t3', 'no text', 'feed', 'home', '2026-01-01 00:00:00', '2026-03-01 00:00:00', 'off')",
		"INSERT INTO ads.exposures SELECT user_id, exposed_at, 't3', arm, '' FROM ads.exposures WHERE test_id = 't1'",
	} {
		if err := owner.Exec(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	later := child(t, "--data", dir, "import", "outcomes", "--source", path, "-o", "json").want(t, exitOK)
	if err := json.Unmarshal([]byte(later.out), &report); err != nil {
		t.Fatal(err)
	}
	if f := report.Files[0]; f.File != "source ads warehouse until 2026-03-01T00:00:00.000000Z" || f.Imported != 4 {
		t.Errorf("%+v", report)
	}
	doctor := child(t, "--data", dir, "doctor", "--source", path)
	doctor.contains(t, doctor.out, "ads warehouse answers; this user cannot write there", "facts of revenue: 6,000 rows, 3 columns read")

	mu.Lock()
	defer mu.Unlock()
	if len(wrong) > 0 {
		t.Errorf("a read-only source was sent: %q", wrong)
	}
}

// child runs assay as a process of its own: this one has the warehouse's engine.
func child(t testing.TB, args ...string) said {
	t.Helper()
	var out, errOut strings.Builder
	cmd := process(t, args...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	_ = cmd.Run() // the exit code says it
	return said{cmd.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// What is wrong with a source is told before anything is read.
func TestSourceUsage(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("source: w\nclickhouse: http://127.0.0.1:1\noutcomes: DROP TABLE t\nmapping: m.yaml\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, "gone.yaml")
	if err := os.WriteFile(gone, []byte("source: w\nclickhouse: http://127.0.0.1:1\noutcomes: SELECT 1\nmapping: m.yaml\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitBadInput, "bad.yaml:3: outcomes must be a SELECT", []string{"--source", bad}},
		{exitUnavailable, `source "w": connect to ClickHouse`, []string{"--source", gone}},
		{exitUsage, "comes without files", []string{"--source", gone, "file.csv"}},
		{exitUsage, "works on the data directory", []string{"--source", gone, "--server", "http://127.0.0.1:1"}},
		{exitNotFound, "none.yaml", []string{"--source", filepath.Join(dir, "none.yaml")}},
		{exitUsage, "there is no file", nil},
	} {
		s := assay(t, append([]string{"--data", dir, "import", "outcomes"}, c.args...)...).want(t, c.code)
		s.contains(t, s.err, c.want)
	}
}
