package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

func (a *app) hypothesisResume() *cobra.Command {
	return &cobra.Command{
		Use:   "resume ID",
		Short: "Take back that a hypothesis was withdrawn, or its test ended early",
		Long: `Take back that a hypothesis was withdrawn or, if it was not, that its test was stopped, as
if it had not been said. One that was waiting waits again. A test that was ended by it runs
on with the buckets and the machines that it had, until it was to end. The ledger gets a
line of it.

That is refused if others have been given since what the test held, whether they still have
it or not: its buckets, or so many GPU-hours that its own were not left; or if a test has
begun that must not meet it, or that waited for it. The error says which. It is refused, too,
once the weeks of the test are over. Resuming a test that runs is no error.`,
		Example: `  assay hypothesis resume h-0123456789ab`,
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, ids []string) error {
			return a.change(c.Context(), func(svc planner.Service) (planner.Row, error) {
				row, err := svc.Resume(c.Context(), ids[0])
				switch {
				case errors.Is(err, planner.ErrTaken):
					err = &fault{code: exitFailure, err: err, step: "it stays as it is; to test the idea again, submit it under another id"}
				case errors.Is(err, planner.ErrRequest):
					err = &fault{code: exitUsage, err: err, step: "assay hypothesis show " + ids[0] + " tells where it stands"}
				}
				return row, err
			}, func(row planner.Row) error {
				_, err := fmt.Fprintf(a.out, "%s goes on: %s; it is %s: %s\n", row.ID, render.Clean(row.Title), row.Status, render.Clean(row.Reason))
				return err
			})
		},
	}
}
