package planner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/assay-planner/assay/allocator/mip"
)

// Service is what people and programs can ask of Assay. Planner answers on
// this machine; server.Client asks a running server.
type Service interface {
	// Submit takes ideas, all or none. A returned receipt is a promise: the
	// idea is on disk. The same idea again is acknowledged again, not added.
	Submit(ctx context.Context, drafts []Hypothesis) ([]Receipt, error)
	// Backlog returns every hypothesis with its forecast, status and reason:
	// those of the plan in force by rank, then later arrivals, then the rest.
	Backlog(ctx context.Context) ([]Row, error)
	// Hypothesis returns one of them, or ErrNotFound.
	Hypothesis(ctx context.Context, id string) (Row, error)
	// Withdraw takes an idea back. Withdrawing twice is no error.
	Withdraw(ctx context.Context, id string) (Row, error)
	// Stop ends the test of a hypothesis that runs. Stopping twice is no error.
	Stop(ctx context.Context, id string, st Stop) (Row, error)
	// Resume takes a withdrawal back, or else a stop: what waited waits again, and a test that
	// was ended runs on as planned, unless what it held has been given to others (ErrTaken).
	// Resuming a test that runs is no error.
	Resume(ctx context.Context, id string) (Row, error)
	// Plan makes a plan; unless it is a dry run the plan comes into force.
	Plan(ctx context.Context, r PlanRequest) (Plan, error)
	// CurrentPlan returns the plan in force, or ErrNoPlan.
	CurrentPlan(ctx context.Context) (Plan, error)
	// WhatIf tells how the plan in force would be if something were otherwise.
	WhatIf(ctx context.Context, r WhatIfRequest) (WhatIf, error)
	// Explain says in full why one hypothesis is where it is.
	Explain(ctx context.Context, id string) (Explanation, error)
	// Nearest finds the past experiments that are nearest to each hypothesis, with what
	// became of them, and ideas that say nearly the same. One that is unknown is ErrNotFound.
	Nearest(ctx context.Context, ids ...string) ([]Nearest, error)
	// Ledger returns who holds which buckets of which layer, when.
	Ledger(ctx context.Context) (Ledger, error)
}

// Row is a hypothesis as the queue shows it.
type Row struct {
	Hypothesis
	Status   Status    `json:"status"`
	Rank     int       `json:"rank,omitempty"`     // in the plan in force; 0: not in it
	Forecast *Forecast `json:"forecast,omitempty"` // nil before the first plan
	Value    float64   `json:"value,omitempty"`    // of its best design, alone
	Start    *Start    `json:"start,omitempty"`    // what it holds, or will
	Reason   string    `json:"reason"`             // the one reason for being where it is
}

// Receipt acknowledges one submitted hypothesis.
type Receipt struct {
	ID      string `json:"id"`
	Created bool   `json:"created"` // false: the same idea was already here
	// Withdrawn is when the idea that was here was withdrawn. It stays so: a submission that
	// is only repeated must not bring it back. Service.Resume does.
	Withdrawn *time.Time `json:"withdrawn_at,omitempty"`
	// Duplicates are ideas that were there before and say nearly the same as a new one,
	// which is taken all the same; of the first 1,000 of a submission.
	Duplicates []Duplicate `json:"duplicates,omitempty"`
	// QueueOnly says that the history could not be read: a new idea was held against the
	// backlog alone.
	QueueOnly bool `json:"queue_only,omitempty"`
}

// PlanRequest asks for a plan. A zero At means now or, within two hours of it, the time of
// what was announced.
type PlanRequest struct {
	At     time.Time
	DryRun bool
	// TimeLimit ends the allocation of capacity, if it is positive; the plan is then the
	// best by that time, and its Cut says so.
	TimeLimit time.Duration
	// Gap ends the allocation as soon as the plan's Gap is at most this fraction.
	Gap float64
	// Backfill only starts tonight what fits beside what runs and what is announced: nothing
	// of that moves, and nothing is learned anew.
	Backfill bool

	from   *Plan     // that a backfill follows
	seen   time.Time // what was submitted or withdrawn until then is known, if it is after At
	exact  mip.Solver
	effort int // of the allocator; 0: as much as it takes

	// Progress, when not nil, hears what is being done: "mining", 0.2.
	Progress func(stage string, done float64)
}

