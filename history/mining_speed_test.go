package history

import (
	"context"
	"fmt"
	"testing"
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
	        cityHash64(number, 1) % 100, if(number % 2 = 0, {pre:Float64}, 0) * (cityHash64(number, 1) % 100 + cityHash64(number, 2) % 100),
	        number % 2, 1 + cityHash64(number, 3) % 9, 1
	 FROM numbers({experiments:UInt64} * {users:UInt64} * 2)`,
}

// BenchmarkMining mines users and facts, without values from before exposure
// and with them.
//
//	go test ./history -run '^$' -bench Mining -benchtime 5x
func BenchmarkMining(b *testing.B) {
	for _, pre := range []float64{0, 1} {
		const experiments = 50
		b.Run(fmt.Sprintf("facts=%d/pre=%g", experiments*minedUsers*minedMetrics, pre), func(b *testing.B) {
			h := minedHistory(b, experiments, pre)
			for b.Loop() {
				if found, err := h.mine(context.Background(), EffectQuery{MinUsers: fewestUsers}); err != nil || len(found) != experiments*minedMetrics {
					b.Fatal(len(found), err)
				}
			}
		})
	}
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
