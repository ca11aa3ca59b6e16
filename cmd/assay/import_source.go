package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
	"github.com/assay-planner/assay/history/embedded"
	"github.com/assay-planner/assay/history/mapping"
	"github.com/assay-planner/assay/history/source"
)

// openSource reads a source's file and connects to it, to read only.
func openSource(ctx context.Context, path string) (*source.Source, driver.Conn, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	s, err := source.Parse(path, text, os.LookupEnv)
	if err != nil {
		return nil, nil, badInput(err).next("docs/sources.md explains the source")
	}
	conn, err := embedded.DialReadOnly(ctx, s.Address)
	if err != nil {
		return nil, nil, &fault{code: exitUnavailable, err: fmt.Errorf("source %q: %w", s.Name, err)}
	}
	return s, conn, nil
}

// sourceFault gives what a source answered instead of rows its code and way out.
func sourceFault(err error) error {
	if f, ok := errors.AsType[*source.Fault](err); ok {
		return (&fault{code: exitUnavailable, err: err}).next("%s", f.WayOut)
	}
	return err
}

// importSource reads a source into a file and imports that.
func (a *app) importSource(ctx context.Context, files []string, f outcomesFlags) error {
	switch {
	case len(files) > 0 || f.mapping != "":
		return usage("--source comes without files and --mapping").next("the source's own file names its mapping, if it needs one")
	case a.server != "":
		return usage("--source works on the data directory").next("leave out --server")
	}
	s, conn, err := openSource(ctx, f.source)
	if err != nil {
		return err
	}
	defer conn.Close()
	var looks []source.Look
	if f.dryIt {
		looks, err = s.Look(ctx, conn)
		if a.output == string(render.TableFormat) {
			if err := a.showLooks(looks); err != nil {
				return err
			}
		}
		if err != nil {
			return sourceFault(err)
		}
	}
	report, err := a.importFrom(ctx, s, conn, f)
	report.Views = looks
	if err != nil && !errors.Is(err, history.ErrBadRows) {
		return unfinished(ctx, sourceFault(err), "nothing was imported")
	}
	return a.answerImport(report, f, err != nil)
}

// importFrom fetches what is new since the last import of the source.
func (a *app) importFrom(ctx context.Context, s *source.Source, conn driver.Conn, f outcomesFlags) (importReport, error) {
	h := a.lazyHistory()
	if f.dryIt {
		h = a.passingHistory()
	}
	defer h.close()
	store, err := h.get(ctx)
	if err != nil {
		return importReport{}, err
	}
	since := time.Time{}
	if s.Watermark != "" && !f.force {
		last, err := store.LastFile(ctx, s.FileBeginning())
		if err != nil {
			return importReport{}, err
		}
		since = s.Since(last)
	}
	dir, err := os.MkdirTemp("", "assay-source-")
	if err != nil {
		return importReport{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "source.csv")
	got, err := a.fetch(ctx, s, conn, since, path)
	if err != nil {
		return importReport{}, err
	}
	if got.Rows == 0 && len(got.Silent) == 0 {
		text := fmt.Sprintf("the source %q has nothing", s.Name)
		if !since.IsZero() {
			text += " new since " + since.Format(time.DateTime)
		}
		return reportOf(history.ImportReport{Notes: []string{text}}), nil
	}
	m := got.Mapping
	if m == nil {
		if m, err = mappingBeside(f.source, s.MappingFile); err != nil {
			return importReport{}, err
		}
	}
	r, err := store.Import(ctx, history.ImportRequest{Files: []string{path}, Names: []string{s.FileName(got.Watermark)}, Mapping: m,
		MaxErrors: int64(f.maxErrors), Force: f.force, Replace: f.replace, Whole: got.Whole, Silent: got.Silent})
	return reportOf(r), err
}

func (a *app) fetch(ctx context.Context, s *source.Source, conn driver.Conn, since time.Time, path string) (source.Fetched, error) {
	file, err := os.Create(path)
	if err != nil {
		return source.Fetched{}, err
	}
	bar := a.bar()
	defer bar.end()
	bar.show("reading "+s.Name, 0, 0)
	got, err := s.Fetch(ctx, conn, since, file, func(int64) {
		if at, err := file.Seek(0, 1); err == nil {
			bar.show("reading "+s.Name, at, 0)
		}
	})
	return got, errors.Join(err, file.Close())
}

// mappingBeside reads the mapping that a source names, from its own directory.
func mappingBeside(sourceFile, name string) (*mapping.Mapping, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(sourceFile), name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m, err := mapping.Parse(name, text)
	if err != nil {
		return nil, badInput(err).next("docs/mapping.md explains the mapping")
	}
	return m, nil
}
