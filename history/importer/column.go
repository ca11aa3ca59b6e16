package importer

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/assay-planner/assay/history/mapping"
)

// column is one column of a batch, as its format gives it.
type column interface {
	// texts returns the cells as text, "" where there is no value.
	texts() []string
	// numbers returns the cells as numbers. It calls bad for each that is none;
	// where there is no value, the number is NaN.
	numbers(bad func(row int, reason string)) []float64
	// instants returns Unix seconds, 0 where there is no value.
	instants(as timeForm, bad func(row int, reason string)) []int64
	// shown returns one cell as a Problem quotes it.
	shown(row int) string
}

// textColumn is a column of CSV or NDJSON.
type textColumn []string

func (c textColumn) texts() []string      { return c }
func (c textColumn) shown(row int) string { return c[row] }

func (c textColumn) numbers(bad func(int, string)) []float64 {
	numbers := make([]float64, len(c))
	for i, text := range c {
		if text = strings.TrimSpace(text); text == "" {
			numbers[i] = math.NaN()
			continue
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			bad(i, "is not a number")
			x = math.NaN()
		}
		numbers[i] = x
	}
	return numbers
}

func (c textColumn) instants(as timeForm, bad func(int, string)) []int64 {
	instants := make([]int64, len(c))
	var last string // days repeat over thousands of rows
	var lastInstant int64
	var lastReason string
	for i, text := range c {
		if text == "" {
			continue
		}
		if text != last {
			last = text
			lastInstant, lastReason = as.parse(text)
		}
		if instants[i] = lastInstant; lastReason != "" {
			bad(i, lastReason)
		}
	}
	return instants
}

// arrowColumn is a column of Parquet or Arrow.
type arrowColumn struct{ arrow.Array }

// textArray is a column of text: String, LargeString or StringView.
type textArray interface{ Value(row int) string }

// bytesArray is a column of bytes, in which some programs write text: Binary,
// LargeBinary or BinaryView.
type bytesArray interface{ ValueString(row int) string }

// isText says whether a column can hold the mapping's texts for "no value".
func isText(c column) bool {
	a, ok := c.(arrowColumn)
	if !ok {
		return true
	}
	switch a.Array.(type) {
	case textArray, bytesArray, *array.Dictionary:
		return true
	}
	return false
}

func (c arrowColumn) shown(row int) string { return c.ValueStr(row) }

func (c arrowColumn) texts() []string {
	texts := make([]string, c.Len())
	switch a := c.Array.(type) {
	case textArray:
		for i := range texts {
			texts[i] = a.Value(i) // a view of the column's memory
		}
	case bytesArray:
		for i := range texts {
			texts[i] = a.ValueString(i)
		}
	case *array.Dictionary:
		words := arrowColumn{a.Dictionary()}.texts()
		for i := range texts {
			if a.IsValid(i) {
				texts[i] = words[a.GetValueIndex(i)]
			}
		}
	default:
		return c.written()
	}
	for i := range texts {
		if c.NullN() > 0 && c.IsNull(i) {
			texts[i] = ""
		}
	}
	return texts
}

// written writes numbers, dates and flags as text, all into one buffer.
func (c arrowColumn) written() []string {
	var buffer []byte
	ends := make([]int, c.Len())
	for i := range ends {
		if c.IsValid(i) {
			switch a := c.Array.(type) {
			case *array.Int64:
				buffer = strconv.AppendInt(buffer, a.Value(i), 10)
			case *array.Int32:
				buffer = strconv.AppendInt(buffer, int64(a.Value(i)), 10)
			case *array.Float64:
				buffer = strconv.AppendFloat(buffer, a.Value(i), 'g', -1, 64)
			default:
				buffer = append(buffer, c.ValueStr(i)...)
			}
		}
		ends[i] = len(buffer)
	}
	texts, start := make([]string, len(ends)), 0
	for i, end := range ends {
		if end > start {
			texts[i] = unsafe.String(&buffer[start], end-start) // buffer is never written again
		}
		start = end
	}
	return texts
}

func (c arrowColumn) numbers(bad func(int, string)) []float64 {
	if a, ok := c.Array.(*array.Float64); ok && a.NullN() == 0 {
		return a.Float64Values() // not a copy: nothing here writes to a column
	}
	numbers := make([]float64, c.Len())
	switch a := c.Array.(type) {
	case *array.Float64:
		copy(numbers, a.Float64Values())
	case *array.Float32:
		widen(numbers, a.Float32Values())
	case *array.Int64:
		widen(numbers, a.Int64Values())
	case *array.Int32:
		widen(numbers, a.Int32Values())
	case *array.Int16:
		widen(numbers, a.Int16Values())
	case *array.Int8:
		widen(numbers, a.Int8Values())
	case *array.Uint64:
		widen(numbers, a.Uint64Values())
	case *array.Uint32:
		widen(numbers, a.Uint32Values())
	case *array.Uint16:
		widen(numbers, a.Uint16Values())
	case *array.Uint8:
		widen(numbers, a.Uint8Values())
	case *array.Boolean:
		for i := range numbers {
			if a.Value(i) {
				numbers[i] = 1
			}
		}
	default: // text, decimals and dictionaries of them
		return textColumn(c.texts()).numbers(bad)
	}
	for i := range numbers {
		if c.NullN() > 0 && c.IsNull(i) {
			numbers[i] = math.NaN()
		}
	}
	return numbers
}

func widen[T ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32](to []float64, from []T) {
	for i, x := range from {
		to[i] = float64(x)
	}
}

func (c arrowColumn) instants(as timeForm, bad func(int, string)) []int64 {
	var at func(i int) int64
	switch a := c.Array.(type) {
	case *array.Timestamp:
		typ := a.DataType().(*arrow.TimestampType)
		second := int64(time.Second / typ.Unit.Multiplier())
		at = func(i int) int64 { return floorDiv(int64(a.Value(i)), second) }
		switch zone, err := typ.GetZone(); {
		case typ.TimeZone == "":
			at = as.naive(at)
		case as.local && err == nil:
			at = func(i int) int64 { return clock(time.Unix(floorDiv(int64(a.Value(i)), second), 0).In(zone)) }
		}
	case *array.Date32:
		at = as.naive(func(i int) int64 { return int64(a.Value(i)) * 86400 })
	case *array.Date64:
		at = as.naive(func(i int) int64 { return floorDiv(int64(a.Value(i)), 1000) })
	default:
		return textColumn(c.texts()).instants(as, bad)
	}
	instants := make([]int64, c.Len())
	for i := range instants {
		if c.IsNull(i) {
			continue
		}
		seconds, reason := inRange(at(i))
		if _, ok := c.Array.(*array.Timestamp); ok && reason == "" && seconds < mapping.LastInstant/1000 {
			seconds, reason = 0, "lies in the first days of 1970: as it seems, the file's seconds are written as a finer unit"
		}
		if instants[i] = seconds; reason != "" {
			bad(i, reason)
		}
	}
	return instants
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
