package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assay-planner/assay/planner"
)

// Ledger returns all lines, in the order in which they were written.
func (r *Registry) Ledger(ctx context.Context) (planner.Ledger, error) { return ledger(ctx, r.read) }

func ledger(ctx context.Context, q querier) (planner.Ledger, error) {
	lines, err := list[planner.Lease](ctx, q, "SELECT body FROM ledger ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return lines, nil
}

// bookPlan writes what a plan changes. An idea that was withdrawn after the time of the
// plan is not withdrawn for it, and may be started: its test ends where it did. So does
// one that was stopped.
func (c change) bookPlan(ctx context.Context, p planner.Plan) error {
	book, err := ledger(ctx, c)
	if err != nil {
		return err
	}
	lines := book.Planned(p)
	if err := c.write(ctx, lines); err != nil {
		return err
	}
	book = append(book, lines...)
	for _, line := range lines {
		if line.Event != planner.TestStarted {
			continue
		}
		if err := book.Untaken(line); err != nil { // another process has planned, or resumed a test, in the meantime
			return fmt.Errorf("%s: %w", line.Experiment, err)
		}
		h, err := hypothesis(ctx, c, line.Hypothesis)
		if err != nil && !errors.Is(err, planner.ErrNotFound) {
			return err
		}
		if err := c.write(ctx, planner.Ledger{line}.Ended(h)); err != nil {
			return err
		}
	}
	return nil
}

func (c change) write(ctx context.Context, lines []planner.Lease) error {
	for _, line := range lines {
		body, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := c.ExecContext(ctx, "INSERT INTO ledger (written_at, body) VALUES (?, ?)", stamp(c.at), string(body)); err != nil {
			return fmt.Errorf("ledger: %s of %s: %w", line.Event, line.Experiment, err)
		}
	}
	return nil
}
