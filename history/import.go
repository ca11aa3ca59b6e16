package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-planner/assay/history/importer"
	"github.com/assay-planner/assay/history/mapping"
)

// ImportRequest names the files of one import, which comes in whole or not at all.
type ImportRequest struct {
	Files   []string         // CSV, NDJSON, Parquet, Arrow IPC; plain, gzip or zstd
	Names   []string         // what reports and records call them; nil: by their paths
	Mapping *mapping.Mapping // what their columns mean

	MaxErrors int64 // so many bad rows, over all files, are left out; zero: any bad row stops the import
	Force     bool  // import files again that were imported before
	Replace   bool  // remove what is stored of the files' experiments, or metrics and span of events, and is not in the files

	// Metrics of which the files hold all that there is to say about their experiments, as
	// the answer of a source does: what is stored of these, and is not in the files, is
	// removed. A file is known only if nothing came in under its name since.
	Whole []string

	// With Whole: experiments of which there is nothing to say any more. They are in no
	// file, and what is stored of these metrics is removed of them, too.
	Silent []string

	Progress func(Progress) // called after every batch; may be nil
}

// Progress is how far an import has come.
type Progress struct {
	File            string // that is being read
	Bytes, BytesAll int64  // of all files, as they lie on disk
	Rows            int64  // read so far, of all files
}

// mostProblems is how many of one file are listed.
const mostProblems = 100_000

// Problem is one thing wrong with a file: file, line, column, value and reason.
type Problem = importer.Problem

// ImportReport says what an import did, or what kept it from doing anything.
type ImportReport struct {
	Files []FileReport

	Experiments, Arms, Metrics, Days int // in the files that were read

	Bad      int64     // rows with problems
	Missing  bool      // columns, which Problems name: MaxErrors is no way round them
	Problems []Problem // all of them, by file and line; at most 100,000 per file
	Notes    []string  // what is not wrong, but worth knowing
}

// FileReport counts rows. Read and Skipped count rows of the file; the others
// count what they became: one row per arm and metric, per user and fact, per entry
// of an exposure log, per event and metric, or per experiment.
type FileReport struct {
	File    string
	SHA256  string
	Already bool // imported before by the same mapping; nothing was done

	Read       int64
	Skipped    int64 // left out by a rule of the mapping
	Bad        int64 // left out for their problems
	Imported   int64 // new in the history
	Superseded int64 // replaced a row with other numbers
	Unchanged  int64 // said again what the history knew
	Removed    int64 // taken out by Replace
}

// ErrBadRows is returned with a report that lists the Problems: more bad rows
// than are allowed, or columns that are missing. Nothing was imported.
var ErrBadRows = errors.New("nothing was imported: the files have bad rows or lack columns")

// Import reads files into the history. A file that was imported by the same
// mapping before is left alone, unless Force asks for it; a row of an earlier
// file gives way to one with the same experiment, arm, metric, segment and day, or
// with the same user, metric, instant and event. What a mapping does not say of an
// experiment and its arms stays as it was.
func (h *History) Import(ctx context.Context, req ImportRequest) (ImportReport, error) {
	if req.Mapping == nil {
		return ImportReport{}, errors.New("import: a mapping is needed")
	}
	if h.onShards != nil {
		return ImportReport{}, fmt.Errorf("import: %w", ErrCluster)
	}
	if req.Replace && req.Mapping.Layout == mapping.Experiments {
		return ImportReport{}, errors.New("import: layout experiments has no rows that another could replace; leave out Replace")
	}
	if req.Names != nil && len(req.Names) != len(req.Files) {
		return ImportReport{}, errors.New("import: a name for each file is needed, or none")
	}
	h.importing.Lock()
	defer h.importing.Unlock()
	// Batches are large and die young: at Go's default of 100 they would fill as
	// much again before they are collected. This takes a tenth off the peak.
	defer debug.SetGCPercent(debug.SetGCPercent(importGC))
	token, err := h.ownStaging(ctx)
	if err != nil {
		return ImportReport{}, fmt.Errorf("import: %w", err)
	}
	run := importRun{h: h, req: req, known: catalog{}, experiments: map[string]bool{}, arms: map[[2]string]bool{}, metrics: map[string]bool{},
		days: map[int64]bool{}, reckoned: map[string]bool{}, distinct: !repeats(req.Mapping.Layout)}
	err = run.stage(ctx)
	if err == nil && (run.report.Bad > max(0, req.MaxErrors) || run.report.Missing) {
		err = ErrBadRows
	}
	decided := false
	if err == nil && len(run.imports) > 0 {
		decided, err = run.publish(ctx)
	}
	if decided && err != nil {
		living.Delete(token) // and nothing else: the next import finishes it
	} else {
		err = errors.Join(err, h.releaseStaging(context.WithoutCancel(ctx), token))
	}
	if err != nil && !errors.Is(err, ErrBadRows) {
		err = fmt.Errorf("import: %w", err)
	}
	return run.report, err
}

