package embedded

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ask sends one request as curl would.
func ask(t *testing.T, method string, params url.Values, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://embedded/?"+params.Encode(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := engine.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestRoundTrip(t *testing.T) {
	const late = "SELECT throwIf(number = 1000000) FROM numbers(2000000) SETTINGS max_block_size = 65536, max_threads = 1"
	for _, c := range []struct {
		name   string
		method string
		params url.Values
		body   string
		status int
		code   string // X-ClickHouse-Exception-Code
		want   string // part of the answer
	}{
		{name: "body", body: "SELECT 1, 'x'", status: 200, want: "1\tx\n"},
		{name: "parameter", params: url.Values{"query": {"SELECT 1"}}, status: 200, want: "1\n"},
		{name: "both", params: url.Values{"query": {"SELECT"}}, body: "2", status: 200, want: "2\n"},
		{name: "format clause", params: url.Values{"default_format": {"Native"}, "client_protocol_version": {"54460"}},
			body: "SELECT 1 AS x FORMAT JSONEachRow", status: 200, want: `{"x":1}`},
		{name: "default format", params: url.Values{"default_format": {"CSV"}}, body: "SELECT 'a', 1", status: 200, want: `"a",1`},
		{name: "server parameter", params: url.Values{"param_a": {`x\ty`}}, body: "SELECT length({a:String})", status: 200, want: "3\n"},
		{name: "database", params: url.Values{"database": {"system"}}, body: "SELECT currentDatabase()", status: 200, want: "system\n"},
		{name: "no such database", params: url.Values{"database": {"nowhere"}}, body: "SELECT 1", status: 404, code: "81", want: "UNKNOWN_DATABASE"},
		{name: "no such setting", params: url.Values{"nosetting": {"1"}}, body: "SELECT 1", status: 404, code: "115", want: "UNKNOWN_SETTING"},
		{name: "statement", body: "SHOW DATABASES", status: 200, want: "default\n"},
		{name: "no rows", body: "SELECT 1 WHERE 0", status: 200},
		{name: "syntax", body: "SELEKT", status: 400, code: "62", want: "SYNTAX_ERROR"},
		{name: "late error", body: late, status: 200, want: "\r\n__exception__\r\n"},
		{name: "late error waited for", params: url.Values{"wait_end_of_query": {"1"}}, body: late, status: 500, code: "395"},
		{name: "GET", method: "GET", params: url.Values{"query": {"SELECT 1"}}, status: 200, want: "1\n"},
		{name: "GET changes nothing", method: "GET", params: url.Values{"query": {"CREATE TABLE g (n Int8) ENGINE = Memory"}}, status: 403, code: "164"},
		{name: "other user", params: url.Values{"user": {"root"}}, body: "SELECT 1", status: 403, code: "516"},
		{name: "password", params: url.Values{"user": {"default"}, "password": {"x"}}, body: "SELECT 1", status: 403, code: "516"},
		{name: "session", params: url.Values{"session_id": {"s"}}, body: "SELECT 1", status: 501, code: "48"},
		{name: "shutdown", body: "SYSTEM SHUTDOWN", status: 501, code: "48"},
		{name: "no such compression", params: url.Values{"compress": {"1"}, "network_compression_method": {"T64"}}, body: "SELECT 1", status: 501, code: "48"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.method == "" {
				c.method = "POST"
			}
			resp, text := ask(t, c.method, c.params, c.body)
			if resp.StatusCode != c.status || resp.Header.Get("X-ClickHouse-Exception-Code") != c.code {
				t.Errorf("status %s, code %q; want %d, %q: %s", resp.Status, resp.Header.Get("X-ClickHouse-Exception-Code"), c.status, c.code, text)
			}
			if !strings.Contains(text, c.want) {
				t.Errorf("answer %.200q does not contain %q", text, c.want)
			}
			if resp.ContentLength >= 0 && resp.ContentLength != int64(len(text)) {
				t.Errorf("Content-Length %d of %d bytes", resp.ContentLength, len(text))
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	conn := connect(t)
	database := scalar[string](t, conn, "SELECT currentDatabase()")
	exec(t, conn, "CREATE TABLE h (n Int64) ENGINE = MergeTree ORDER BY n")
	in := func(more ...string) url.Values {
		v := url.Values{"database": {database}, "query_id": {"mine"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	resp, _ := ask(t, "POST", in("query", "INSERT INTO h FORMAT CSV"), "1\n2\n3\n")
	for name, want := range map[string]string{
		"X-ClickHouse-Query-Id": "mine", "X-ClickHouse-Summary": `"written_rows":"3"`,
	} {
		if got := resp.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("insert: %s: %q, want %s", name, got, want)
		}
	}
	if resp, text := ask(t, "POST", in(), "SELECT * FROM nowhere"); resp.StatusCode != 404 { // the id is free again
		t.Errorf("select from nowhere: %s: %s", resp.Status, text)
	}
	resp, _ = ask(t, "POST", in("send_progress_in_http_headers", "1"), "SELECT * FROM h FORMAT CSV")
	for name, want := range map[string]string{
		"X-ClickHouse-Query-Id": "mine", "X-ClickHouse-Format": "CSV",
		"X-ClickHouse-Summary": `"read_rows":"3"`, "X-ClickHouse-Progress": `"read_rows":"3"`,
	} {
		if got := resp.Header.Get(name); !strings.Contains(got, want) {
			t.Errorf("select: %s: %q, want %s", name, got, want)
		}
	}
}

// What one request sets, creates or chooses is gone with it.
func TestSessionsAreSeparate(t *testing.T) {
	for _, sql := range []string{"USE system", "SET max_block_size = 77", "CREATE TEMPORARY TABLE fleeting (n Int8)", "SET param_x = 'y'"} {
		if resp, text := ask(t, "POST", nil, sql); resp.StatusCode != 200 {
			t.Fatalf("%s: %s", sql, text)
		}
	}
	_, text := ask(t, "POST", nil, "SELECT currentDatabase(), getSetting('max_block_size') = 77, (SELECT count() FROM system.tables WHERE name = 'fleeting')")
	if text != "default\tfalse\t0\n" && text != "default\t0\t0\n" {
		t.Errorf("the next request finds %q", text)
	}
	if resp, text := ask(t, "POST", nil, "SELECT {x:String}"); resp.StatusCode == 200 {
		t.Errorf("a parameter outlived its session: %s", text)
	}
}

func TestQueryID(t *testing.T) {
	conn := connect(t)
	ctx, cancel := context.WithCancel(clickhouse.Context(context.Background(), clickhouse.WithQueryID("the-one")))
	defer cancel()
	done := make(chan error)
	go func() { done <- conn.Exec(ctx, "SELECT count() AS running_with_id FROM numbers(10000000000000)") }()
	waitRunning(t, conn, "running_with_id", 1)
	if n := scalar[uint64](t, conn, "SELECT count() FROM system.processes WHERE Settings['log_comment'] = 'the-one'"); n != 1 {
		t.Errorf("%d queries carry the id as comment, want 1", n)
	}
	wantCode(t, conn.Exec(ctx, "SELECT 1"), codeSameID)
	exec(t, conn, "KILL QUERY WHERE Settings['log_comment'] = 'the-one' ASYNC")
	wantCode(t, <-done, 394) // QUERY_WAS_CANCELLED, by another, which is no cancelled context
	if err := conn.Exec(ctx, "SELECT 1"); err != nil {
		t.Errorf("the id is not free again: %v", err)
	}
}

// Every compression clickhouse-go knows carries rows both ways, and errors.
func TestCompression(t *testing.T) {
	server := httptest.NewServer(engine.Handler())
	defer server.Close()
	for _, method := range []clickhouse.CompressionMethod{
		clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD,
		clickhouse.CompressionGZIP, clickhouse.CompressionDeflate, clickhouse.CompressionBrotli,
	} {
		for _, place := range []string{"process", "loopback"} {
			t.Run(method.String()+"/"+place, func(t *testing.T) {
				opts, err := dialOptions(server.URL)
				if err != nil {
					t.Fatal(err)
				}
				opts.Compression = &clickhouse.Compression{Method: method, Level: 3}
				if place == "process" {
					opts.TransportFunc = func(*http.Transport) (http.RoundTripper, error) { return engine, nil }
				}
				opts.Auth.Database = scalar[string](t, connect(t), "SELECT currentDatabase()")
				conn, err := clickhouse.Open(opts)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				testCompressed(t, conn)
			})
		}
	}
}

func testCompressed(t *testing.T, conn driver.Conn) {
	exec(t, conn, "CREATE TABLE b (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	if err := insertNumbers(context.Background(), conn, 300_000); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(context.Background(), "SELECT n, s FROM b ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var n, count uint64
	var s string
	for rows.Next() {
		if err := rows.Scan(&n, &s); err != nil || n != count {
			t.Fatalf("row %d: %d, %v", count, n, err)
		}
		count++
	}
	if err := rows.Err(); err != nil || count != 300_000 {
		t.Errorf("%d rows, %v", count, err)
	}
	wantCode(t, conn.Exec(context.Background(), "SELECT * FROM nowhere"), 60)
	_, err = conn.Query(context.Background(), "SELECT * FROM nowhere")
	wantCode(t, err, 60)
	testErrorMidStream(t, conn)
}

func TestExternalTable(t *testing.T) {
	conn := connect(t)
	table, err := ext.NewTable("wanted", ext.Column("id", "UInt64"), ext.Column("name", "String"))
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a", "b'\t", "c"} {
		if err := table.Append(uint64(i), name); err != nil {
			t.Fatal(err)
		}
	}
	ctx := clickhouse.Context(context.Background(), clickhouse.WithExternalTable(table))
	got := scalarCtx[string](t, ctx, conn, "SELECT arrayStringConcat(groupArray(name), ',') FROM wanted WHERE id IN (SELECT number FROM numbers({n:UInt8}))",
		clickhouse.Named("n", 2))
	if got != "a,b'\t" {
		t.Errorf("external table gives %q", got)
	}
}

func TestFormats(t *testing.T) {
	conn, ctx := connect(t), context.Background()
	exec(t, conn, "CREATE TABLE f (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
	if err := conn.InsertFormat(ctx, "CSV", "INSERT INTO f", strings.NewReader("1,one\n2,two\n")); err != nil {
		t.Fatal(err)
	}
	err := conn.InsertFormat(ctx, "CSV", "INSERT INTO f", strings.NewReader("3,three\nx,broken\n"))
	wantCode(t, err, 27) // CANNOT_PARSE_INPUT_ASSERTION_FAILED
	r, err := conn.QueryFormat(ctx, "JSONEachRow", "SELECT * FROM f ORDER BY n")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if want := `{"n":1,"s":"one"}` + "\n" + `{"n":2,"s":"two"}` + "\n"; err != nil || string(text) != want {
		t.Errorf("%q, %v; want %q", text, err, want)
	}
}

// A cancelled insert does not wait for a source of rows that has stopped giving.
func TestCancelStalledInsert(t *testing.T) {
	conn := connect(t)
	exec(t, conn, "CREATE TABLE f (n UInt64) ENGINE = MergeTree ORDER BY n")
	source, rows := io.Pipe()
	defer rows.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- conn.InsertFormat(ctx, "CSV", "INSERT INTO f", source) }()
	if _, err := io.WriteString(rows, strings.Repeat("1\n", 1_000_000)); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want the cancellation", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the cancelled insert still waits")
	}
	waitRunning(t, conn, "INSERT INTO f", 0)
	if n := scalar[uint64](t, conn, "SELECT count() FROM f"); n != 0 {
		t.Errorf("%d rows of a cancelled insert are there", n)
	}
}

// A source that breaks fails the insert, and what it gave is not inserted.
func TestBrokenSource(t *testing.T) {
	conn := connect(t)
	exec(t, conn, "CREATE TABLE f (n UInt64) ENGINE = MergeTree ORDER BY n")
	broken := errors.New("the disk is gone")
	source := io.MultiReader(strings.NewReader(strings.Repeat("1\n", 1000)), errorReader{broken})
	if err := conn.InsertFormat(context.Background(), "CSV", "INSERT INTO f", source); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the source", err)
	}
	if n := scalar[uint64](t, conn, "SELECT count() FROM f"); n != 0 {
		t.Errorf("%d rows of a broken insert are there", n)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
