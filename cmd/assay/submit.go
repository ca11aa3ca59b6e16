package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner"
)

// allDrafts reads all files and lists everything wrong with any of them.
func (a *app) allDrafts(ctx context.Context, files []string) ([]draft, error) {
	var all []draft
	var bad []problem
	for _, file := range files {
		ds, wrong, err := readDrafts(ctx, file, a.in)
		if err != nil {
			return nil, err
		}
		all, bad = append(all, ds...), append(bad, wrong...)
	}
	if len(bad) > 0 {
		return nil, refusedDrafts(bad)
	}
	return all, nil
}

// receiptRow is one acknowledged hypothesis, as submit answers.
type receiptRow struct {
	planner.Receipt
	Title string `json:"title"`
}

var receiptColumns = []render.Column[receiptRow]{
	{Name: "id", Title: "ID", Value: func(r receiptRow) any { return r.ID }},
	{Name: "created", Title: "STORED", Value: func(r receiptRow) any { return r.Created }, Text: func(r receiptRow) string {
		switch {
		case r.Created:
			return "new"
		case r.Withdrawn != nil:
			return "withdrawn"
		}
		return "known"
	}},
	{Name: "title", Title: "TITLE", Grow: true, Value: func(r receiptRow) any { return r.Title }},
}

// fewReceipts is how many acknowledgements a person reads; more are summed up.
const fewReceipts = 20

func (a *app) submit(c *cobra.Command, drafts []draft) error {
	svc, done, err := a.service(c.Context())
	if err != nil {
		return err
	}
	defer done()
	receipts, err := svc.Submit(c.Context(), hypotheses(drafts))
	if err != nil {
		return unfinished(c.Context(), placed(err, drafts), "nothing was stored, unless it was acknowledged; submit again: what is known is not added twice")
	}
	rows := make([]receiptRow, len(receipts))
	created := 0
	for i, r := range receipts {
		rows[i] = receiptRow{r, drafts[i].Title}
		if r.Created {
			created++
		}
	}
	if a.output != string(render.TableFormat) || len(rows) <= fewReceipts {
		if err := answer(a, rows, receiptColumns, rows); err != nil {
			return err
		}
	}
	a.warnOfDuplicates(receipts)
	a.warnOfWithdrawn(receipts)
	if slices.ContainsFunc(receipts, func(r planner.Receipt) bool { return r.QueueOnly }) {
		a.note("warning: the history could not be read, so that likeness to past experiments is unknown; assay doctor says why")
	}
	a.note("%s stored, %d were known already", render.Plural(created, "hypothesis", "hypotheses"), len(rows)-created)
	return nil
}

// warnOfDuplicates names ideas that were had before, a few of them: they are in
// the backlog all the same.
func (a *app) warnOfDuplicates(receipts []planner.Receipt) {
	warned := 0
	for _, r := range receipts {
		if len(r.Duplicates) == 0 {
			continue
		}
		if warned++; warned <= fewReceipts {
			a.note("warning: %s is taken, but %s", r.ID, duplicateLines(r.Duplicates[:1])[0])
		}
	}
	if warned > fewReceipts {
		a.note("warning: so are %d more; -o json names them, and assay hypothesis show ID", warned-fewReceipts)
	}
}

// warnOfWithdrawn tells of ideas that were submitted again and stay withdrawn.
func (a *app) warnOfWithdrawn(receipts []planner.Receipt) {
	var gone []string
	for _, r := range receipts {
		if r.Withdrawn != nil {
			gone = append(gone, r.ID)
		}
	}
	if len(gone) > 0 {
		a.note("warning: %s withdrawn, and stays so: %s; assay hypothesis resume ID brings one back",
			render.Plural(len(gone), "hypothesis was", "hypotheses were"), strings.Join(gone[:min(fewReceipts, len(gone))], ", "))
	}
}

func hypotheses(drafts []draft) []planner.Hypothesis {
	hs := make([]planner.Hypothesis, len(drafts))
	for i, d := range drafts {
		hs[i] = d.Hypothesis
	}
	return hs
}

// placed gives what is wrong with drafts its place in the files they came from.
func placed(err error, drafts []draft) error {
	refused, ok := errors.AsType[planner.DraftErrors](err)
	if !ok {
		return err
	}
	var bad []problem
	for _, e := range refused {
		var from draft
		if e.Index >= 0 && e.Index < len(drafts) {
			from = drafts[e.Index]
		}
		for _, f := range e.Fields {
			bad = append(bad, problem{from.file, from.line, f.Field, f.Value, f.Reason})
		}
	}
	return refusedDrafts(bad)
}

// refusedDrafts lists all problems, one a line, and says that nothing was stored.
func refusedDrafts(bad []problem) *fault {
	var msg strings.Builder
	fmt.Fprintf(&msg, "%s; nothing was stored", render.Plural(len(bad), "problem", "problems"))
	for _, p := range bad {
		if p.File == "" { // given by flags
			fmt.Fprintf(&msg, "\n%v", planner.FieldError{Field: p.Column, Value: p.Value, Reason: p.Reason})
		} else {
			fmt.Fprintf(&msg, "\n%v", p)
		}
	}
	return badInput(errors.New(msg.String())).next("mend and submit again; what is stored already is not added twice")
}
