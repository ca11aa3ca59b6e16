package history

import (
	"context"
	"fmt"
	"strings"
	"testing"
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
