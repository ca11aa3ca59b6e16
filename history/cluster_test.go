package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

var replicated = regexp.MustCompile(`Replicated(\w+)\('[^']*', '[^']*', `)

// onOneNode is the schema of a cluster as the engine of one process can run it,
// which has no keeper and no cluster: replication and ON CLUSTER are left out,
// and a Distributed table reads the only shard there is.
func onOneNode(t testing.TB, c Cluster) []string {
	t.Helper()
	statements, err := c.Schema()
	if err != nil {
		t.Fatal(err)
	}
	distributed := regexp.MustCompile(`Distributed\('[^']*', '([^']*)', '([^']*)', cityHash64\(experiment\)\)`)
	for i, s := range statements {
		s = strings.ReplaceAll(s, c.onCluster(), "")
		s = replicated.ReplaceAllString(s, "$1(")
		statements[i] = distributed.ReplaceAllString(s, "Merge('$1', '^$2$$')")
	}
	return statements
}

// TestClusterSchemaIsParsed by the engine itself, and holds the form for a
// cluster against the tables that the migrations made: same tables, same columns
// and defaults, same keys, row by row of system.columns and system.tables.
func TestClusterSchemaIsParsed(t *testing.T) {
	ctx, conn := context.Background(), newConn(t)
	if _, err := Open(ctx, conn); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"prod-1", "{cluster}"} {
		c := Cluster{Name: name, Database: "assay"}
		statements, err := c.Schema()
		if err != nil {
			t.Fatal(err)
		}
		mining, err := c.MiningQueries()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range slices.Concat(statements, mining, MiningQueries()) {
			if err := conn.Exec(ctx, "EXPLAIN AST "+s, anyParams(s)...); err != nil {
				t.Errorf("%v\n%s", err, s)
			}
		}
	}
	plain, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	hand := newConn(t)
	for _, s := range plain {
		if err := hand.Exec(ctx, s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
	if _, err := Open(ctx, hand); err != nil {
		t.Errorf("a database made by hand, from what Schema returns: %v", err)
	}
	if diff := cmp.Diff(described(t, conn, database(t, conn)), described(t, hand, database(t, hand))); diff != "" {
		t.Errorf("Open and Schema make different tables (-open +schema):\n%s", diff)
	}

	c := newShard(t, conn)
	want := described(t, conn, database(t, conn))
	got := described(t, conn, c.shard())
	everywhere := described(t, conn, c.Database)
	for table, is := range want {
		switch {
		case !strings.Contains(is, "\nexperiment String"):
			if diff := cmp.Diff(is, everywhere[table]); diff != "" {
				t.Errorf("%s, on every node:\n%s", table, diff)
			}
		case table == "facts":
			for part, have := range map[string]string{"own_facts": got["own_facts"], "shared_facts": everywhere["shared_facts"]} {
				if diff := cmp.Diff(is, have); diff != "" {
					t.Errorf("%s:\n%s", part, diff)
				}
			}
			sameColumns(t, is, got["facts"], everywhere["facts"], everywhere["sharded_facts"])
		default:
			if diff := cmp.Diff(is, got[table]); diff != "" {
				t.Errorf("%s, on a shard:\n%s", table, diff)
			}
			sameColumns(t, is, everywhere[table])
		}
	}
}

// anyParams gives every parameter of a query a value of its type.
func anyParams(sql string) []any {
	var params []any
	for _, m := range regexp.MustCompile(`\{(\w+):(\w+)`).FindAllStringSubmatch(sql, -1) {
		switch m[2] {
		case "String":
			params = append(params, param(m[1], ""))
		case "Array":
			params = append(params, param(m[1], []int{}))
		default:
			params = append(params, param(m[1], 0))
		}
	}
	return params
}

func sameColumns(t *testing.T, want string, got ...string) {
	t.Helper()
	_, want, _ = strings.Cut(want, "\n")
	for _, have := range got {
		if _, have, _ = strings.Cut(have, "\n"); have != want {
			t.Errorf("columns differ:\n%s", cmp.Diff(want, have))
		}
	}
}

// described says of every table of a database its engine, its order and its
// columns with their types and defaults.
func described(t *testing.T, conn driver.Conn, database string) map[string]string {
	t.Helper()
	const sql = `SELECT table, concat(any(engine), any(arguments), ' ', any(key), '\n', arrayStringConcat(groupArray(concat(name, ' ', type, ' ', default_kind, ' ', default_expression)), '\n'))
FROM (SELECT table, name, type, default_kind, default_expression FROM system.columns WHERE database = '%[1]s' ORDER BY table, position) AS c
INNER JOIN (SELECT name AS table, engine, sorting_key AS key, extract(engine_full, '^\\w+(\\([^)]*\\))') AS arguments FROM system.tables WHERE database = '%[1]s') AS t USING table
GROUP BY table`
	tables := map[string]string{}
	rows, err := conn.Query(context.Background(), fmt.Sprintf(sql, database))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		tables[name] = text
	}
	if err := rows.Err(); err != nil || len(tables) == 0 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	return tables
}

