package render

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Width is how many columns a table may take: what fits a terminal of 100
// columns, a page of documentation and a message to a colleague alike.
const Width = 100

const gutter = "  "

// Table prints rows for people, under a header. It fits width columns: those
// marked Grow share what the others leave.
func Table[R any](w io.Writer, s Styles, width int, columns []Column[R], rows []R) error {
	shown := make([]Column[R], 0, len(columns))
	for _, c := range columns {
		if c.Title != "" {
			shown = append(shown, c)
		}
	}
	cells := make([][]string, len(rows))
	for i, r := range rows {
		for _, c := range shown {
			cell := text(c, r)
			if !c.Drawn {
				cell = Clean(cell)
			}
			cells[i] = append(cells[i], cell)
		}
	}
	widths := fit(shown, cells, width)
	var line strings.Builder
	for j, c := range shown {
		line.WriteString(pad(Cut(c.Title, widths[j]), widths[j], c.Right, j == len(shown)-1))
	}
	if _, err := fmt.Fprintln(w, s.Paint(Dim, strings.TrimRight(line.String(), " "))); err != nil {
		return err
	}
	for i, r := range rows {
		line.Reset()
		for j, c := range shown {
			style := Plain
			if c.Style != nil {
				style = c.Style(r)
			}
			padded := pad(Cut(cells[i][j], widths[j]), widths[j], c.Right, j == len(shown)-1)
			line.WriteString(s.Paint(style, padded))
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}

func text[R any](c Column[R], r R) string {
	if c.Text != nil {
		return c.Text(r)
	}
	return fmt.Sprint(c.Value(r))
}

// fit gives each column the width of its longest cell; the growing ones shrink
// evenly, to no less than 12, until the line fits.
func fit[R any](columns []Column[R], cells [][]string, width int) []int {
	widths := make([]int, len(columns))
	total := len(gutter) * (len(columns) - 1)
	for j, c := range columns {
		widths[j] = Len(c.Title)
		for i := range cells {
			widths[j] = max(widths[j], Len(cells[i][j]))
		}
		total += widths[j]
	}
	for total > width {
		widest := -1
		for j, c := range columns {
			if c.Grow && widths[j] > 12 && (widest < 0 || widths[j] > widths[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

func pad(s string, width int, right, last bool) string {
	space := strings.Repeat(" ", max(0, width-Len(s)))
	switch {
	case right && last:
		return space + s
	case right:
		return space + s + gutter
	case last:
		return s
	default:
		return s + space + gutter
	}
}

// Len is the number of columns a text takes; wide scripts count two for each
// character, so that a Japanese title does not push the table apart.
func Len(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	default:
		return 1
	}
}

// Cut shortens a text to a width and marks the cut with ….
func Cut(s string, width int) string {
	if Len(s) <= width {
		return s
	}
	n := 0
	for i, r := range s {
		if n+runeWidth(r) > width-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
		n += runeWidth(r)
	}
	return s
}

// Clean makes a text safe for one line of a terminal: what people and
// generators write may hold newlines and escape sequences.
func Clean(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(clean)
}

// Wrap breaks a text into lines of at most width columns, at spaces.
func Wrap(s string, width int) []string {
	var lines []string
	var line string
	for _, word := range strings.Fields(Clean(s)) {
		switch {
		case line == "":
			line = word
		case Len(line)+1+Len(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
