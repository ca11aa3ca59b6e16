package history

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

// The generated history: tests of 50,000 users each, with two metrics per user,
// one of them a ratio. Written by the engine itself, as an import would leave it.
const (
	minedUsers   = 50_000
	minedMetrics = 2
)

var generated = []string{
	`INSERT INTO experiments (experiment, surface, started, ended, control, version)
	 SELECT concat('exp-', toString(number)), 'feed', toDateTime('2026-01-01', 'UTC'), toDateTime('2026-01-15', 'UTC'), 'control', 1
	 FROM numbers({experiments:UInt64})`,
	`INSERT INTO assignments (experiment, unit, arm, exposed_at, version)
	 SELECT concat('exp-', toString(intDiv(number, {users:UInt64}))), concat('user-', toString(number % {users:UInt64})),
	        if(cityHash64(number) % 2 = 0, 'control', 'blue'), toDateTime('2026-01-02', 'UTC'), 1
	 FROM numbers({experiments:UInt64} * {users:UInt64})`,
	`INSERT INTO facts (experiment, metric, unit, at, value, pre, ratio, denominator, version)
	 SELECT concat('exp-', toString(intDiv(number, 2 * {users:UInt64}))), if(number % 2 = 0, 'revenue', 'ctr'),
	        concat('user-', toString(intDiv(number, 2) % {users:UInt64})), toDateTime('2026-01-02', 'UTC'),
	        cityHash64(number, 1) % 1000 / 7, if(number % 2 = 0, {pre:Float64}, 0) * (cityHash64(number, 1) % 100 + cityHash64(number, 2) % 100) / 3,
	        number % 2, 1 + cityHash64(number, 3) % 9, 1
	 FROM numbers({experiments:UInt64} * {users:UInt64} * 2)`,
}

// leanMining is the least that somebody would write by hand for the same sums, if
// no row superseded another, nobody were in two arms and sums might differ from run
// to run: users by arm, and a join with a GROUP BY over the same columns.
const leanMining = `SELECT experiment, metric, arm, count(), sum(value), sum(value * value), sum(denominator), sum(denominator * denominator),
	sum(value * denominator), sum(pre), sum(pre * pre), sum(pre * value), sum(pre * denominator)
FROM facts JOIN assignments USING (experiment, unit) GROUP BY experiment, metric, arm
UNION ALL SELECT experiment, '', arm, count(), 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM assignments GROUP BY experiment, arm`

// leanMerging is the same with the join that suits sorted tables best.
const leanMerging = leanMining + " SETTINGS join_algorithm = 'full_sorting_merge'"

// BenchmarkMining mines users and facts, and then asks twice for about the same by
// hand: as anybody would write it, and with the join that suits sorted tables best. That
// one runs once before too, untimed: who comes first finds the tables on disk, the others in
// memory. It reports how many times as long mining takes, and the process's peak of memory
// when it had mined. 100 million facts, which the embedded engine needs 2 GB of disk
// for:
//
//	ASSAY_MINED_FACTS=100000000 go test ./history -run '^$' -bench Mining -benchtime 1x -timeout 1h
func BenchmarkMining(b *testing.B) {
	facts := 5_000_000
	if text := os.Getenv("ASSAY_MINED_FACTS"); text != "" {
		var err error
		if facts, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	experiments := facts / minedUsers / minedMetrics
	h := minedHistory(b, uint64(experiments), 1)
	var mining, lean, merging time.Duration
	ctx := context.Background()
	byHand(b, h, leanMerging, experiments) // so that whoever comes first does not alone find the tables on disk
	for b.Loop() {
		start := time.Now()
		sums, err := h.freshSums(ctx, EffectQuery{})
		if err != nil {
			b.Fatal(err)
		}
		if found, err := h.compareArms(ctx, filled(sums), EffectQuery{MinUsers: fewestUsers}); err != nil || len(found) != experiments*minedMetrics {
			b.Fatal(len(found), err)
		}
		mining += time.Since(start)
		b.ReportMetric(float64(peakMemory(b)>>20), "MB")
		lean += byHand(b, h, leanMining, experiments)
		merging += byHand(b, h, leanMerging, experiments)
	}
	b.ReportMetric(float64(mining)/float64(lean), "×by-hand")
	b.ReportMetric(float64(mining)/float64(merging), "×by-hand-merging")
	b.ReportMetric(float64(facts)*float64(b.N)/mining.Seconds()/1e6, "Mfacts/s")
	b.ReportMetric(0, "ns/op")
}

// byHand runs a query and says how long it took.
func byHand(b *testing.B, h *History, sql string, experiments int) time.Duration {
	b.Helper()
	start := time.Now()
	rows, err := h.conn.Query(context.Background(), sql)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	if err := rows.Err(); err != nil || n != experiments*(2*minedMetrics+2) {
		b.Fatal(n, err)
	}
	return time.Since(start)
}

func minedHistory(t testing.TB, experiments uint64, pre float64) *History {
	t.Helper()
	h := newHistory(t)
	for _, statement := range generated {
		err := h.conn.Exec(context.Background(), statement, param("experiments", experiments), param("users", uint64(minedUsers)), param("pre", pre))
		if err != nil {
			t.Fatal(err)
		}
	}
	quiet(t, h)
	return h
}
