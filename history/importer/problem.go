package importer

import (
	"fmt"
	"unicode/utf8"
)

// Problem is one thing wrong with a file.
type Problem struct {
	File   string `json:"file"`
	Line   int64  `json:"line"` // of the file; for Parquet and Arrow the row, from 1; 0: the file as a whole
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

func (p Problem) String() string {
	text := p.File + ": "
	if p.Line > 0 {
		text = fmt.Sprintf("%s:%d: ", p.File, p.Line)
	}
	if p.Column != "" {
		text += fmt.Sprintf("column %s: ", p.Column)
	}
	if p.Value != "" {
		text += fmt.Sprintf("%q ", p.Value)
	}
	return text + p.Reason
}

// maxProblems bounds the memory that a hopeless file can take. The count of bad
// rows goes on beyond it.
const maxProblems = 100_000

// maxShown bounds the part of a cell that a Problem quotes.
const maxShown = 120

func shown(value string) string {
	if len(value) <= maxShown {
		return value
	}
	cut := maxShown
	for cut > 0 && !utf8.RuneStart(value[cut]) {
		cut--
	}
	return value[:cut] + "…"
}
