package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/assay-planner/assay/allocator"
)

// readNight reads an allocator.Problem and nothing else. A field that it does not have is
// an error: a misspelt capacity would silently be none.
func readNight(in io.Reader) (*allocator.Problem, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	var p allocator.Problem
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		if place := whereWrong(text); place != nil {
			return nil, place
		}
		return nil, fmt.Errorf("line %d: %w", lineAt(text, dec.InputOffset()), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &Error{lineAt(text, dec.InputOffset()), "one more value", wordAt(text, dec.InputOffset()), "nothing may follow the closing brace"}
	}
	return &p, nil
}

func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n"))
}
