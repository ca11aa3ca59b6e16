package history

import (
	"context"
	"reflect"
	"sync"
	"time"
)

// recent is what mining everybody's effects returned last. A night asks for them
// twice and every page once, for a slightly later time: mining takes a second,
// asking whether anything has been imported since takes milliseconds.
type recent struct {
	mu      sync.Mutex
	filled  bool
	state   uint64 // the newest import in place before they were mined
	effects []Effect
}

// remembered answers from what is recent if it can, and otherwise mines. The state is
// read first: what an import puts in place meanwhile, here or from another
// machine, makes the next question mine again.
func (h *History) remembered(ctx context.Context, q EffectQuery) ([]Effect, error) {
	everybody := EffectQuery{MinUsers: fewestUsers}
	asked := q
	if asked.AsOf = (time.Time{}); !reflect.DeepEqual(asked, everybody) || h.mining != "" { // a cluster's rows come in unseen by Assay
		return h.mine(ctx, q)
	}
	state, err := one(ctx, h.conn, "newest_published")
	if err != nil {
		return nil, err
	}
	h.recent.mu.Lock()
	defer h.recent.mu.Unlock() // who comes meanwhile waits for the same answer
	if !h.recent.filled || h.recent.state != state {
		effects, err := h.mine(ctx, everybody)
		if err != nil {
			return nil, err
		}
		h.recent.filled, h.recent.state, h.recent.effects = true, state, effects
	}
	return asOf(h.recent.effects, q.AsOf), nil
}

// asOf returns a new slice of the effects of experiments that had ended by then,
// to the second; of all for a zero time.
func asOf(effects []Effect, at time.Time) []Effect {
	kept := make([]Effect, 0, len(effects))
	for _, e := range effects {
		if at.IsZero() || !e.Ended.IsZero() && e.Ended.Unix() <= at.Unix() {
			kept = append(kept, e)
		}
	}
	return kept
}
