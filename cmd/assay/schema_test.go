package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSchema holds what is printed to the forms it promises; that the SQL is
// right is the business of history's tests, which run it.
func TestSchema(t *testing.T) {
	for line, parts := range map[string][]string{
		"schema":           {"CREATE TABLE IF NOT EXISTS outcomes (", "ReplacingMergeTree(version, deleted)", "INSERT INTO schema_migrations"},
		"schema --queries": {"FROM assignments FINAL"},
		"schema --cluster ads": {"CREATE TABLE IF NOT EXISTS assay_shard.outcomes ON CLUSTER 'ads' (",
			"ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/assay_shard/outcomes', '{replica}', version, deleted)",
			"Distributed('ads', 'assay_shard', 'outcomes', cityHash64(experiment))"},
		"schema --cluster ads --database lab --queries": {"cluster('ads', view(", "sumState(", "sumMerge(", "FROM lab_shard.assignments FINAL"},
	} {
		s := assay(t, strings.Fields(line)...).want(t, exitOK)
		s.contains(t, s.out, parts...)
	}
	for line, reason := range map[string]string{
		"schema --cluster a'b":              "--cluster: \"a'b\" is not the name of a cluster",
		"schema --cluster a --database x-y": "--database: \"x-y\" is not the name of a database",
		"schema --database x":               "--cluster is empty",
		"schema -o csv":                     "SQL is no table",
	} {
		s := assay(t, strings.Fields(line)...).want(t, exitUsage)
		s.contains(t, s.err, reason)
	}
	var read printedSchema
	if err := json.Unmarshal([]byte(assay(t, "schema", "--cluster", "ads", "-o", "json").want(t, exitOK).out), &read); err != nil {
		t.Fatal(err)
	}
	if printed := strings.Join(read.Statements, ";\n\n") + ";\n"; printed != assay(t, "schema", "--cluster", "ads").out {
		t.Error("the JSON form has other statements than the printed one")
	}
}
