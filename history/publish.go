package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/mapping"
)

// publish counts what the staged rows change, decides for them, and puts them
// in place. From the decision on it can no longer be cancelled.
func (run *importRun) publish(ctx context.Context) (decided bool, err error) {
	last := run.imports[len(run.imports)-1].version
	var removals []string
	switch {
	case run.req.Replace && run.req.Mapping.Layout == mapping.Events: // which are of no experiment
		removals = []string{"events"}
	case run.req.Replace:
		removals = []string{"outcomes", "assignments", "facts", "arms"}
	case len(run.req.Whole) > 0:
		removals = []string{"outcomes"}
	}
	for _, table := range removals {
		if err := run.remove(ctx, table, last); err != nil {
			return false, err
		}
	}
	if err := run.compare(ctx); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	ctx = context.WithoutCancel(ctx)
	if err := run.decide(ctx); err != nil {
		return false, err
	}
	return true, run.h.publishStaging(ctx)
}

// remove stages, as rows of a version, that what a table holds and no file does is gone.
func (run *importRun) remove(ctx context.Context, table string, version uint64) error {
	params := []any{param("version", version)}
	if table != "outcomes" {
		return exec(ctx, run.h.conn, "remove_"+table, params...)
	}
	metrics := []string{} // all
	if !run.req.Replace {
		metrics = run.req.Whole
	}
	of := [][]string{{}} // and of those in the files
	if len(run.req.Silent) > 0 {
		of = slices.Collect(lists(run.req.Silent))
	}
	for _, silent := range of {
		if err := exec(ctx, run.h.conn, "remove_outcomes", append(params, param("metrics", metrics), param("silent", silent))...); err != nil {
			return err
		}
	}
	return nil
}

// compare fills in the report: new, superseded, unchanged and removed rows.
// When the store knows none of the experiments, or no event of their time, all rows
// are new.
func (run *importRun) compare(ctx context.Context) error {
	if run.req.Mapping.Layout == mapping.Experiments {
		return nil // the catalog has counted
	}
	overlap, tables := "overlap", []string{"outcomes", "assignments", "facts"}
	if run.req.Mapping.Layout == mapping.Events {
		overlap, tables = "overlap_events", []string{"events"}
	}
	found, err := one(ctx, run.h.conn, overlap)
	if err != nil {
		return err
	}
	if found == 0 && run.distinct && len(run.req.Silent) == 0 {
		for _, i := range run.imports {
			run.report.Files[i.file].Imported = i.rows
		}
		return nil
	}
	for _, table := range tables {
		var params []any
		if table == "assignments" {
			params = append(params, param("logged", flag(run.req.Mapping.Layout == mapping.Exposures)))
		}
		if err := each(ctx, run.h.conn, "compare_"+table, run.compared, params...); err != nil {
			return err
		}
	}
	return nil
}

// compared adds the counts of one table and file to the report.
func (run *importRun) compared(rows driver.Rows) error {
	var version, fresh, superseded, unchanged, removed uint64
	if err := rows.Scan(&version, &fresh, &superseded, &unchanged, &removed); err != nil {
		return err
	}
	for _, i := range run.imports {
		if i.version == version {
			f := &run.report.Files[i.file]
			f.Imported += int64(fresh)
			f.Superseded += int64(superseded)
			f.Unchanged += int64(unchanged)
			f.Removed += int64(removed)
		}
	}
	return nil
}

// decide records all files at once: a block is written whole or not at all.
func (run *importRun) decide(ctx context.Context) error {
	batch, err := run.h.conn.PrepareBatch(ctx, "INSERT INTO imports")
	if err != nil {
		return err
	}
	defer batch.Close()
	now := time.Now()
	for _, i := range run.imports {
		f := run.report.Files[i.file]
		err := batch.Append(i.version, f.File, f.SHA256, run.req.Mapping.Digest(), flag(run.req.Replace), f.Read, now, uint8(1))
		if err != nil {
			return err
		}
	}
	return batch.Send()
}

func digestFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
