package planner

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Source says who wrote a hypothesis.
type Source string

const (
	Human Source = "human"
	AI    Source = "ai"
)

// Status is where a hypothesis stands on a given night. It follows from the
// decisions made so far and the clock; only a withdrawal and a stop are stored.
type Status string

const (
	Queued    Status = "queued"    // waiting for capacity; its reason is in the plan
	Starting  Status = "starting"  // chosen to start tonight
	Scheduled Status = "scheduled" // foreseen for a later week of the plan: a forecast, not a promise
	Running   Status = "running"   // holds its cohort and compute
	Finished  Status = "finished"  // its weeks are over; its outcome is awaited
	Measured  Status = "measured"  // its outcome has been imported
	Withdrawn Status = "withdrawn" // taken back by its author
)

// over reports whether there is no decision left to make.
func (s Status) over() bool { return s == Finished || s == Measured || s == Withdrawn }

// Hypothesis is an idea in the backlog. Lifts are relative: 0.02 is +2%.
type Hypothesis struct {
	ID         string     `json:"id"`                    // given by the author, or contentID
	Title      string     `json:"title"`                 // one line
	Text       string     `json:"text,omitempty"`        // because …, if …, then …
	Surface    string     `json:"surface"`               // where it acts: feed, search …
	Component  string     `json:"component"`             // what it changes: ranking, retrieval …
	ChangeType string     `json:"change_type,omitempty"` // how: new feature, architecture, loss …
	Segment    string     `json:"segment,omitempty"`     // the users it is for; empty: the first segment of its surface
	Source     Source     `json:"source"`                // human or ai
	Author     string     `json:"author,omitempty"`      // the person who wrote it
	Generator  string     `json:"generator,omitempty"`   // the system that wrote it; required when source is ai
	Team       string     `json:"team,omitempty"`
	Metric     string     `json:"metric"`               // the target metric
	Guardrails []string   `json:"guardrails,omitempty"` // metrics that must not get worse
	Claim      *Claim     `json:"claim,omitempty"`      // the author's own forecast
	Compute    Demand     `json:"compute"`
	Conflicts  []string   `json:"conflicts,omitempty"` // ids never to be tested on the same users at once
	Requires   []string   `json:"requires,omitempty"`  // ids whose test must have ended before
	ICE        *ICE       `json:"ice,omitempty"`
	Scores     Scores     `json:"scores,omitempty"` // of reviewers and models, by their names
	Strong     bool       `json:"strong,omitempty"` // its treatment leaves traces in users: its buckets rest after the test
	Ramp       string     `json:"ramp,omitempty"`   // as "1% for 2 days, 5% for 5 days", or none; empty: the policy's
	Submitted  time.Time  `json:"submitted_at"`
	Withdrawn  *time.Time `json:"withdrawn_at,omitempty"`
	Stopped    *Stop      `json:"stopped,omitempty"` // its test, before its time
}

// Claim is the author's own forecast of the relative lift: a middle value and
// an interval meant to hold the truth four times out of five.
type Claim struct {
	Low  float64 `json:"low"`
	Mid  float64 `json:"mid"`
	High float64 `json:"high"`
}

// Demand is the compute that a test needs: GPU-hours to train the candidate
// once, in the week it starts, and GPU-hours to serve it, per week and per
// million users in its treatment arm.
type Demand struct {
	Pool  string  `json:"pool,omitempty"`
	Train float64 `json:"train_gpu_hours"`
	Serve float64 `json:"serve_gpu_hours_per_million_users"`
}

// ICE is the opinion score that many teams rank by: impact × confidence ×
// ease, each from 1 to 10. Forecasts believe it as they do any score of [Scores].
type ICE struct {
	Impact     float64 `json:"impact"`
	Confidence float64 `json:"confidence"`
	Ease       float64 `json:"ease"`
}

// Score returns the product, from 1 to 1000; 0 when nobody scored the idea.
func (s *ICE) Score() float64 {
	if s == nil {
		return 0
	}
	return s.Impact * s.Confidence * s.Ease
}

