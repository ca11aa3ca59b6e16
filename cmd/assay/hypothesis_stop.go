package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) hypothesisStop() *cobra.Command {
	var at, reason string
	c := &cobra.Command{
		Use:   "stop ID",
		Short: "Say that a running test ended early; what it holds is free from then on",
		Long: `Say that the running test of a hypothesis has ended before its time: because a rule that
watches it says so, or by hand. What it holds is free from then on; assay plan --backfill
gives it away at once, any later plan does too. Its treatment rests as cool_down has it.

The hypothesis counts as tested: what requires it may begin, and its outcome is imported as
that of any other, with the day on which it ended. An idea that was not tested is withdrawn.
The first stop counts; another is no error. assay hypothesis resume takes it back.`,
		Example: `  assay hypothesis stop h-0123456789ab --reason "harms hide_rate"
  assay hypothesis stop h-0123456789ab --at 2026-11-25T14:30 && assay plan --backfill`,
		Args: one("ID"),
		RunE: func(c *cobra.Command, ids []string) error {
			st := planner.Stop{Reason: reason}
			if at != "" {
				t, err := parseTime(at)
				if err != nil {
					return usage("--at %q %v", at, err)
				}
				st.At = t
			}
			return a.change(c.Context(), func(svc planner.Service) (planner.Row, error) {
				row, err := svc.Stop(c.Context(), ids[0], st)
				if errors.Is(err, planner.ErrRequest) {
					err = &fault{code: exitUsage, err: err, step: "assay hypothesis show " + ids[0] + " tells when its test began and ends"}
				}
				return row, err
			}, func(row planner.Row) error {
				_, err := fmt.Fprintf(a.out, "%s stopped: %s\n", row.ID, strings.Join(nonEmpty(render.Clean(row.Title), stopText(row)), "; "))
				a.note("what it held is free: assay plan --backfill gives it away")
				return err
			})
		},
	}
	c.Flags().StringVar(&at, "at", "", "the `time` at which it ended, UTC unless it says otherwise: 2026-11-25T14:30 (default: now)")
	c.Flags().StringVar(&reason, "reason", "", "why, as `text` of up to 500 characters")
	return c
}

// stopText says when and why the test of a hypothesis was stopped; empty if it was not.
func stopText(r planner.Row) string {
	st := r.Stopped
	if st == nil {
		return ""
	}
	text := "its test ended early on " + night(st.At)
	if st.Reason != "" {
		text += ": " + render.Clean(st.Reason)
	}
	return text
}
