package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Dial connects to a ClickHouse server and makes sure that it answers.
//
// The address is clickhouse://user:password@host:9000/database for the native
// protocol, with ?secure=true for TLS, or http://host:8123/database, or
// https://host:8443/database. Its parameters are those of clickhouse.ParseDSN:
// hosts, dial_timeout, compress, skip_verify and any setting of the server.
func Dial(ctx context.Context, address string) (driver.Conn, error) {
	opts, err := dialOptions(address)
	if err != nil {
		return nil, err
	}
	return dial(ctx, opts)
}

// DialReadOnly connects as Dial does, for a user who may set nothing (readonly = 1).
// Only settings that the address itself names are sent. The client would add
// max_execution_time to its first question over HTTP, from its own time-out for
// dialling, and such a user could not even connect. It waits for an answer as long
// as the server works on it, unless the address has a read_timeout.
//
// A context with a deadline would become a setting all the same in the native
// protocol: ask without one.
func DialReadOnly(ctx context.Context, address string) (driver.Conn, error) {
	opts, err := dialOptions(address)
	if err != nil {
		return nil, err
	}
	if opts.ReadTimeout == 0 {
		opts.ReadTimeout = 24 * time.Hour
	}
	_, asked := opts.Settings[executionTime]
	opts.TransportFunc = func(t *http.Transport) (http.RoundTripper, error) {
		if asked {
			return t, nil
		}
		return withoutDeadline{t}, nil
	}
	return dial(ctx, opts)
}

const executionTime = "max_execution_time"

// withoutDeadline takes out of a request what the client made of a deadline.
type withoutDeadline struct{ next http.RoundTripper }

func (w withoutDeadline) RoundTrip(r *http.Request) (*http.Response, error) {
	if v := r.URL.Query(); v.Has(executionTime) {
		v.Del(executionTime)
		r = r.Clone(r.Context()) // a RoundTripper leaves the request itself alone
		r.URL.RawQuery = v.Encode()
	}
	return w.next.RoundTrip(r)
}

func dial(ctx context.Context, opts *clickhouse.Options) (driver.Conn, error) {
	conn, err := clickhouse.Open(opts)
	if err != nil {
		return nil, fmt.Errorf("connect to ClickHouse: %w", err)
	}
	if err := conn.Ping(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect to ClickHouse at %s: %w%s", strings.Join(opts.Addr, ","), err, hint(err))
	}
	return conn, nil
}

func dialOptions(address string) (*clickhouse.Options, error) {
	scheme, _, _ := strings.Cut(address, "://")
	switch scheme {
	case "clickhouse", "http":
	case "https":
		secured, err := withTLS(address)
		if err != nil {
			return nil, err
		}
		address = secured
	default:
		return nil, fmt.Errorf("connect to ClickHouse: the address must begin with clickhouse://, http:// or https://, not %q", scheme)
	}
	opts, err := clickhouse.ParseDSN(address) // masks the password in its error
	if err != nil {
		return nil, fmt.Errorf("connect to ClickHouse: %w", err)
	}
	return opts, nil
}

// withTLS adds the secure=true that ParseDSN wants to see beside https://.
func withTLS(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", errors.New("connect to ClickHouse: the https:// address cannot be read: is every special character of the password escaped?")
	}
	v := u.Query()
	if !v.Has("secure") {
		v.Set("secure", "true")
	}
	u.RawQuery = v.Encode()
	return u.String(), nil
}

// hint names the mistake behind the errors that people meet first.
func hint(err error) string {
	var ex *clickhouse.Exception
	switch text := err.Error(); {
	case errors.As(err, &ex) && ex.Code == codeAuthentication:
		return " (check user and password in the address)"
	case errors.As(err, &ex) && ex.Code == codeReadOnly:
		return " (this user is read-only: take settings out of the address, if it has any; a history needs a user who may write)"
	case errors.As(err, &ex) && ex.Code == codeNoDatabase:
		return " (create it there, or name another at the end of the address)"
	case strings.Contains(text, "unexpected packet"), strings.Contains(text, "malformed HTTP response"):
		return " (the port speaks another protocol: 9000 is for clickhouse://, 9440 the same with ?secure=true, 8123 for http://, 8443 for https://)"
	case strings.Contains(text, "connection refused"), strings.Contains(text, "no such host"):
		return " (is the server running, and the address right?)"
	}
	return ""
}
