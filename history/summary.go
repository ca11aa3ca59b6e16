package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Summary is how much the history holds, and how much of it can be learned from.
type Summary struct {
	Experiments, Arms, Metrics   int
	Outcomes, Assignments, Facts int            // rows that count
	Effects                      int            // treatment arms × metrics, over everybody
	Verdicts                     map[string]int // effects by kind of verdict, "usable" among them
	UnitsInTwoArms               int            // left out: a unit seen in two arms of one experiment
	First, Last                  time.Time      // first start and last end of an experiment
	Watermark                    uint64         // id of the newest import; rises with every one
	Digest                       string         // of what was imported, in order: equal histories have equal digests
}

// Summary counts what the history holds and what its screens leave out.
func (h *History) Summary(ctx context.Context) (Summary, error) {
	effects, err := h.Effects(ctx, EffectQuery{})
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Effects: len(effects), Verdicts: map[string]int{}}
	for _, e := range effects {
		s.Verdicts[VerdictKind(e.Verdict)]++
	}
	h.publish.RLock()
	defer h.publish.RUnlock()
	counts := make([]uint64, 7)
	err = each(ctx, h.conn, "summary", func(rows driver.Rows) error {
		return rows.Scan(&counts[0], &counts[1], &counts[2], &counts[3], &counts[4], &counts[5], &counts[6], &s.First, &s.Last, &s.Watermark)
	})
	if err != nil {
		return Summary{}, fmt.Errorf("summarise history: %w", err)
	}
	for i, to := range []*int{&s.Experiments, &s.Arms, &s.Metrics, &s.Outcomes, &s.Assignments, &s.Facts, &s.UnitsInTwoArms} {
		*to = int(counts[i])
	}
	s.First, s.Last = known(s.First), known(s.Last)
	sum := sha256.New()
	err = each(ctx, h.conn, "published_imports", func(rows driver.Rows) error {
		var content, mapping string
		var replaced uint8
		err := rows.Scan(&content, &mapping, &replaced)
		fmt.Fprintf(sum, "%s %s %d\n", content, mapping, replaced)
		return err
	})
	s.Digest = hex.EncodeToString(sum.Sum(nil))
	return s, err
}
