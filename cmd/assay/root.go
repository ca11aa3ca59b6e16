package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/planner/registry"
)

// app is one invocation: where it reads and writes, and the flags that every
// command shares.
type app struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
	start    func(ctx context.Context, dir string) (*openHistory, error) // the engine in a directory, "" for a passing one

	data       string
	server     string
	clickhouse string
	output     string
	alone      bool // the command works on the data directory itself, never through a server
}

// run is the whole program but for the process around it. It returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	return (&app{in: in, out: out, err: errOut, now: time.Now, start: startEngine}).run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(repeatFileFlags(args))
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	return a.report(ctx, root.ExecuteContext(registry.WithActor(ctx, "cli")))
}

const rootHelp = `Assay decides which ideas to test next.

It reads what past experiments returned, forecasts the lift of every hypothesis in
the backlog, and plans tonight's tests so that scarce GPU-hours and users return the
most. Results flow back and sharpen the next forecast.

First steps:
  assay demo                                     plan a bundled sample: nothing to set up
  assay plan show --explain h-0123456789ab       why is this one (not) tested tonight?
  assay import outcomes results.parquet --mapping mapping.yaml
  assay hypothesis submit idea.yaml
  assay plan

All state lives in one directory, --data. A running server is used with --server.
See also: assay help exit-codes, assay help policy.`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "assay",
		Short:         "Plan experiments by what past experiments returned",
		Long:          rootHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE:          group,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return a.checkOutput()
		},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%v", err).next("see %s --help", c.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "FlagUsages |", fmt.Sprintf("FlagUsagesWrapped %d |", render.Width)))
	flags := root.PersistentFlags()
	flags.StringVar(&a.data, "data", defaultData(), "`directory` that holds all state (ASSAY_DATA)")
	flags.StringVar(&a.server, "server", os.Getenv("ASSAY_SERVER"), "use the running server at this `URL`, as http://127.0.0.1:8090 (ASSAY_SERVER; its token: ASSAY_TOKEN)")
	flags.StringVar(&a.clickhouse, "clickhouse", os.Getenv("ASSAY_CLICKHOUSE"), "keep the history on the ClickHouse server at this `URL`, as clickhouse://host:9000/assay (ASSAY_CLICKHOUSE)")
	flags.StringVarP(&a.output, "output", "o", string(render.TableFormat), "`format` of the answer: table, json or csv")
	for _, g := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Decide what is tested next:", []*cobra.Command{a.demo(), a.hypothesis(), a.forecast(), a.plan(), a.whatIf(), a.cohorts(), a.assign()}},
		{"Learn from past experiments:", []*cobra.Command{a.imports(), a.history(), a.insights(), a.backtest(), a.export()}},
		{"One test, or one problem, without a data directory:", []*cobra.Command{a.design(), a.analyze(), a.allocate()}},
		{"Keep it running:", []*cobra.Command{a.serve(), a.doctor(), a.schema(), a.version()}},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
		}
		root.AddCommand(g.commands...)
	}
	root.SetHelpCommand(help())
	root.SetHelpCommandGroupID(root.Groups()[len(root.Groups())-1].ID)
	root.AddCommand(topics()...)
	return root
}

// help is the command of that name. Cobra's own takes any words for a command.
func help() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Help about any command",
		Example: "  assay help plan show",
		RunE: func(c *cobra.Command, words []string) error {
			of, rest, err := c.Root().Find(words)
			if err != nil {
				return err
			}
			of.InitDefaultHelpFlag()
			return group(of, rest)
		},
	}
}

// group answers a command that only has subcommands: with its help, or with
// what is wrong about the one that was asked for.
func group(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	c.SuggestionsMinimumDistance = 2
	msg := fmt.Sprintf("unknown command %q for %q", args[0], c.CommandPath())
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usage("%s", msg).next("did you mean %s?", strings.Join(near, " or "))
	}
	return usage("%s", msg).next("see %s --help", c.CommandPath())
}

// one takes exactly one argument, which is called name.
func one(name string) cobra.PositionalArgs {
	return args(func(_ *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("%s is missing", name)
		case 1:
			return nil
		}
		return fmt.Errorf("one %s at a time; there are %d", name, len(args))
	})
}

// atLeastOne takes one argument or more, each called name.
func atLeastOne(name string) cobra.PositionalArgs {
	return args(func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s is missing", name)
		}
		return nil
	})
}

// args makes a wrong number of arguments a usage error that shows the right form.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usage("%v", err).next("usage: %s", c.UseLine())
		}
		return nil
	}
}

func (a *app) checkOutput() error {
	switch render.Format(a.output) {
	case render.TableFormat, render.JSONFormat, render.CSVFormat:
		return nil
	}
	return usage("--output %q is not a format", a.output).next("use table, json or csv")
}

// defaultData is the user's data directory, by the XDG base directory rules.
func defaultData() string {
	if dir := os.Getenv("ASSAY_DATA"); dir != "" {
		return dir
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "assay")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = cmp.Or(os.Getenv("TMPDIR"), os.TempDir())
	}
	return filepath.Join(home, ".local", "share", "assay")
}

// styles and width say how tables look where this invocation prints.
func (a *app) styles() render.Styles { return render.StylesFor(a.out) }
func (a *app) width() int            { return render.TermWidth(a.out) }

// note tells a person something beside the answer; programs read stdout only.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.err, format+"\n", args...)
}

// answer prints rows in the format that was asked for. JSON gets the value
// itself, the other two the columns of its rows.
func answer[R any](a *app, v any, columns []render.Column[R], rows []R) error {
	switch render.Format(a.output) {
	case render.JSONFormat:
		return render.JSON(a.out, v)
	case render.CSVFormat:
		return render.CSV(a.out, columns, rows)
	default:
		return render.Table(a.out, a.styles(), a.width(), columns, rows)
	}
}
