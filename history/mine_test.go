package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// Raw rows as the tables hold them, made up so that they meet every rule: units that
// saw two arms, or one arm several times; rows that supersede and remove others; logs;
// events before, within and after the window; metrics with caps of both forms.
type (
	assignment struct {
		experiment, unit, arm string
		at                    int64
		segment               string
		logged                uint8
		version               uint64
		deleted               uint8
	}
	fact struct {
		experiment, metric, unit string
		at                       int64
		event                    string
		value, pre               float64
		ratio                    uint8
		denominator              float64
		version                  uint64
		deleted                  uint8
	}
	rule struct {
		metric           string
		window, lookBack uint32
		cap, capShare    float64
	}
	rawHistory struct {
		ended       map[string]int64
		assignments []assignment
		facts       []fact
		rules       []rule
	}
)

const day0 = 1_767_225_600 // 2026-01-01

// drawRaw makes up a history whose values are number's.
func drawRaw(r *rand.Rand, number func() float64) rawHistory {
	h := rawHistory{ended: map[string]int64{}, rules: []rule{
		{metric: "visits", window: 3 * 86400, lookBack: 5 * 86400}, {metric: "spend", lookBack: 86400, capShare: 0.9},
		{metric: "loss", cap: 0.25}, {metric: "own", capShare: 0.8},
	}}
	version := uint64(0)
	next := func() uint64 { version++; return version }
	hour := func() int64 { return day0 + int64(r.IntN(20*24))*3600 }
	for e := range 2 + r.IntN(5) {
		name := fmt.Sprintf("e%d", e)
		h.ended[name] = day0 + int64(10+r.IntN(5))*86400
		if r.IntN(4) == 0 {
			h.ended[name] = 0
		}
		logged, clean, first := uint8(r.IntN(2)), r.IntN(2) == 0, len(h.assignments)
		if clean {
			logged = 0
		}
		for u := range 20 + r.IntN(30) {
			a := assignment{name, fmt.Sprintf("u%d", u), []string{"control", "blue"}[r.IntN(2)], hour(), []string{"", "DE", "FR"}[r.IntN(3)], logged, next(), 0}
			h.assignments = append(h.assignments, a)
			for !clean && r.IntN(4) == 0 {
				again := a
				again.at, again.version, again.segment = cmp.Or(int64(r.IntN(2))*hour(), a.at), next(), []string{"", "DE"}[r.IntN(2)]
				if r.IntN(5) == 0 {
					again.arm = "blue"
				}
				if r.IntN(6) == 0 {
					again = a
					again.version, again.deleted = next(), 1
				}
				h.assignments = append(h.assignments, again)
			}
		}
		clean = r.IntN(2) == 0 // of facts
		told := map[string]bool{}
		for _, a := range h.assignments[first:] {
			if clean && told[a.unit] {
				continue
			}
			told[a.unit] = true
			for _, metric := range []string{"own", "loss", "price"} {
				for n := r.IntN(3); n > 0 && (clean || r.IntN(3) > 0); n-- {
					f := fact{experiment: name, metric: metric, unit: a.unit, at: hour(), value: number(), pre: number(), denominator: 1, version: next()}
					if metric == "price" {
						f.ratio, f.denominator = 1, math.Abs(number())
					}
					if metric == "loss" {
						f.value = -f.value
					}
					if h.facts = append(h.facts, f); clean {
						break
					}
					if r.IntN(8) == 0 {
						f.version, f.deleted = next(), 1
						h.facts = append(h.facts, f)
					}
				}
			}
		}
	}
	for range r.IntN(400) {
		h.facts = append(h.facts, fact{metric: []string{"visits", "spend", "own"}[r.IntN(3)], unit: fmt.Sprintf("u%d", r.IntN(60)), at: hour(),
			event: fmt.Sprint(r.IntN(3)), value: number(), denominator: 1, version: next()})
	}
	return h
}

