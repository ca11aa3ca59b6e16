package embedded

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestDialOptions(t *testing.T) {
	for _, c := range []struct {
		address  string
		protocol clickhouse.Protocol
		secure   bool
		database string
		err      string // part of it
	}{
		{address: "clickhouse://ann:secret@db:9000/history", protocol: clickhouse.Native, database: "history"},
		{address: "clickhouse://db:9440/history?secure=true", protocol: clickhouse.Native, secure: true, database: "history"},
		{address: "http://db:8123", protocol: clickhouse.HTTP},
		{address: "https://db:8443/history", protocol: clickhouse.HTTP, secure: true, database: "history"},
		{address: "https://db:8443/history?secure=true&skip_verify=1", protocol: clickhouse.HTTP, secure: true, database: "history"},
		{address: "db:9000", err: "must begin with clickhouse://"},
		{address: "postgres://db", err: "must begin with clickhouse://"},
		{address: "https://ann:sec%ret@db", err: "escaped"},
		{address: "clickhouse://ann:sec%ret@db", err: "connect to ClickHouse"},
		{address: "https://db?secure=false", err: "https without TLS"},
	} {
		opts, err := dialOptions(c.address)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "sec%ret") {
				t.Errorf("%s: error %v, want %q and no password", c.address, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		if opts.Protocol != c.protocol || (opts.TLS != nil) != c.secure || opts.Auth.Database != c.database {
			t.Errorf("%s: protocol %v, TLS %v, database %q", c.address, opts.Protocol, opts.TLS != nil, opts.Auth.Database)
		}
	}
}

func TestDialTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(engine.Handler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	conn, err := Dial(context.Background(), server.URL+"/system?skip_verify=true")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if name := scalar[string](t, conn, "SELECT currentDatabase()"); name != "system" {
		t.Errorf("database %q", name)
	}
	if _, err := Dial(context.Background(), server.URL); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown certificate: %v", err)
	}
}

func TestDialRefused(t *testing.T) {
	server := httptest.NewServer(engine.Handler())
	host := strings.TrimPrefix(server.URL, "http://")
	for address, want := range map[string]string{
		"clickhouse://" + httpPort(t):       "another protocol",
		"http://root:secret@" + host:        "check user and password",
		"http://" + host + "/nowhere":       "(UNKNOWN_DATABASE) (create it there",
		"http://" + host + "/?nosetting=1":  "UNKNOWN_SETTING",
		"http://127.0.0.1:1":                "is the server running",
		"clickhouse://127.0.0.1:1":          "is the server running",
		"clickhouse://127.0.0.1:1?secure=1": "is the server running",
	} {
		_, err := Dial(context.Background(), address)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v; want %q and no password", address, err, want)
		}
	}
	server.Close()
	if text := hint(&clickhouse.Exception{Code: codeReadOnly}); !strings.Contains(text, "take settings out of the address") {
		t.Errorf("a read-only user is told %q", text)
	}
}

// httpPort answers a native client as the HTTP port of a ClickHouse server does.
func httpPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\n\r\n")
			io.Copy(io.Discard, conn)
		}
	}()
	return listener.Addr().String()
}

// A read-only user may set nothing: only what the address names is sent. Dial's
// own time-out would become a setting of the first question.
func TestDialReadOnly(t *testing.T) {
	var sent sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.URL.Query() {
			sent.Store(name, true)
		}
		engine.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	ask := func(address string) (settings []string) {
		t.Helper()
		sent.Clear()
		conn, err := DialReadOnly(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if name := scalar[string](t, conn, "SELECT currentDatabase()"); name != "system" {
			t.Errorf("database %q", name)
		}
		sent.Range(func(name, _ any) bool {
			if !slices.Contains(reserved, name.(string)) {
				settings = append(settings, name.(string))
			}
			return true
		})
		slices.Sort(settings)
		return settings
	}
	if got := ask(server.URL + "/system"); got != nil {
		t.Errorf("sent %q", got)
	}
	if got := ask(server.URL + "/system?max_execution_time=50&max_threads=1"); !slices.Equal(got, []string{"max_execution_time", "max_threads"}) {
		t.Errorf("sent %q, not what the address names", got)
	}
}
