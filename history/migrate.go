package history

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one numbered file of migrations/. A published one never changes:
// what is wrong with it is put right by the next.
type migration struct {
	number   uint32
	name     string
	sql      string
	checksum string
}

// migrations returns all of them in order.
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted, and numbers have four digits
	if err != nil {
		return nil, err
	}
	var all []migration
	for i, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		name = strings.TrimPrefix(name, "migrations/")
		number, err := strconv.ParseUint(name[:4], 10, 32)
		if err != nil || int(number) != i+1 {
			return nil, fmt.Errorf("migration %s is not number %04d", name, i+1)
		}
		sum := sha256.Sum256(text)
		all = append(all, migration{uint32(number), name, string(text), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// statements cuts a file at the semicolons that end a line.
func (m migration) statements() []string {
	var all []string
	for _, s := range strings.SplitAfter(m.sql, ";\n") {
		if s = strings.TrimSuffix(strings.TrimSpace(s), ";"); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// migrate brings the schema up to date.
//
// ClickHouse has no transactions, so an interruption can leave a migration
// half done and unrecorded. Therefore every statement is written so that it may
// run twice (IF NOT EXISTS and the like), and the record is written last: the
// next Open runs the whole file again and ends in the same schema.
func migrate(ctx context.Context, conn driver.Conn) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	if err := exec(ctx, conn, "schema_migrations"); err != nil {
		return err
	}
	applied, err := appliedMigrations(ctx, conn)
	if err != nil {
		return err
	}
	for _, m := range all {
		switch sum, ok := applied[m.number]; {
		case ok && sum != m.checksum:
			return fmt.Errorf("migration %s was applied with other content (%.8s, now %.8s): this database was made by another build of assay", m.name, sum, m.checksum)
		case ok:
			continue
		}
		for _, statement := range m.statements() {
			if err := conn.Exec(ctx, statement); err != nil {
				return fmt.Errorf("migration %s: %w", m.name, err)
			}
		}
		err := exec(ctx, conn, "record_migration", param("number", m.number), param("name", m.name), param("checksum", m.checksum))
		if err != nil {
			return err
		}
	}
	if last := uint32(len(all)); applied[last+1] != "" {
		return fmt.Errorf("the database has migration %04d, this build of assay knows %04d: use the newer one", last+1, last)
	}
	return nil
}

func appliedMigrations(ctx context.Context, conn driver.Conn) (map[uint32]string, error) {
	applied := map[uint32]string{}
	err := each(ctx, conn, "applied_migrations", func(rows driver.Rows) error {
		var number uint32
		var checksum string
		err := rows.Scan(&number, &checksum)
		applied[number] = checksum
		return err
	})
	return applied, err
}
