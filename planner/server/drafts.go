package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/assay-planner/assay/planner"
)

// maxDrafts bounds one submission; it also bounds how long a transaction of
// the registry can take.
const maxDrafts = 10_000

// parseDrafts reads one JSON object, an array of them, or one after the other
// (NDJSON). What is wrong with single fields is collected over all drafts.
func parseDrafts(body io.Reader) ([]planner.Hypothesis, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	array := bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("["))
	if array {
		if _, err := dec.Token(); err != nil {
			return nil, notJSON(text, dec, err)
		}
	}
	var drafts []planner.Hypothesis
	var bad planner.DraftErrors
	for i := 0; !array || dec.More(); i++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) && !array {
			break
		} else if err != nil {
			return nil, notJSON(text, dec, err)
		}
		if i == maxDrafts {
			return nil, refuse(http.StatusRequestEntityTooLarge, "too_large", "more than %d hypotheses at once: send them in parts", maxDrafts)
		}
		var h planner.Hypothesis
		if fields := decodeStrictly(raw, reflect.ValueOf(&h).Elem(), ""); len(fields) > 0 {
			bad = append(bad, planner.DraftError{Index: i, ID: h.ID, Fields: fields})
		}
		drafts = append(drafts, h)
	}
	if array {
		if err := ended(dec); err != nil {
			return nil, notJSON(text, dec, err)
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	if len(drafts) == 0 {
		return nil, refuse(http.StatusBadRequest, "bad_json", "the request holds no hypothesis")
	}
	return drafts, nil
}

// ended reads the end of an array, after which nothing may follow: it would be
// lost without a word.
func ended(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return err
	}
	switch _, err := dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("something follows the array")
}

func notJSON(text []byte, dec *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too early")
	}
	at := dec.InputOffset()
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = max(at, min(s.Offset, int64(len(text))))
	}
	return refuse(http.StatusBadRequest, "bad_json", "not JSON in line %d: %s", 1+bytes.Count(text[:at], []byte("\n")), err)
}

// decodeStrictly fills v field by field and lists every member that does not
// fit or does not exist; encoding/json would stop at the first.
func decodeStrictly(raw json.RawMessage, v reflect.Value, path string) []planner.FieldError {
	members, err := object(raw)
	if err != nil {
		return []planner.FieldError{wrongKind(strings.TrimSuffix(path, "."), raw, v.Type())}
	}
	fields := fieldsOf(v)
	var bad []planner.FieldError
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, known := fields[name]
		switch {
		case !known:
			bad = append(bad, planner.FieldError{Field: path + name, Value: snippet(members[name]), Reason: "is not a known field" + near(name, fields)})
		case string(members[name]) == "null": // as if it were not there
		case field.Kind() == reflect.Map:
			bad = append(bad, decodeNumbers(members[name], field, path+name)...)
		case isObject(field.Type()):
			if field.Kind() == reflect.Pointer {
				field.Set(reflect.New(field.Type().Elem()))
				field = field.Elem()
			}
			bad = append(bad, decodeStrictly(members[name], field, path+name+".")...)
		default:
			if err := json.Unmarshal(members[name], field.Addr().Interface()); err != nil {
				bad = append(bad, wrongKind(path+name, members[name], field.Type()))
			}
		}
	}
	return bad
}

// decodeNumbers fills a map of numbers by name, and lists every member that is none.
func decodeNumbers(raw json.RawMessage, v reflect.Value, path string) (bad []planner.FieldError) {
	members, err := object(raw)
	if err != nil {
		return []planner.FieldError{wrongKind(path, raw, v.Type())}
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		number := reflect.New(v.Type().Elem()).Elem()
		if err := json.Unmarshal(members[name], number.Addr().Interface()); err != nil {
			bad = append(bad, wrongKind(path+"."+name, members[name], number.Type()))
		} else if string(members[name]) != "null" {
			v.SetMapIndex(reflect.ValueOf(name), number)
		}
	}
	return bad
}

func object(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("null")
	}
	return members, nil
}

// fieldsOf maps the JSON names of a struct to its fields.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = v.Field(i)
	}
	return fields
}

var timeType = reflect.TypeFor[time.Time]()

func isObject(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && t != timeType
}

func wrongKind(field string, raw json.RawMessage, t reflect.Type) planner.FieldError {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	want := "an object"
	switch {
	case t == timeType:
		want = "a time, as 2026-11-23T02:00:00Z"
	case t.Kind() == reflect.String:
		want = "text"
	case t.Kind() == reflect.Float64:
		want = "a number"
	case t.Kind() == reflect.Bool:
		want = "true or false"
	case t.Kind() == reflect.Slice:
		want = "a list of texts"
	}
	return planner.FieldError{Field: field, Value: snippet(raw), Reason: fmt.Sprintf("must be %s", want)}
}

// snippet shows the beginning of a value.
func snippet(raw json.RawMessage) string {
	text := string(raw)
	var s *string
	if json.Unmarshal(raw, &s) == nil && s != nil {
		text = *s
	}
	if rs := []rune(text); len(rs) > 80 {
		return string(rs[:80]) + "…"
	}
	return text
}

// near points at a field that differs only in case or separators.
func near(name string, fields map[string]reflect.Value) string {
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
	}
	for _, known := range slices.Sorted(maps.Keys(fields)) {
		if plain(known) == plain(name) {
			return ": write " + known
		}
	}
	return ""
}
