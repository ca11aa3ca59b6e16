package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history/embedded"
)

// build is what the binary knows of itself.
type build struct {
	Version    string `json:"version"`
	Commit     string `json:"commit,omitempty"`
	Go         string `json:"go"`
	Platform   string `json:"platform"`
	ClickHouse string `json:"clickhouse,omitempty"` // of the library; empty: not found
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of Assay, Go and the ClickHouse library",
		Args:  args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			b := readBuild()
			if version, err := embedded.Version(); err == nil {
				b.ClickHouse = version
			}
			if a.output != string(render.TableFormat) {
				return answer(a, b, buildColumns, []build{b})
			}
			fmt.Fprintf(a.out, "assay %s", b.Version)
			if b.Commit != "" {
				fmt.Fprintf(a.out, " (%s)", b.Commit)
			}
			library := b.ClickHouse
			if library == "" {
				library = "library not found; assay doctor says how to get it"
			}
			_, err := fmt.Fprintf(a.out, "\n%s %s\nClickHouse %s\n", b.Go, b.Platform, library)
			return err
		},
	}
}

var buildColumns = []render.Column[build]{
	{Name: "version", Value: func(b build) any { return b.Version }},
	{Name: "commit", Value: func(b build) any { return b.Commit }},
	{Name: "go", Value: func(b build) any { return b.Go }},
	{Name: "platform", Value: func(b build) any { return b.Platform }},
	{Name: "clickhouse", Value: func(b build) any { return b.ClickHouse }},
}

// readBuild takes version and commit from what the Go tool stamped into the
// binary: a module version when installed by one, the commit in a checkout.
func readBuild() build {
	b := build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			b.Commit += ", modified"
		}
	}
	return b
}
