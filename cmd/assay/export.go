package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/planner"
)

func (a *app) export() *cobra.Command {
	var dir, format string
	c := &cobra.Command{
		Use:   "export --out DIR",
		Short: "Write effects, priors and the backlog with its forecasts for other tools",
		Long: `Write what Assay knows for notebooks, spreadsheets and other tools:

  effects.csv     one row per treatment arm and metric of every past experiment: relative
                  lift, its standard error, and a verdict whether it may be learned from
  priors.json     the fitted prior of every metric, as used by the plan in force
  hypotheses.csv  the backlog with forecasts, status and reason

--format parquet or arrow changes the form of the effects. Lifts are fractions: 0.01 is +1%.
In CSV, text that a spreadsheet would run as a formula gets an apostrophe before it. The
files hold sums over users, never users.`,
		Example: `  assay export --out dist/export
  assay export --out /tmp/assay --format parquet`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if dir == "" {
				return usage("--out is missing").next("name a directory, as --out dist/export")
			}
			if !slices.Contains([]string{"csv", "parquet", "arrow"}, format) {
				return usage("--format %q is not a format", format).next("use csv, parquet or arrow")
			}
			if err := a.standsAlone("export", "; the server's backlog: assay hypothesis list -o csv"); err != nil {
				return err
			}
			return unfinished(c.Context(), a.runExport(c.Context(), dir, format), "the export is incomplete; run it again")
		},
	}
	c.Flags().StringVar(&dir, "out", "", "`directory` to write to; it is made if need be (required)")
	c.Flags().StringVar(&format, "format", "csv", "`form` of the effects: csv, parquet or arrow")
	return c
}

// written is one file of an export.
type written struct {
	File string `json:"file"`
	Rows int    `json:"rows"`
}

var writtenColumns = []render.Column[written]{
	{Name: "file", Title: "FILE", Grow: true, Value: func(w written) any { return w.File }},
	{Name: "rows", Title: "ROWS", Right: true, Value: func(w written) any { return w.Rows }, Text: func(w written) string { return render.Thousands(float64(w.Rows)) }},
}

func (a *app) runExport(ctx context.Context, dir, format string) error {
	h, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	p := h.planner()
	effects, err := h.history.Effects(ctx, history.EffectQuery{})
	if err != nil {
		return err
	}
	priors, err := priors(ctx, p)
	if err != nil {
		return err
	}
	rows, err := p.Backlog(ctx)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	all := []written{{"effects." + format, len(effects)}, {"priors.json", len(priors)}, {"hypotheses.csv", len(rows)}}
	for i, write := range []func(io.Writer) error{
		func(w io.Writer) error { return writeEffects(w, format, effects) },
		func(w io.Writer) error { return render.JSON(w, nonNil(priors)) },
		func(w io.Writer) error { return render.CSV(w, a.backlogColumns(h.policy.Currency), rows) },
	} {
		all[i].File = filepath.Join(dir, all[i].File)
		if err := writeFile(all[i].File, write); err != nil {
			return err
		}
	}
	return answer(a, all, writtenColumns, all)
}

// priors returns those of the plan in force; before the first plan, those
// that it would be made from.
func priors(ctx context.Context, p *planner.Planner) ([]planner.PriorFit, error) {
	plan, err := p.CurrentPlan(ctx)
	if errors.Is(err, planner.ErrNoPlan) {
		plan, err = p.Plan(ctx, planner.PlanRequest{DryRun: true})
	}
	return plan.Priors, err
}

// writeEffects defuses what a spreadsheet would open; the other forms are
// read by programs, and stay exact.
func writeEffects(w io.Writer, format string, effects []history.Effect) error {
	if format == "csv" {
		effects = slices.Clone(effects)
		for i := range effects {
			e := &effects[i]
			for _, s := range []*string{&e.Experiment, &e.Title, &e.Arm, &e.Control, &e.Metric, &e.Segment, &e.Surface, &e.Component,
				&e.ChangeType, &e.Source, &e.Generator, &e.Team, &e.Author} {
				*s = render.Defuse(*s)
			}
		}
	}
	return history.WriteEffects(w, format, effects)
}

// writeFile writes beside the file and then puts it in place, so that no
// reader ever sees half of one.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	// Without its Close: the Parquet writer would close the file itself.
	if err := errors.Join(write(struct{ io.Writer }{f}), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
