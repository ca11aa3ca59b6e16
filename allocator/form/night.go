package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/assay-planner/assay/allocator"
)

// readNight reads an allocator.Problem. A field that it does not have is an error:
// a misspelt capacity would silently be none.
func readNight(in io.Reader) (*allocator.Problem, error) {
	var p allocator.Problem
	if err := readJSON(in, &p); err != nil {
		return nil, err
	}
	return &p, nil
}

// readJSON reads one value and nothing else, and names the line of what is wrong.
func readJSON(in io.Reader, into any) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		at := dec.InputOffset()
		syntax, wrong := (*json.SyntaxError)(nil), (*json.UnmarshalTypeError)(nil)
		if errors.As(err, &syntax) {
			at = syntax.Offset
		}
		if errors.As(err, &wrong) {
			return &Error{lineAt(text, wrong.Offset), wrong.Field, wrong.Value, "must be a " + wrong.Type.String()}
		}
		return fmt.Errorf("line %d: %w", lineAt(text, at), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &Error{lineAt(text, dec.InputOffset()), "one more value", "", "nothing may follow the closing brace"}
	}
	return nil
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n"))
}
