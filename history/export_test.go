package history

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// DatabaseForExamples gives the examples, which are outside of the package, a database.
func DatabaseForExamples() (driver.Conn, func()) {
	conn, err := engine.Conn("default")
	if err != nil {
		panic(err)
	}
	return conn, func() { conn.Close() }
}

// TestWriteEffects lets ClickHouse read what was written, in each format.
func TestWriteEffects(t *testing.T) {
	want := []Effect{
		{Experiment: "e1", Title: `A "title", with a comma`, Arm: "blue", Control: "control", Metric: "m", Surface: "feed", Source: "ai",
			Started: time.Unix(1767225600, 0).UTC(), Ended: time.Unix(1768435200, 0).UTC(), ControlUsers: 1000, TreatmentUsers: 1001,
			Baseline: 0.1, Lift: 1.0 / 3, SE: 0.01, SampleRatioP: 0.98, Usable: true, Verdict: "usable"},
		{Experiment: "e2", Arm: "é", Verdict: "still running"},
	}
	conn := newConn(t)
	for format, clickhouse := range map[string]string{"csv": "CSVWithNames", "parquet": "Parquet", "arrow": "Arrow"} {
		var first, second bytes.Buffer
		for _, to := range []*bytes.Buffer{&first, &second} {
			if err := WriteEffects(to, format, want); err != nil {
				t.Fatal(format, err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: the same effects gave other bytes", format)
		}
		path := filepath.Join(t.TempDir(), "effects."+format)
		if err := os.WriteFile(path, first.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		var got []Effect
		rows, err := conn.Query(context.Background(), `
			SELECT experiment, title, arm, control, metric, surface, source, toInt64(toUnixTimestamp(ifNull(started, toDateTime(0)))),
				toInt64(toUnixTimestamp(ifNull(ended, toDateTime(0)))), control_users, treatment_users, baseline, lift, se, sample_ratio_p, usable, verdict
			FROM file({path:String}, {format:String}, 'experiment String, title String, arm String, control String, metric String, surface String,
				source String, started Nullable(DateTime(''UTC'')), ended Nullable(DateTime(''UTC'')), control_users Float64, treatment_users Float64,
				baseline Float64, lift Float64, se Float64, sample_ratio_p Float64, usable Bool, verdict String')
			SETTINGS date_time_input_format = 'best_effort'`, param("path", path), param("format", clickhouse))
		if err != nil {
			t.Fatal(format, err)
		}
		for rows.Next() {
			var e Effect
			var started, ended int64
			if err := rows.Scan(&e.Experiment, &e.Title, &e.Arm, &e.Control, &e.Metric, &e.Surface, &e.Source, &started, &ended,
				&e.ControlUsers, &e.TreatmentUsers, &e.Baseline, &e.Lift, &e.SE, &e.SampleRatioP, &e.Usable, &e.Verdict); err != nil {
				t.Fatal(format, err)
			}
			e.Started, e.Ended = known(time.Unix(started, 0)), known(time.Unix(ended, 0))
			got = append(got, e)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(format, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
	if err := WriteEffects(&bytes.Buffer{}, "xlsx", want); err == nil || !strings.Contains(err.Error(), "parquet") {
		t.Errorf("an unknown format: %v", err)
	}
}
