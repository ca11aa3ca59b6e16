package embedded

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

// chunk is a piece of a result in the form it goes to the client. The last one
// may be an error instead.
type chunk struct {
	data   []byte
	counts counts // of the whole query so far
	err    error
}

// run executes a request in a session of its own and sends its result. When it
// returns, the session is gone and its slot free. Whoever stops receiving cancels
// ctx.
func (e *Engine) run(ctx context.Context, q *request, out chan<- chunk) {
	send := func(c chunk) error {
		select {
		case out <- c:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := e.execute(ctx, q, send); err != nil {
		send(chunk{err: err})
	}
}

func (e *Engine) execute(ctx context.Context, q *request, send func(chunk) error) error {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	s, err := newSession(e.lib, "--path="+e.dir)
	if err != nil {
		return err
	}
	defer e.killOnDone(ctx, q.id)() // after close: a killed query lets close return
	defer s.close()
	for _, sql := range q.prologue() {
		if err := s.exec(sql); err != nil {
			return err
		}
	}
	for _, t := range q.external {
		if err := t.create(s); err != nil {
			return err
		}
	}
	err = q.statement(ctx, s, send)
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx) // not "Query was cancelled", which our kill provoked
	}
	return err
}

// statement runs the request's one statement in its prepared session.
func (q *request) statement(ctx context.Context, s *session, send func(chunk) error) error {
	use, err := q.encoder(send)
	if err != nil {
		return err
	}
	if q.insert != nil {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		rows := chunksOf(io.MultiReader(strings.NewReader(q.insert.rows), q.rows))
		return s.insert(q.insert.head, q.insert.format, whileAlive(ctx, rows), use)
	}
	err = s.stream(q.sql, q.format, use)
	if errors.Is(err, errNotStreamed) {
		err = s.query(q.sql, q.format, use)
	}
	return err
}

// encoder returns a function that brings the engine's output into the form the
// client asked for, adds up counts, and sends both.
func (q *request) encoder(send func(chunk) error) (func([]byte, counts) error, error) {
	var total counts
	var frames *framer
	if q.compress != "" {
		var err error
		if frames, err = newFramer(q.compress); err != nil {
			return nil, err
		}
	}
	native := q.revision > 0 && strings.EqualFold(firstOf(outputFormat(q.sql), q.format), "Native")
	return func(data []byte, c counts) (err error) {
		total.add(c)
		switch {
		case native:
			data, err = reencode(data, q.revision)
		case frames == nil:
			data = append([]byte(nil), data...) // what C lent us ends with this call
		}
		if err == nil && frames != nil {
			data, err = frames.frame(data)
		}
		if err != nil {
			return err
		}
		return send(chunk{data: data, counts: total})
	}, nil
}

// killOnDone kills the query when ctx ends; the returned function ends the watch.
// Cancelling through the query's own connection would wait for the block that
// is being computed. The kill is repeated, since it may come before the query
// is in the engine's list.
func (e *Engine) killOnDone(ctx context.Context, id string) (stop func()) {
	ended, watched := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ended:
			return
		case <-ctx.Done():
		}
		for {
			e.kill(id)
			select {
			case <-ended:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() {
		close(ended)
		<-watched
	}
}

// kill needs no slot: it must work just when all are taken.
func (e *Engine) kill(id string) {
	s, err := newSession(e.lib, "--path="+e.dir)
	if err != nil {
		return // the engine is going down and takes the query with it
	}
	defer s.close()
	// A comment of the user's follows ours after a space.
	s.exec("KILL QUERY WHERE splitByChar(' ', Settings['log_comment'])[1] = " + quote(id) + " ASYNC")
}
