package registry

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/assay-planner/assay/planner"
)

// Add stores hypotheses, all or none. Ids that are taken by something else are
// listed together, so that a submitter mends them in one go.
func (r *Registry) Add(ctx context.Context, hs []planner.Hypothesis) ([]planner.Receipt, error) {
	receipts := make([]planner.Receipt, len(hs))
	err := r.change(ctx, func(c change) error {
		var taken []error
		for i, h := range hs {
			created, withdrawn, err := c.add(ctx, h)
			if errors.Is(err, planner.ErrExists) {
				taken = append(taken, err)
			} else if err != nil {
				return err
			}
			receipts[i] = planner.Receipt{ID: h.ID, Created: created, Withdrawn: withdrawn}
		}
		return errors.Join(taken...)
	})
	if err != nil {
		return nil, err
	}
	return receipts, nil
}

// add stores a hypothesis, or says since when one with the same content is withdrawn.
func (c change) add(ctx context.Context, h planner.Hypothesis) (created bool, withdrawn *time.Time, err error) {
	old, err := hypothesis(ctx, c, h.ID)
	switch {
	case err == nil && same(old, h):
		return false, old.Withdrawn, nil
	case err == nil:
		return false, nil, fmt.Errorf("hypothesis %s: %w", h.ID, planner.ErrExists)
	case !errors.Is(err, planner.ErrNotFound):
		return false, nil, err
	}
	body, err := json.Marshal(h)
	if err != nil {
		return false, nil, fmt.Errorf("hypothesis %s: %w", h.ID, err)
	}
	if _, err := c.ExecContext(ctx, "INSERT INTO hypotheses (id, submitted_at, withdrawn_at, body) VALUES (?, ?, ?, ?)",
		h.ID, stamp(h.Submitted), withdrawnAt(h), string(body)); err != nil {
		return false, nil, fmt.Errorf("hypothesis %s: %w", h.ID, err)
	}
	return true, nil, c.audit(ctx, "submit", h.ID, nil, h)
}

// same compares what the author wrote: all but the times. It compares the
// JSON, in which an empty list and no list are the same.
func same(a, b planner.Hypothesis) bool {
	a.Submitted, a.Withdrawn, a.Stopped = time.Time{}, nil, nil
	b.Submitted, b.Withdrawn, b.Stopped = time.Time{}, nil, nil
	left, err := json.Marshal(a)
	right, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(left, right)
}

func withdrawnAt(h planner.Hypothesis) sql.NullString {
	if h.Withdrawn == nil {
		return sql.NullString{}
	}
	return sql.NullString{String: stamp(*h.Withdrawn), Valid: true}
}

// Hypotheses returns all, by submission time, then id.
func (r *Registry) Hypotheses(ctx context.Context) ([]planner.Hypothesis, error) {
	hs, err := list[planner.Hypothesis](ctx, r.read, "SELECT body FROM hypotheses ORDER BY submitted_at, id")
	if err != nil {
		return nil, fmt.Errorf("read hypotheses: %w", err)
	}
	return hs, nil
}

// Hypothesis returns one of them, or planner.ErrNotFound.
func (r *Registry) Hypothesis(ctx context.Context, id string) (planner.Hypothesis, error) {
	return hypothesis(ctx, r.read, id)
}

func hypothesis(ctx context.Context, q querier, id string) (planner.Hypothesis, error) {
	h, err := one[planner.Hypothesis](ctx, q, "SELECT body FROM hypotheses WHERE id = ?", id)
	if errors.Is(err, sql.ErrNoRows) {
		err = planner.ErrNotFound
	}
	if err != nil {
		return planner.Hypothesis{}, fmt.Errorf("hypothesis %s: %w", id, err)
	}
	return h, nil
}

// Withdraw marks a hypothesis as taken back. The first withdrawal counts.
func (r *Registry) Withdraw(ctx context.Context, id string, at time.Time) (planner.Hypothesis, error) {
	at = at.UTC()
	return r.mark(ctx, id, "withdraw", ended, func(h *planner.Hypothesis) bool {
		first := h.Withdrawn == nil
		if first {
			h.Withdrawn = &at
		}
		return first
	})
}

// Stop marks the test of a hypothesis as ended before its time. The first stop counts.
func (r *Registry) Stop(ctx context.Context, id string, st planner.Stop) (planner.Hypothesis, error) {
	st.At, st.Recorded = st.At.UTC(), st.Recorded.UTC()
	return r.mark(ctx, id, "stop", ended, func(h *planner.Hypothesis) bool {
		first := h.Stopped == nil
		if first {
			h.Stopped = &st
		}
		return first
	})
}

// Resume forgets that a hypothesis was withdrawn, or else that its test was stopped;
// planner.ErrTaken says who has its buckets since.
func (r *Registry) Resume(ctx context.Context, id string, at time.Time) (planner.Hypothesis, error) {
	resumed := func(book planner.Ledger, h planner.Hypothesis) ([]planner.Lease, error) { return book.Resumed(h, at) }
	return r.mark(ctx, id, "resume", resumed, func(h *planner.Hypothesis) bool {
		said := h.Withdrawn != nil || h.Stopped != nil
		if h.Withdrawn == nil {
			h.Stopped = nil
		}
		h.Withdrawn = nil
		return said
	})
}

func ended(book planner.Ledger, h planner.Hypothesis) ([]planner.Lease, error) {
	return book.Ended(h), nil
}

// mark changes a hypothesis, and writes what lines that adds to the ledger; unless set says
// that there is nothing to change.
func (r *Registry) mark(ctx context.Context, id, action string, lines func(planner.Ledger, planner.Hypothesis) ([]planner.Lease, error), set func(*planner.Hypothesis) bool) (planner.Hypothesis, error) {
	var h planner.Hypothesis
	err := r.change(ctx, func(c change) error {
		before, err := hypothesis(ctx, c, id)
		if h = before; err != nil || !set(&h) {
			return err
		}
		body, err := json.Marshal(h)
		if err != nil {
			return err
		}
		if _, err := c.ExecContext(ctx, "UPDATE hypotheses SET withdrawn_at = ?, body = ? WHERE id = ?", withdrawnAt(h), string(body), id); err != nil {
			return err
		}
		book, err := ledger(ctx, c)
		if err != nil {
			return err
		}
		added, err := lines(book, h)
		if err != nil {
			return err
		}
		if err := c.write(ctx, added); err != nil {
			return err
		}
		return c.audit(ctx, action, id, before, h)
	})
	return h, err
}
