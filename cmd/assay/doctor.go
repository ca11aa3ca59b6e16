package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history/embedded"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/registry"
	"github.com/assay-planner/assay/planner/sample"
)

// verdict is how a check came out.
type verdict string

const (
	pass verdict = "ok"
	warn verdict = "warn"
	fail verdict = "fail"
)

// finding is one line of the doctor's: what was looked at, how it is, and
// what to do about it.
type finding struct {
	Verdict verdict `json:"verdict"`
	Check   string  `json:"check"`
	Text    string  `json:"text"`
	WayOut  string  `json:"way_out,omitempty"`
}

func (a *app) doctor() *cobra.Command {
	var sources []string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check library, engine, data directory, policy, history and plan",
		Long: `Check everything that Assay needs: each line is ok, warn or fail, with the way out. It
changes nothing. The exit code is 1 if a check fails.`,
		Example: `  assay doctor
  assay doctor --clickhouse clickhouse://warehouse:9000/assay
  assay doctor --source source.yaml`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			fs := a.examine(c.Context())
			for _, path := range sources {
				fs = append(fs, examineSource(c.Context(), path)...)
			}
			return a.answerFindings(fs)
		},
	}
	c.Flags().StringArrayVar(&sources, "source", nil, "look at the tables that this `file` of a source reads, too; may be repeated")
	return c
}

// examine runs the checks; a later one may lean on an earlier one's answer.
func (a *app) examine(ctx context.Context) []finding {
	b := readBuild()
	fs := []finding{{pass, "assay", fmt.Sprintf("%s, %s, %s", b.Version, b.Go, b.Platform), ""}}
	if a.server != "" {
		return append(fs, a.examineServer(ctx))
	}
	if a.clickhouse == "" {
		fs = append(fs, examineLibrary())
	}
	there, dir := a.examineData()
	fs = append(fs, dir)
	if there {
		fs = append(fs, examineDisk(a.data), a.examinePolicy(), a.examineRegistry(ctx))
	}
	return append(fs, a.examineHistory(ctx, there)...)
}

func examineLibrary() finding {
	path, err := embedded.FindLibrary()
	if err != nil {
		return finding{fail, "library", err.Error(), "in a checkout: make setup; elsewhere set ASSAY_CHDB to a libchdb.so, or use --clickhouse URL"}
	}
	version, err := embedded.Version()
	if err != nil {
		return finding{fail, "library", fmt.Sprintf("%s cannot be loaded: %v", path, err), "install version " + embedded.LibraryVersion + " for " + runtime.GOOS + "/" + runtime.GOARCH}
	}
	return finding{pass, "library", fmt.Sprintf("%s, version %s", path, version), ""}
}

const mayEnterAndWrite = 0x2 | 0x1 // W_OK | X_OK of access(2)

func (a *app) examineData() (there bool, f finding) {
	info, err := os.Stat(a.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, finding{warn, "data", a.data + " does not exist yet", "assay demo makes it; so does assay import outcomes"}
	case err != nil:
		return false, finding{fail, "data", err.Error(), "check the permissions, or use another --data"}
	case !info.IsDir():
		return false, finding{fail, "data", a.data + " is not a directory", "use another --data"}
	case syscall.Access(a.data, mayEnterAndWrite) != nil:
		return true, finding{fail, "data", a.data + " is not writable by this user", "change its owner, or use another --data"}
	}
	text := a.data + " is writable"
	if a.isSample() {
		text += "; it holds the sample, whose clock stands at " + night(sample.Tonight)
	}
	return true, finding{pass, "data", text, ""}
}

// Below tight, imports of a year's outcomes may fail; below full, anything may.
const (
	tight = 5 << 30
	full  = 512 << 20
)

func examineDisk(dir string) finding {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return finding{warn, "disk", err.Error(), ""}
	}
	free := float64(s.Bavail) * float64(s.Bsize)
	text := fmt.Sprintf("%.1f GB free", free/1e9)
	switch {
	case free < full:
		return finding{fail, "disk", text, "free some space, or move the data directory and set --data"}
	case free < tight:
		return finding{warn, "disk", text, "large imports may not fit"}
	}
	return finding{pass, "disk", text, ""}
}

func (a *app) examinePolicy() finding {
	p, err := a.readPolicy()
	if err != nil {
		f := classify(context.Background(), err)
		if f.code == exitNotFound { // outcomes may be imported first
			return finding{warn, "policy", f.Error(), strings.ReplaceAll(f.step, "\n", "; ")}
		}
		return finding{fail, "policy", strings.ReplaceAll(f.Error(), "\n", "; "), f.step}
	}
	return finding{pass, "policy", fmt.Sprintf("%s: %s, %s, %s ahead; ships if %s", filepath.Join(a.data, policyFile),
		render.Plural(len(p.Pools), "pool", "pools"), render.Plural(len(p.Segments), "segment", "segments"),
		render.Plural(p.HorizonWeeks, "week", "weeks"), shipText(p.ShipRule)), ""}
}

func (a *app) examineRegistry(ctx context.Context) finding {
	path := filepath.Join(a.data, registryFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return finding{warn, "registry", "no hypothesis was submitted yet", "assay hypothesis submit --help"}
	}
	reg, err := registry.Open(ctx, path)
	if err != nil {
		return finding{fail, "registry", err.Error(), "restore " + path + " from a backup"}
	}
	defer reg.Close()
	hs, err := reg.Hypotheses(ctx)
	if err != nil {
		return finding{fail, "registry", err.Error(), "restore " + path + " from a backup"}
	}
	count := render.Plural(len(hs), "hypothesis", "hypotheses")
	plan, err := reg.CurrentPlan(ctx)
	if errors.Is(err, planner.ErrNoPlan) {
		return finding{warn, "registry", count + "; no plan yet", "assay plan"}
	}
	if err != nil {
		return finding{fail, "registry", err.Error(), "restore " + path + " from a backup"}
	}
	age := a.clock()().Sub(plan.At)
	text := fmt.Sprintf("%s; the plan in force is of %s", count, night(plan.At))
	if age > 48*time.Hour {
		return finding{warn, "registry", fmt.Sprintf("%s, %d days old", text, int(age.Hours()/24)), "assay plan, or assay serve to plan every night"}
	}
	return finding{pass, "registry", text, ""}
}
