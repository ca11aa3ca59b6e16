package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/allocator"
)

// walker goes through the text of a night word by word, beside the type that it is read
// into, to where the two part. encoding/json says what is wrong there, but not in which
// candidate, and of NaN not even in which field: so this is asked once it has failed.
type walker struct {
	text []byte
	dec  *json.Decoder
	word json.Token // the last one
}

// whereWrong is the first fault of a text that is no allocator.Problem.
func whereWrong(text []byte) error {
	w := walker{text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	w.dec.UseNumber() // 1e400 is a word, and its fault is found here
	return w.value(reflect.TypeFor[allocator.Problem](), "")
}

// value reads one value; path says where it stands: candidates[3].options[0].value.
func (w *walker) value(t reflect.Type, path string) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	start := w.dec.InputOffset()
	if err := w.next(); err != nil || !w.fits(t) {
		return w.fault(start, path, "must be "+kindText[t.Kind()])
	}
	switch w.word {
	case json.Delim('{'):
		return w.fields(t, path)
	case json.Delim('['):
		for i := 0; w.dec.More(); i++ {
			if err := w.value(t.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return w.close(path)
	}
	return nil
}

func (w *walker) next() (err error) {
	w.word, err = w.dec.Token()
	return err
}

var kindText = map[reflect.Kind]string{
	reflect.Struct:  "an object in braces",
	reflect.Slice:   "a list in brackets",
	reflect.String:  "a text in quotes",
	reflect.Float64: "a finite number",
	reflect.Int:     "a whole number",
	reflect.Int64:   "a whole number",
}

// fits says whether the last word is, or begins, a value of a type. null is one of any.
func (w *walker) fits(t reflect.Type) bool {
	switch word := w.word.(type) {
	case nil:
		return true
	case json.Delim:
		return t.Kind() == reflect.Struct && word == '{' || t.Kind() == reflect.Slice && word == '['
	case string:
		return t.Kind() == reflect.String
	case json.Number:
		var err error
		if t.Kind() == reflect.Float64 {
			_, err = word.Float64()
		} else {
			_, err = strconv.ParseInt(word.String(), 10, 64)
		}
		return err == nil && t.Kind() != reflect.String && t.Kind() != reflect.Struct && t.Kind() != reflect.Slice
	}
	return false
}

// fields reads what is left of an object. A candidate is named by its id once that is
// known, and by its place before.
func (w *walker) fields(t reflect.Type, path string) error {
	below := strings.TrimPrefix(path+".", ".")
	for w.dec.More() {
		start := w.dec.InputOffset()
		if err := w.next(); err != nil {
			return w.broken(path, err)
		}
		name, _ := w.word.(string)
		f, names := fieldNamed(t, name)
		if f == nil {
			return &Error{w.lineAfter(start), strings.TrimPrefix(path+": ", ": ") + "a field", name, "must be one of " + strings.Join(names, ", ")}
		}
		if err := w.value(f, below+name); err != nil {
			return err
		}
		if id, ok := w.word.(string); ok && t == reflect.TypeFor[allocator.Candidate]() && strings.EqualFold(name, "id") {
			path = fmt.Sprintf("candidate %q", id)
			below = path + ": "
		}
	}
	return w.close(path)
}

// fieldNamed is the type of a field, found as encoding/json does, and the names of all.
func fieldNamed(t reflect.Type, name string) (found reflect.Type, names []string) {
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if names = append(names, tag); strings.EqualFold(tag, name) {
			found = f.Type
		}
	}
	return found, names
}

// close reads the bracket or brace that ends a value.
func (w *walker) close(path string) error {
	if err := w.next(); err != nil {
		return w.broken(path, err)
	}
	return nil
}

// broken tells of text that is no JSON, between values.
func (w *walker) broken(path string, err error) error {
	at := w.dec.InputOffset()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		at = syntax.Offset
	}
	if path == "" {
		path = "the night"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{lineAt(w.text, at), "the end of " + path, "", "the file ends in the middle of it"}
	}
	return fmt.Errorf("line %d: %s: %w", lineAt(w.text, at), path, err)
}

// fault tells of the word that stands after an offset.
func (w *walker) fault(start int64, field, want string) error {
	if field == "" {
		field = "the night"
	}
	return &Error{w.lineAfter(start), field, wordAt(w.text, start), want}
}

// between is what may stand between two words.
const between = " \t\r\n:,"

// lineAfter is the line of the word that stands after an offset.
func (w *walker) lineAfter(offset int64) int {
	rest := w.text[offset:]
	return lineAt(w.text, offset+int64(len(rest)-len(bytes.TrimLeft(rest, between))))
}

// wordAt is the beginning of what stands after an offset, as it is written.
func wordAt(text []byte, offset int64) string {
	rest := bytes.TrimLeft(text[offset:], between)
	if end := bytes.IndexAny(rest, "\r\n,]}"); end >= 0 {
		rest = rest[:max(end, 1)]
	}
	return string(bytes.TrimSpace(rest[:min(len(rest), 32)]))
}
