package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/assay-planner/assay/planner"
)

// SavePlan brings a plan into force, with what it starts tonight. It replaces
// the plan of the same time; a plan older than the one in force is refused.
func (r *Registry) SavePlan(ctx context.Context, p planner.Plan) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("save plan %s: %w", p.ID, err)
	}
	err = r.change(ctx, func(c change) error {
		before, err := c.inForce(ctx)
		if err != nil {
			return err
		}
		if before != nil && before.At.After(p.At) {
			return fmt.Errorf("plan %s: %w: %s", p.ID, planner.ErrLaterPlan, before.ID)
		}
		if err := c.put(ctx, p, string(body)); err != nil {
			return err
		}
		if err := c.bookPlan(ctx, p); err != nil {
			return err
		}
		var was any // the audit table wants NULL, not the JSON null of a nil pointer
		if before != nil {
			was = before
		}
		return c.audit(ctx, "plan", p.ID, was, headline(p))
	})
	if err != nil && !errors.Is(err, planner.ErrLaterPlan) {
		return fmt.Errorf("save plan %s: %w", p.ID, err)
	}
	return err
}

func (c change) put(ctx context.Context, p planner.Plan, body string) error {
	at := stamp(p.At)
	if _, err := c.ExecContext(ctx, "DELETE FROM plans WHERE at = ?", at); err != nil { // and its starts
		return err
	}
	if _, err := c.ExecContext(ctx, "INSERT INTO plans (at, id, digest, body) VALUES (?, ?, ?, ?)", at, p.ID, p.Evidence.Digest, body); err != nil {
		return err
	}
	for _, s := range p.Firm() {
		start, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err := c.ExecContext(ctx, "INSERT INTO starts (plan_at, hypothesis, starts_at, body) VALUES (?, ?, ?, ?)",
			at, s.Hypothesis, stamp(s.From), string(start)); err != nil {
			return fmt.Errorf("start %s: %w", s.Hypothesis, err)
		}
	}
	return nil
}

// summary is what the audit table keeps of a plan: the whole one is in plans.
type summary struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Digest string    `json:"digest"`
	Value  float64   `json:"value"`
	Bound  float64   `json:"bound"`
	Starts []string  `json:"starts"`
}

func headline(p planner.Plan) summary {
	s := summary{ID: p.ID, At: p.At, Digest: p.Evidence.Digest, Value: p.Value, Bound: p.Bound, Starts: []string{}}
	for _, f := range p.Firm() {
		s.Starts = append(s.Starts, f.Hypothesis)
	}
	return s
}

func (c change) inForce(ctx context.Context) (*summary, error) {
	p, err := currentPlan(ctx, c)
	if errors.Is(err, planner.ErrNoPlan) {
		return nil, nil
	}
	s := headline(p)
	return &s, err
}

// CurrentPlan returns the plan in force, or planner.ErrNoPlan.
func (r *Registry) CurrentPlan(ctx context.Context) (planner.Plan, error) {
	return currentPlan(ctx, r.read)
}

func currentPlan(ctx context.Context, q querier) (planner.Plan, error) {
	p, err := one[planner.Plan](ctx, q, "SELECT body FROM plans ORDER BY at DESC LIMIT 1")
	if errors.Is(err, sql.ErrNoRows) {
		return planner.Plan{}, planner.ErrNoPlan
	}
	if err != nil {
		return planner.Plan{}, fmt.Errorf("read the plan in force: %w", err)
	}
	return p, nil
}

// PlanBefore returns the last plan made before the time, or planner.ErrNoPlan.
func (r *Registry) PlanBefore(ctx context.Context, before time.Time) (planner.Plan, error) {
	p, err := one[planner.Plan](ctx, r.read, "SELECT body FROM plans WHERE at < ? ORDER BY at DESC LIMIT 1", stamp(before))
	if errors.Is(err, sql.ErrNoRows) {
		return planner.Plan{}, planner.ErrNoPlan
	}
	if err != nil {
		return planner.Plan{}, fmt.Errorf("read the plan before %s: %w", before.UTC().Format(time.RFC3339), err)
	}
	return p, nil
}

// Starts returns what all plans made before the time started, by start, then
// hypothesis.
func (r *Registry) Starts(ctx context.Context, before time.Time) ([]planner.Start, error) {
	starts, err := list[planner.Start](ctx, r.read, "SELECT body FROM starts WHERE plan_at < ? ORDER BY starts_at, hypothesis", stamp(before))
	if err != nil {
		return nil, fmt.Errorf("read starts: %w", err)
	}
	return starts, nil
}