func database(t testing.TB, conn driver.Conn) (name string) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), "SELECT currentDatabase()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

// newShard makes the two databases of one node.
func newShard(t testing.TB, conn driver.Conn) Cluster {
	t.Helper()
	c := Cluster{Name: "cluster", Database: fmt.Sprintf("history_node_%d", databases.Add(1))}
	for _, s := range onOneNode(t, c) {
		if err := conn.Exec(context.Background(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
	t.Cleanup(func() {
		for _, name := range []string{c.Database, c.shard()} {
			if err := conn.Exec(context.Background(), "DROP DATABASE "+name+" SYNC"); err != nil {
				t.Error(err)
			}
		}
	})
	return c
}

// TestTwoShardsAreOneMachine splits histories by the cluster's sharding key over
// the databases of two nodes, mines each shard by itself and merges what they
// answer by the cluster's own mining queries: the effects are those of one machine,
// bit for bit.
func TestTwoShardsAreOneMachine(t *testing.T) {
	ctx := context.Background()
	h := newHistory(t)
	fillHistory(t, h, rand.New(rand.NewPCG(4, 4)), 23)
	nodes := []Cluster{newShard(t, h.conn), newShard(t, h.conn)}
	all := newConn(t) // what the initiator sees
	for table, database := range placed(t, nodes[0]) {
		exec := fmt.Sprintf("CREATE TABLE %s AS %s.%s ENGINE = Merge('%s', '^%s$')", table, database, table, database, table)
		if database == nodes[0].shard() {
			exec = fmt.Sprintf("CREATE TABLE %s AS %s.%s ENGINE = Merge(REGEXP('^(%s|%s)$'), '^%s$')", table, database, table, database, nodes[1].shard(), table)
		}
		if err := all.Exec(ctx, exec); err != nil {
			t.Fatal(err)
		}
	}
	from := database(t, h.conn)
	for i, c := range nodes {
		distribute(t, h.conn, from, c, i, len(nodes))
	}
	for _, q := range []EffectQuery{{AllSegments: true}, {Segment: "DE", Metric: "spend", AsOf: time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC)}} {
		q.MinUsers = fewestUsers
		one, err := h.mine(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		two, err := (&History{conn: all, onShards: onNodes(nodes)}).mine(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		if len(one) < 5 {
			t.Fatalf("%+v: only %d effects to compare", q, len(one))
		}
		if diff := cmp.Diff(one, two); diff != "" {
			t.Errorf("%+v: two shards differ from one machine:\n%s", q, diff)
		}
	}
}

// onNodes asks as a cluster of these nodes would be asked.
func onNodes(nodes []Cluster) func(statement) (string, error) {
	return func(s statement) (string, error) {
		var shards []string
		for _, c := range nodes {
			onShard, err := c.onShard(s)
			if err != nil {
				return "", err
			}
			shards = append(shards, "SELECT * FROM remote('127.0.0.1', view(\n"+onShard+"\n))")
		}
		return s.merged("(" + strings.Join(shards, "\nUNION ALL\n") + ")"), nil
	}
}

// distribute gives node i of n what the Distributed tables would send to it.
func distribute(t testing.TB, conn driver.Conn, from string, c Cluster, i, n int) {
	t.Helper()
	insert := func(into, columns, table, which string) {
		if err := conn.Exec(context.Background(), fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s.%s WHERE %s", into, columns, columns, from, table, which)); err != nil {
			t.Fatal(err)
		}
	}
	here := fmt.Sprintf("cityHash64(experiment) %% %d = %d", n, i)
	for table, database := range placed(t, c) {
		columns := columnsOf(t, conn, from, table)
		switch {
		case database == c.Database:
			insert(database+"."+table, columns, table, "1")
		case table == "facts":
			insert(c.shard()+".own_facts", columns, table, here+" AND experiment != ''")
			insert(c.Database+".shared_facts", columns, table, "experiment = ''")
		default:
			insert(c.shard()+"."+table, columns, table, here)
		}
	}
	var lies uint64
	if err := conn.QueryRow(context.Background(), "SELECT uniqExact(experiment) FROM "+c.shard()+".experiments").Scan(&lies); err != nil || lies < 3 {
		t.Fatalf("shard %d has %d experiments, %v", i, lies, err)
	}
}

func placed(t testing.TB, c Cluster) map[string]string {
	t.Helper()
	in, err := c.placed()
	if err != nil || in["outcomes"] != c.shard() || in["imports"] != c.Database {
		t.Fatalf("%v, %v", in, err)
	}
	return in
}

func columnsOf(t testing.TB, conn driver.Conn, database, table string) (names string) {
	t.Helper()
	err := conn.QueryRow(context.Background(), fmt.Sprintf(
		"SELECT arrayStringConcat(groupArray(name), ', ') FROM (SELECT name FROM system.columns WHERE database = '%s' AND table = '%s' AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position)", database, table)).Scan(&names)
	if err != nil || names == "" {
		t.Fatalf("columns of %s.%s: %q, %v", database, table, names, err)
	}
	return names
}

// fillHistory imports experiments of every shape: days, snapshots, users with
// facts of their own, users with shared events, and corrections of some.
func fillHistory(t testing.TB, h *History, r *rand.Rand, experiments int) {
	t.Helper()
	var days, users strings.Builder
	days.WriteString("e,ended,arm,country,at,n,y,yy\n")
	users.WriteString("e,ended,arm,country,u,at,spend,pre,items\n")
	for e := range experiments {
		ended := time.Date(2026, 1, 20+r.IntN(40), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		arms := []string{"control", "blue", "red"}[:2+r.IntN(2)]
		for _, arm := range arms {
			for day := range 1 + r.IntN(6) {
				for _, country := range []string{"", "DE"} {
					n := 200 + r.IntN(300)
					y := float64(n) * r.Float64()
					fmt.Fprintf(&days, "d%02d,%s,%s,%s,2026-01-%02d,%d,%v,%v\n", e, ended, arm, country, day+1, n, y, y*y/float64(n)+float64(n)*r.ExpFloat64())
				}
			}
		}
		for u := range 120 + r.IntN(300) {
			arm, country := arms[r.IntN(len(arms))], []string{"", "DE", "FR"}[r.IntN(3)]
			fmt.Fprintf(&users, "u%02d,%s,%s,%s,unit%d,2026-01-%02d 10:00:00,%v,%v,%d\n", e, ended, arm, country, u, 1+r.IntN(9), r.ExpFloat64(), r.NormFloat64(), r.IntN(4)+1)
		}
	}
	mustImport(t, h, ImportRequest{Files: []string{write(t, "days.csv", days.String())}, Mapping: parse(t, `
layout: outcomes
experiment: {id: e, ended: ended}
arm: {id: arm}
segment: country
day: at
metrics: [{name: revenue, sums: {n: n, y: y, yy: yy}}]
`)})
	mustImport(t, h, ImportRequest{Files: []string{write(t, "users.csv", users.String())}, Mapping: parse(t, `
layout: users
experiment: {id: e, ended: ended}
arm: {id: arm}
segment: country
unit: u
exposed_at: at
metrics: [{name: spend, value: spend, pre: pre}, {name: price, value: spend, denominator: items, pre: pre}]
`)})
	batch, err := h.conn.PrepareBatch(context.Background(), "INSERT INTO facts (experiment, metric, unit, at, event, value, pre, ratio, denominator, line, version)")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4000 { // events that belong to no experiment, and count for each
		err := batch.Append("", "visits", fmt.Sprintf("unit%d", r.IntN(450)), time.Date(2026, 1, 1+r.IntN(20), 12, 0, 0, 0, time.UTC),
			fmt.Sprint(i), r.ExpFloat64(), 0., uint8(0), 1., int64(i), uint64(1))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

// Names go into SQL as they are, so they must be names.
func TestClusterNames(t *testing.T) {
	for _, c := range []Cluster{{"", "assay"}, {"a b", "assay"}, {"a'", "assay"}, {"a", ""}, {"a", "1a"}, {"a", "a-b"}, {"{shard}", "a"}} {
		if err := c.Check(); err == nil {
			t.Errorf("%+v is taken", c)
		}
		if _, err := c.Schema(); err == nil {
			t.Errorf("%+v has a schema", c)
		}
		if _, err := c.MiningQueries(); err == nil {
			t.Errorf("%+v has a query", c)
		}
	}
}

// A migration that the form for a cluster cannot express must not pass unseen.
func TestClusterRefusesWhatItCannotExpress(t *testing.T) {
	for statement, want := range map[string]string{
		"DROP TABLE outcomes": "neither CREATE TABLE",
		"ALTER TABLE nowhere ADD COLUMN IF NOT EXISTS a UInt8":        "no migration made",
		"CREATE TABLE IF NOT EXISTS a (experiment String) ENGINE Log": "neither CREATE TABLE",
	} {
		w := clusterWriter{Cluster: Cluster{"c", "assay"}, sharded: map[string]bool{}}
		if made, err := w.rewrite(statement); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", statement, made, err)
		}
	}
}

// A history is a cluster's if its outcomes are distributed as Schema writes it.
func TestDistributedOver(t *testing.T) {
	ctx, conn := context.Background(), newConn(t)
	if on, _, err := clusterOf(ctx, conn); on || err != nil {
		t.Errorf("an empty database: %v, %v", on, err)
	}
	if _, err := Open(ctx, conn); err != nil {
		t.Fatal(err)
	}
	if on, _, err := clusterOf(ctx, conn); on || err != nil {
		t.Errorf("one machine: %v, %v", on, err)
	}
	statements, err := Cluster{"{cluster}", "prod"}.Schema()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range statements {
		_, engine, _ := strings.Cut(s, "ENGINE = ") // as system.tables shows it in engine_full
		if cluster, database := distributedOver(engine); cluster != "" {
			found = found || cluster == "{cluster}" && database == "prod"
		}
	}
	if !found {
		t.Error("the cluster's own outcomes are not known")
	}
}

// What cannot work on a cluster says so, and what is outdated says how to mend it.
func TestOnCluster(t *testing.T) {
	ctx := context.Background()
	c := newShard(t, newConn(t))
	conn, err := engine.Conn(c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	h := &History{conn: conn}
	if err := h.onCluster(ctx, c); err != nil {
		t.Fatal(err)
	}
	_, err = h.Import(ctx, ImportRequest{Mapping: example(t, "asos"), Files: []string{"never-read.csv"}})
	if !errors.Is(err, ErrCluster) {
		t.Errorf("an import: %v", err)
	}
	if err := conn.Exec(ctx, "TRUNCATE TABLE schema_migrations"); err != nil {
		t.Fatal(err)
	}
	if err := (&History{conn: conn}).onCluster(ctx, c); err == nil || !strings.Contains(err.Error(), "assay schema --cluster 'cluster' --database "+c.Database) {
		t.Errorf("an outdated cluster: %v", err)
	}
}

// The SQL of docs/cluster.md is parsed by the engine, copies every table that
// has rows to copy, and into tables that the schema makes.
func TestClusterDocument(t *testing.T) {
	ctx, conn := context.Background(), newConn(t)
	text, err := os.ReadFile("../docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	statements, err := Cluster{"ads", "assay"}.Schema()
	if err != nil {
		t.Fatal(err)
	}
	copied := map[string]bool{}
	for _, block := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for s := range strings.SplitSeq(strings.TrimSpace(block[1]), ";\n") {
			if err := conn.Exec(ctx, "EXPLAIN AST "+strings.TrimSuffix(s, ";")); err != nil {
				t.Errorf("%v\n%s", err, s)
			}
			m := regexp.MustCompile(`^INSERT INTO (assay\.\w+) SELECT \* FROM remote\('old:9000', 'assay', '(\w+)'\)`).FindStringSubmatch(s)
			if m == nil || !strings.Contains(strings.Join(statements, "\n"), "CREATE TABLE IF NOT EXISTS "+m[1]+" ") {
				t.Errorf("is no copy into a table of the cluster: %s", s)
				continue
			}
			copied[m[2]] = true
		}
	}
	for name := range placed(t, Cluster{"ads", "assay"}) {
		if !copied[name] {
			t.Errorf("docs/cluster.md does not copy %[1]s: add there INSERT INTO assay.%[1]s SELECT * FROM remote('old:9000', 'assay', '%[1]s');", name)
		}
	}
}
