package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/assay-planner/assay/planner"
)

// Client is a planner.Service that asks a running server. Its errors are those
// of a Planner: they read the same, and errors.Is finds the same.
type Client struct {
	base  string
	token string
	http  *http.Client
}

var _ planner.Service = (*Client)(nil)

// NewClient returns a client of the server at a URL such as
// http://127.0.0.1:8090. The token may be empty if the server needs none.
func NewClient(base, token string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("server URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("server URL %q: write it as http://%s", base, DefaultAddr)
	}
	if u.User != nil {
		return nil, errors.New("server URL: it holds a user name; give the token in ASSAY_TOKEN instead")
	}
	// A redirect would take the token to a place that nobody named.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{strings.TrimRight(u.String(), "/"), token, &http.Client{CheckRedirect: stay}}, nil
}

// Submit sends all drafts in one request: they are taken all or none.
func (c *Client) Submit(ctx context.Context, drafts []planner.Hypothesis) ([]planner.Receipt, error) {
	if len(drafts) == 0 {
		return nil, nil
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	for _, d := range drafts {
		if err := enc.Encode(d); err != nil {
			return nil, err
		}
	}
	var answer receiptList
	err := c.call(ctx, request{method: "POST", path: "/v1/hypotheses", kind: ndjson, body: &body}, &answer)
	return answer.Receipts, err
}

// Backlog reads the whole backlog in one streamed answer: pages of it could
// come from before and after a plan.
func (c *Client) Backlog(ctx context.Context) ([]planner.Row, error) {
	answer, err := c.open(ctx, request{method: "GET", path: "/v1/hypotheses", accept: ndjson})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var rows []planner.Row
	for dec := json.NewDecoder(answer.Body); ; {
		var row planner.Row
		if err := dec.Decode(&row); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the server's answer: %w", err)
		}
		rows = append(rows, row)
	}
}

// Hypothesis returns one row, or planner.ErrNotFound.
func (c *Client) Hypothesis(ctx context.Context, id string) (row planner.Row, err error) {
	err = c.call(ctx, request{method: "GET", path: "/v1/hypotheses/" + url.PathEscape(id)}, &row)
	return row, err
}

// Withdraw takes an idea back.
func (c *Client) Withdraw(ctx context.Context, id string) (row planner.Row, err error) {
	err = c.call(ctx, request{method: "DELETE", path: "/v1/hypotheses/" + url.PathEscape(id)}, &row)
	return row, err
}

// Stop ends a test before its time.
func (c *Client) Stop(ctx context.Context, id string, st planner.Stop) (row planner.Row, err error) {
	body, err := json.Marshal(stopRequest{At: st.At, Reason: st.Reason})
	if err != nil {
		return row, err
	}
	err = c.call(ctx, request{method: "POST", path: "/v1/hypotheses/" + url.PathEscape(id) + "/stop", kind: "application/json", body: bytes.NewReader(body)}, &row)
	return row, err
}

// Resume takes a withdrawal back, or else a stop.
func (c *Client) Resume(ctx context.Context, id string) (row planner.Row, err error) {
	err = c.call(ctx, request{method: "POST", path: "/v1/hypotheses/" + url.PathEscape(id) + "/resume", kind: "application/json", body: strings.NewReader("{}")}, &row)
	return row, err
}

// CurrentPlan returns the plan in force, or planner.ErrNoPlan.
func (c *Client) CurrentPlan(ctx context.Context) (p planner.Plan, err error) {
	err = c.call(ctx, request{method: "GET", path: "/v1/plans/current"}, &p)
	return p, err
}

// WhatIf tells how the plan in force would be if something were otherwise.
func (c *Client) WhatIf(ctx context.Context, r planner.WhatIfRequest) (w planner.WhatIf, err error) {
	body, err := json.Marshal(whatIfRequest{Set: r.Set, Seconds: r.TimeLimit.Seconds(), Gap: r.Gap})
	if err != nil {
		return w, err
	}
	err = c.call(ctx, request{method: "POST", path: "/v1/plans/current/what-if", kind: "application/json", body: bytes.NewReader(body)}, &w)
	return w, err
}

// Explain says why one hypothesis is where it is.
func (c *Client) Explain(ctx context.Context, id string) (e planner.Explanation, err error) {
	err = c.call(ctx, request{method: "GET", path: "/v1/plans/current/explain/" + url.PathEscape(id)}, &e)
	return e, err
}

// Nearest finds what is like each of some hypotheses.
func (c *Client) Nearest(ctx context.Context, ids ...string) ([]planner.Nearest, error) {
	body, err := json.Marshal(nearestRequest{ids})
	if err != nil {
		return nil, err
	}
	var answer nearestList
	err = c.call(ctx, request{method: "POST", path: "/v1/nearest", kind: "application/json", body: bytes.NewReader(body)}, &answer)
	return answer.Nearest, err
}

// Ledger returns who holds which buckets of which layer, when.
func (c *Client) Ledger(ctx context.Context) (planner.Ledger, error) {
	var answer ledgerLines
	err := c.call(ctx, request{method: "GET", path: "/v1/ledger"}, &answer)
	return answer.Ledger, err
}

// Plan makes a plan on the server, which tells how far it is.
func (c *Client) Plan(ctx context.Context, r planner.PlanRequest) (planner.Plan, error) {
	body, err := json.Marshal(planRequest{At: r.At, DryRun: r.DryRun, Seconds: r.TimeLimit.Seconds(), Gap: r.Gap, Backfill: r.Backfill})
	if err != nil {
		return planner.Plan{}, err
	}
	answer, err := c.open(ctx, request{method: "POST", path: "/v1/plans", kind: "application/json", accept: ndjson, body: bytes.NewReader(body)})
	if err != nil {
		return planner.Plan{}, err
	}
	defer answer.Body.Close()
	for dec := json.NewDecoder(answer.Body); ; {
		var line progressLine
		if err := dec.Decode(&line); err != nil {
			return planner.Plan{}, fmt.Errorf("the server stopped before the plan was made: %w", err)
		}
		switch {
		case line.Error != nil:
			return planner.Plan{}, known(line.Error)
		case line.Plan != nil:
			return *line.Plan, nil
		case line.Progress != nil && r.Progress != nil:
			r.Progress(line.Progress.Stage, line.Progress.Done)
		}
	}
}
