// Package source reads tables that a user has in a ClickHouse of their own, and
// answers them as a file that history imports.
//
// A reader must know Source, which is a YAML file: where the warehouse is, and
// views, which are SELECTs that turn its tables into one of two shapes. Either
// assignments and facts, which the warehouse adds up to sums per experiment, arm
// and metric in one pass: users never leave it. Or outcomes, which somebody has
// added up before.
//
//	s, err := source.Parse("source.yaml", text, os.LookupEnv) // every mistake, with its line
//	looks, err := s.Look(ctx, conn)                           // what the views answer
//	got, err := s.Fetch(ctx, conn, since, file)               // CSV, for history.Import with s.Mapping()
//
// Nothing is ever written to a source. The package can ask queries only, each of
// which begins with SELECT or WITH and has the user's own SQL inside a bracket
// after FROM. It sends no settings, which a user with readonly = 1 may not, and
// therefore lets no deadline through: clickhouse-go would turn it into one.
//
// docs/sources.md is the reference of all keys.
package source
