package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/assay-planner/assay/planner"
)

// draft is a hypothesis as a file has it, with the place to point at when
// something is wrong.
type draft struct {
	planner.Hypothesis
	file string
	line int
}

// problem is one bad value in a file of hypotheses.
type problem struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column string `json:"column"`
	Value  string `json:"value"`
	Reason string `json:"reason"`
}

func (p problem) Error() string {
	msg := fmt.Sprintf("%s:%d", p.File, p.Line)
	if p.Column != "" {
		msg += " " + p.Column
	}
	if p.Value != "" {
		msg += fmt.Sprintf(" %q", p.Value)
	}
	return msg + ": " + p.Reason
}

// maxDraftFile bounds what is read into memory: 100,000 long ideas fit.
const maxDraftFile = 256 << 20

// readDrafts reads a file of hypotheses, or standard input for "-". The form
// follows from the name, and without one from the first character.
func readDrafts(ctx context.Context, path string, stdin io.Reader) ([]draft, []problem, error) {
	name, text, err := readInput(ctx, path, stdin, "nothing was stored")
	if err != nil {
		return nil, nil, err
	}
	if len(text) > maxDraftFile {
		return nil, nil, badInput(fmt.Errorf("%s is larger than %d MB", name, maxDraftFile>>20)).next("split it")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	ds, bad := parseDrafts(name, text)
	if len(ds) == 0 && len(bad) == 0 {
		return nil, nil, badInput(fmt.Errorf("%s holds no hypothesis", name))
	}
	return ds, bad, nil
}

func parseDrafts(name string, text []byte) ([]draft, []problem) {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case ext == ".csv":
		return csvDrafts(name, text)
	case ext == ".yaml", ext == ".yml":
		return yamlDrafts(name, text)
	case ext == ".json", ext == ".ndjson", ext == ".jsonl":
		return jsonDrafts(name, text)
	}
	switch first := bytes.TrimSpace(text); {
	case bytes.HasPrefix(first, []byte("{")), bytes.HasPrefix(first, []byte("[")):
		return jsonDrafts(name, text)
	case looksLikeCSV(first):
		return csvDrafts(name, text)
	default:
		return yamlDrafts(name, text)
	}
}

// looksLikeCSV: a header of commas without a YAML key.
func looksLikeCSV(text []byte) bool {
	header, _, _ := bytes.Cut(text, []byte("\n"))
	return bytes.Contains(header, []byte(",")) && !bytes.Contains(header, []byte(":"))
}

// jsonDrafts reads an array, one object, or objects one after the other (NDJSON).
func jsonDrafts(name string, text []byte) (ds []draft, bad []problem) {
	dec := json.NewDecoder(bytes.NewReader(text))
	lineAt := lineCounter(text)
	inArray := false
	if first := bytes.TrimSpace(text); bytes.HasPrefix(first, []byte("[")) {
		dec.Token()
		inArray = true
	}
	for !inArray || dec.More() {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) && !inArray {
			break
		}
		line := lineAt(int(dec.InputOffset()) - len(raw))
		if err != nil {
			return ds, append(bad, problem{File: name, Line: lineAt(int(dec.InputOffset())), Reason: "not JSON: " + err.Error()})
		}
		h, err := decodeDraft(raw)
		if err != nil {
			bad = append(bad, decodeProblem(name, line, err))
			continue
		}
		ds = append(ds, draft{h, name, line})
	}
	if inArray {
		if reason := arrayEnd(dec); reason != "" {
			bad = append(bad, problem{File: name, Line: lineAt(int(dec.InputOffset())), Reason: "not JSON: " + reason})
		}
	}
	return ds, bad
}

// arrayEnd says what is wrong with the end of an array: what follows it would
// otherwise be lost without a word.
func arrayEnd(dec *json.Decoder) (reason string) {
	if _, err := dec.Token(); err != nil {
		return "the array is not closed"
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return "something follows the array"
	}
	return ""
}

// lineCounter returns the 1-based line of ascending offsets, in one pass.
func lineCounter(text []byte) func(offset int) int {
	line, at := 1, 0
	return func(offset int) int {
		offset = min(max(offset, at), len(text))
		line += bytes.Count(text[at:offset], []byte("\n"))
		at = offset
		return line
	}
}

func decodeDraft(text []byte) (planner.Hypothesis, error) {
	var h planner.Hypothesis
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	err := dec.Decode(&h)
	return h, err
}

// decodeProblem turns what encoding/json says into field, value and reason.
func decodeProblem(file string, line int, err error) problem {
	p := problem{File: file, Line: line, Reason: err.Error()}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		p.Column, p.Reason = wrong.Field, fmt.Sprintf("is a %s; it must be %s", wrong.Value, kindName(wrong.Type.Kind().String()))
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		p.Column, p.Reason = strings.Trim(field, `"`), "is not a field of a hypothesis; see assay hypothesis submit --help"
	}
	return p
}

func kindName(kind string) string {
	switch kind {
	case "float64", "int":
		return "a number"
	case "string":
		return "text"
	case "slice":
		return "a list"
	case "bool":
		return "true or false"
	default:
		return "an object"
	}
}
