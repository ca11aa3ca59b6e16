package embedded

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"unsafe"
)

// session is one chDB connection. Opening one on a running engine takes about
// 0.4 ms, so every request gets its own and none sees another's database,
// settings, parameters or temporary tables.
type session struct {
	lib    *library
	handle unsafe.Pointer // what connect returned: a pointer to the connection
}

var errRefused = errors.New("the engine refused the connection")

func newSession(lib *library, args ...string) (*session, error) {
	var pinner runtime.Pinner // C reads an array of pointers into Go memory
	defer pinner.Unpin()
	args = append([]string{"clickhouse", "--log-level=none"}, args...) // on a terminal it would log its internals there
	argv := make([]unsafe.Pointer, len(args)+1)                        // argv ends with a null, as main's does
	for i, a := range args {
		p := unsafe.Pointer(unsafe.SliceData(append([]byte(a), 0)))
		pinner.Pin(p)
		argv[i] = p
	}
	handle := lib.connect(int32(len(args)), unsafe.Pointer(unsafe.SliceData(argv)))
	if handle == nil {
		return nil, errRefused
	}
	s := &session{lib: lib, handle: handle}
	if s.conn() == nil {
		return nil, errRefused
	}
	return s, nil
}

func (s *session) conn() unsafe.Pointer { return *(*unsafe.Pointer)(s.handle) }

func (s *session) close() { s.lib.closeConn(s.handle) }

// bytesOf gives C a pointer and a length. An empty text still needs a valid address.
func bytesOf(s string) (unsafe.Pointer, uintptr) {
	return unsafe.Pointer(unsafe.SliceData(append([]byte(s), 0))), uintptr(len(s))
}

// counts is what a statement read and wrote so far.
type counts struct {
	rowsRead, bytesRead       uint64
	rowsWritten, bytesWritten uint64
	resultRows, resultBytes   uint64
}

func (c *counts) add(d counts) {
	c.rowsRead += d.rowsRead
	c.bytesRead += d.bytesRead
	c.rowsWritten += d.rowsWritten
	c.bytesWritten += d.bytesWritten
	c.resultRows += d.resultRows
	c.resultBytes += d.resultBytes
}

// take reads a result, lets use see its bytes while they are still C's, and frees
// it. It returns the number of bytes, because 0 ends a stream.
func (s *session) take(result unsafe.Pointer, use func([]byte, counts) error) (int, error) {
	if result == nil {
		return 0, newException("the engine returned no result")
	}
	l := s.lib
	defer l.destroy(result)
	if text := l.failure(result); text != "" {
		return 0, newException(text)
	}
	c := counts{
		rowsRead: l.storageRows(result), bytesRead: l.storageBytes(result),
		rowsWritten: l.rowsWritten(result), bytesWritten: l.bytesWritten(result),
		resultRows: l.rowsRead(result), resultBytes: l.bytesRead(result),
	}
	var data []byte
	if n := l.length(result); n > 0 {
		data = unsafe.Slice((*byte)(l.buffer(result)), n)
	}
	return len(data), use(data, c)
}

// query runs one statement to its end and holds its result in memory: for
// statements that answer little.
func (s *session) query(sql, format string, use func([]byte, counts) error) error {
	q, n := bytesOf(sql)
	f, fn := bytesOf(format)
	_, err := s.take(s.lib.query(s.conn(), q, n, f, fn), use)
	return err
}

func (s *session) exec(sql string) error {
	return s.query(sql, "Null", func([]byte, counts) error { return nil })
}

// errNotStreamed means that the statement is no SELECT and must go to query.
var errNotStreamed = errors.New("statement has no streamed result")

// stream runs a SELECT and hands over its result chunk by chunk, as the engine
// produces it. The engine's own parser decides what is a SELECT.
func (s *session) stream(sql, format string, use func([]byte, counts) error) error {
	q, n := bytesOf(sql)
	f, fn := bytesOf(format)
	stream := s.lib.streamQuery(s.conn(), q, n, f, fn)
	if stream == nil {
		return newException("the engine returned no stream")
	}
	defer s.lib.destroy(stream)
	switch text := s.lib.failure(stream); {
	case strings.Contains(text, "Streaming query is not supported"):
		return errNotStreamed
	case text != "":
		return newException(text)
	}
	for {
		n, err := s.take(s.lib.streamFetch(s.conn(), stream), use)
		if err != nil {
			s.lib.streamCancel(s.conn(), stream)
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// insert streams rows in the given format into a statement without its FORMAT
// or VALUES part. When next fails, what has not reached the table never will:
// the stream is cancelled, not finished.
func (s *session) insert(sql, format string, next func() ([]byte, error), use func([]byte, counts) error) error {
	q, n := bytesOf(sql)
	f, fn := bytesOf(format)
	stream := s.lib.insert(s.conn(), q, n, f, fn)
	if stream == nil {
		return newException("the engine returned no insert stream")
	}
	defer s.lib.insertDestroy(stream)
	if text := s.lib.insertError(stream); text != "" {
		return newException(text)
	}
	for {
		rows, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.lib.insertCancel(stream)
			return err
		}
		// A refused append means that the stream has failed; done says why.
		if s.lib.insertAppend(stream, unsafe.Pointer(unsafe.SliceData(rows)), uintptr(len(rows))) != 0 {
			break
		}
	}
	_, err := s.take(s.lib.insertDone(stream), use)
	return err
}
