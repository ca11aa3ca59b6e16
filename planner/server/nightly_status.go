package server

import (
	"fmt"
	"strings"
	"time"

	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/dashboard"
)

// nightlyStatus is what /readyz tells of the nightly run.
type nightlyStatus struct {
	Schedule string    `json:"schedule"`
	Next     time.Time `json:"next,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Running  bool      `json:"running,omitempty"`
	Failed   bool      `json:"failed,omitempty"`
	Error    string    `json:"error,omitempty"`
}

func (n *nightly) status(trusted bool) *nightlyStatus {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s := &nightlyStatus{Schedule: n.spec, Next: n.next, Last: n.last.At, Running: n.last.Running, Failed: n.last.Err != nil}
	if trusted && s.Failed {
		s.Error = n.last.Err.Error()
	}
	return s
}

// notices tell what a reader of a page must know about its plan: that the
// night's run failed, runs, or never came.
func (n *nightly) notices(plan *planner.Plan, now time.Time) []dashboard.Notice {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	last := n.last
	n.mu.Unlock()
	switch {
	case last.Running:
		return []dashboard.Notice{{Kind: dashboard.Info, Text: "Tonight's plan is being made. What you see is the plan still in force."}}
	case last.Err != nil && (plan == nil || plan.At.Before(last.At)):
		return []dashboard.Notice{{Kind: dashboard.Alarm, Text: fmt.Sprintf("Last night's run failed: %s. The plan of the night before stays in force.", strings.TrimRight(last.Err.Error(), "."))}}
	case plan == nil:
		return nil
	}
	if due := n.schedule.Next(plan.At.UTC()); due.Add(time.Hour).Before(now) {
		return []dashboard.Notice{{Kind: dashboard.Alarm, Text: fmt.Sprintf("This plan is stale: a new one was due on %s.", due.Format("2 January at 15:04 UTC"))}}
	}
	return nil
}
