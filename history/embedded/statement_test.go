package embedded

import (
	"testing"
)

func TestSplitInsert(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want insertion // zero: no INSERT with rows
	}{
		{"INSERT INTO t FORMAT Native", insertion{"INSERT INTO t ", "Native", ""}},
		{"insert into db.t (a, `b)`) settings x = 'FORMAT' format CSV\n1,2\n", insertion{"insert into db.t (a, `b)`) settings x = 'FORMAT' ", "CSV", "1,2\n"}},
		{"INSERT INTO t VALUES (1, 'x')", insertion{"INSERT INTO t ", "Values", " (1, 'x')"}},
		{"/* VALUES */ -- FORMAT\n INSERT INTO t(a)VALUES(1)", insertion{"/* VALUES */ -- FORMAT\n INSERT INTO t(a)", "Values", "(1)"}},
		{"INSERT INTO values VALUES (1)", insertion{"INSERT INTO values ", "Values", " (1)"}},
		{"INSERT INTO db.format VALUES (1)", insertion{"INSERT INTO db.format ", "Values", " (1)"}},
		{"INSERT INTO TABLE t (values) VALUES (1)", insertion{"INSERT INTO TABLE t (values) ", "Values", " (1)"}},
		{"INSERT INTO FUNCTION file('x.csv', 'CSV') VALUES (1)", insertion{"INSERT INTO FUNCTION file('x.csv', 'CSV') ", "Values", " (1)"}},
		{"INSERT INTO t VALUES", insertion{"INSERT INTO t ", "Values", ""}},
		{"INSERT INTO t FORMAT JSONEachRow {\"a\": 1}", insertion{"INSERT INTO t ", "JSONEachRow", `{"a": 1}`}},
		{"INSERT INTO t FORMAT Native ;", insertion{"INSERT INTO t ", "Native", ""}},
		{"INSERT INTO t SELECT 1 FORMAT Native", insertion{}},
		{"INSERT INTO t WITH 1 AS x SELECT x", insertion{}},
		{"INSERT INTO t (a) FROM INFILE 'x' FORMAT CSV", insertion{}},
		{"INSERT INTO t", insertion{}},
		{"INSERT", insertion{}},
		{"SELECT 'INSERT INTO t VALUES (1)'", insertion{}},
		{"EXPLAIN INSERT INTO t VALUES (1)", insertion{}},
		{"", insertion{}},
		{"/* open", insertion{}},
	} {
		got, ok := splitInsert(c.sql)
		if got != c.want || ok != (c.want != insertion{}) {
			t.Errorf("%q:\n got %+v %v\nwant %+v", c.sql, got, ok, c.want)
		}
	}
}

func TestOutputFormat(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT 1":             "",
		"SELECT 1 FORMAT JSON": "JSON",
		"SELECT 1 format JSONEachRow settings x = 1, y='z'": "JSONEachRow",
		"SELECT 1 SETTINGS x = 1 FORMAT CSV;":               "",
		"SELECT 1 FORMAT CSV ; ":                            "CSV",
		"SELECT format FROM t":                              "",
		"SELECT ' FORMAT JSON'":                             "",
		"SELECT 1 -- FORMAT JSON":                           "",
		"SELECT (SELECT 1 FORMAT Null)":                     "",
		"SELECT `format` Native":                            "",
		"SELECT 'it''s' /* x */ FORMAT TSV -- end":          "TSV",
	} {
		if got := outputFormat(sql); got != want {
			t.Errorf("%q: format %q, want %q", sql, got, want)
		}
	}
}

func TestStopsProcess(t *testing.T) {
	for sql, want := range map[string]bool{
		"SYSTEM SHUTDOWN":            true,
		" /* x */ system kill":       true,
		"SYSTEM FLUSH LOGS":          false,
		"SELECT 'SYSTEM SHUTDOWN'":   false,
		"SYSTEM":                     false,
		"SELECT system.shutdown + 1": false,
	} {
		if got := stopsProcess(sql); got != want {
			t.Errorf("%q: %v", sql, got)
		}
	}
}

// The scanner ends, and what it takes apart is a part of what it was given.
func FuzzSplitInsert(f *testing.F) {
	f.Add("INSERT INTO t (a, 'b') VALUES (1), (2);")
	f.Add("insert into `x`.`y` format CSV\r\n1")
	f.Add("/* ' */ -- \n # x\nINSERT INTO \"a\\\"\" FORMAT")
	f.Fuzz(func(t *testing.T, sql string) {
		ins, ok := splitInsert(sql)
		if ok && (len(ins.head)+len(ins.rows) > len(sql) || sql[:len(ins.head)] != ins.head || sql[len(sql)-len(ins.rows):] != ins.rows && ins.rows != "") {
			t.Fatalf("%q: %+v", sql, ins)
		}
		outputFormat(sql)
		stopsProcess(sql)
	})
}
