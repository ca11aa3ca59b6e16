package importer

import (
	"math"
	"slices"
	"time"

	"github.com/assay-planner/assay/history/mapping"
)

// cells returns a column as text, with the mapping's null texts emptied. It is
// asked for again with every bad cell, so the answer is kept for the batch.
func (r *reader) cells(name string) []string {
	if texts, ok := r.plain[name]; ok {
		return texts
	}
	texts := r.table.columns[r.index[name]].texts()
	if len(r.null) > 0 {
		texts = slices.Clone(texts)
		for i, text := range texts {
			if r.null[text] {
				texts[i] = ""
			}
		}
	}
	r.plain[name] = texts
	return texts
}

func (r *reader) column(name string) column {
	c := r.table.columns[r.index[name]]
	if len(r.null) > 0 && isText(c) {
		return textColumn(r.cells(name))
	}
	return c
}

// texts evaluates a text field for every row of the batch.
func (r *reader) texts(f mapping.Field, required bool) []string {
	if f.Column == "" {
		return r.constant(f.Value)
	}
	texts := r.cells(f.Column)
	if f.Default == "" && f.Rename == nil && !required {
		return texts
	}
	out := texts
	if f.Default != "" || f.Rename != nil {
		out = make([]string, len(texts))
		for i, text := range texts {
			if renamed, ok := f.Rename[text]; ok {
				text = renamed
			}
			if text == "" {
				text = f.Default
			}
			out[i] = text
		}
	}
	for i, text := range out {
		if required && text == "" {
			r.report(i, f.Column, "", "is empty")
		}
	}
	return out
}

// constant returns a column of one value.
func (r *reader) constant(value string) []string {
	rows := len(r.table.lines)
	for len(r.constants[value]) < rows {
		r.constants[value] = append(r.constants[value], value)
	}
	return r.constants[value][:rows]
}

// numbers evaluates a column of finite numbers; NaN means no value, which is a
// problem only where one is required.
func (r *reader) numbers(name string, required bool) []float64 {
	c := r.column(name)
	unreadable := map[int]bool{}
	numbers := c.numbers(func(row int, reason string) {
		unreadable[row] = true
		r.report(row, name, c.shown(row), reason)
	})
	for i, x := range numbers {
		if x-x == 0 { // neither NaN nor infinite
			continue
		}
		switch {
		case math.IsInf(x, 0):
			r.report(i, name, c.shown(i), "is not finite")
		case required && !unreadable[i]:
			r.report(i, name, "", "is empty")
		}
	}
	return numbers
}

// instants evaluates a field of dates and times as Unix seconds, 0 for none.
func (r *reader) instants(f mapping.Field, required bool) []int64 { return r.times(f, required, false) }

// times are instants, or if local what the clocks showed of the zones in which they are
// written.
func (r *reader) times(f mapping.Field, required, local bool) []int64 {
	var instants []int64
	switch {
	case !f.Given():
		return make([]int64, len(r.table.lines))
	case f.Column == "":
		instants = textColumn(r.constant(f.Value)).instants(formOf(f, local), func(row int, reason string) { r.report(row, "", f.Value, reason) })
	default:
		c := r.column(f.Column)
		if f.Default != "" || f.Rename != nil {
			c = textColumn(r.texts(f, false))
		}
		reported := map[int]bool{}
		instants = c.instants(formOf(f, local), func(row int, reason string) {
			reported[row] = true
			r.report(row, f.Column, c.shown(row), reason)
		})
		for i, t := range instants {
			if required && t == 0 && !reported[i] {
				r.report(i, f.Column, "", "is empty")
			}
		}
	}
	if plus := int64(f.Plus / time.Second); plus != 0 {
		for i, t := range instants {
			if t == 0 {
				continue
			}
			var reason string
			if instants[i], reason = inRange(t + plus); reason != "" {
				r.report(i, f.Column, r.shown(f, i), reason+", once "+f.Plus.String()+" is added")
			}
		}
	}
	return instants
}

// shown is what a Problem quotes of a field: the cell, or the constant.
func (r *reader) shown(f mapping.Field, row int) string {
	if f.Column == "" {
		return f.Value
	}
	return r.column(f.Column).shown(row)
}
