package history

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestWaitersGiveUp: who waits for another's mining is as free to go as who mines.
func TestWaitersGiveUp(t *testing.T) {
	h := newHistory(t)
	locks := map[string]*turn{"mining": &h.kept.turn, "effects": &h.recent.turn}
	for name, lock := range locks {
		if err := lock.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		gone := errors.New("the page was closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		answered := make(chan error)
		go func() {
			if name == "mining" {
				answered <- h.keep(ctx, nil)
			} else {
				_, err := h.Effects(ctx, EffectQuery{})
				answered <- err
			}
		}()
		time.AfterFunc(100*time.Millisecond, func() { cancel(gone) }) // it waits by then, or will not wait at all
		if err := <-answered; !errors.Is(err, gone) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: waited on: %v", name, err)
		}
		lock.give()
	}
	if _, err := h.Effects(t.Context(), EffectQuery{}); err != nil {
		t.Errorf("after that: %v", err)
	}
}
