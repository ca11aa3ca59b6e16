package sample

import (
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// Files that WriteTo writes.
const (
	OutcomesFile   = "outcomes.parquet"  // one row per experiment, arm and metric
	MappingFile    = "outcomes.yaml"     // what its columns mean
	HypothesesFile = "hypotheses.ndjson" // the backlog, one per line
	PolicyFile     = "policy.yaml"
	TruthFile      = "truth.csv" // what no file of a real programme holds
)

// WriteTo writes the programme into a directory, which it makes, as the files
// that a company would import. Equal programmes give equal bytes.
func (p Programme) WriteTo(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("write the sample: %w", err)
	}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{OutcomesFile, p.writeOutcomes},
		{MappingFile, writeMapping},
		{HypothesesFile, p.writeHypotheses},
		{PolicyFile, writePolicy},
		{TruthFile, p.writeTruth},
	} {
		if err := writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return fmt.Errorf("write the sample: %w", err)
		}
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return write(f)
}

func (p Programme) writeHypotheses(w io.Writer) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, h := range p.Hypotheses {
		if err := lines.Encode(h); err != nil {
			return err
		}
	}
	return nil
}

func writePolicy(w io.Writer) error {
	_, err := w.Write(policyYAML)
	return err
}

// writeTruth writes one row per hypothesis, or treatment arm, and metric.
func (p Programme) writeTruth(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"id", "arm", "metric", "lift"})
	for _, all := range [][]Lift{p.Truth.Backlog, p.Truth.Past} {
		for _, l := range all {
			c.Write([]string{l.ID, l.Arm, l.Metric, strconv.FormatFloat(l.Lift, 'g', -1, 64)})
		}
	}
	c.Flush()
	return c.Error()
}

// outcomesYAML says how the outcomes are read: docs/mapping.md.
//
//go:embed outcomes.yaml
var outcomesYAML []byte

func writeMapping(w io.Writer) error {
	_, err := w.Write(outcomesYAML)
	return err
}
