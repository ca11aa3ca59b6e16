package embedded

import (
	"context"
	"crypto/rand"
	"encoding/json"
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
		defer end()
		defer unlink()
		e.run(ctx, q, chunks)
	}()
	body := &resultBody{ctx: ctx, cancel: cancel, chunks: chunks, tag: newTag()}
	if err := body.begin(q.wholly); err != nil {
		cancel(err)
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

// resultBody is the body of a response: the chunks of a running query.
type resultBody struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	chunks <-chan chunk
	tag    string // marks an exception in mid-stream

	rest   []byte // of the current chunk
	counts counts
	ended  bool
	failed error // why Read must not go on
}

// begin waits for the first chunk, or with wholly for all of them: until then
// an error still becomes a status code.
func (b *resultBody) begin(wholly bool) error {
	for {
		c, err := b.receive()
		if err != nil {
			return err
		}
		b.rest = append(b.rest, c.data...)
		if b.ended || (!wholly && len(b.rest) > 0) {
			return nil
		}
	}
}

// receive returns the next chunk; after the last it sets ended.
func (b *resultBody) receive() (chunk, error) {
	if err := b.ctx.Err(); err != nil {
		return chunk{}, context.Cause(b.ctx)
	}
	select {
	case <-b.ctx.Done():
		return chunk{}, context.Cause(b.ctx)
	case c, ok := <-b.chunks:
		if !ok {
			b.ended = true
			if b.ctx.Err() != nil { // the query gave up without a word
				return chunk{}, context.Cause(b.ctx)
			}
			return chunk{}, nil
		}
		if c.err == nil {
			b.counts = c.counts
		}
		return c, c.err
	}
}

func (b *resultBody) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.failed != nil {
			return 0, b.failed
		}
		if b.ended {
			return 0, io.EOF
		}
		c, err := b.receive()
		b.rest = c.data
		var ex *exception
		if errors.As(err, &ex) {
			b.rest, b.failed = b.exceptionBlock(ex), io.EOF
		} else if err != nil {
			b.failed = err
		}
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// errBodyClosed ends a query whose result nobody wants any more.
var errBodyClosed = errors.New("embedded: the result was closed before its end")

func (b *resultBody) Close() error {
	b.cancel(errBodyClosed)
	return nil
}

// exceptionBlock frames an exception that comes after the first part of a
// result, when the status has long been sent.
func (b *resultBody) exceptionBlock(ex *exception) []byte {
	return fmt.Appendf(nil, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", b.tag, ex.text, len(ex.text)+1, b.tag)
}

func newTag() string { return rand.Text()[:16] }

func (b *resultBody) response(r *http.Request, q *request) *http.Response {
	h := http.Header{}
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-ClickHouse-Query-Id", q.id)
	h.Set("X-ClickHouse-Format", firstOf(outputFormat(q.sql), q.format))
	h.Set("X-ClickHouse-Exception-Tag", b.tag)
	h.Set("X-ClickHouse-Summary", b.counts.summary())
	if q.progress {
		h.Set("X-ClickHouse-Progress", b.counts.summary())
	}
	length := int64(-1)
	if b.ended {
		length = int64(len(b.rest))
		b.cancel(nil)
	}
	return newResponse(r, http.StatusOK, h, b, length)
}

// summary is what the query has done when the response begins: all of it for
// statements and short results. Numbers are strings, as a server writes them.
func (c counts) summary() string {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	text, _ := json.Marshal(map[string]string{
		"read_rows": n(c.rowsRead), "read_bytes": n(c.bytesRead),
		"written_rows": n(c.rowsWritten), "written_bytes": n(c.bytesWritten),
		"result_rows": n(c.resultRows), "result_bytes": n(c.resultBytes),
	})
	return string(text)
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
