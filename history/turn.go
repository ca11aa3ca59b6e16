package history

import (
	"context"
	"sync"
)

// turn is a lock whose waiters can give up: what it guards takes minutes on a large
// history. The zero value is free.
type turn struct {
	once  sync.Once
	taken chan struct{}
}

// take waits until it is free, or the context ends.
func (t *turn) take(ctx context.Context) error {
	t.once.Do(func() { t.taken = make(chan struct{}, 1) })
	select {
	case t.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t *turn) give() { <-t.taken }
