package history

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"time"
)

// recent is what mining everybody's effects returned last. A night asks for them
// twice and every page once, for a slightly later time. Comparing arms takes part of
// a second, asking whether anything has been imported since takes milliseconds.
type recent struct {
	turn    turn
	filled  bool
	state   uint64 // imports_digest of what was in place before they were mined
	effects []Effect
	screens screens
}

// remembered answers from what is recent if it can, and otherwise mines.
func (h *History) remembered(ctx context.Context, q EffectQuery) ([]Effect, error) {
	effects, found, err := h.everybody(ctx, q.Progress)
	if err != nil {
		return nil, err
	}
	asked := q
	if asked.AsOf, asked.Progress = (time.Time{}), nil; reflect.DeepEqual(asked, EffectQuery{MinUsers: fewestUsers}) {
		return asOf(effects, q.AsOf), nil
	}
	effects, err = h.mine(ctx, q)
	return found.judge(effects), err
}

// everybody returns everybody's effects of all times, which are not the caller's
// own, and what screens found. The state is read first: what an import puts in
// place meanwhile, here or from another machine, makes the next question mine again, also
// under an id of before.
func (h *History) everybody(ctx context.Context, progress func(done, all int)) ([]Effect, screens, error) {
	state, err := one(ctx, h.conn, "imports_digest", param("until", uint64(math.MaxUint64)))
	if err != nil {
		return nil, nil, err
	}
	if err := h.recent.turn.take(ctx); err != nil { // who comes meanwhile waits for the same answer
		return nil, nil, err
	}
	defer h.recent.turn.give()
	r := &h.recent
	if !r.filled || r.state != state || h.onShards != nil { // a cluster's rows come in unseen by Assay
		effects, err := h.mine(ctx, EffectQuery{MinUsers: fewestUsers, Progress: progress})
		if err != nil {
			return nil, nil, err
		}
		found, err := h.screen(ctx, effects)
		if err != nil {
			return nil, nil, err
		}
		r.filled, r.state, r.effects, r.screens = true, state, found.judge(effects), found
	}
	return r.effects, r.screens, nil
}

// Imported names what is in place: the same as long as nothing was imported or taken
// back through Assay. Asking takes milliseconds.
func (h *History) Imported(ctx context.Context) (string, error) {
	state, err := one(ctx, h.conn, "imports_digest", param("until", uint64(math.MaxUint64)))
	return fmt.Sprintf("%016x", state), err
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
