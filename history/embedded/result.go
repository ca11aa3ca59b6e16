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
)

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