// Explanation is the long answer to "why not me?": the entry of the plan in
// force, its designs with what each would cost at tonight's prices (those that
// running work leaves room for), and the nearest rival that was chosen instead.
type Explanation struct {
	Plan     string           `json:"plan"`
	Entry    Entry            `json:"entry"`
	Designs  []DesignAtPrices `json:"designs"`
	Capacity []Use            `json:"capacity"` // those that it has, or that its best design needs
	Rival    *Entry           `json:"rival,omitempty"`
}

// DesignAtPrices is one design's account: value less what it would pay.
type DesignAtPrices struct {
	Design
	Layer   string  `json:"layer"`
	Week    int     `json:"week"` // the start week that is best for it
	Value   float64 `json:"value"`
	Price   float64 `json:"price"` // of the capacity that it needs
	Surplus float64 `json:"surplus"`
}

var (
	// ErrNotFound is what asking for an unknown id wraps.
	ErrNotFound = errors.New("not found")
	// ErrNoPlan says that no plan is in force yet.
	ErrNoPlan = errors.New("no plan yet: run assay plan")
	// ErrRequest is wrapped when a request cannot be meant.
	ErrRequest = errors.New("invalid request")
	// ErrExists is wrapped when an id is taken by another idea.
	ErrExists = errors.New("already taken by another hypothesis")
	// ErrLaterPlan is wrapped when a plan is asked for a time before the one
	// in force: decisions are not rewritten. A dry run is always possible.
	ErrLaterPlan = errors.New("a later plan is in force")
	// ErrFarAhead is wrapped when a plan is to come into force that is made for
	// more than a year from now: a mistyped year would end all planning until then.
	ErrFarAhead = errors.New("more than a year ahead: no night before it could be planned any more")
)

// DraftError lists everything wrong with one draft of a submission. Nothing
// of the submission was stored.
type DraftError struct {
	Index  int          `json:"index"` // 0-based place in the submission
	ID     string       `json:"id,omitempty"`
	Fields []FieldError `json:"fields"`
}

func (e DraftError) Error() string {
	msg := fmt.Sprintf("hypothesis %d", e.Index+1)
	if e.ID != "" {
		msg += " (" + e.ID + ")"
	}
	for _, f := range e.Fields {
		msg += "\n  " + f.Error()
	}
	return msg
}

// DraftErrors is what Submit returns for bad drafts: all of them.
type DraftErrors []DraftError

func (es DraftErrors) Error() string {
	msg := fmt.Sprintf("%d of the submitted hypotheses cannot be taken; nothing was stored", len(es))
	for _, e := range es {
		msg += "\n" + e.Error()
	}
	return msg
}

// Registry is the durable state behind a Planner.
type Registry interface {
	// Add stores hypotheses, all or none, and returns only when they are on
	// disk. An id that is taken by the same content is acknowledged; by other
	// content, ErrExists.
	Add(ctx context.Context, hs []Hypothesis) ([]Receipt, error)
	// Hypotheses returns all, by submission time, then id.
	Hypotheses(ctx context.Context) ([]Hypothesis, error)
	Hypothesis(ctx context.Context, id string) (Hypothesis, error)
	Withdraw(ctx context.Context, id string, at time.Time) (Hypothesis, error)
	// Stop records that the test of a hypothesis ended early. The first one counts.
	Stop(ctx context.Context, id string, st Stop) (Hypothesis, error)
	// Resume forgets the withdrawal, or else the stop, and gives a test that it ended its
	// buckets back, or says with ErrTaken who has them.
	Resume(ctx context.Context, id string, at time.Time) (Hypothesis, error)
	// SavePlan brings a plan into force. It replaces the plan of the same At
	// and refuses one that is older than the plan in force (ErrLaterPlan), or that gives a
	// bucket to two tests (ErrTaken).
	SavePlan(ctx context.Context, p Plan) error
	CurrentPlan(ctx context.Context) (Plan, error)
	// PlanBefore returns the last plan made before the time, or ErrNoPlan.
	PlanBefore(ctx context.Context, before time.Time) (Plan, error)
	// Starts returns the firm starts (week 0) of all plans made before the
	// time, by start, then hypothesis.
	Starts(ctx context.Context, before time.Time) ([]Start, error)
	// Ledger returns all lines, in the order in which they were written: those of
	// Ledger.Planned when a plan is saved, of Ledger.Ended with a withdrawal or a stop, and of
	// Ledger.Resumed when one is taken back.
	Ledger(ctx context.Context) (Ledger, error)
	Close() error
}
