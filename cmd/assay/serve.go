package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/planner/insights"
	"github.com/assay-planner/assay/planner/registry"
	"github.com/assay-planner/assay/planner/sample"
	"github.com/assay-planner/assay/planner/server"
)

// serveFlags are those of assay serve.
type serveFlags struct {
	addr, nightly, tokenFile string
	noCatchUp                bool
}

func (a *app) serve() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the pages and the API, and plan every night",
		Long: `Serve the pages (Tonight, Queue, Cohorts, What if, Insights), the API (docs/api.md), and make a
plan every night.

It listens on this machine only, unless --addr says otherwise; on any other address callers
must show a token of at least 16 characters, from --token-file or ASSAY_TOKEN. It speaks plain
HTTP: put a proxy with TLS before it. While it runs it holds the data directory; other
commands reach it with --server. Ctrl-C finishes the requests under way and ends it.

A night that fails leaves yesterday's plan in force; a night that was missed is made up for
at the start. The policy is read at the start.`,
		Example: `  assay serve
  assay serve --addr 127.0.0.1:8090 --nightly "0 2 * * *"
  assay serve --addr :8090 --token-file /run/secrets/assay`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if a.server != "" {
				return usage("serve is the server").next("leave out --server, and unset ASSAY_SERVER")
			}
			return a.runServer(c.Context(), f)
		},
	}
	c.Flags().StringVar(&f.addr, "addr", server.DefaultAddr, "`host:port` to listen on")
	c.Flags().StringVar(&f.nightly, "nightly", "0 2 * * *", "when to plan, in UTC, as a cron `schedule`; empty: never")
	c.Flags().BoolVar(&f.noCatchUp, "no-catch-up", false, "do not make up at start for a night that was missed")
	c.Flags().StringVar(&f.tokenFile, "token-file", "", "`file` with the bearer token (default: ASSAY_TOKEN)")
	return c
}

func (a *app) runServer(ctx context.Context, f serveFlags) error {
	token, err := server.ReadToken(f.tokenFile)
	if err != nil {
		return asUsage(err)
	}
	h, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	if _, err := h.history.get(ctx); err != nil { // now, not when the first night comes
		return err
	}
	if a.isSample() {
		a.note("This is the bundled sample: its clock stands at %s, so no night comes.", night(sample.Tonight))
	}
	var o insights.Options
	obeyPolicy(&o, h.policy)
	err = server.Run(ctx, server.Config{
		Addr:      f.addr,
		Token:     token,
		Service:   h.planner(),
		Importer:  importer{h.history},
		Learner:   learner{h.history, h.now, o},
		Ready:     map[string]server.Check{"registry": h.registry.Ping, "history": h.history.ping},
		Nightly:   f.nightly,
		NoCatchUp: f.noCatchUp,
		Actor:     registry.WithActor,
		Log:       slog.New(slog.NewTextHandler(a.err, nil)),
		Now:       h.now,
		OnUp:      func(addr string) { a.note("Serving on http://%s; Ctrl-C ends it.", addr) },
	})
	return asUsage(err)
}

// asUsage makes what a flag got wrong a usage error.
func asUsage(err error) error {
	if errors.Is(err, server.ErrConfig) {
		return usage("%v", err).next("see assay serve --help")
	}
	return err
}

func (l *lazyHistory) ping(ctx context.Context) error {
	h, err := l.get(ctx)
	if err != nil {
		return err
	}
	return h.conn.Ping(ctx)
}
