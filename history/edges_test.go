package history

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// edged is an experiment of its own users and its own metric, so that what is said of it
// concerns no other. In one night something can be said of many, each on an edge where it
// is decided whether it counts.
type edged struct {
	name, metric  string
	kind          int      // what it has: edgedEvents, or …
	first         int64    // when it starts
	since         [2]int64 // first exposures of its users, one in each arm
	until         int64    // its end; 0: still running
	window, back  int64    // the rule of its metric
	events        []edgedEvent
	rows, removed int // of facts or outcomes, told so far and taken out
}

type edgedEvent struct {
	user int
	at   int64
}

const (
	edgedEvents = iota
	edgedFacts
	edgedOutcomes
)

// counts says whether an event is in the sums, as docs/mining.md has it.
func (e *edged) counts(v edgedEvent) bool {
	since := e.since[v.user]
	return v.at >= since-e.back && (e.window > 0 && v.at < since+e.window || e.window == 0 && (e.until == 0 || v.at <= e.until))
}

// said collects the rows of one night.
type said map[string][]string

func (s said) row(table, format string, values ...any) {
	s[table] = append(s[table], fmt.Sprintf(format, values...))
}

var edgedColumns = map[string]string{
	"experiments":  "experiment, control, started, ended, version",
	"assignments":  "experiment, unit, arm, exposed_at, version, deleted",
	"facts":        "experiment, metric, unit, at, value, denominator, version, deleted",
	"outcomes":     "experiment, metric, arm, at, n, sum_y, sum_yy, sum_d, sum_dd, sum_yd, version, deleted",
	"metric_rules": "metric, window_seconds, look_back_seconds, cap_share, version",
}

func (s said) store(t *testing.T, h *History) {
	t.Helper()
	version := fmt.Sprint(arrived(t, h))
	for table, columns := range edgedColumns {
		if len(s[table]) == 0 {
			continue
		}
		sql := "INSERT INTO " + table + " (" + columns + ") VALUES " + strings.ReplaceAll(strings.Join(s[table], ", "), "VERSION", version)
		if err := h.conn.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

const edgedDay = 86400

// walkEdges says something of half of the experiments, night after night, or a rule of each metric. Each
// lies in a time of its own, so that a rule reaches no other.
func walkEdges(t *testing.T, r *rand.Rand, nights int) {
	h := newHistory(t)
	asks := &History{conn: h.conn}
	all, s := make([]*edged, 240), said{}
	for i := range all {
		first := int64(i+1) * 200 * edgedDay
		all[i] = &edged{name: fmt.Sprintf("edge%d", i), metric: fmt.Sprintf("metric%d", i), kind: max(edgedEvents, i%10-7), first: first,
			since: [2]int64{first + r.Int64N(3)*edgedDay, first + r.Int64N(3)*edgedDay}}
		all[i].begin(s, r)
	}
	s.store(t, h)
	if err := asks.keep(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	for night := range nights {
		s, about := said{}, []string{}
		for _, e := range all {
			switch ruled := night%2 == 0; {
			case (ruled || r.IntN(2) == 0) && e.say(s, r, ruled):
				about = append(about, e.name)
			case ruled && e.kind == edgedEvents && e.until == 0: // later events of others may be theirs, as far as times tell
				about = append(about, e.name)
			}
		}
		s.store(t, h)
		keptIsFull(t, asks, h, fmt.Sprint("night ", night))
		if m := asks.Mined(); m.Again > len(about) || m.Again == 0 {
			t.Errorf("night %d: %d experiments were mined again, %d of those that something was said of can differ", night, m.Again, len(about))
		}
	}
}

// begin says what the experiment is.
func (e *edged) begin(s said, r *rand.Rand) {
	if r.IntN(2) == 0 {
		e.until = e.first + (4+r.Int64N(6))*edgedDay
	}
	s.row("experiments", "('%s', 'control', %d, %d, VERSION)", e.name, e.first, e.until)
	if e.kind == edgedOutcomes {
		e.tell(s, r)
		return
	}
	for user, since := range e.since {
		e.expose(s, user, since, 0)
	}
	if e.kind == edgedFacts {
		e.tell(s, r)
		return
	}
	e.rule(s, r)
	if r.IntN(4) > 0 {
		e.happen(s, r)
	}
}

func (e *edged) expose(s said, user int, since int64, deleted int) {
	s.row("assignments", "('%s', '%s user%d', '%s', %d, VERSION, %d)", e.name, e.name, user, []string{"control", "blue"}[user], since, deleted)
}

// say says one thing of it, perhaps a rule, and whether that can change its sums.
func (e *edged) say(s said, r *rand.Rand, ruled bool) bool {
	switch n := r.IntN(8); {
	case ruled && e.kind == edgedEvents:
		counted := slices.ContainsFunc(e.events, e.counts)
		e.rule(s, r)
		// Of one event, and users who came together, it is known whether the rule reaches it.
		return counted || len(e.events) > 1 || e.since[0] != e.since[1] || slices.ContainsFunc(e.events, e.counts)
	case e.kind != edgedEvents && n < 3 && e.removed < e.rows:
		e.removed++
		e.row(s, e.removed, 0, 1)
		return true
	case e.kind == edgedFacts && n < 6: // its rule alone
		s.row("metric_rules", "('%s', 0, 0, %v, VERSION)", e.metric, []float64{0, 0.5}[r.IntN(2)])
		return true
	case e.kind != edgedEvents:
		e.tell(s, r)
		return true
	case n < 2: // its end alone
		e.until = e.first + (4+r.Int64N(6))*edgedDay
		if n := len(e.events); n > 0 && e.events[n-1].at > e.first {
			e.until = e.events[n-1].at - r.Int64N(2)
		}
		s.row("experiments", "('%s', 'control', %d, %d, VERSION)", e.name, e.first, e.until)
		return true
	case n == 2: // one of its users alone
		e.expose(s, 0, e.since[0], r.IntN(2))
		return true
	case n < 4 && len(e.events) > 0: // an event that is taken out
		v := e.events[0]
		s.row("facts", "('', '%s', '%s user%d', %d, 0, 1, VERSION, 1)", e.metric, e.name, v.user, v.at)
		return e.counts(v)
	}
	return e.happen(s, r)
}

// rule gives the metric another one, by which its last event counts or just does not.
func (e *edged) rule(s said, r *rand.Rand) {
	e.window, e.back = r.Int64N(2)*3*edgedDay, r.Int64N(2)*edgedDay
	if n := len(e.events); n > 0 {
		if d := e.events[n-1].at - e.since[e.events[n-1].user]; d >= 0 {
			e.window = d + r.Int64N(2)
		} else {
			e.back = -d - r.Int64N(2)
		}
	}
	s.row("metric_rules", "('%s', %d, %d, 0, VERSION)", e.metric, e.window, e.back)
}

// happen adds an event of one user, or two, of which perhaps one counts, and says whether
// any between them would.
func (e *edged) happen(s said, r *rand.Rand) bool {
	user := r.IntN(2)
	since, end := e.since[user], e.since[user]+e.window
	switch {
	case e.window > 0:
	case e.until > 0:
		end = e.until + 1
	default:
		end = since + 40*edgedDay
	}
	far := int64(50 * edgedDay)
	edges := [][]int64{{since - e.back - 1}, {since - e.back}, {since}, {end - 1}, {end}, {since - far}, {end + far}, {since - far, since}, {end - 1, end + far}, {since - far, end + far}, {cmp.Or(e.until, since)}}
	some := edges[r.IntN(len(edges))]
	for _, at := range some {
		s.row("facts", "('', '%s', '%s user%d', %d, %v, 1, VERSION, 0)", e.metric, e.name, user, at, 1+r.ExpFloat64())
		e.events = append(e.events, edgedEvent{user, at})
	}
	return some[len(some)-1] >= since-e.back && (some[0] < end || e.window == 0 && e.until == 0)
}

// tell adds a row of facts, or of outcomes.
func (e *edged) tell(s said, r *rand.Rand) {
	e.rows++
	e.row(s, e.rows, 1+r.ExpFloat64(), 0)
}

func (e *edged) row(s said, n int, value float64, deleted int) {
	day := e.first + int64(n)*edgedDay
	if e.kind == edgedFacts {
		s.row("facts", "('%s', '%s', '%s user%d', %d, %v, 1, VERSION, %d)", e.name, e.metric, e.name, n%2, day, value, deleted)
		return
	}
	s.row("outcomes", "('%s', '%s', 'blue', %d, 100, %v, %v, 100, 100, %v, VERSION, %d)", e.name, e.metric, day, value, value, value, deleted)
}
