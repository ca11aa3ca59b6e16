package history

import (
	order "cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestIncrementalIsFull imports day after day: new experiments and late days of old
// ones, corrections, users who come and go, events that count for several experiments,
// and go again, rules that change and are taken back, metrics and experiments under new
// names, experiments that end, run again and are decided on. After each import the
// sums, of which only what changed was read again, are those of a mining that reads
// everything, bit for bit, and at last the effects that are made of them; also for who
// has asked before and remembers (recent.go).
// ASSAY_LONG=1 takes longer walks, and several.
func TestIncrementalIsFull(t *testing.T) {
	seeds, nights, long := []uint64{9}, 16, os.Getenv("ASSAY_LONG") != ""
	switch {
	case long:
		seeds, nights = []uint64{9, 10, 11, 12}, 60
	case testing.Short():
		nights = 10
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { walkIncrementally(t, rand.New(rand.NewPCG(3, seed)), nights, long) })
		t.Run(fmt.Sprint("edges ", seed), func(t *testing.T) { walkEdges(t, rand.New(rand.NewPCG(4, seed)), max(2, nights/8)) })
	}
}

func walkIncrementally(t *testing.T, r *rand.Rand, nights int, long bool) {
	ctx := context.Background()
	h := newHistory(t)
	asks := &History{conn: h.conn} // another process, which imports nothing
	steps := walkSteps(t, h, r)
	again, total := 0, 0
	for i := range nights {
		said, about := steps(i)
		all, kept := keptIsFull(t, asks, h, fmt.Sprintf("step %d, %s", i, said))
		m := asks.Mined()
		if i == nights-1 {
			sameEffects(t, h, all, kept)
		}
		if long && i%5 == 0 {
			remembers(t, asks, &History{conn: h.conn})
		}
		if about != nil && m.Again > len(about) {
			t.Errorf("step %d, %s of %s: %d of %d experiments were mined again", i, said, strings.Join(about, ", "), m.Again, m.Experiments)
		}
		again, total = again+m.Again, total+m.Experiments
		if err := h.keep(ctx, nil); err != nil || h.Mined().Again != 0 {
			t.Errorf("step %d: nothing was said, and %+v, %v", i, h.Mined(), err)
		}
	}
	if again == 0 || again > total/2 {
		t.Errorf("%d of %d experiments were mined again", again, total)
	}
}

// keptIsFull returns the sums of a mining that reads everything, and those of which only
// what changed was read again, and has failed where they differ.
func keptIsFull(t *testing.T, asks, h *History, said string) (all, kept []sumRow) {
	t.Helper()
	q := EffectQuery{AllSegments: true}
	kept, err := asks.keptSums(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	if all, err = h.freshSums(context.Background(), q); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inOrder(filled(all)), inOrder(filled(kept)), cmp.AllowUnexported(sumRow{}), cmpopts.EquateNaNs()); diff != "" {
		t.Fatalf("%s: (-everything read +only what changed)\n%s", said, diff)
	}
	return all, kept
}

// inOrder sorts sums, which are asked for in pieces.
func inOrder(all []sumRow) []sumRow {
	slices.SortFunc(all, func(a, b sumRow) int {
		return order.Or(order.Compare(a.experiment, b.experiment), order.Compare(a.metric, b.metric), order.Compare(a.segment, b.segment), order.Compare(a.arm, b.arm))
	})
	return all
}

// sameEffects compares what is made of both sums.
func sameEffects(t *testing.T, h *History, everything, kept []sumRow) {
	t.Helper()
	q := EffectQuery{AllSegments: true, MinUsers: 2}
	want, err := h.compareArms(context.Background(), filled(everything), q)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.compareArms(context.Background(), filled(kept), q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("effects (-everything read +only what changed)\n%s", diff)
	}
}