// store writes the rows in the order given, so many to a part.
func (raw rawHistory) store(t testing.TB, h *History, rows int) {
	t.Helper()
	ctx := context.Background()
	insert := func(into string, n int, row func(int) []any) {
		for from := 0; from < n; from += rows {
			batch, err := h.conn.PrepareBatch(ctx, "INSERT INTO "+into)
			if err != nil {
				t.Fatal(err)
			}
			for i := from; i < min(n, from+rows); i++ {
				if err := batch.Append(row(i)...); err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
		}
	}
	names := slices.Sorted(maps.Keys(raw.ended))
	insert("experiments (experiment, surface, control, started, ended, version)", len(names), func(i int) []any {
		return []any{names[i], "feed", "control", time.Unix(day0, 0), time.Unix(raw.ended[names[i]], 0), uint64(1)}
	})
	insert("assignments (experiment, unit, arm, exposed_at, segment, logged, version, deleted)", len(raw.assignments), func(i int) []any {
		a := raw.assignments[i]
		return []any{a.experiment, a.unit, a.arm, time.Unix(a.at, 0), a.segment, a.logged, a.version, a.deleted}
	})
	insert("facts (experiment, metric, unit, at, event, value, pre, ratio, denominator, version, deleted)", len(raw.facts), func(i int) []any {
		f := raw.facts[i]
		return []any{f.experiment, f.metric, f.unit, time.Unix(f.at, 0), f.event, f.value, f.pre, f.ratio, f.denominator, f.version, f.deleted}
	})
	insert("metric_rules (metric, window_seconds, look_back_seconds, cap, cap_share, version)", len(raw.rules), func(i int) []any {
		r := raw.rules[i]
		return []any{r.metric, r.window, r.lookBack, r.cap, r.capShare, uint64(1)}
	})
}

// newest keeps of the rows of one key the one with the highest version, and none
// where that is a removal.
func newest[T any, K comparable](rows []T, key func(T) K, version func(T) (uint64, uint8)) []T {
	last := map[K]T{}
	for _, row := range rows {
		v, _ := version(row)
		if old, ok := last[key(row)]; ok {
			if was, _ := version(old); was > v {
				continue
			}
		}
		last[key(row)] = row
	}
	return slices.DeleteFunc(slices.Collect(maps.Values(last)), func(row T) bool { _, gone := version(row); return gone == 1 })
}

type (
	sumKey struct {
		experiment, metric, segment, arm string
		source                           uint8
	}
	unitSums struct {
		y, x, d float64
		ratio   uint8
	}
)

// sums adds up the history as effects.go says it is, row by row in plain Go: of each
// metric, segment and arm what effects.sql is given.
func (raw rawHistory) sums() (sums map[sumKey][11]float64, counts map[sumKey]float64) {
	type unit struct{ experiment, unit string }
	seen := map[unit][]assignment{}
	for _, a := range newest(raw.assignments, func(a assignment) [4]string { return [4]string{a.experiment, a.unit, a.arm, fmt.Sprint(a.at)} },
		func(a assignment) (uint64, uint8) { return a.version, a.deleted }) {
		seen[unit{a.experiment, a.unit}] = append(seen[unit{a.experiment, a.unit}], a)
	}
	exposed, everybody := map[unit]assignment{}, map[string]int{}
	counts = map[sumKey]float64{}
	for u, all := range seen {
		best := slices.MaxFunc(all, func(a, b assignment) int {
			return cmp.Or(cmp.Compare(a.logged, b.logged), cmp.Compare(cmp.Or(uint64(a.logged), a.version), cmp.Or(uint64(b.logged), b.version)), cmp.Compare(b.at, a.at))
		})
		if slices.ContainsFunc(all, func(a assignment) bool { return a.arm != best.arm }) {
			continue
		}
		exposed[u] = best
		everybody[u.experiment]++
		for _, segment := range slices.Compact([]string{"", best.segment}) {
			counts[sumKey{u.experiment, "", segment, best.arm, 0}]++
		}
	}
	did := map[sumKey]map[unit]unitSums{} // by experiment, metric and source
	put := func(key sumKey, u unit) func(unitSums) {
		return func(s unitSums) {
			if did[key] == nil {
				did[key] = map[unit]unitSums{}
			}
			did[key][u] = s
		}
	}
	rules := map[string]rule{}
	for _, r := range raw.rules {
		rules[r.metric] = r
	}
	own := map[[3]string]fact{}
	for _, f := range newest(raw.facts, func(f fact) [5]string { return [5]string{f.experiment, f.metric, f.unit, fmt.Sprint(f.at), f.event} },
		func(f fact) (uint64, uint8) { return f.version, f.deleted }) {
		if f.experiment != "" {
			if key := [3]string{f.experiment, f.metric, f.unit}; own[key].version <= f.version {
				own[key] = f
			}
			continue
		}
		for experiment, ended := range raw.ended {
			u := unit{experiment, f.unit}
			a, ok := exposed[u]
			r := rules[f.metric]
			if !ok || f.at < a.at-int64(r.lookBack) || r.window > 0 && f.at >= a.at+int64(r.window) || r.window == 0 && ended > 0 && f.at > ended {
				continue
			}
			key := sumKey{experiment: experiment, metric: f.metric, source: fromEvents}
			s := did[key][u]
			if f.at >= a.at {
				s.y, s.d = s.y+f.value, s.d+f.denominator
			} else {
				s.x += f.value
			}
			put(key, u)(s)
		}
	}
	for _, f := range own {
		if u := (unit{f.experiment, f.unit}); exposed[u].arm != "" {
			put(sumKey{experiment: f.experiment, metric: f.metric, source: fromFacts}, u)(unitSums{f.value, f.pre, f.denominator, f.ratio})
		}
	}
	sums = map[sumKey][11]float64{}
	for key, units := range did {
		limit := math.Inf(1)
		if r := rules[key.metric]; r.cap > 0 {
			limit = r.cap
		} else if r.capShare > 0 {
			values := make([]float64, 0, everybody[key.experiment])
			for _, s := range units {
				values = append(values, s.y)
			}
			values = append(values, make([]float64, everybody[key.experiment]-len(values))...)
			slices.Sort(values)
			limit = values[int(math.Ceil(r.capShare*float64(len(values))))-1]
		}
		for u, s := range units {
			s.y, s.x = min(s.y, limit), min(s.x, limit)
			for _, segment := range slices.Compact([]string{"", exposed[u].segment}) {
				to := sumKey{key.experiment, key.metric, segment, exposed[u].arm, key.source}
				total := sums[to]
				for i, v := range [10]float64{0, s.y, s.y * s.y, s.d, s.d * s.d, s.y * s.d, s.x, s.x * s.x, s.x * s.y, s.x * s.d} {
					total[i] += v
				}
				total[10] = max(total[10], float64(s.ratio))
				sums[to] = total
			}
		}
	}
	return sums, counts
}

// collected asks the history for what raw.sums computes.
func collected(t *testing.T, h *History, ask func(statement) (string, error)) (map[sumKey][11]float64, map[sumKey]float64) {
	t.Helper()
	all, err := (&History{conn: h.conn, piece: h.piece, onShards: ask}).freshSums(context.Background(), EffectQuery{AllSegments: true})
	if err != nil {
		t.Fatal(err)
	}
	sums, counts := map[sumKey][11]float64{}, map[sumKey]float64{}
	for _, r := range all {
		if r.source == everybody {
			counts[sumKey{r.experiment, "", r.segment, r.arm, 0}] = r.sums[0]
			continue
		}
		v := [11]float64{10: float64(r.ratio)}
		copy(v[:], r.sums[:])
		sums[sumKey{r.experiment, r.metric, r.segment, r.arm, r.source}] = v
	}
	return sums, counts
}

// TestSumsOfUsers holds what is mined of raw rows against plain Go, where it is
// looked for rows that supersede others and where it is not, in one piece and in
// several. Values are sixteenths, whose sums plain Go can make without an error.
func TestSumsOfUsers(t *testing.T) {
	plain, seeds := 0, uint64(6)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 7))
		raw := drawRaw(r, func() float64 { return float64(r.IntN(160)) / 16 })
		wantSums, wantCounts := raw.sums()
		h := newHistory(t)
		raw.store(t, h, 1+r.IntN(400))
		for name, c := range map[string]struct {
			ask   func(statement) (string, error)
			piece uint64
		}{
			"in one piece": {nil, 0}, "in several": {nil, 60},
			"as on a shard, where nobody looks": {func(s statement) (string, error) { return s.sql(), nil }, 0},
		} {
			h.piece = c.piece
			sums, counts := collected(t, h, c.ask)
			if diff := gocmp.Diff(wantCounts, counts); diff != "" {
				t.Errorf("seed %d, %s: counts (-plain Go +mined):\n%s", seed, name, diff)
			}
			if diff := gocmp.Diff(wantSums, sums); diff != "" {
				t.Errorf("seed %d, %s: sums (-plain Go +mined):\n%s", seed, name, diff)
			}
		}
		names, err := h.plain(context.Background(), slices.Sorted(maps.Keys(raw.ended)))
		if err != nil {
			t.Fatal(err)
		}
		plain += len(names)
	}
	if plain == 0 {
		t.Error("no history had an experiment without superseded rows")
	}
}

