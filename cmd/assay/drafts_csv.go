package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-planner/assay/planner"
)

// setters put one CSV cell into a hypothesis. The columns are the fields of
// the JSON form; nested ones are joined with a dot, lists with semicolons.
var setters = map[string]func(*planner.Hypothesis, string) error{
	"id":          text(func(h *planner.Hypothesis) *string { return &h.ID }),
	"title":       text(func(h *planner.Hypothesis) *string { return &h.Title }),
	"text":        text(func(h *planner.Hypothesis) *string { return &h.Text }),
	"surface":     text(func(h *planner.Hypothesis) *string { return &h.Surface }),
	"component":   text(func(h *planner.Hypothesis) *string { return &h.Component }),
	"change_type": text(func(h *planner.Hypothesis) *string { return &h.ChangeType }),
	"segment":     text(func(h *planner.Hypothesis) *string { return &h.Segment }),
	"author":      text(func(h *planner.Hypothesis) *string { return &h.Author }),
	"generator":   text(func(h *planner.Hypothesis) *string { return &h.Generator }),
	"team":        text(func(h *planner.Hypothesis) *string { return &h.Team }),
	"metric":      text(func(h *planner.Hypothesis) *string { return &h.Metric }),
	"source": func(h *planner.Hypothesis, s string) error {
		h.Source = planner.Source(s)
		return nil
	},
	"guardrails":   list(func(h *planner.Hypothesis) *[]string { return &h.Guardrails }),
	"conflicts":    list(func(h *planner.Hypothesis) *[]string { return &h.Conflicts }),
	"requires":     list(func(h *planner.Hypothesis) *[]string { return &h.Requires }),
	"compute.pool": text(func(h *planner.Hypothesis) *string { return &h.Compute.Pool }),
	"compute.train_gpu_hours": number(func(h *planner.Hypothesis) *float64 {
		return &h.Compute.Train
	}),
	"compute.serve_gpu_hours_per_million_users": number(func(h *planner.Hypothesis) *float64 {
		return &h.Compute.Serve
	}),
	"claim.low":      number(func(h *planner.Hypothesis) *float64 { return &claim(h).Low }),
	"claim.mid":      number(func(h *planner.Hypothesis) *float64 { return &claim(h).Mid }),
	"claim.high":     number(func(h *planner.Hypothesis) *float64 { return &claim(h).High }),
	"ice.impact":     number(func(h *planner.Hypothesis) *float64 { return &ice(h).Impact }),
	"ice.confidence": number(func(h *planner.Hypothesis) *float64 { return &ice(h).Confidence }),
	"ice.ease":       number(func(h *planner.Hypothesis) *float64 { return &ice(h).Ease }),
	"ramp":           text(func(h *planner.Hypothesis) *string { return &h.Ramp }),
	"strong": func(h *planner.Hypothesis, s string) (err error) {
		if h.Strong, err = strconv.ParseBool(strings.TrimSpace(s)); err != nil {
			return errors.New("is neither true nor false")
		}
		return nil
	},
	"submitted_at": func(h *planner.Hypothesis, s string) (err error) {
		h.Submitted, err = parseTime(s)
		return err
	},
}

// scoreColumn begins the name of a column of scores; the rest is who scored.
const scoreColumn = "scores."

// setter is what a column does; nil when there is no such field.
func setter(column string) func(*planner.Hypothesis, string) error {
	who, isScore := strings.CutPrefix(column, scoreColumn)
	if !isScore {
		return setters[column]
	}
	return func(h *planner.Hypothesis, s string) error {
		score, err := parseFraction(s)
		if h.Scores == nil {
			h.Scores = planner.Scores{}
		}
		h.Scores[who] = score
		return err
	}
}

func text(field func(*planner.Hypothesis) *string) func(*planner.Hypothesis, string) error {
	return func(h *planner.Hypothesis, s string) error {
		*field(h) = s
		return nil
	}
}