// walkSteps says what is said in night i: what it is, and the experiments it is about.
// Everything is said once; then events, of which it is hardest to tell whom they concern,
// every other night.
func walkSteps(t *testing.T, h *History, r *rand.Rand) func(i int) (string, []string) {
	steps := []func() (string, []string){
		func() (string, []string) { return importDays(t, h, r) },
		func() (string, []string) { return importUsers(t, h, r, false) },
		func() (string, []string) { return importUsers(t, h, r, true) },
		func() (string, []string) { return importLog(t, h, r, false) },
		func() (string, []string) { return changeRule(t, h, r) },
		func() (string, []string) { return importEvents(t, h, r, 3) },
		func() (string, []string) { return importLog(t, h, r, true) },
		func() (string, []string) { return importEventLog(t, h, r) },
		func() (string, []string) { return decide(t, h, r) },
	}
	return func(i int) (string, []string) {
		switch {
		case i < len(steps):
			return steps[i]()
		case i%2 == 1:
			return importEvents(t, h, r, i/2)
		}
		return steps[r.IntN(len(steps))]()
	}
}

// remembers holds what one who has asked before answers, screened, against one who knows
// nothing yet.
func remembers(t *testing.T, asks, fresh *History) {
	t.Helper()
	q := EffectQuery{AsOf: time.Date(2026, 1, 19, 0, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(effects(t, fresh, q), effects(t, asks, q)); diff != "" {
		t.Errorf("(-who knows nothing +who remembers)\n%s", diff)
	}
}

func importDays(t *testing.T, h *History, r *rand.Rand) (string, []string) {
	name := fmt.Sprintf("days%d", r.IntN(6))
	if r.IntN(4) == 0 { // of users too, and of the same metric
		name = fmt.Sprintf("users%d", r.IntN(5))
	}
	var text strings.Builder
	text.WriteString("e,arm,country,at,n,y,yy\n")
	for _, arm := range []string{"control", "blue"} {
		for _, country := range []string{"", "DE"} {
			for day := range 3 {
				n, y := 100+r.IntN(100), r.ExpFloat64()
				fmt.Fprintf(&text, "%s,%s,%s,2026-01-%02d,%d,%v,%v\n", name, arm, country, day+1+r.IntN(2)*10, n, y, y*y/float64(n)+r.ExpFloat64())
			}
		}
	}
	req, about := ImportRequest{Files: []string{write(t, "days.csv", text.String())}, MaxErrors: 100, Mapping: parse(t, `
layout: outcomes
experiment: {id: e, ended: {value: 2026-01-20}}
arm: {id: arm}
segment: country
day: at
metrics: [{name: spend, sums: {n: n, y: y, yy: yy}}]
`)}, []string{name}
	if gone := fmt.Sprintf("days%d", r.IntN(6)); gone != name && r.IntN(2) == 0 { // as a source says it
		req.Whole, req.Silent, about = []string{"spend"}, []string{gone}, append(about, gone)
	}
	mustImport(t, h, req)
	return "days", about
}

func importUsers(t *testing.T, h *History, r *rand.Rand, replace bool) (string, []string) {
	name := fmt.Sprintf("users%d", r.IntN(5))
	metric := "spend"
	if replace && r.IntN(2) == 0 { // under a new name, and the old one goes
		metric = "outlay"
	}
	ended := ""
	if r.IntN(3) > 0 {
		ended = fmt.Sprintf("2026-01-%02d", 12+r.IntN(9))
	}
	var text strings.Builder
	text.WriteString("e,ended,arm,country,u,at,spend,pre\n")
	for u := range 30 {
		fmt.Fprintf(&text, "%s,%s,%s,%s,unit%d,2026-01-%02d,%v,%v\n", name, ended, []string{"control", "blue"}[r.IntN(2)], []string{"", "DE"}[r.IntN(2)],
			u+r.IntN(2)*100, 1+r.IntN(9), r.ExpFloat64(), r.NormFloat64())
	}
	mustImport(t, h, ImportRequest{Files: []string{write(t, "users.csv", text.String())}, Replace: replace, MaxErrors: 100, Mapping: parse(t, `
layout: users
experiment: {id: e, ended: ended}
arm: {id: arm}
segment: country
unit: u
exposed_at: at
metrics: [{name: `+metric+`, value: spend, pre: pre}, {name: price, value: spend, denominator: pre, pre: pre}]
`)})
	return "users", []string{name}
}

// importLog imports exposures, some of which are earlier than those that are known, and
// says of the experiment's end something or nothing.
func importLog(t *testing.T, h *History, r *rand.Rand, replace bool) (string, []string) {
	name := fmt.Sprintf("log%d", r.IntN(3))
	if r.IntN(4) == 0 {
		name = fmt.Sprintf("users%d", r.IntN(5))
	}
	var text strings.Builder
	text.WriteString("e,ended,arm,country,u,at\n")
	ended := fmt.Sprintf("2026-01-%02d", 15+r.IntN(9))
	for u := range 30 {
		fmt.Fprintf(&text, "%s,%s,%s,%s,unit%d,2026-01-%02d\n", name, ended, []string{"control", "blue"}[u%2], []string{"", "DE"}[r.IntN(2)], u+r.IntN(2)*100, 1+r.IntN(9))
	}
	keys := "id: e, ended: ended"
	if r.IntN(2) == 0 {
		keys = "id: e"
	}
	mustImport(t, h, ImportRequest{Files: []string{write(t, "log.csv", text.String())}, Replace: replace, Mapping: parse(t, `
layout: exposures
experiment: {`+keys+`}
arm: {id: arm}
segment: country
unit: u
exposed_at: at
`)})
	return "a log", []string{name}
}

// importEventLog imports events of two metrics, with Replace or without, with rules, with
// none, and with rules taken back.
func importEventLog(t *testing.T, h *History, r *rand.Rand) (string, []string) {
	var text strings.Builder
	text.WriteString("u,at,what,n,id\n")
	from := 1 + r.IntN(20)
	for i := range 1 + r.IntN(20) {
		fmt.Fprintf(&text, "unit%d,2026-01-%02d,%s,%v,%d\n", r.IntN(200), from+r.IntN(6), []string{"visits", "clicks"}[r.IntN(2)], r.ExpFloat64(), i)
	}
	rule := []string{"", "", ", window: none", ", window: 2d, cap: 3", ", look_back: 1d, cap: 90%"}[r.IntN(5)]
	mustImport(t, h, ImportRequest{Files: []string{write(t, "events.csv", text.String())}, Replace: r.IntN(2) == 0, Mapping: parse(t, `
layout: events
unit: u
at: at
event: id
metrics: [{name: {column: what}, value: n`+rule+`}]
`)})
	return "events" + rule, nil
}

// decide says of two experiments that they have ended, and what became of them.
func decide(t *testing.T, h *History, r *rand.Rand) (string, []string) {
	names := []string{fmt.Sprintf("users%d", r.IntN(5)), fmt.Sprintf("log%d", r.IntN(3))}
	ended := ""
	if r.IntN(4) > 0 {
		ended = fmt.Sprintf("2026-01-%02d", 12+r.IntN(9))
	}
	text := fmt.Sprintf("e,ended,decision\n%s,%s,shipped\n%s,%s,\n", names[0], ended, names[1], ended)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "ends.csv", text)}, Mapping: parse(t, "layout: experiments\nexperiment: {id: e, ended: ended, decision: decision}\n")})
	return "ends", names
}

