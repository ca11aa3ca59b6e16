package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/embedded"
	"github.com/assay-planner/assay/planner"
)

// examineHistory opens the history and says what it holds. Without one it
// opens an engine that leaves nothing behind, to see that it works here.
func (a *app) examineHistory(ctx context.Context, there bool) []finding {
	h := a.lazyHistory()
	none := a.clickhouse == "" && !(there && a.hasEngine())
	if none {
		h = a.passingHistory()
	}
	defer h.close()
	began := time.Now()
	store, err := h.get(ctx)
	if err != nil {
		return []finding{engineTrouble(ctx, err, a.clickhouse != "")}
	}
	version, err := store.conn.ServerVersion()
	if err != nil {
		return []finding{{fail, "engine", err.Error(), ""}}
	}
	fs := []finding{{pass, "engine", fmt.Sprintf("ClickHouse %s opened in %.1f s", version.Version, time.Since(began).Seconds()), ""}}
	if none { // mining what is not there would take as long as opening the engine
		return append(fs, summaryFinding(history.Summary{}))
	}
	s, err := store.Summary(ctx)
	if err != nil {
		return append(fs, finding{fail, "history", err.Error(), "import the outcomes again into another --data"})
	}
	return slices.Concat(fs, []finding{summaryFinding(s), minedFinding(store.Mined())}, mixedFinding(s), screensFinding(s))
}

func (a *app) hasEngine() bool {
	info, err := os.Stat(filepath.Join(a.data, engineDir))
	return err == nil && info.IsDir()
}

func engineTrouble(ctx context.Context, err error, isServer bool) finding {
	f := classify(ctx, err)
	_, inUse := errors.AsType[*embedded.InUseError](err)
	switch {
	case inUse:
		return finding{warn, "engine", "not looked at: " + f.Error(), f.step}
	case isServer:
		return finding{fail, "clickhouse", f.Error(), "check the URL, and that the server runs"}
	default:
		return finding{fail, "engine", f.Error(), f.step}
	}
}

func summaryFinding(s history.Summary) finding {
	if s.Experiments == 0 {
		return finding{warn, "history", "it is empty", "assay import outcomes --help, or assay demo"}
	}
	usable := s.Verdicts[history.Usable]
	text := fmt.Sprintf("%s%s, %s; %s of %s effects are usable", render.Plural(s.Experiments, "experiment", "experiments"), span(s), render.Plural(s.Metrics, "metric", "metrics"),
		render.Thousands(float64(usable)), render.Thousands(float64(s.Effects)))
	if usable == 0 {
		return finding{warn, "history", text, "nothing can be learnt from it: assay history verdicts says why"}
	}
	return finding{pass, "history", text, ""}
}

// span is from when to when the experiments ran, as far as that is known.
func span(s history.Summary) (text string) {
	if !s.First.IsZero() {
		text += " from " + dayOf(s.First)
	}
	if !s.Last.IsZero() {
		text += " to " + dayOf(s.Last)
	}
	return text
}

// minedFinding says how much of the history had to be read.
func minedFinding(m history.Mined) finding {
	if m.Again == 0 {
		return finding{pass, "mining", "nothing was imported since the last mining, so that no row had to be read", ""}
	}
	return finding{pass, "mining", fmt.Sprintf("the rows of %s of %s experiments were read, about which something was imported since the last mining",
		render.Thousands(float64(m.Again)), render.Thousands(float64(m.Experiments))), ""}
}

// mixedFinding counts the users who count in no arm.
func mixedFinding(s history.Summary) []finding {
	if s.UnitsInTwoArms == 0 {
		return nil
	}
	return []finding{{pass, "users", render.Plural(s.UnitsInTwoArms, "user was", "users were") + " seen in two arms of one experiment, and left out of it", ""}}
}

// screensFinding counts what is not learned from, by why.
func screensFinding(s history.Summary) []finding {
	var why []string
	for verdict, n := range s.Verdicts {
		if verdict != history.Usable {
			why = append(why, verdict+": "+render.Thousands(float64(n)))
		}
	}
	if len(why) == 0 {
		return nil
	}
	slices.Sort(why)
	return []finding{{pass, "screens", "not used: " + strings.Join(why, ", ") + "; assay history verdicts lists them", ""}}
}

// examineServer asks a running server instead of a data directory.
func (a *app) examineServer(ctx context.Context) finding {
	svc, done, err := a.remote()
	if err != nil {
		return finding{fail, "server", err.Error(), "write it as http://127.0.0.1:8090"}
	}
	defer done()
	p, err := svc.CurrentPlan(ctx)
	switch {
	case errors.Is(err, planner.ErrNoPlan):
		return finding{warn, "server", a.server + " answers; no plan yet", "assay plan --server " + a.server}
	case err != nil:
		f := classify(ctx, err)
		return finding{fail, "server", f.Error(), f.step}
	}
	return finding{pass, "server", fmt.Sprintf("%s answers; the plan in force is of %s", a.server, night(p.At)), ""}
}
