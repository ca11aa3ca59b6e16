package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// RoundTrip answers one request of ClickHouse's HTTP protocol. It makes Engine
// an [http.RoundTripper], which is how clickhouse-go reaches it.
func (e *Engine) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	return e.answer(r)
}

// answer returns an error only where a server would break the connection.
// Whatever the engine itself objects to is a response.
func (e *Engine) answer(r *http.Request) (*http.Response, error) {
	q, err := readRequest(r)
	if err != nil {
		return refusal(r, "", err)
	}
	end, err := e.begin(q.id)
	if err != nil {
		return refusal(r, q.id, err)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	unlink := context.AfterFunc(e.ctx, func() { cancel(ErrClosed) })
	chunks := make(chan chunk, 1) // one ahead: a short result is finished before it is read
	go func() {
		defer close(chunks) // last: who has seen the end may use the query id again
		defer end()
		defer unlink()
		e.run(ctx, q, chunks)
	}()
	body := &resultBody{ctx: ctx, cancel: cancel, chunks: chunks, tag: newTag()}
	if err := body.begin(q.wholly); err != nil {
		cancel(err)
		var ex *exception
		if errors.As(err, &ex) { // the query is over, and its id is free in a moment
			for range chunks {
			}
		}
		return refusal(r, q.id, err)
	}
	return body.response(r, q), nil
}

// refusal turns an error of the engine into the response a server would send,
// and passes on all others: the request's context ended, or its body broke.
func refusal(r *http.Request, id string, err error) (*http.Response, error) {
	var ex *exception
	if !errors.As(err, &ex) {
		return nil, err
	}
	h := http.Header{}
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(ex.code))
	if id != "" {
		h.Set("X-ClickHouse-Query-Id", id)
	}
	text := ex.text + "\n"
	return newResponse(r, statusOf(ex.code), h, io.NopCloser(strings.NewReader(text)), int64(len(text))), nil
}

func newResponse(r *http.Request, status int, h http.Header, body io.ReadCloser, length int64) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: body, ContentLength: length, Request: r,
	}
}

// Handler serves the engine over HTTP, as a ClickHouse server would: for tests
// that need a socket. It has no authentication; keep it on loopback.
func (e *Engine) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Query().Get("query") == "" {
			io.WriteString(w, "Ok.\n") // GET / and /ping
			return
		}
		resp, err := e.answer(r)
		if err != nil {
			panic(http.ErrAbortHandler) // the client sees a broken connection
		}
		defer resp.Body.Close()
		for name, values := range resp.Header {
			w.Header()[name] = values
		}
		if resp.ContentLength >= 0 {
			w.Header().Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
		}
		w.WriteHeader(resp.StatusCode)
		if _, err := io.Copy(flusher{w}, resp.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	})
}

// flusher sends every chunk at once, so that a slow query shows its first rows.
type flusher struct{ w http.ResponseWriter }

func (f flusher) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		err = http.NewResponseController(f.w).Flush()
	}
	return n, err
}
