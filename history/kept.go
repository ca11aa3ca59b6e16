package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// kept guards the table kept_sums, in which sums lie from one mining to the next.
//
// What is in place was imported under versions that rise from import to import. So
// whatever has a higher version than the state up to which everything was read is
// new, and its experiments, with those whose users' events or whose metrics' rules
// it concerns, are mined again: all of their rows, by the same statements. As sums
// are exact, they are then those of a full mining, bit for bit.
type kept struct {
	turn turn // one brings them up to date at a time
	mu   sync.Mutex
	last Mined
}

// Mined says what the last mining of this History had to read.
type Mined struct {
	Experiments int `json:"experiments"` // with sums that are kept
	Again       int `json:"again"`       // of them, whose rows were read for it
}

// Mined returns what the last answer of Effects, in this process, had to read: the
// experiments of which anything was said since the sums were last made.
func (h *History) Mined() Mined {
	h.kept.mu.Lock()
	defer h.kept.mu.Unlock()
	return h.kept.last
}

func (k *kept) mined(m Mined) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = m
}

// sumsDigest changes with what sums are: then none that are kept count.
var sumsDigest = sync.OnceValue(func() string {
	hash := sha256.New()
	for _, s := range mining {
		hash.Write([]byte(s.sql() + "\n"))
	}
	return hex.EncodeToString(hash.Sum(nil))
})

// keptSums brings the sums up to date and returns those that q asks for.
func (h *History) keptSums(ctx context.Context, q EffectQuery) (all []sumRow, err error) {
	if err := h.keep(ctx, q.Progress); err != nil {
		return nil, err
	}
	wanted := [][]string{{}} // all
	if len(q.Experiments) > 0 {
		wanted = slices.Collect(lists(slices.Compact(slices.Sorted(slices.Values(q.Experiments)))))
	}
	for _, q.Experiments = range wanted {
		err := each(ctx, h.conn, "kept", func(rows driver.Rows) error {
			var r sumRow
			var sums []float64
			err := rows.Scan(&r.experiment, &r.metric, &r.segment, &r.arm, &r.source, &r.ratio, &sums)
			copy(r.sums[:], sums)
			all = append(all, r)
			return err
		}, append(miningParams(q), param("digest", sumsDigest()))...)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// keep mines what changed since the sums were last made. Pieces are put in place as
// they are ready, so that a first mining that is interrupted goes on; that all are
// is said last.
func (h *History) keep(ctx context.Context, progress func(done, all int)) error {
	if err := h.kept.turn.take(ctx); err != nil {
		return err
	}
	defer h.kept.turn.give()
	if err := exec(ctx, h.conn, "kept_sums"); err != nil {
		return err
	}
	state, err := one(ctx, h.conn, "newest_published") // what comes in meanwhile is new the next time
	if err != nil {
		return err
	}
	old, err := h.keptState(ctx, state)
	if err != nil {
		return err
	}
	names, err := h.names(ctx)
	if err != nil {
		return err
	}
	changed, err := h.changed(ctx, names, old, state)
	if err != nil {
		return err
	}
	h.kept.mined(Mined{Experiments: len(names), Again: len(changed)})
	if at, complete := old[""]; len(changed) == 0 && complete && at == state {
		return nil
	}
	has, err := h.kinds(ctx)
	if err != nil {
		return err
	}
	pieces, err := h.pieces(ctx, has, changed)
	if err != nil {
		return err
	}
	done := 0
	for _, names := range pieces {
		rows, err := h.sumUp(ctx, has, EffectQuery{Experiments: names, AllSegments: true})
		if err != nil {
			return err
		}
		if err := h.putSums(ctx, names, rows, state, sumsDigest()); err != nil {
			return err
		}
		if done += len(names); progress != nil {
			progress(done, len(changed))
		}
	}
	digest, err := h.wholeDigest(ctx, state)
	if err != nil {
		return err
	}
	return h.putSums(ctx, []string{""}, nil, state, digest)
}

// wholeDigest is that of row ” when everything was read up to this import.
func (h *History) wholeDigest(ctx context.Context, state uint64) (string, error) {
	imports, err := one(ctx, h.conn, "imports_digest", param("until", state))
	return fmt.Sprintf("%s %x", sumsDigest(), imports), err
}

// keptState returns up to which import the sums of each experiment were made, "" for
// all, of those that are made as they are made now. There is no "" where the imports
// up to there are others than they were: then it cannot be told what is new. A history
// that is older than what was mined of it is another one, of which nothing is known.
func (h *History) keptState(ctx context.Context, now uint64) (state map[string]uint64, err error) {
	state = map[string]uint64{}
	whole, newest := "", uint64(0)
	err = each(ctx, h.conn, "kept_state", func(rows driver.Rows) error {
		var name, digest string
		var s uint64
		err := rows.Scan(&name, &s, &digest)
		switch newest = max(newest, s); {
		case name == "":
			state[name], whole = s, digest
		case digest == sumsDigest():
			state[name] = s
		}
		return err
	})
	if err != nil || len(state) == 0 {
		return state, err
	}
	if newest > now {
		return map[string]uint64{}, errors.Join(exec(ctx, h.conn, "drop_kept_sums"), exec(ctx, h.conn, "kept_sums"))
	}
	until, complete := state[""]
	if !complete {
		return state, nil
	}
	is, err := h.wholeDigest(ctx, until)
	switch {
	case err != nil || is == whole:
		return state, err
	case strings.HasPrefix(whole, sumsDigest()): // by other imports: whatever was mined may lack theirs
		return map[string]uint64{}, nil
	}
	delete(state, "")
	return state, nil
}

// changed are the experiments to be mined again, in order.
func (h *History) changed(ctx context.Context, names []string, old map[string]uint64, state uint64) ([]string, error) {
	names = slices.Clone(names)
	since, complete := old[""]
	if !complete { // an interrupted mining has put some in place for this very state
		return slices.DeleteFunc(names, func(name string) bool { s, ok := old[name]; return ok && s == state }), nil
	}
	is := map[string]bool{}
	err := each(ctx, h.conn, "changed", func(rows driver.Rows) error {
		var name string
		err := rows.Scan(&name)
		is[strings.Clone(name)] = true
		return err
	}, param("since", since), param("events", uint8(fromEvents)))
	return slices.DeleteFunc(names, func(name string) bool { _, ok := old[name]; return ok && !is[name] }), err
}

// putSums puts the sums of the named experiments in place, of some of which there may
// be none.
func (h *History) putSums(ctx context.Context, names []string, rows []sumRow, state uint64, digest string) error {
	of := map[string][]sumRow{}
	for _, r := range rows {
		of[r.experiment] = append(of[r.experiment], r)
	}
	b, err := h.conn.PrepareBatch(ctx, "INSERT INTO kept_sums")
	if err != nil {
		return err
	}
	defer b.Close()
	for _, name := range names {
		var metrics, segments, arms []string
		var sources, ratios []uint8
		var sums [][]float64
		for _, r := range of[name] {
			metrics, segments, arms = append(metrics, r.metric), append(segments, r.segment), append(arms, r.arm)
			sources, ratios, sums = append(sources, r.source), append(ratios, r.ratio), append(sums, r.sums[:])
		}
		if err := b.Append(name, state, digest, metrics, segments, arms, sources, ratios, sums); err != nil {
			return err
		}
	}
	return b.Send()
}
