package history

import (
	"fmt"
	"regexp"
	"strings"
)

// Cluster is the second form of the schema, for who has outgrown one machine:
// the same tables, sharded by experiment and replicated, in two databases on
// every node. One holds what lies on the node's own shard, under the names that
// mining reads; the other holds Distributed tables over all shards, and is the
// one that Assay is pointed at.
//
// All rows of an experiment lie on one shard, so that whatever mining groups by
// experiment is a GROUP BY of one machine, and no sum is put together from two.
// Three kinds of rows belong to no experiment and are kept on every node: the
// records of imports and migrations, the rules of metrics, and facts of
// experiment ”. The last are
// events that count for each experiment which their unit was in. Sharded by unit
// they would meet their experiments across the network, row by row and every
// night, and an experiment's sum would be added up in another order than on one
// machine; a copy costs disk only.
//
// Everything is derived from the migrations and from the statements of mining: there
// is no second copy that could fall behind.
type Cluster struct {
	Name     string // as in system.clusters; '{cluster}' takes the node's macro
	Database string // of the Distributed tables; the shards' is called Database_shard
}

var (
	clusterName  = regexp.MustCompile(`^(\{cluster\}|[A-Za-z0-9_][A-Za-z0-9_.-]*)$`)
	databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

	createTable = regexp.MustCompile(`(?s)^((?:--[^\n]*\n)*)CREATE TABLE IF NOT EXISTS (\w+) \((.*)\) ENGINE = (\w+)\(([^)]*)\)\s+ORDER BY ([^;]+)$`)
	alterTable  = regexp.MustCompile(`(?s)^((?:--[^\n]*\n)*)ALTER TABLE (\w+) (.*)$`)
	byExp       = regexp.MustCompile(`(?m)^\s*experiment\s+String`)
)

// Check says what is wrong with the names.
func (c Cluster) Check() error {
	switch {
	case !clusterName.MatchString(c.Name):
		return fmt.Errorf("%q is not the name of a cluster: letters, digits, '_', '-' and '.', or {cluster}", c.Name)
	case !databaseName.MatchString(c.Database):
		return fmt.Errorf("%q is not the name of a database: letters, digits and '_'", c.Database)
	}
	return nil
}

// shard is the database of what lies on a node's own shard.
func (c Cluster) shard() string { return c.Database + "_shard" }

func (c Cluster) onCluster() string { return " ON CLUSTER '" + c.Name + "'" }

// Schema returns the statements that make the cluster's tables, to be run on any
// one node. Run again, after an upgrade of Assay, they add what is new.
func (c Cluster) Schema() ([]string, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	statements := []string{
		"CREATE DATABASE IF NOT EXISTS " + c.Database + c.onCluster(),
		"CREATE DATABASE IF NOT EXISTS " + c.shard() + c.onCluster(),
	}
	w := clusterWriter{Cluster: c, sharded: map[string]bool{}}
	for _, m := range append([]migration{{name: "schema_migrations", sql: query("schema_migrations") + ";\n"}}, all...) {
		for _, s := range m.statements() {
			made, err := w.rewrite(s)
			if err != nil {
				return nil, fmt.Errorf("migration %s has no form for a cluster: %w", m.name, err)
			}
			statements = append(statements, made...)
		}
	}
	return append(statements, records(all, c.Database+".schema_migrations")), nil
}

// clusterWriter turns the migrations' statements into those of a cluster.
type clusterWriter struct {
	Cluster
	sharded map[string]bool // table → whether its rows lie on one shard each
}

// both is the one table that is part sharded, part on every node.
const both = "facts"

