package mip

import (
	"context"
	"time"
)

// work counts pivots and says when to stop.
type work struct {
	pivots int64
	most   int64 // 0: no limit
	until  time.Time
	ctx    context.Context
	ended  bool
}

// over says whether a limit is reached. The clock is looked at now and then only.
func (w *work) over() bool {
	if w.ended || w.ctx == nil {
		return w.ended
	}
	if w.most > 0 && w.pivots >= w.most {
		w.ended = true
	}
	if w.pivots%16 == 0 && (w.ctx.Err() != nil || !w.until.IsZero() && time.Now().After(w.until)) {
		w.ended = true
	}
	return w.ended
}
