package main

import (
	"fmt"

	"github.com/schollz/progressbar/v3"

	"github.com/assay-planner/assay/cmd/assay/render"
)

// status writes a line that erase takes back. Both are for terminals only.
func (a *app) status(format string, args ...any) { fmt.Fprintf(a.err, format, args...) }
func (a *app) erase()                            { fmt.Fprint(a.err, "\r\x1b[K") }

// bar draws the progress of an import on a terminal; elsewhere it is silent.
type bar struct {
	a   *app
	bar *progressbar.ProgressBar
}

func (a *app) bar() *bar { return &bar{a: a} }

// show says that so many bytes of the total have been read. A total of 0 is
// unknown: the bar becomes a spinner.
func (b *bar) show(what string, done, total int64) {
	if !render.IsTerminal(b.a.err) {
		return
	}
	if b.bar == nil {
		if total <= 0 {
			total = -1
		}
		b.bar = progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(b.a.err),
			progressbar.OptionShowBytes(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100_000_000), // 0.1 s
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true))
	}
	b.bar.Describe(what)
	_ = b.bar.Set64(done) // a bar that cannot be drawn is no reason to fail
}

func (b *bar) end() {
	if b.bar != nil {
		_ = b.bar.Clear()
		b.a.erase()
	}
}
