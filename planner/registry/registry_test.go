package registry

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	conformance(t, func(t *testing.T, name string) planner.Registry {
		return openAt(t, filepath.Join(dir, name+".db"))
	})
}

func openAt(t *testing.T, path string) *Registry {
	t.Helper()
	r, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A path may hold what means something in a URL.
func TestOpenTakesAnyPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a new dir", "100% ?x=1&y#z.db")
	r := openAt(t, path)
	defer r.Close()
	if err := r.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, want 0600", info.Mode())
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "15000"} {
		for _, db := range []*sql.DB{r.read, r.write} {
			var got string
			if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("PRAGMA %s is %q, %v; want %q", pragma, got, err, want)
			}
		}
	}
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a text file gives %v, want an error with its path", err)
	}
	newer := filepath.Join(t.TempDir(), "newer.db")
	r := openAt(t, newer)
	if _, err := r.write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := Open(t.Context(), newer); err == nil || !strings.Contains(err.Error(), "newer assay") {
		t.Errorf("a file of a later version gives %v", err)
	}
}

func TestAudit(t *testing.T) {
	r := openAt(t, filepath.Join(t.TempDir(), "r.db"))
	defer r.Close()
	r.now = func() time.Time { return night }
	ctx := WithActor(t.Context(), "api")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := r.Add(ctx, []planner.Hypothesis{idea("a")})
	must(err)
	_, err = r.Add(ctx, []planner.Hypothesis{idea("a")}) // a retry changes nothing
	must(err)
	taken := idea("a")
	taken.Title = "other"
	if _, err := r.Add(ctx, []planner.Hypothesis{idea("b"), taken}); err == nil {
		t.Fatal("a taken id was added")
	}
	_, err = r.Withdraw(t.Context(), "a", night)
	must(err)
	must(r.SavePlan(WithActor(ctx, "nightly"), planOf(night, "a")))
	must(r.SavePlan(WithActor(ctx, "nightly"), planOf(night.Add(time.Hour))))

	rows, err := r.read.Query(`SELECT seq || ' ' || at || ' ' || actor || ' ' || action || ' ' || subject || ' ' ||
		coalesce(before ->> '$.id', '-') || ' ' || coalesce(after ->> '$.withdrawn_at', after ->> '$.starts', '-') FROM audit ORDER BY seq`)
	must(err)
	defer rows.Close()
	var got []string
	for rows.Next() {
		var line string
		must(rows.Scan(&line))
		got = append(got, line)
	}
	want := []string{
		"1 2026-11-23T02:00:00.000000000Z api submit a - -",
		"2 2026-11-23T02:00:00.000000000Z assay withdraw a a 2026-11-23T02:00:00Z",
		`3 2026-11-23T02:00:00.000000000Z nightly plan 2026-11-23T02:00Z - ["a"]`,
		"4 2026-11-23T02:00:00.000000000Z nightly plan 2026-11-23T03:00Z 2026-11-23T02:00Z []",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("audit:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, rewrite := range []string{"UPDATE audit SET actor = 'x'", "DELETE FROM audit"} {
		if _, err := r.write.Exec(rewrite); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s gives %v", rewrite, err)
		}
	}
}

func TestManyOpenOneNewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			r, err := Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			if _, err := r.Add(t.Context(), []planner.Hypothesis{idea(fmt.Sprint("h", i))}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r := openAt(t, path)
	defer r.Close()
	if all, err := r.Hypotheses(t.Context()); err != nil || len(all) != 6 {
		t.Errorf("%d hypotheses, %v; want 6", len(all), err)
	}
}

func Example() {
	dir, err := os.MkdirTemp("", "assay")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	reg, err := Open(ctx, filepath.Join(dir, "registry.db"))
	if err != nil {
		panic(err)
	}
	defer reg.Close()
	draft := planner.Hypothesis{Title: "Fresher ads first", Surface: "feed"}.Normalize()
	for range 2 {
		receipts, err := reg.Add(ctx, []planner.Hypothesis{draft})
		fmt.Println(receipts[0].ID, receipts[0].Created, err)
	}
	// Output:
	// h-c8fb31fcfc69 true <nil>
	// h-c8fb31fcfc69 false <nil>
}
