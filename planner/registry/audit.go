package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

type actorKey struct{}

// WithActor names who is behind the changes made with the context, for the
// audit table: "cli", "api", "nightly". Without it the actor is "assay".
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

func actor(ctx context.Context) string {
	if a, ok := ctx.Value(actorKey{}).(string); ok && a != "" {
		return a
	}
	return "assay"
}

// change is a transaction that leaves a line in the audit table for every
// record that it changes.
type change struct {
	*sql.Tx
	at time.Time
}

// change runs f in a transaction and commits it if f returns no error.
func (r *Registry) change(ctx context.Context, f func(change) error) error {
	tx, err := r.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(change{tx, r.now()}); err != nil {
		_ = tx.Rollback() // the cause is err
		return err
	}
	return tx.Commit()
}

// audit adds a line; before and after are marshalled, nil is NULL.
func (c change) audit(ctx context.Context, action, subject string, before, after any) error {
	b, err := nullable(before)
	if err != nil {
		return err
	}
	a, err := nullable(after)
	if err != nil {
		return err
	}
	_, err = c.ExecContext(ctx, "INSERT INTO audit (at, actor, action, subject, before, after) VALUES (?, ?, ?, ?, ?, ?)",
		stamp(c.at), actor(ctx), action, subject, b, a)
	return err
}

func nullable(v any) (sql.NullString, error) {
	if v == nil {
		return sql.NullString{}, nil
	}
	body, err := json.Marshal(v)
	return sql.NullString{String: string(body), Valid: true}, err
}

// stamp prints a time so that text order is time order.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }
