package history

import (
	"cmp"
	"context"
	"iter"
	"math"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Mining asks for sums first and compares arms after. Sums come from three
// sources, a statement each: pre-aggregated outcomes; facts that an experiment has of
// its own; events that count for each experiment their unit was in. What users did
// is asked for in pieces of as many experiments as fit in memory together. From
// the sums, of which there are a few per arm, effects.sql makes all effects at once.

// statement is a query over the history in steps, each a file of sql/. Its answer has
// the columns keys and, where it adds up, sums.
type statement struct {
	steps, keys, sums []string
}

var (
	sumKeys = []string{"experiment", "metric", "segment", "arm", "day", "snapshot", "ratio"}
	sumOf   = []string{"n", "y", "yy", "d", "dd", "yd", "x", "xx", "xy", "xd"}

	aggregatedSums = statement{[]string{"exact", "aggregated"}, sumKeys, sumOf}
	toldSums       = statement{[]string{"exact", "exposed", "told", "sums"}, sumKeys, sumOf}
	eventSums      = statement{[]string{"exact", "exposed", "happened", "sums"}, sumKeys, sumOf}
	userCounts     = statement{[]string{"exact", "exposed", "counts"}, []string{"experiment", "segment", "arm", "day"}, []string{"users"}}
	toldCaps       = statement{[]string{"exact", "exposed", "told", "caps"}, []string{"measure", "cap"}, nil}
	eventCaps      = statement{[]string{"exact", "exposed", "happened", "caps"}, []string{"measure", "cap"}, nil}

	mining = []statement{aggregatedSums, userCounts, toldCaps, toldSums, eventCaps, eventSums}
)

// sql is the statement for one machine.
func (s statement) sql() string {
	texts := make([]string, len(s.steps))
	for i, step := range s.steps {
		texts[i] = query(step)
	}
	return strings.Join(texts, "\n")
}

// usersAtOnce bounds the memory of mining users, by the rows of assignments, or of an
// experiment's own facts where those are more, in a piece. One experiment is always
// mined at once. Each piece costs something by itself: of half the size, 100 million facts
// take 7 to 8% longer on two quiet processors, though less where others use them too, as the
// table of users in which each fact looks up its own then stays nearer to the processor.
const usersAtOnce = 10_000_000

// sumRow holds what one source says of an experiment, metric, segment and arm; from
// everybody, how many users count.
type sumRow struct {
	experiment, metric, segment, arm string
	day                              uint32 // Unix seconds; 0: all together
	source, snapshot, ratio          uint8
	sums                             [10]float64 // sumOf
}

// Sources of sums: where two speak of one metric, the higher decides.
const (
	fromOutcomes = iota
	fromEvents
	fromFacts
	everybody // metric "": n users
)

// sumUp makes the sums of some experiments from all that is known of them.
func (h *History) sumUp(ctx context.Context, has kinds, q EffectQuery) ([]sumRow, error) {
	plain, err := h.plain(ctx, q.Experiments)
	if err != nil {
		return nil, err
	}
	var all []sumRow
	params := append(miningParams(q), param("plain", plain))
	for _, part := range []struct {
		is         bool
		caps, sums statement
		source     uint8
	}{
		{true, statement{}, aggregatedSums, fromOutcomes}, {has.users, statement{}, userCounts, everybody},
		{has.facts, toldCaps, toldSums, fromFacts}, {has.events, eventCaps, eventSums, fromEvents},
	} {
		if !part.is {
			continue
		}
		var c caps
		if has.caps > 0 && part.caps.steps != nil {
			if err := h.collect(ctx, part.caps, c.add, append(params, c.params()...)); err != nil {
				return nil, err
			}
		}
		err := h.collect(ctx, part.sums, func(rows driver.Rows) error {
			r, err := readSums(rows, part.source)
			all = append(all, r)
			return err
		}, append(params, c.params()...))
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readSums(rows driver.Rows, source uint8) (r sumRow, err error) {
	r.source = source
	if s := &r.sums; source == everybody {
		err = rows.Scan(&r.experiment, &r.segment, &r.arm, &r.day, &s[0])
	} else {
		err = rows.Scan(&r.experiment, &r.metric, &r.segment, &r.arm, &r.day, &r.snapshot, &r.ratio, &s[0], &s[1], &s[2], &s[3], &s[4], &s[5], &s[6], &s[7], &s[8], &s[9])
	}
	return r, err
}

// collect hands every row of a statement to scan.
func (h *History) collect(ctx context.Context, s statement, scan func(driver.Rows) error, params []any) error {
	sql := s.sql()
	if h.onShards != nil {
		var err error
		if sql, err = h.onShards(s); err != nil {
			return err
		}
	}
	return eachOf(ctx, h.conn, strings.Join(s.steps[1:], " "), sql, scan, params...)
}

// kinds of data there are at all: what there is not is not asked for.
type kinds struct {
	users, facts, events bool
	caps                 int // metrics that have one
}

func (h *History) kinds(ctx context.Context) (k kinds, err error) {
	err = each(ctx, h.conn, "kinds", func(rows driver.Rows) error {
		var is [3]uint8
		var caps uint64
		err := rows.Scan(&is[0], &is[1], &is[2], &caps)
		k = kinds{is[0] == 1, is[0]*is[1] == 1, is[0]*is[2] == 1, int(caps)}
		return err
	})
	return k, err
}

// pieces cuts names into lists of as many experiments as can be mined at once, and have
// as many caps as one parameter holds.
func (h *History) pieces(ctx context.Context, has kinds, names []string) (pieces [][]string, err error) {
	users := map[string]uint64{}
	for list := range lists(names) {
		err := each(ctx, h.conn, "users", func(rows driver.Rows) error {
			var name string
			var n uint64
			err := rows.Scan(&name, &n)
			users[name] = n
			return err
		}, param("experiments", list))
		if err != nil {
			return nil, err
		}
		first, sum := 0, uint64(0)
		for i, name := range list {
			if i > first && (sum+users[name] > cmp.Or(h.piece, usersAtOnce) || (i+1-first)*has.caps > capsAtOnce) {
				pieces, first, sum = append(pieces, list[first:i]), i, 0
			}
			sum += users[name]
		}
		pieces = append(pieces, list[first:])
	}
	return pieces, nil
}

// namesAtOnce bounds the bytes of one list of experiments: by default a server
// takes 128 KB, in which each character may be escaped.
const namesAtOnce = 16 << 10

// capsAtOnce are as many as that list holds of 64-bit numbers.
const capsAtOnce = 64 << 10 / len("18446744073709551615,")

// lists cuts names into lists that one parameter can hold.
func lists(names []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for len(names) > 0 {
			some, bytes := 0, 0
			for some < len(names) && (some == 0 || bytes+len(names[some]) < namesAtOnce) {
				bytes += len(names[some]) + len("'',")
				some++
			}
			if !yield(names[:some]) {
				return
			}
			names = names[some:]
		}
	}
}

// plain are those of the experiments in which no row about a unit supersedes another.
// On a cluster nobody looks: the rows would have to travel.
func (h *History) plain(ctx context.Context, experiments []string) ([]string, error) {
	plain := []string{}
	if h.onShards != nil {
		return plain, nil
	}
	repeated := map[string]bool{}
	err := each(ctx, h.conn, "repeated", func(rows driver.Rows) error {
		var name string
		err := rows.Scan(&name)
		repeated[name] = true
		return err
	}, param("experiments", experiments))
	for _, name := range experiments {
		if !repeated[name] {
			plain = append(plain, name)
		}
	}
	return plain, err
}

// caps are measures, by hash, and the values above which what a unit did counts as
// this.
type caps struct {
	measures []uint64
	values   []float64
}

func (c *caps) add(rows driver.Rows) error {
	var measure uint64
	var value float64
	err := rows.Scan(&measure, &value)
	c.measures, c.values = append(c.measures, measure), append(c.values, value)
	return err
}

// params of the caps. A list of none is no constant to the engine, so that one stands
// first which is no measure's.
func (c *caps) params() []any {
	return []any{param("capped", append([]uint64{0}, c.measures...)), param("caps", append([]float64{math.Inf(1)}, c.values...))}
}

// compareArms makes effects of sums.
func (h *History) compareArms(ctx context.Context, all []sumRow, q EffectQuery) ([]Effect, error) {
	var effects []Effect
	var hypothesis string // of the row before: a text is kept once for all effects of its experiment
	sums, err := externalTable(all)
	if err != nil {
		return nil, err
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithExternalTable(sums))
	err = each(ctx, h.conn, "effects", func(rows driver.Rows) error {
		var e Effect
		var adjusted uint8
		err := rows.Scan(&e.Experiment, &e.Title, &e.Arm, &e.Control, &e.Metric, &e.Segment,
			&e.Surface, &e.Component, &e.ChangeType, &e.Source, &e.Generator, &e.Team, &e.Author, &e.Started, &e.Ended,
			&e.ControlUsers, &e.TreatmentUsers, &e.Baseline, &e.Lift, &e.SE, &adjusted, &e.UnadjustedLift, &e.UnadjustedSE, &e.SampleRatioP,
			&e.Hypothesis, &e.Decision, &e.Verdict)
		if e.Hypothesis == hypothesis {
			e.Hypothesis = hypothesis
		}
		hypothesis = e.Hypothesis
		e.Started, e.Ended = known(e.Started), known(e.Ended)
		e.Adjusted, e.Usable = adjusted == 1, e.Verdict == Usable
		effects = append(effects, e)
		return err
	}, miningParams(q)...)
	return effects, err
}

// externalTable holds the sums that count, as effects.sql reads them.
func externalTable(all []sumRow) (*ext.Table, error) {
	columns := []func(*ext.Table) error{ext.Column("experiment", "String"), ext.Column("metric", "String"),
		ext.Column("segment", "String"), ext.Column("arm", "String")}
	for _, name := range sumOf {
		columns = append(columns, ext.Column(name, "Float64"))
	}
	sums, err := ext.NewTable("sums", columns...)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		s := &r.sums
		err := sums.Append(r.experiment, r.metric, r.segment, r.arm, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9])
		if err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// miningParams are the parameters that say what is asked for.
func miningParams(q EffectQuery) []any {
	var asOf int64
	if !q.AsOf.IsZero() {
		asOf = q.AsOf.Unix()
	}
	return []any{param("as_of", asOf), param("metric", q.Metric), param("segment", q.Segment),
		param("every_segment", flag(q.AllSegments)), param("by_day", flag(q.byDay)), param("min_users", q.MinUsers),
		param("experiments", append([]string{}, q.Experiments...))}
}
