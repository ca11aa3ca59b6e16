package render

import (
	"math"
	"slices"
	"strings"
)

// Axis is a row of columns that intervals are drawn on, with 0 always on it.
type Axis struct {
	Low, High float64
	Columns   int
}

// AxisFor spans the intervals' ends, given in pairs. Of those that
// reach more than three times as far as four fifths do, only a part is shown, so that they do
// not hide the others.
func AxisFor(columns int, ends ...float64) Axis {
	a := Axis{Columns: max(5, columns)}
	var far []float64
	for _, x := range ends {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			far = append(far, math.Abs(x))
		}
	}
	if len(far) == 0 {
		return Axis{-1, 1, a.Columns}
	}
	slices.Sort(far)
	limit := 3 * far[len(far)*4/5]
	for _, x := range ends {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			x = max(-limit, min(limit, x))
			a.Low, a.High = min(a.Low, x), max(a.High, x)
		}
	}
	if a.Low == a.High {
		return Axis{-1, 1, a.Columns}
	}
	return a
}

// column is where a value is drawn; it may be off the axis.
func (a Axis) column(x float64) int {
	at := (x - a.Low) / (a.High - a.Low) * float64(a.Columns-1)
	return int(math.Round(max(-1e6, min(1e6, at))))
}

// Interval draws an interval with its estimate: ├──●──┤, with an arrow for an end that is
// off the axis and 0 as │.
func (a Axis) Interval(low, value, high float64) string {
	cells := []rune(strings.Repeat(" ", a.Columns))
	from, to := a.column(low), a.column(high)
	for i := max(0, from); i <= min(a.Columns-1, to); i++ {
		cells[i] = '─'
	}
	zero := a.column(0)
	cells[zero] = '│'
	if from <= zero && zero <= to {
		cells[zero] = '┼'
	}
	if from >= 0 && from < a.Columns {
		cells[from] = '├'
	} else if from < 0 {
		cells[0] = '◂'
	}
	if to >= 0 && to < a.Columns {
		cells[to] = '┤'
	} else if to >= a.Columns {
		cells[a.Columns-1] = '▸'
	}
	if at := a.column(value); at >= 0 && at < a.Columns {
		cells[at] = '●'
	}
	return string(cells)
}

// Ruler labels the axis' ends and 0, as far as they fit.
func (a Axis) Ruler(text func(float64) string) string {
	cells := []rune(strings.Repeat(" ", a.Columns))
	put := func(at int, label string) {
		runes := []rune(label)
		at = max(0, min(a.Columns-len(runes), at-len(runes)/2))
		for i := max(0, at-1); i < min(a.Columns, at+len(runes)+1); i++ {
			if cells[i] != ' ' {
				return
			}
		}
		copy(cells[at:], runes)
	}
	put(a.column(0), "0")
	if a.Low < 0 {
		put(0, text(a.Low))
	}
	if a.High > 0 {
		put(a.Columns-1, text(a.High))
	}
	return string(cells)
}
