package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/assay-planner/assay/planner/dashboard"
	"github.com/assay-planner/assay/planner/insights"
)

// Learner says what past experiments teach together.
type Learner interface {
	// State names what there is to learn from: reports of equal states are equal.
	State(ctx context.Context) (string, error)
	// Learn reports on a metric and a north star; "" is the policy's choice. It takes seconds.
	Learn(ctx context.Context, metric, northStar string) (insights.Report, error)
}

// lessons are the reports that were asked for, each kept until there is something else to
// learn from. One is made at a time, and it is made to its end though nobody waits for it.
type lessons struct {
	Learner
	now      func() time.Time
	patience time.Duration // of a reader, before the page says that it is being learned

	turn   sync.Mutex // of who learns
	mu     sync.Mutex // of what follows
	known  map[topic]lesson
	making map[topic]chan struct{} // closed at the end
}

// topic is what a report is about: "" is the policy's choice.
type topic struct{ metric, northStar string }

// lesson is a report, or why there is none, of a state.
type lesson struct {
	state  string
	at     time.Time
	report insights.Report
	err    error
}

// mostLessons are kept: who asks for more has all of them made again.
const mostLessons = 20

func newLessons(l Learner, now func() time.Time) *lessons {
	return &lessons{Learner: l, now: now, patience: 2 * time.Second, known: map[topic]lesson{}, making: map[topic]chan struct{}{}}
}

// about returns what is known of a topic, if anything is; making says that it may not be
// all that there is, for it is being learned.
func (l *lessons) about(ctx context.Context, t topic) (known lesson, found, making bool) {
	done := l.start(context.WithoutCancel(ctx), t)
	patience := time.NewTimer(l.patience)
	defer patience.Stop()
	select {
	case <-done:
	case <-patience.C:
		making = true
	case <-ctx.Done():
		making = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	known, found = l.known[t]
	return known, found, making
}

// start has the topic learned, unless that is under way.
func (l *lessons) start(ctx context.Context, t topic) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if done := l.making[t]; done != nil {
		return done
	}
	done := make(chan struct{})
	l.making[t] = done
	go func() {
		defer close(done)
		l.learn(ctx, t)
	}()
	return done
}

func (l *lessons) learn(ctx context.Context, t topic) {
	l.turn.Lock()
	defer l.turn.Unlock()
	l.mu.Lock()
	last, found := l.known[t]
	l.mu.Unlock()
	next := lesson{at: l.now()}
	if next.state, next.err = l.State(ctx); next.err == nil {
		_, unknown := errors.AsType[*insights.MetricError](last.err) // no such metric until something is imported
		if found && (last.err == nil || unknown) && last.state == next.state {
			next = last
		} else {
			next.report, next.err = l.Learn(ctx, t.metric, t.northStar)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.making, t)
	if len(l.known) >= mostLessons && !found {
		clear(l.known)
	}
	l.known[t] = next
}

// end lets who learns finish, so that the history can be closed, and nobody begin.
func (l *lessons) end() { l.turn.Lock() }

func (s *server) insightsPage(w http.ResponseWriter, r *http.Request) error {
	if s.Learner == nil {
		return refuse(http.StatusNotImplemented, "no_learner", "this server does not learn from past experiments")
	}
	plan, err := s.planOrNil(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	t := topic{q.Get("metric"), q.Get("north_star")}
	known, found, making := s.lessons.about(r.Context(), t)
	v, status := dashboard.InsightsView{Learning: making, At: known.at, Metric: t.metric, NorthStar: t.northStar}, http.StatusOK
	unknown, none := errors.AsType[*insights.MetricError](known.err)
	switch {
	case none && unknown.Metric == "":
		v.Empty = true
	case none:
		v.Problem, status = unknown.Error()+".", http.StatusNotFound
	case known.err != nil && !making:
		return known.err
	case found && known.err == nil:
		v.Report = &known.report
	}
	if making {
		w.Header().Set("Refresh", "3") // the page asks again by itself, without a script
	}
	return s.page(w, r, status, plan, func(out io.Writer, f dashboard.Frame) error { return dashboard.Insights(out, f, v) })
}