// arrived records an import by hand, and returns its version.
func arrived(t *testing.T, h *History) uint64 {
	t.Helper()
	last, err := one(context.Background(), h.conn, "last_import")
	if err != nil {
		t.Fatal(err)
	}
	version := max(last+1, uint64(time.Now().UnixMicro()))
	if err := h.conn.Exec(context.Background(), fmt.Sprintf("INSERT INTO imports (id, state) VALUES (%d, 2)", version)); err != nil {
		t.Fatal(err)
	}
	return version
}

// importEvents adds an event where it is decided whether it counts: where the look back of a
// unit begins, before its exposure, where its window ends or its experiment does. Or it
// removes one.
func importEvents(t *testing.T, h *History, r *rand.Rand, kind int) (string, []string) {
	const counted = `(SELECT experiment, unit, if(max(logged) = 1, minIf(exposed_at, logged = 1), argMax(exposed_at, version)) AS since
		FROM assignments FINAL GROUP BY experiment, unit HAVING uniqExact(arm) = 1)`
	ctx, version := context.Background(), arrived(t, h)
	var unit, event string
	var at, until time.Time
	var window, back uint32
	err := h.conn.QueryRow(ctx, `SELECT unit, since, ended, (SELECT max(window_seconds) FROM metric_rules FINAL WHERE metric = 'visits'),
			(SELECT max(look_back_seconds) FROM metric_rules FINAL WHERE metric = 'visits')
		FROM `+counted+` AS c INNER JOIN experiments AS e FINAL ON e.experiment = c.experiment ORDER BY cityHash64(c.experiment, unit, {seed:UInt64}) LIMIT 1`,
		param("seed", r.Uint64())).Scan(&unit, &at, &until, &window, &back)
	if err != nil {
		t.Fatal(err)
	}
	deleted := uint8(0)
	switch kind % 4 {
	case 0:
		at = at.Add(-time.Duration(back) * time.Second)
	case 1:
		at = at.Add(-time.Second)
	case 2:
		err := h.conn.QueryRow(ctx, "SELECT unit, at, event, 1 FROM facts FINAL WHERE metric = 'visits' AND unit IN (SELECT unit FROM "+counted+") ORDER BY cityHash64(unit, at, event, {seed:UInt64}) LIMIT 1",
			param("seed", r.Uint64())).Scan(&unit, &at, &event, &deleted)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(err)
		}
	default:
		switch at = at.Add(time.Duration(window)*time.Second - time.Second); {
		case window == 0 && until.Unix() > 0:
			at = until
		case window == 0:
			at = at.Add(40 * 24 * time.Hour)
		}
	}
	err = h.conn.Exec(ctx, "INSERT INTO facts (metric, unit, at, event, value, denominator, version, deleted) VALUES ('visits', ?, ?, ?, ?, 1, ?, ?)", unit, at, event, r.ExpFloat64(), version, deleted)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint("event of kind ", kind%4), nil // of whoever it happened to
}

