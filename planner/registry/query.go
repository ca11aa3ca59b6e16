package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/assay-planner/assay/planner"
)

var _ planner.Registry = (*Registry)(nil)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// one reads the single body that a query selects, or sql.ErrNoRows.
func one[T any](ctx context.Context, q querier, query string, args ...any) (v T, err error) {
	var body []byte
	if err := q.QueryRowContext(ctx, query, args...).Scan(&body); err != nil {
		return v, err
	}
	return v, json.Unmarshal(body, &v)
}

// list reads all bodies that a query selects.
func list[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	var body sql.RawBytes
	for rows.Next() {
		var v T
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &v); err != nil {
			return nil, fmt.Errorf("row %d: %w", len(all)+1, err)
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