// TestSumsAreExact: of values of every size that is told apart, all of one sign in each
// metric, sums are the doubles next to those that math/big makes of the same squares and
// products, and what cancels out leaves nothing behind.
func TestSumsAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 8))
	const of, units = "sized", 20
	raw := rawHistory{ended: map[string]int64{of: 0}}
	for i := range 2*units + 1 {
		raw.assignments = append(raw.assignments, assignment{experiment: of, unit: fmt.Sprint(i), arm: "blue", at: 1e9, version: 1})
	}
	tell := func(metric string, unit int, y, x, d float64) {
		raw.facts = append(raw.facts, fact{experiment: of, metric: metric, unit: fmt.Sprint(unit), at: 1e9, value: y, pre: x, ratio: 1, denominator: d, version: 1})
	}
	want := map[string][]*big.Float{}
	for size := -40; size < 49; size++ {
		metric, sign := fmt.Sprint(size), float64(1-2*(size&1))
		sums := make([]*big.Float, len(sumOf))
		for i := range sums {
			sums[i] = new(big.Float).SetPrec(500)
		}
		for unit := range units {
			y, x, d := sign*math.Ldexp(1+r.Float64(), size), math.Ldexp(1+r.Float64(), min(10-size, 45)), math.Ldexp(1+r.Float64(), size/2)
			tell(metric, unit, y, x, d)
			for i, v := range [10]float64{0, y, y * y, d, d * d, y * d, x, x * x, x * y, x * d} {
				sums[i].Add(sums[i], big.NewFloat(v))
			}
		}
		want[metric] = sums
	}
	for unit := range units {
		v := r.ExpFloat64() * math.Pow(10, float64(unit-6))
		tell("cancelled", 2*unit, v, -v, 1)
		tell("cancelled", 2*unit+1, -v, v, 1)
	}
	tell("cancelled", 2*units, 0.1, -0.1, 1)
	h := newHistory(t)
	raw.store(t, h, 1<<20)
	all, err := h.freshSums(context.Background(), EffectQuery{})
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, row := range all {
		if s := row.sums; row.metric == "cancelled" && (s[1] != 0.1 || s[6] != -0.1 || s[5] != 0.1 || s[9] != -0.1) {
			t.Errorf("what cancels out leaves something: %v", s)
		}
		for i, sum := range want[row.metric] {
			exact, _ := sum.Float64()
			if off := math.Abs(row.sums[i] - exact); off > math.Ldexp(math.Abs(exact), -52)+math.Ldexp(1, -105) {
				t.Errorf("size %s: %s is %v, %v off", row.metric, sumOf[i], row.sums[i], off)
			}
			checked++
		}
	}
	if checked != len(want)*len(sumOf) {
		t.Errorf("%d sums were checked", checked)
	}
}

