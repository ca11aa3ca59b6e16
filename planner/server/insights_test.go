package server

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner/insights"
)

// pupil learns as it is told, and counts how often.
type pupil struct {
	state  atomic.Value // string
	learnt atomic.Int32
	wait   chan struct{} // when not nil, learning ends with it
	err    error
}

func (p *pupil) State(context.Context) (string, error) { return p.state.Load().(string), nil }

func (p *pupil) Learn(_ context.Context, metric, northStar string) (insights.Report, error) {
	p.learnt.Add(1)
	if p.wait != nil {
		<-p.wait
	}
	if p.err != nil {
		return insights.Report{}, p.err
	}
	return insights.Learn(effects()[:300], insights.Options{Metric: metric, NorthStar: northStar})
}

func newPupil(state string) *pupil {
	p := &pupil{}
	p.state.Store(state)
	return p
}

// waits sets how long a reader waits for a report: for ever or not at all, so that no page
// depends on the clock.
func (h *house) waits(patience time.Duration) {
	h.Config.Handler.(*server).lessons.patience = patience
}

const forEver = 24 * time.Hour

func TestInsightsPage(t *testing.T) {
	p := newPupil("a")
	h := newHouse(t, func(c *Config) { c.Learner = p })
	h.waits(forEver)
	see := func(path string, status int, learnt int32, want ...string) {
		t.Helper()
		got, text, header := h.call("GET", path, "", "Accept", "text/html")
		if got != status || header.Get("Refresh") != "" || p.learnt.Load() != learnt {
			t.Errorf("%s gives %d, learned %d times, %v", path, got, p.learnt.Load(), header)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
	}
	see("/insights", 200, 1, "What shipped brought", "Many small tests or few large ones?", "By surface", `aria-current="page">Insights`)
	see("/insights", 200, 1, "What shipped brought") // the state is the same
	see("/insights?metric=ctr", 200, 2, "teach about ctr", "<option selected>ctr</option>")
	p.state.Store("b")
	see("/insights", 200, 3, "What shipped brought")
	see("/insights?metric=clicks", 404, 4, "no usable effect of &#34;clicks&#34;", `href="/insights"`)
	see("/insights?metric=clicks", 404, 4, "no usable effect of &#34;clicks&#34;") // the state is the same
	p.err = errors.New("the disk is on fire")
	p.state.Store("c")
	see("/insights", 500, 5, "Something went wrong")
	p.err = nil
	see("/insights", 200, 6, "What shipped brought") // a failure is not kept
	p.err = &insights.MetricError{}
	p.state.Store("d")
	see("/insights", 200, 7, "No usable effect yet", "assay import outcomes")
}

// While the past is learned from, the page says so and looks again; what was known before
// stays in sight.
func TestInsightsPageWhileLearning(t *testing.T) {
	p := newPupil("a")
	h := newHouse(t, func(c *Config) { c.Learner = p })
	h.waits(forEver)
	if got, _, _ := h.call("GET", "/insights", ""); got != 200 {
		t.Fatal(got)
	}
	h.waits(0)
	p.wait = make(chan struct{})
	p.state.Store("b")
	for path, want := range map[string]string{"/insights": "Something has changed since", "/insights?metric=ctr": "This page looks again by itself"} {
		got, text, header := h.call("GET", path, "")
		if got != 200 || header.Get("Refresh") != "3" || !strings.Contains(text, want) {
			t.Errorf("%s gives %d, %v, without %q", path, got, header, want)
		}
	}
	close(p.wait)
	h.waits(forEver)
	if _, text, header := h.call("GET", "/insights?metric=ctr", ""); header.Get("Refresh") != "" || !strings.Contains(text, "teach about ctr") {
		t.Errorf("%v", header)
	}
}

func TestInsightsPageWithoutLearner(t *testing.T) {
	if got, text, _ := newHouse(t).call("GET", "/insights", ""); got != 501 || !strings.Contains(text, "does not learn from past experiments") {
		t.Errorf("%d: %s", got, text)
	}
}