// repeats says whether rows of a file may share a natural key: the control arm of
// pairs stands in many, and a log of exposures says the same twice.
func repeats(l mapping.Layout) bool { return l == mapping.Pairs || l == mapping.Exposures }

// LastFile is the last in order of the imported files whose names begin so; ""
// is none. Who names files by an instant that sorts, as sources do, finds the newest.
func (h *History) LastFile(ctx context.Context, beginning string) (name string, err error) {
	err = h.conn.QueryRow(ctx, query("last_file"), param("beginning", beginning)).Scan(&name)
	if err != nil {
		return "", fmt.Errorf("last_file: %w", err)
	}
	return name, nil
}

// name is what file i is called.
func (req ImportRequest) name(i int) string {
	if req.Names != nil {
		return req.Names[i]
	}
	return req.Files[i]
}

// importGC is the share of new garbage, in percent of what lives, at which an
// import collects.
const importGC = 50

// importRun is one import on its way.
type importRun struct {
	h      *History
	req    ImportRequest
	report ImportReport

	infos       []os.FileInfo // of the request's files, before they were read
	imports     []imported
	bytesBefore int64
	bytesAll    int64
	rowsBefore  int64

	known                           catalog
	experiments                     map[string]bool
	arms                            map[[2]string]bool
	metrics                         map[string]bool
	days                            map[int64]bool
	reckoned                        map[string]bool // metrics whose rules are other ones than before
	distinct                        bool            // no two staged rows of a file share a natural key
	uncontrolled, running, excluded int
	lacking                         string // what the first that is uncontrolled has instead
}

// imported is a file whose rows are staged.
type imported struct {
	version uint64
	file    int   // index into the report's Files
	rows    int64 // staged
}

// stage reads every file into the staging tables.
func (run *importRun) stage(ctx context.Context) error {
	version, err := one(ctx, run.h.conn, "last_import")
	if err != nil {
		return err
	}
	version = max(version+1, uint64(time.Now().UnixMicro()))
	if err := run.look(ctx); err != nil {
		return err
	}
	for i := range run.report.Files {
		if run.report.Files[i].Already {
			continue
		}
		rows, err := run.stageFile(ctx, i, version)
		if err != nil {
			return err
		}
		run.imports = append(run.imports, imported{version, i, rows})
		version++
	}
	run.report.Experiments, run.report.Arms, run.report.Metrics = len(run.experiments), len(run.arms), len(run.metrics)
	run.report.Days = len(run.days)
	run.notes()
	return nil
}

// look takes the files' sizes and digests, and marks as known what the history
// has, unless all must be read: with Force, and with Replace when there is
// anything new, because what a known file holds must not look as if it were
// gone. The same content twice is read once. What experiments are said to be by themselves is
// always read: a nightly list may go back to what it said before, and rows that say nothing
// new are left alone one by one.
func (run *importRun) look(ctx context.Context) error {
	fresh, first, always := 0, map[string]bool{}, run.req.Mapping.Layout == mapping.Experiments
	for i, path := range run.req.Files {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.IsDir() {
			return &importer.FileError{Name: run.req.name(i), Err: errors.New("is a directory, not a file")}
		}
		sum, err := digestFile(path)
		if err != nil {
			return err
		}
		times := uint64(0)
		if !always {
			if times, err = one(ctx, run.h.conn, "already_imported", param("sha256", sum), param("mapping", run.req.Mapping.Digest()),
				param("replace", flag(run.req.Replace)), param("last_of", run.lastOf(i))); err != nil {
				return err
			}
		}
		if times == 0 {
			fresh++
		}
		run.bytesAll += info.Size()
		run.infos = append(run.infos, info)
		run.report.Files = append(run.report.Files, FileReport{File: run.req.name(i), SHA256: sum, Already: times > 0})
	}
	all := run.req.Force || run.req.Replace && fresh > 0
	for i := range run.report.Files {
		f := &run.report.Files[i]
		f.Already = f.Already && !all || first[f.SHA256] && !always
		first[f.SHA256] = true
	}
	return nil
}

// lastOf is the name under which the file must have come in last to be known; "": any.
func (run *importRun) lastOf(i int) string {
	if run.req.Whole == nil {
		return ""
	}
	return run.req.name(i)
}

