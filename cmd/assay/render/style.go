package render

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// StyleName is a meaning that a terminal may show in colour.
type StyleName string

const (
	Plain StyleName = ""
	Dim   StyleName = "2"
	Bold  StyleName = "1"
	Good  StyleName = "32"
	Warn  StyleName = "33"
	Bad   StyleName = "31"
)

// Styles paints, or does not.
type Styles struct{ Colour bool }

// StylesFor paints only for a terminal whose user has not set NO_COLOR, so
// that files, pipes and screen readers get plain text.
func StylesFor(w io.Writer) Styles {
	return Styles{Colour: IsTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// Paint returns the text in a style.
func (s Styles) Paint(style StyleName, text string) string {
	if !s.Colour || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// IsTerminal reports whether a person sees what is written.
func IsTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// TermWidth is the width for tables on w: Width, or from 60 up what a narrower terminal
// has or, where w is a file or a pipe, what the variable COLUMNS says.
func TermWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return Width
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		columns, err = strconv.Atoi(os.Getenv("COLUMNS"))
	}
	if err != nil || columns < 60 || columns > Width {
		return Width
	}
	return columns
}