// FieldError names one bad field of a draft, its value, and the way out.
type FieldError struct {
	Field  string `json:"field"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

func (e FieldError) Error() string {
	switch {
	case e.Field == "": // the draft as a whole
		return fmt.Sprintf("%q: %s", e.Value, e.Reason)
	case e.Value == "":
		return fmt.Sprintf("%s: %s", e.Field, e.Reason)
	}
	return fmt.Sprintf("%s %q: %s", e.Field, e.Value, e.Reason)
}

// contentID is the natural key of a hypothesis: the same idea submitted twice
// gets the same id, so that a retried submission adds nothing. Ids of
// generated ideas cannot be told from the text of others: SHA-256, 48 bits.
func (h Hypothesis) contentID() string {
	fields := []string{h.Title, h.Text, h.Surface, h.Component, h.ChangeType, h.Segment, string(h.Source), h.Author, h.Generator, h.Metric}
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x1f")))
	return "h-" + hex.EncodeToString(sum[:6])
}

// Normalize trims what people type around the edges and fills the id.
func (h Hypothesis) Normalize() Hypothesis {
	for _, s := range []*string{&h.ID, &h.Title, &h.Text, &h.Surface, &h.Component, &h.ChangeType, &h.Segment, &h.Author, &h.Generator, &h.Team, &h.Metric, &h.Compute.Pool, &h.Ramp} {
		*s = strings.TrimSpace(*s)
	}
	h.Source = Source(strings.ToLower(strings.TrimSpace(string(h.Source))))
	if h.ID == "" {
		h.ID = h.contentID()
	}
	return h
}

// maxRefs bounds the conflicts, and the prerequisites, of one hypothesis.
const maxRefs = 1000

// unprintable are control characters, and those that change the direction of
// the text around them: they could make a terminal or a page show what nobody
// wrote.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)

// Validate lists everything that is wrong with a draft, so that its author
// can mend all of it at once. What the policy does not know (a surface, a
// metric, a pool) is wrong too: such an idea could never be planned.
func (h Hypothesis) Validate(p Policy) []FieldError {
	var bad fieldErrors
	if !idPattern.MatchString(h.ID) {
		bad.wrong("id", h.ID, "use up to 64 letters, digits and . _ : -, beginning with a letter or digit")
	}
	bad.text("title", h.Title, 200, true)
	bad.text("text", h.Text, 20_000, false)
	bad.text("component", h.Component, 100, true)
	bad.text("change_type", h.ChangeType, 100, false)
	bad.text("author", h.Author, 200, false)
	bad.text("generator", h.Generator, 200, h.Source == AI)
	bad.text("team", h.Team, 100, false)
	bad.oneOf("source", string(h.Source), []string{string(Human), string(AI)})
	bad.oneOf("surface", h.Surface, p.surfaces())
	bad.oneOf("metric", h.Metric, p.metricNames())
	for i, g := range h.Guardrails {
		bad.oneOf(fmt.Sprintf("guardrails[%d]", i), g, p.metricNames())
	}
	if h.Segment != "" {
		bad.oneOf("segment", h.Segment, p.segmentsOf(h.Surface))
	}
	if h.Compute.Pool != "" || h.Compute.Train > 0 || h.Compute.Serve > 0 {
		bad.oneOf("compute.pool", h.Compute.Pool, p.poolNames())
	}
	if stages, err := parseRamp(h.Ramp); err != nil {
		bad.wrong("ramp", h.Ramp, "%s", err)
	} else if !p.Designs.offers(stages) {
		bad.wrong("ramp", h.Ramp, "takes %d days and leaves no design of the policy a week at full exposure", daysOf(stages))
	}
	bad.number("compute.train_gpu_hours", h.Compute.Train, 0, 1e7)
	bad.number("compute.serve_gpu_hours_per_million_users", h.Compute.Serve, 0, 1e7)
	if c := h.Claim; c != nil {
		bad.number("claim.mid", c.Mid, -1, 10)
		if !(c.Low <= c.Mid && c.Mid <= c.High) {
			bad.wrong("claim", fmt.Sprintf("%g, %g, %g", c.Low, c.Mid, c.High), "low, mid and high must rise; lifts are fractions: 0.02 is +2%%")
		}
		bad.number("claim.low", c.Low, -1, 10)
		bad.number("claim.high", c.High, -1, 10)
	}
	if s := h.ICE; s != nil {
		bad.number("ice.impact", s.Impact, 1, 10)
		bad.number("ice.confidence", s.Confidence, 1, 10)
		bad.number("ice.ease", s.Ease, 1, 10)
	}
	bad = append(bad, h.Scores.wrong()...)
	bad.refs("conflicts", h.ID, h.Conflicts)
	bad.refs("requires", h.ID, h.Requires)
	return bad
}

// fieldErrors are what is wrong with a draft.
type fieldErrors []FieldError

func (bad *fieldErrors) wrong(field string, value any, format string, args ...any) {
	*bad = append(*bad, FieldError{field, fmt.Sprint(value), fmt.Sprintf(format, args...)})
}

func (bad *fieldErrors) text(field, value string, most int, required bool) {
	switch n := len([]rune(value)); {
	case required && n == 0:
		bad.wrong(field, "", "is required")
	case n > most:
		bad.wrong(field, string([]rune(value)[:40])+"…", "has %d characters; at most %d fit", n, most)
	case field == "text" && strings.ContainsFunc(value, func(r rune) bool { return unprintable(r) && !strings.ContainsRune("\t\r\n", r) }),
		field != "text" && strings.ContainsFunc(value, unprintable):
		bad.wrong(field, value, "holds a character that cannot be printed, or the end of a line")
	}
}

func (bad *fieldErrors) oneOf(field, value string, known []string) {
	switch {
	case value == "":
		bad.wrong(field, "", "is required: one of %s", strings.Join(known, ", "))
	case !slices.Contains(known, value):
		bad.wrong(field, value, "is not one of: %s", strings.Join(known, ", "))
	}
}

func (bad *fieldErrors) number(field string, v, low, high float64) {
	if math.IsNaN(v) || v < low || v > high {
		bad.wrong(field, v, "must lie between %g and %g", low, high)
	}
}

// refs are what the hypothesis of the id names.
func (bad *fieldErrors) refs(field, own string, ids []string) {
	if len(ids) > maxRefs {
		bad.wrong(field, len(ids), "at most %d ids fit", maxRefs)
		return
	}
	for i, id := range ids {
		if id == own {
			bad.wrong(fmt.Sprintf("%s[%d]", field, i), id, "names the hypothesis itself")
		} else if !idPattern.MatchString(id) {
			bad.wrong(fmt.Sprintf("%s[%d]", field, i), id, "is not an id")
		}
	}
}
