package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	outcomes "github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/planner/server"
)

func (a *app) imports() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Import outcomes or raw logs of past experiments, or a backlog of hypotheses",
		Args:  cobra.ArbitraryArgs,
		RunE:  group,
	}
	c.AddCommand(a.importOutcomes(), a.importHypotheses())
	return c
}

func (a *app) importHypotheses() *cobra.Command {
	return &cobra.Command{
		Use:   "hypotheses FILE… | -",
		Short: "Import hypotheses from JSON, NDJSON, YAML or CSV files",
		Long: `Import hypotheses: all of all files, or none. The fields are those of
assay hypothesis submit --help. Every problem is listed with file, line, field, value and
reason. Importing a file again adds nothing.`,
		Example: `  assay import hypotheses backlog.csv
  assay import hypotheses ideas.ndjson more.yaml`,
		Args: atLeastOne("FILE"),
		RunE: func(c *cobra.Command, files []string) error {
			drafts, err := a.allDrafts(c.Context(), files)
			if err != nil {
				return err
			}
			return a.submit(c, drafts)
		},
	}
}

// outcomesFlags are those of assay import outcomes.
type outcomesFlags struct {
	mapping, source       string
	as                    string // the name by which it was called: outcomes, exposures, events or experiments
	maxErrors, maxShown   int
	force, replace, dryIt bool
}

func (a *app) importOutcomes() *cobra.Command {
	var f outcomesFlags
	c := &cobra.Command{
		Use:     "outcomes FILE… --mapping MAPPING.yaml | --source SOURCE.yaml",
		Aliases: []string{"exposures", "events", "experiments"},
		Short:   "Import outcomes, exposures, events or experiments, from files or your own tables",
		Long: `Import what past experiments left: CSV, NDJSON, Parquet or Arrow IPC, plain, gzip or zstd.
The mapping is a small YAML file that says what a row is and what the columns mean;
docs/mapping.md explains it, docs/examples has some for public data sets.

  outcomes    a row is an arm, with its sums, means or counts; or one user in an arm
  exposures   a row is an entry of an exposure log: who was in which arm, and when
  events      a row is a click or a purchase: who, when and how much, of no experiment
  experiments a row is what is known of an experiment, as that it has ended, or was shipped

Exposures and events are added up when they are mined: from a user's first exposure on, for
the window that the mapping gives a metric.

All files come in whole, or nothing does: by default one bad row stops the import, and every
problem is listed with file, line, column, value and reason. A file that was imported before
is left alone; a corrected one supersedes what it says again. What a mapping does not say of
an experiment, as its end, stays as it was.

With --source no file is needed: the source says in which ClickHouse your tables are, and by
which SELECTs they are read. Assignments and facts are added up there: users never leave it.
Nothing is ever written there, and no setting is sent. docs/sources.md explains it.`,
		Example: `  assay import outcomes results.parquet --mapping mapping.yaml
  assay import outcomes 2026-*.csv.gz --mapping mapping.yaml --max-errors 10
  assay import outcomes results.csv --mapping mapping.yaml --dry-run
  assay import exposures log-*.parquet --mapping exposures.yaml
  assay import events clicks-2026-03-*.csv.gz --mapping events.yaml
  assay import experiments decisions.csv --mapping experiments.yaml
  assay import outcomes --source source.yaml --dry-run`,
		RunE: func(c *cobra.Command, files []string) error {
			if f.as = c.CalledAs(); f.source != "" && f.as != string(mapping.Outcomes) {
				return usage("--source is for outcomes: its users are added up where they are").next("assay import outcomes --source %s", f.source)
			}
			if f.source != "" {
				return a.importSource(c.Context(), files, f)
			}
			if len(files) == 0 {
				return usage("there is no file to import").next("usage: %s", c.UseLine())
			}
			return a.runImport(c.Context(), files, f)
		},
	}
	c.Flags().StringVarP(&f.mapping, "mapping", "m", "", "`file` that says what the columns mean (required with files)")
	c.Flags().StringVar(&f.source, "source", "", "`file` that says where your tables are and how they are read, instead of files")
	c.Flags().IntVar(&f.maxErrors, "max-errors", 0, "leave out up to this many bad `rows`; 0: import nothing if anything is bad")
	c.Flags().IntVar(&f.maxShown, "max-shown", 0, "list at most this many `problems`; 0: all of them")
	c.Flags().BoolVar(&f.force, "force", false, "read files again that were imported before, and a source from its beginning")
	c.Flags().BoolVar(&f.replace, "replace", false, "remove what is stored of the files' experiments and is not in the files; of events, what lies between a file's first and last of a metric")
	c.Flags().BoolVar(&f.dryIt, "dry-run", false, "check the files and store nothing; of a source, show what its views answer")
	return c
}

