package history

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// query is a file of sql/, whose comment is for its reader only.
func query(name string) string {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic("history: " + err.Error()) // the file is part of the program
	}
	var lines []string
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "--") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// param is a server-side parameter, typed where the SQL names it.
func param(name string, value any) any { return clickhouse.Named(name, value) }

// exec runs the named statement.
func exec(ctx context.Context, conn driver.Conn, name string, params ...any) error {
	if err := conn.Exec(ctx, query(name), params...); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// one reads the only number of the named query.
func one(ctx context.Context, conn driver.Conn, name string, params ...any) (uint64, error) {
	var n uint64
	if err := conn.QueryRow(ctx, query(name), params...).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return n, nil
}

// each hands every row of the named query to scan.
func each(ctx context.Context, conn driver.Conn, name string, scan func(driver.Rows) error, params ...any) error {
	return eachOf(ctx, conn, name, query(name), scan, params...)
}

// eachOf hands every row of sql to scan. The name is for errors.
func eachOf(ctx context.Context, conn driver.Conn, name, sql string, scan func(driver.Rows) error, params ...any) error {
	rows, err := conn.Query(ctx, sql, params...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