// stageFile reads one file into the staging tables, as rows of the given
// version, and returns how many.
func (run *importRun) stageFile(ctx context.Context, i int, version uint64) (int64, error) {
	f, path, before := &run.report.Files[i], run.req.Files[i], run.infos[i]
	s := &stager{ctx: ctx, conn: run.h.conn, version: version}
	result, err := importer.Read(ctx, path, run.req.Mapping, s, importer.Options{
		Name: f.File,
		Progress: func(bytes, rows int64) {
			if run.req.Progress != nil {
				run.req.Progress(Progress{f.File, run.bytesBefore + bytes, run.bytesAll, run.rowsBefore + rows})
			}
		},
	})
	if err = errors.Join(err, s.flush()); err == nil {
		err = sourceChanged(path, before)
	}
	if err == nil {
		err = run.known.read(ctx, run.h.conn, result.Experiments)
	}
	if err == nil {
		err = errors.Join(s.catalog(run.known.complete(&result, run.req.Mapping, f)), s.rules(result.Reckonings))
	}
	if err != nil {
		return 0, err
	}
	if err := run.withoutRepeated(s, f.File, &result); err != nil {
		return 0, err
	}
	f.Read, f.Skipped, f.Bad = result.Rows, result.Skipped, result.Bad
	run.bytesBefore += before.Size()
	run.rowsBefore += result.Rows
	run.count(result)
	return s.rows, nil
}

// withoutRepeated reports the lines of a file that repeat an earlier one, and
// takes them out of staging, as long as so many bad rows are allowed.
func (run *importRun) withoutRepeated(s *stager, file string, result *importer.Result) error {
	for {
		found, err := s.duplicates(file, run.req.Mapping)
		if err != nil {
			return err
		}
		result.Problems = append(result.Problems, found.problems...)
		result.Problems = result.Problems[:min(len(result.Problems), mostProblems)]
		result.Bad += int64(len(found.lines))
		run.distinct = run.distinct && len(found.lines) == 0
		if len(found.lines) == 0 || run.report.Bad+result.Bad > run.req.MaxErrors {
			return nil
		}
		if err := s.discard(run.req.Mapping.Layout, found.lines); err != nil || !found.more {
			return err
		}
	}
}

// count adds what a file held to the report.
func (run *importRun) count(result importer.Result) {
	slices.SortStableFunc(result.Problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	run.report.Bad += result.Bad
	run.report.Missing = run.report.Missing || result.Missing
	run.report.Problems = append(run.report.Problems, result.Problems...)
	for _, day := range result.Days {
		run.days[day] = true
	}
	for _, e := range result.Experiments {
		if !run.experiments[e.ID] {
			switch {
			case e.Excluded != "":
				run.excluded++
			case e.Ended == 0:
				run.running++
			case !e.Controlled && run.req.Mapping.Layout != mapping.Experiments: // which says nothing of arms
				if run.uncontrolled++; run.uncontrolled == 1 {
					run.lacking = lackingControl(e)
				}
			}
		}
		run.experiments[e.ID] = true
		for _, a := range e.Arms {
			run.arms[[2]string{e.ID, a.ID}] = true
		}
	}
	for _, name := range result.Metrics {
		run.metrics[name] = true
	}
	for name := range result.Reckonings {
		run.reckoned[name] = true
	}
}

func (run *importRun) notes() {
	note := func(n int, text string) {
		if n > 0 {
			run.report.Notes = append(run.report.Notes, fmt.Sprintf(text, n))
		}
	}
	note(run.excluded, "experiments kept but excluded from learning by the mapping: %d")
	note(run.running, "experiments without an end, taken as still running: %d")
	note(len(run.reckoned), "metrics whose window, look-back and cap are now those of the mapping: %d")
	note(run.uncontrolled, "experiments in which the mapping finds no control arm: %d; "+run.lacking)
	if silent := run.req.Silent; len(silent) > 0 {
		note(len(silent), "experiments that have users, but no fact of theirs counts: %d, as "+quoted(silent[0])+
			"; if there are facts, see that unit_id and timestamp are those of the assignments, and of the same zone and unit")
	}
}

// lackingControl says of an experiment which arms it has, and which would be the control,
// as part of a format.
func lackingControl(e *importer.Experiment) string {
	var arms []string
	for _, a := range e.Arms {
		arms = append(arms, quoted(a.ID))
	}
	slices.Sort(arms)
	text := quoted(e.ID) + " has " + strings.Join(arms, ", ")
	if e.Control != "" {
		text += ", and not " + quoted(e.Control)
	}
	return text + "; which arm it is, control says"
}

func quoted(text string) string { return strings.ReplaceAll(strconv.Quote(text), "%", "%%") }

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
