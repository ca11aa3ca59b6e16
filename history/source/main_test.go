package source

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/embedded"
)

// engine is the user's warehouse, and Assay's own history beside it: a process
// can have one.
var engine *embedded.Engine

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if engine, err = embedded.Open("", embedded.Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer engine.Close()
	return m.Run()
}

// warehouse serves the engine as a server does to a user with readonly = 1:
// writes are refused by the engine, settings by the handler, with the server's
// own code. It keeps what it was asked.
type warehouse struct {
	*httptest.Server
	limit string // max_execution_time of the user's profile; "": none
	zone  string // of the server; "": the engine's own

	mu    sync.Mutex
	asked []asked
}

type asked struct {
	sql    string
	params url.Values
}

// plain are the parameters of a request that are no settings.
var plain = map[string]bool{"database": true, "default_format": true, "client_protocol_version": true, "query_id": true, "query": true}

func serve(t testing.TB, limit string) *warehouse {
	w := &warehouse{limit: limit}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		params := r.URL.Query()
		w.mu.Lock()
		w.asked = append(w.asked, asked{params.Get("query") + string(body), r.URL.Query()})
		w.mu.Unlock()
		for name := range params {
			if !plain[name] && !strings.HasPrefix(name, "param_") {
				rw.Header().Set("X-ClickHouse-Exception-Code", "164")
				rw.WriteHeader(http.StatusForbidden)
				fmt.Fprintf(rw, "Code: 164. DB::Exception: Cannot modify '%s' setting in readonly mode. (READONLY)\n", name)
				return
			}
		}
		params.Set("readonly", "1")
		if w.limit != "" {
			params.Set("max_execution_time", w.limit)
		}
		if w.zone != "" {
			params.Set("session_timezone", w.zone)
		}
		r.URL.RawQuery, r.Body = params.Encode(), io.NopCloser(strings.NewReader(string(body)))
		engine.Handler().ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

// dial connects as assay does.
func (w *warehouse) dial(t testing.TB, s *Source) driver.Conn {
	t.Helper()
	conn, err := embedded.DialReadOnly(context.Background(), s.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// own is a connection that may write: the warehouse's owner.
func own(t testing.TB, database string, statements ...string) driver.Conn {
	t.Helper()
	conn, err := engine.Conn(database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, s := range statements {
		if err := conn.Exec(context.Background(), s); err != nil {
			t.Fatalf("%v\n%s", err, s)
		}
	}
	return conn
}

func parse(t testing.TB, text string) *Source {
	t.Helper()
	s, err := Parse("source.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lazily dials with the first query, for addresses at which that already fails.
type lazily struct {
	w *warehouse
	t *testing.T
	s *Source
}

func (l lazily) Query(ctx context.Context, sql string, args ...any) (driver.Rows, error) {
	conn, err := embedded.DialReadOnly(ctx, l.s.Address)
	if err != nil {
		return nil, err
	}
	l.t.Cleanup(func() { conn.Close() })
	return conn.Query(ctx, sql, args...)
}
