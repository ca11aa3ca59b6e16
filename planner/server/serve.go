package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"
)

// ServeHTTP wraps every answer: it gives the request an id, sets the headers
// that keep browsers careful, turns a panic into a 500, and logs.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	id := requestIDOf(r)
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
	seen := &observed{ResponseWriter: w}
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("X-Request-Id", id)
	defer func() {
		if v := recover(); v != nil {
			s.recovered(seen, r, v)
		}
		// The path alone: queries and headers may hold what is not for a log.
		s.log.InfoContext(r.Context(), "request", "request", id, "method", r.Method, "path", r.URL.Path,
			"status", seen.status, "bytes", seen.bytes, "took", time.Since(began), "from", r.RemoteAddr)
	}()
	s.handler.ServeHTTP(seen, r)
}

// headers allow a page nothing but its own style sheet and images.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cache-Control":                "no-store",
}

func (s *server) recovered(w *observed, r *http.Request, v any) {
	if v == http.ErrAbortHandler { // net/http's own way to hang up
		panic(v)
	}
	s.log.ErrorContext(r.Context(), "panic", "request", requestID(r.Context()), "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
	if w.status == 0 {
		e := refuse(http.StatusInternalServerError, "internal", "something went wrong here; the server's log has the cause")
		e.Request = requestID(r.Context())
		_ = writeJSON(w, e.Status, map[string]any{"error": e}) // it holds texts only
	}
}

// observed remembers what was answered.
type observed struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (o *observed) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(p []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	n, err := o.ResponseWriter.Write(p)
	o.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

type requestKey struct{}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestIDOf keeps the id that a proxy gave, if it is harmless in a log.
func requestIDOf(r *http.Request) string {
	if id := r.Header.Get("X-Request-Id"); idPattern.MatchString(id) {
		return id
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand does not fail
	return hex.EncodeToString(b[:])
}
