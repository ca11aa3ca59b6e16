package history

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMigrationsApplyTwice(t *testing.T) {
	ctx, conn := context.Background(), newConn(t)
	for range 2 {
		if _, err := Open(ctx, conn); err != nil {
			t.Fatal(err)
		}
	}
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	// An interruption leaves the last one done but not recorded.
	if err := conn.Exec(ctx, "ALTER TABLE schema_migrations DELETE WHERE number = 5 SETTINGS mutations_sync = 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, conn); err != nil {
		t.Fatal(err)
	}
	applied, err := appliedMigrations(ctx, conn)
	if err != nil || len(applied) != len(all) {
		t.Errorf("%d migrations recorded of %d: %v", len(applied), len(all), err)
	}
}

func TestMigrationOfAnotherBuild(t *testing.T) {
	ctx, conn := context.Background(), newConn(t)
	if _, err := Open(ctx, conn); err != nil {
		t.Fatal(err)
	}
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	later := len(all) + 1
	if err := exec(ctx, conn, "record_migration", param("number", later), param("name", "later.sql"), param("checksum", "x")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, conn); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%04d", later)) {
		t.Errorf("a newer schema was opened: %v", err)
	}
	if err := conn.Exec(ctx, "ALTER TABLE schema_migrations DELETE WHERE name = 'later.sql' SETTINGS mutations_sync = 1"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(ctx, "ALTER TABLE schema_migrations UPDATE checksum = 'other' WHERE number = 2 SETTINGS mutations_sync = 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, conn); err == nil || !strings.Contains(err.Error(), "0002_outcomes.sql") {
		t.Errorf("a changed migration was accepted: %v", err)
	}
}

// TestMigratesDataOfTheVersionBefore opens a database as 0006 left it, with users in
// it: they are no log, and mining says of them what it said.
func TestMigratesDataOfTheVersionBefore(t *testing.T) {
	ctx, h := context.Background(), newHistory(t)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "a.csv", userRows(0, 600, 3, 0, "DE"))}, Mapping: parse(t, byUser)})
	want := effects(t, h, EffectQuery{AllSegments: true})
	for _, statement := range []string{
		"ALTER TABLE assignments DROP COLUMN logged SETTINGS mutations_sync = 1",
		"DROP TABLE metric_rules SYNC",
		"ALTER TABLE schema_migrations DELETE WHERE number = 7 SETTINGS mutations_sync = 1",
	} {
		if err := h.conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	h, err := Open(ctx, h.conn)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, effects(t, h, EffectQuery{AllSegments: true})); diff != "" || len(want) == 0 {
		t.Errorf("%d effects: %s", len(want), diff)
	}
	for question, want := range map[string]string{"SELECT toString(sum(logged)) FROM assignments": "0", "SELECT toString(count()) FROM metric_rules": "0"} {
		if got := stored(t, h, question); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", question, got)
		}
	}
}
