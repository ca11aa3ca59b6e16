// Package render prints what commands answer: as a table for people, as JSON
// or CSV for programs. A command describes its row shape once, as a list of
// columns, and all three forms follow from it.
package render

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Format is how an answer is printed.
type Format string

const (
	TableFormat Format = "table"
	JSONFormat  Format = "json"
	CSVFormat   Format = "csv"
)

// Column shows one field of a row. Value is the exact field, for programs;
// Text is the same for people, in tables.
type Column[R any] struct {
	Name  string            // header in CSV: lower_case_with_units
	Title string            // header in a table; empty: not shown to people
	Value func(R) any       // exact; nil: not in CSV
	Text  func(R) string    // nil: Value printed plainly
	Right bool              // numbers stand to the right
	Drawn bool              // a drawing: the spaces before it are part of it
	Grow  bool              // takes the width that is left over, cut with … when it is too long
	Style func(R) StyleName // colour on a terminal; nil: none
}

// JSON prints v indented, with a final newline. Equal values give equal bytes.
func JSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// CSV prints rows with a header line. Text that a spreadsheet would run as a
// formula is defused; numbers are exact and never quoted.
func CSV[R any](w io.Writer, columns []Column[R], rows []R) error {
	out := csv.NewWriter(w)
	var header []string
	for _, c := range columns {
		if c.Value != nil {
			header = append(header, c.Name)
		}
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, r := range rows {
		cells := make([]string, 0, len(header))
		for _, c := range columns {
			if c.Value != nil {
				cells = append(cells, cell(c.Value(r)))
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		if a := math.Abs(v); a >= 1e-6 && a < 1e15 {
			return strconv.FormatFloat(v, 'f', -1, 64) // as in JSON: users are 1008660, not 1.00866e+06
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	case []string:
		return Defuse(strings.Join(v, ";"))
	default:
		return Defuse(fmt.Sprint(v))
	}
}

// Defuse keeps a spreadsheet from running a text as a formula: a leading
// = + - @ tab or return gets an apostrophe before it (OWASP, "CSV Injection").
func Defuse(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