// TestEffectsDoNotDependOnOrder: of any values, in any order, number of parts and of
// threads, and in any pieces, effects are the same bit for bit.
func TestEffectsDoNotDependOnOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 8))
	raw := drawRaw(r, func() float64 { return r.ExpFloat64() * math.Pow(10, float64(r.IntN(9)-4)) })
	var want []Effect
	for i, rows := range []int{1 << 20, 37, 111, 1 << 20} {
		h := newHistory(t)
		r.Shuffle(len(raw.assignments), func(i, j int) {
			raw.assignments[i], raw.assignments[j] = raw.assignments[j], raw.assignments[i]
		})
		r.Shuffle(len(raw.facts), func(i, j int) { raw.facts[i], raw.facts[j] = raw.facts[j], raw.facts[i] })
		raw.store(t, h, rows)
		h.piece = uint64(i) * 50
		got, err := h.mine(context.Background(), EffectQuery{AllSegments: true, MinUsers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(got) < 20 {
			t.Errorf("%d effects, %d rows to a part:\n%s", len(got), rows, diff)
		}
	}
}

// TestDays: what users of each day of exposure did adds up to what all did, and each
// day has the users whose first exposure it was.
func TestDays(t *testing.T) {
	ctx := context.Background()
	r := rand.New(rand.NewPCG(2, 7))
	raw := drawRaw(r, func() float64 { return float64(r.IntN(160)) / 16 })
	wantSums, wantCounts := raw.sums()
	h := newHistory(t)
	raw.store(t, h, 1<<20)
	several := false
	for id := range raw.ended {
		e, err := h.Experiment(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if e.ID != id || e.Control != "control" || len(e.Days) == 0 {
			t.Errorf("%+v", e)
		}
		type place struct{ metric, segment, arm string }
		totals, days := map[place][10]float64{}, map[place]map[time.Time]bool{}
		for _, d := range e.Days {
			p := place{d.Metric, d.Segment, d.Arm}
			total := totals[p]
			for i, v := range [10]float64{d.N, d.Y, d.YY, d.D, d.DD, d.YD, d.X, d.XX, d.XY, d.XD} {
				total[i] += v
			}
			totals[p] = total
			if days[p] == nil {
				days[p] = map[time.Time]bool{}
			}
			if days[p][d.At] || d.At.IsZero() || !d.At.Equal(d.At.Truncate(24*time.Hour)) || d.N < 1 {
				t.Errorf("%s: %+v", id, d)
			}
			days[p][d.At] = true
			several = several || len(days[p]) > 5
		}
		for p, got := range totals {
			source := uint8(fromFacts)
			if _, own := wantSums[sumKey{id, p.metric, "", "control", source}]; !own {
				source = fromEvents
			}
			want := wantSums[sumKey{id, p.metric, p.segment, p.arm, source}]
			want[0] = wantCounts[sumKey{id, "", p.segment, p.arm, 0}]
			if want[10] == 0 { // a mean
				want[3], want[4], want[5], want[9] = want[0], want[0], want[1], want[6]
			}
			if got != [10]float64(want[:10]) {
				t.Errorf("%s, %+v: %v, want %v", id, p, got, want)
			}
		}
	}
	if !several {
		t.Error("no arm was filled on more than five days")
	}
	if _, err := h.Experiment(ctx, "nothing like it"); !errors.Is(err, ErrNoExperiment) {
		t.Error(err)
	}
}