func changeRule(t *testing.T, h *History, r *rand.Rand) (string, []string) {
	version := arrived(t, h)
	for _, metric := range []string{"visits", "spend"}[:1+r.IntN(2)] {
		err := h.conn.Exec(context.Background(), fmt.Sprintf("INSERT INTO metric_rules (metric, window_seconds, look_back_seconds, cap_share, version) VALUES ('%s', %d, %d, %v, %d)",
			metric, r.IntN(2)*(1+r.IntN(9))*86400, r.IntN(3)*86400, float64(r.IntN(2))*0.9, version))
		if err != nil {
			t.Fatal(err)
		}
	}
	return "rules", nil
}

// TestKeptSums: what was interrupted goes on where it stopped; sums that were made in
// another way do not count, nor do those of a table that is gone; rows that no import
// brought are read every time.
func TestKeptSums(t *testing.T) {
	ctx := context.Background()
	h := newHistory(t)
	r := rand.New(rand.NewPCG(5, 5))
	raw := drawRaw(r, r.ExpFloat64)
	raw.store(t, h, 1<<20)
	version := arrived(t, h)
	for _, table := range []string{"experiments", "assignments", "facts", "metric_rules"} {
		// as if one import had brought what is left when all is merged
		sql := fmt.Sprintf("CREATE TABLE moved AS %[1]s; INSERT INTO moved SELECT * REPLACE (%[2]d AS version) FROM %[1]s FINAL; EXCHANGE TABLES moved AND %[1]s; DROP TABLE moved SYNC", table, version)
		for s := range strings.SplitSeq(sql, "; ") {
			if err := h.conn.Exec(ctx, s); err != nil {
				t.Fatal(err)
			}
		}
	}
	mined := func(experiments, again int) {
		t.Helper()
		if err := h.keep(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if m := h.Mined(); m.Experiments != experiments || m.Again != again {
			t.Errorf("%+v, want %d experiments and %d again", m, experiments, again)
		}
	}
	all := len(raw.ended)
	mined(all, all)
	mined(all, 0)

	names, err := h.names(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{ // as an interruption leaves it
		"ALTER TABLE kept_sums DELETE WHERE experiment IN ('', '" + names[0] + "') SETTINGS mutations_sync = 1"} {
		if err := h.conn.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	mined(all, 1)
	mined(all, 0)
	if err := h.conn.Exec(ctx, "ALTER TABLE kept_sums UPDATE digest = 'other' WHERE 1 SETTINGS mutations_sync = 1"); err != nil {
		t.Fatal(err)
	}
	mined(all, all)
	if err := h.conn.Exec(ctx, "DROP TABLE kept_sums SYNC"); err != nil {
		t.Fatal(err)
	}
	mined(all, all)
	// who read an older state and is late changes nothing
	if err := h.putSums(ctx, names[:1], nil, version-1, sumsDigest()); err != nil {
		t.Fatal(err)
	}
	mined(all, 0)
	if kept, err := h.keptSums(ctx, EffectQuery{Experiments: names[:1]}); err != nil || len(kept) == 0 {
		t.Errorf("%d sums are kept of %s, %v", len(kept), names[0], err)
	}
	// another machine's imports came in with their rows, under ids of before
	if err := h.conn.Exec(ctx, fmt.Sprintf("INSERT INTO imports (id, state) VALUES (%d, 2)", version-5)); err != nil {
		t.Fatal(err)
	}
	mined(all, all)
	mined(all, 0)
	if err := h.conn.Exec(ctx, "INSERT INTO assignments (experiment, unit, arm, exposed_at, version) VALUES ('"+names[0]+"', 'by hand', 'blue', '2026-01-01 00:00:00', 1)"); err != nil {
		t.Fatal(err)
	}
	mined(all, 1)
	mined(all, 1)
	if got, err := h.mine(ctx, EffectQuery{MinUsers: 2}); err != nil || !slices.ContainsFunc(got, func(e Effect) bool { return e.Experiment == names[0] }) {
		t.Error(got, err)
	}
}

// What decides between two sources decides for all segments and for what the metric is.
func TestFilled(t *testing.T) {
	all := []sumRow{
		{experiment: "e", arm: "a", source: everybody, sums: [10]float64{10}},
		{experiment: "e", arm: "b", source: everybody, sums: [10]float64{20}},
		{experiment: "e", metric: "m", arm: "a", source: fromFacts, sums: [10]float64{0, 5, 7, 4, 4, 5, 1, 1, 2, 3}},
		{experiment: "e", metric: "m", arm: "a", source: fromEvents, ratio: 1, sums: [10]float64{0, 50}},
		{experiment: "e", metric: "m", arm: "c", source: fromOutcomes, sums: [10]float64{30, 3}},
		{experiment: "f", metric: "m", arm: "c", source: fromOutcomes, sums: [10]float64{30, 3}},
	}
	want := []sumRow{
		{experiment: "e", metric: "m", arm: "a", source: fromFacts, sums: [10]float64{10, 5, 7, 10, 10, 5, 1, 1, 2, 1}},
		{experiment: "f", metric: "m", arm: "c", source: fromOutcomes, sums: [10]float64{30, 3}},
		{experiment: "e", metric: "m", arm: "b", source: fromFacts, sums: [10]float64{0: 20, 3: 20, 4: 20}},
	}
	if diff := cmp.Diff(want, filled(all), cmp.AllowUnexported(sumRow{})); diff != "" {
		t.Error(diff)
	}
}
