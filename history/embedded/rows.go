package embedded

import (
	"context"
	"io"
)

// chunksOf reads r in pieces that are small enough to wait for and large enough
// to be worth a call into C. Only a plain io.EOF ends the rows; any other error
// fails the insert, and no error is forgotten because some rows came with it.
func chunksOf(r io.Reader) func() ([]byte, error) {
	buf := make([]byte, 1<<20)
	var failed error
	return func() ([]byte, error) {
		n := 0
		for n < len(buf) && failed == nil {
			var m int
			m, failed = r.Read(buf[n:])
			n += m
		}
		if n > 0 {
			return buf[:n], nil
		}
		return nil, failed
	}
}

// whileAlive calls next in a goroutine of its own, so that a client that sends
// nothing cannot keep a cancelled insert waiting. The goroutine ends with ctx.
func whileAlive(ctx context.Context, next func() ([]byte, error)) func() ([]byte, error) {
	type piece struct {
		rows []byte
		err  error
	}
	wanted, pieces := make(chan struct{}), make(chan piece)
	go func() {
		for {
			select {
			case <-wanted:
			case <-ctx.Done():
				return
			}
			rows, err := next()
			select {
			case pieces <- piece{rows, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() ([]byte, error) {
		select {
		case wanted <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		select {
		case p := <-pieces:
			return p.rows, p.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