func (a *app) runImport(ctx context.Context, files []string, f outcomesFlags) error {
	if f.mapping == "" {
		return usage("--mapping is missing").next("it says what the columns mean; docs/mapping.md explains it")
	}
	if f.maxErrors < 0 {
		return usage("--max-errors is %d; it must be 0 or more", f.maxErrors)
	}
	text, err := os.ReadFile(f.mapping)
	if err != nil {
		return err
	}
	m, err := mapping.Parse(f.mapping, text)
	if err != nil {
		return badInput(err).next("docs/mapping.md explains the mapping")
	}
	if layout := string(m.Layout); f.as != string(mapping.Outcomes) && layout != f.as {
		return usage("%s has layout %s, not %s", f.mapping, layout, f.as).next("assay import %s, with the same files and flags", named(m.Layout))
	}
	if f.replace && m.Layout == mapping.Experiments {
		return usage("--replace has nothing to remove of experiments: %s has layout %s", f.mapping, m.Layout).next("leave out --replace; a row supersedes what is known of its experiment")
	}
	var report importReport
	if a.server != "" {
		report, err = a.importRemotely(ctx, files, text, f)
	} else {
		report, err = a.importHere(ctx, files, m, f)
	}
	if rejected := (*server.RejectedError)(nil); err != nil && !errors.Is(err, history.ErrBadRows) && !errors.As(err, &rejected) {
		return unfinished(ctx, err, "nothing was imported")
	}
	return a.answerImport(report, f, err != nil)
}

func (a *app) importRemotely(ctx context.Context, files []string, text []byte, f outcomesFlags) (report importReport, err error) {
	if f.force || f.replace || f.dryIt {
		return report, usage("--force, --replace and --dry-run work on the data directory").next("leave out --server")
	}
	client, err := server.NewClient(a.server, os.Getenv("ASSAY_TOKEN"))
	if err != nil {
		return report, usage("--server: %v", err)
	}
	body, err := client.ImportOutcomes(ctx, server.Outcomes{Mapping: text, Files: files, MaxErrors: f.maxErrors})
	if rejected, ok := errors.AsType[*server.RejectedError](err); ok {
		body = rejected.Report
		if len(body) == 0 { // refused as a whole, the mapping or a file: there are no rows to tell of
			return report, badInput(errors.New(rejected.Message))
		}
	} else if err != nil {
		return report, err
	}
	return report, errors.Join(err, json.Unmarshal(body, &report))
}

// named is the name of the command for a layout.
func named(l mapping.Layout) string {
	if l == mapping.Exposures || l == mapping.Events || l == mapping.Experiments {
		return string(l)
	}
	return string(mapping.Outcomes)
}

func (a *app) importHere(ctx context.Context, files []string, m *mapping.Mapping, f outcomesFlags) (importReport, error) {
	h := a.lazyHistory()
	if f.dryIt {
		h = a.passingHistory() // checks what an import checks, and keeps nothing
	}
	defer h.close()
	store, err := h.get(ctx)
	if err != nil {
		return importReport{}, err
	}
	bar := a.bar()
	defer bar.end()
	r, err := store.Import(ctx, history.ImportRequest{Files: files, Mapping: m, MaxErrors: int64(f.maxErrors), Force: f.force, Replace: f.replace,
		Progress: func(p history.Progress) {
			bar.show(filepath.Base(p.File), p.Bytes, p.BytesAll)
		}})
	return reportOf(r), err
}

// importer lets the running server take outcomes in.
type importer struct{ history *lazyHistory }

func (i importer) ImportOutcomes(ctx context.Context, o server.Outcomes) (any, error) {
	m, err := mapping.Parse("mapping", o.Mapping)
	if err != nil {
		return nil, &server.RejectedError{Message: err.Error()}
	}
	store, err := i.history.get(ctx)
	if err != nil {
		return nil, err
	}
	r, err := store.Import(ctx, history.ImportRequest{Files: o.Files, Mapping: m, MaxErrors: int64(o.MaxErrors)})
	report := reportOf(r).withBaseNames()
	if errors.Is(err, history.ErrBadRows) {
		body, failed := json.Marshal(report)
		return nil, errors.Join(&server.RejectedError{Message: err.Error(), Report: body}, failed)
	}
	if unread, ok := errors.AsType[*outcomes.FileError](err); ok { // by the name that its owner knows
		return nil, &server.RejectedError{Message: fmt.Sprintf("nothing was imported: %s: %v", filepath.Base(unread.Name), unread.Err)}
	}
	return report, err
}

// answerImport prints what came in, and every bad row.
func (a *app) answerImport(r importReport, f outcomesFlags, refused bool) error {
	listed := r.Problems
	if f.maxShown > 0 && len(listed) > f.maxShown {
		listed = listed[:f.maxShown]
	}
	if a.output == string(render.JSONFormat) {
		if err := render.JSON(a.out, r); err != nil {
			return err
		}
	} else if a.output == string(render.CSVFormat) && len(r.Problems) > 0 {
		if err := render.CSV(a.out, problemColumns, listed); err != nil {
			return err
		}
	} else {
		for _, p := range listed {
			a.note("%s", p.line())
		}
		if more := max(r.Bad, int64(len(r.Problems))) - int64(len(listed)); f.maxShown > 0 && len(listed) < len(r.Problems) {
			a.note("… and %s more; --max-shown 0 lists all", render.Thousands(float64(more)))
		}
	}
	switch {
	case refused && r.Missing: // no row is bad, and no --max-errors helps
		return badInput(errors.New("nothing was imported: the files do not have the columns that the mapping names")).
			next("mend the mapping; docs/mapping.md explains it")
	case refused:
		return badInput(fmt.Errorf("nothing was imported: %s", render.Plural(int(r.Bad), "bad row", "bad rows"))).
			next("mend the files, or leave bad rows out with --max-errors %d", r.Bad)
	}
	return a.answerImported(r, f.dryIt)
}
