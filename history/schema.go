package history

import (
	"fmt"
	"strings"
)

// Schema is what Open makes in an empty database of one machine: the statements
// of every migration, in order, and the record that they have run. For a
// cluster, see Cluster.
func Schema() ([]string, error) {
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	statements := []string{query("schema_migrations")}
	for _, m := range all {
		statements = append(statements, m.statements()...)
	}
	return append(statements, records(all, "schema_migrations")), nil
}

// records says that all migrations have run, so that Open runs none of them.
func records(all []migration, table string) string {
	rows := make([]string, len(all))
	for i, m := range all {
		rows[i] = fmt.Sprintf("    (%d, '%s', '%s')", m.number, m.name, m.checksum)
	}
	return "INSERT INTO " + table + " (number, name, checksum) VALUES\n" + strings.Join(rows, ",\n")
}