func list(field func(*planner.Hypothesis) *[]string) func(*planner.Hypothesis, string) error {
	return func(h *planner.Hypothesis, s string) error {
		for part := range strings.SplitSeq(s, ";") {
			if part = strings.TrimSpace(part); part != "" {
				*field(h) = append(*field(h), part)
			}
		}
		return nil
	}
}

func number(field func(*planner.Hypothesis) *float64) func(*planner.Hypothesis, string) error {
	return func(h *planner.Hypothesis, s string) (err error) {
		*field(h), err = parseFraction(s)
		return err
	}
}

func claim(h *planner.Hypothesis) *planner.Claim {
	if h.Claim == nil {
		h.Claim = &planner.Claim{}
	}
	return h.Claim
}

func ice(h *planner.Hypothesis) *planner.ICE {
	if h.ICE == nil {
		h.ICE = &planner.ICE{}
	}
	return h.ICE
}

// parseFraction reads 0.02 and 2% alike.
func parseFraction(s string) (float64, error) {
	digits, isPercent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if err != nil || v-v != 0 { // v−v is NaN for infinities and NaN
		return 0, errors.New("is not a number; write 0.02 or 2%")
	}
	if isPercent {
		v /= 100
	}
	return v, nil
}

// parseTime reads a time or a day, in UTC unless it says otherwise.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, errors.New("is not a time; write 2026-11-23, 2026-11-23T02:00 or 2026-11-23T02:00:00Z")
}

func csvDrafts(name string, data []byte) (ds []draft, bad []problem) {
	in := csv.NewReader(bytes.NewReader(data))
	in.FieldsPerRecord = -1 // counted here, to name the line
	header, err := in.Read()
	if err != nil {
		return nil, []problem{{File: name, Line: 1, Reason: "has no header line: " + err.Error()}}
	}
	for i, column := range header {
		header[i] = columnName(column)
		if setter(header[i]) == nil {
			bad = append(bad, problem{name, 1, header[i], "", "is not a field of a hypothesis; the columns are " + columnNames()})
		}
		if slices.Contains(header[:i], header[i]) {
			bad = append(bad, problem{name, 1, header[i], "", "is there twice; keep one of the columns"})
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return ds, bad
		}
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			return ds, append(bad, problem{File: name, Line: parse.Line, Reason: "not CSV: " + parse.Err.Error()})
		}
		line, _ := in.FieldPos(0)
		if len(record) != len(header) {
			bad = append(bad, problem{File: name, Line: line, Reason: fmt.Sprintf("has %d columns; the header has %d", len(record), len(header))})
			continue
		}
		h, wrong := csvDraft(header, record)
		for _, p := range wrong {
			p.File, p.Line = name, line
			bad = append(bad, p)
		}
		if len(wrong) == 0 {
			ds = append(ds, draft{h, name, line})
		}
	}
}

// columnName is a cell of the header as a field: in lower case, but for who scored.
func columnName(cell string) string {
	name := strings.TrimSpace(cell)
	if n := len(scoreColumn); len(name) > n && strings.EqualFold(name[:n], scoreColumn) {
		return scoreColumn + strings.TrimSpace(name[n:])
	}
	return strings.ToLower(name)
}

// csvDraft fills one hypothesis; an empty cell leaves its field alone.
func csvDraft(header, record []string) (h planner.Hypothesis, bad []problem) {
	for i, value := range record {
		if strings.TrimSpace(value) == "" {
			continue
		}
		if err := setter(header[i])(&h, value); err != nil {
			bad = append(bad, problem{Column: header[i], Value: value, Reason: err.Error()})
		}
	}
	return h, bad
}

func columnNames() string {
	var names []string
	for name := range setters {
		names = append(names, name)
	}
	names = append(names, scoreColumn+"NAME")
	slices.Sort(names)
	return strings.Join(names, ", ")
}