// rewrite gives one statement its form for the cluster.
func (w *clusterWriter) rewrite(statement string) ([]string, error) {
	if m := createTable.FindStringSubmatch(statement); m != nil {
		t := clusterTable{Cluster: w.Cluster, comment: m[1], name: m[2], columns: m[3], engine: m[4], version: m[5], order: strings.TrimSpace(m[6])}
		if t.sharded = byExp.MatchString(t.columns); !t.sharded {
			w.sharded[t.name] = false
			return []string{t.everywhere(t.comment, t.name)}, nil
		}
		w.sharded[t.name] = true
		if t.name == both {
			return t.inTwoParts(), nil
		}
		return []string{t.local(t.comment, t.name), t.distributed("", t.name, t.name)}, nil
	}
	m := alterTable.FindStringSubmatch(statement)
	if m == nil {
		return nil, fmt.Errorf("it is neither CREATE TABLE IF NOT EXISTS nor ALTER TABLE: %.60q", statement)
	}
	comment, name, change := m[1], m[2], m[3]
	sharded, known := w.sharded[name]
	alter := func(table string) string { return "ALTER TABLE " + table + w.onCluster() + " " + change }
	switch {
	case !known:
		return nil, fmt.Errorf("it alters %s, which no migration made", name)
	case !sharded:
		return []string{comment + alter(w.Database+"."+name)}, nil
	case name == both:
		tables := []string{w.shard() + ".own_" + both, w.Database + ".shared_" + both, w.Database + ".sharded_" + both, w.shard() + "." + both, w.Database + "." + both}
		for i, t := range tables {
			tables[i] = alter(t)
		}
		tables[0] = comment + tables[0]
		return tables, nil
	}
	return []string{comment + alter(w.shard()+"."+name), alter(w.Database + "." + name)}, nil
}

// clusterTable is one CREATE TABLE taken apart.
type clusterTable struct {
	Cluster
	comment, name, columns, engine, version, order string
	sharded                                        bool
}

// local is the table of one shard, replicated within it.
func (t clusterTable) local(comment, name string) string {
	path := "/clickhouse/tables/{shard}/" + t.shard() + "/" + name
	return t.create(comment, t.shard()+"."+name, path, "{replica}")
}

// everywhere is a table of which every node of every shard is a replica.
func (t clusterTable) everywhere(comment, name string) string {
	return t.create(comment, t.Database+"."+name, "/clickhouse/tables/"+t.Database+"/"+name, "{shard}-{replica}")
}

func (t clusterTable) create(comment, table, path, replica string) string {
	return fmt.Sprintf("%sCREATE TABLE IF NOT EXISTS %s%s (%s) ENGINE = Replicated%s('%s', '%s', %s) ORDER BY %s",
		comment, table, t.onCluster(), t.columns, t.engine, path, replica, t.version, t.order)
}

// distributed reads from all shards, and sends what is inserted to the shard of
// its experiment.
func (t clusterTable) distributed(comment, name, local string) string {
	return fmt.Sprintf("%sCREATE TABLE IF NOT EXISTS %s.%s%s AS %s.%s ENGINE = Distributed('%s', '%s', '%s', cityHash64(experiment))",
		comment, t.Database, name, t.onCluster(), t.shard(), local, t.Name, t.shard(), local)
}

// inTwoParts makes facts: those of an experiment on its shard, those of none on
// every node. Mining on a shard reads both as one table; so does Assay.
func (t clusterTable) inTwoParts() []string {
	own, shared, sharded := "own_"+t.name, "shared_"+t.name, "sharded_"+t.name
	merged := func(comment, database, databases, tables string) string {
		return fmt.Sprintf("%sCREATE TABLE IF NOT EXISTS %s.%s%s AS %s.%s ENGINE = Merge(REGEXP('^(%s)$'), '^(%s)$')",
			comment, database, t.name, t.onCluster(), t.shard(), own, databases, tables)
	}
	return []string{
		t.local(t.comment+"-- In two parts: those of an experiment, on its shard.\n", own),
		t.everywhere("-- And those of none, on every node.\n", shared),
		merged("-- What mining reads on a shard.\n", t.shard(), t.Database+"|"+t.shard(), own+"|"+shared),
		t.distributed("-- Where facts of an experiment are inserted; those of none go to "+shared+".\n", sharded, own),
		merged("-- What Assay reads.\n", t.Database, t.Database, sharded+"|"+shared),
	}
}

// placed says of every table of the migrations in which of the two databases a
// shard's query finds it.
func (c Cluster) placed() (map[string]string, error) {
	all, err := migrations()
	if err != nil {
		return nil, err
	}
	in := map[string]string{}
	for _, m := range all {
		for _, s := range m.statements() {
			if made := createTable.FindStringSubmatch(s); made != nil {
				in[made[2]] = c.Database
				if byExp.MatchString(made[3]) {
					in[made[2]] = c.shard()
				}
			}
		}
	}
	return in, nil
}
