package importer

import (
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/assay-planner/assay/history/mapping"
)

// TestInstants: a number is an instant where the mapping says of what unit it is, and
// never one of another century because it is of another unit.
func TestInstants(t *testing.T) {
	const at, form = "2026-01-01 10:00:00", " is not a date such as 2026-01-31 or 2026-01-31T18:00:00Z"
	for _, c := range []struct{ text, format, want, wrong string }{
		{text: at, want: at},
		{text: " 2026-01-01T11:00:00+01:00 ", want: at},
		{text: "1767261600", format: "seconds", want: at},
		{text: "1767261600.9", format: "seconds", want: at},
		{text: "1767261600999", format: "milliseconds", want: at},
		{text: "1.7672616e+15", format: "microseconds", want: at},
		{text: "1767261600000000000", format: "nanoseconds", want: at},
		{text: "1767261600", wrong: form + "; if it counts seconds since 1970, the mapping says so by format: seconds"},
		{text: "1767261600000", wrong: form + "; if it counts milliseconds since 1970, the mapping says so by format: milliseconds"},
		{text: "20260101", wrong: form},
		{text: "NaN", wrong: form},
		{text: "1767261600000", format: "seconds", wrong: " lies outside the years 1973 to 2105 in seconds since 1970; if it counts milliseconds since 1970, the mapping says so by format: milliseconds"},
		{text: "1767261600", format: "milliseconds", wrong: " lies outside the years 1973 to 2105 in milliseconds since 1970; if it counts seconds since 1970, the mapping says so by format: seconds"},
		{text: "0", format: "seconds", wrong: " lies outside the years 1973 to 2105 in seconds since 1970"},
		{text: "Inf", format: "seconds", wrong: " lies outside the years 1973 to 2105 in seconds since 1970"},
		{text: at, format: "seconds", wrong: " is not a number of seconds since 1970"},
		{text: "9999-12-31", wrong: " lies outside the years 1970 to 2105; if it means that there is none, name it in null:"},
		{text: "1969-12-31", wrong: " lies outside the years 1970 to 2105"},
	} {
		seconds, reason := timeForm{format: c.format}.parse(c.text)
		if reason != "" {
			reason = " " + reason
		}
		got := ""
		if seconds != 0 {
			got = time.Unix(seconds, 0).UTC().Format(time.DateTime)
		}
		if got != c.want || reason != c.wrong {
			t.Errorf("%q as %q: %q,%s; want %q,%s", c.text, c.format, got, reason, c.want, c.wrong)
		}
	}
}

// TestTimestampOfAnotherUnit: seconds that a program wrote as milliseconds are no dates
// of January 1970, and milliseconds written as seconds none of the year 57970.
func TestTimestampOfAnotherUnit(t *testing.T) {
	for unit, want := range map[arrow.TimeUnit]string{
		arrow.Second:      "",
		arrow.Millisecond: "lies in the first days of 1970: as it seems, the file's seconds are written as a finer unit",
	} {
		b := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: unit})
		b.Append(1767261600)
		got := ""
		c := arrowColumn{b.NewArray()}
		c.instants(timeForm{}, func(_ int, reason string) { got = reason })
		if got != want {
			t.Errorf("%s: %q, want %q", unit, got, want)
		}
	}
	b := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Second})
	b.Append(1767261600000)
	got := ""
	arrowColumn{b.NewArray()}.instants(timeForm{}, func(_ int, reason string) { got = reason })
	if got != "lies outside the years 1970 to 2105" {
		t.Error(got)
	}
}

// TestDaysAreThoseOfTheClock: a row belongs to the day that the clock showed where it was
// written, also on the day of 23 hours and on that of 25.
func TestDaysAreThoseOfTheClock(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	b := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Second, TimeZone: zone.String()})
	var texts textColumn
	for _, at := range []time.Time{
		time.Date(2026, 3, 29, 0, 0, 0, 0, zone), time.Date(2026, 3, 29, 23, 59, 59, 0, zone), time.Date(2026, 3, 30, 0, 0, 0, 0, zone),
		time.Date(2026, 10, 25, 0, 0, 0, 0, zone), time.Date(2026, 10, 25, 23, 59, 59, 0, zone), time.Date(2026, 10, 26, 0, 0, 0, 0, zone),
	} {
		texts = append(texts, at.Format(time.RFC3339))
		b.Append(arrow.Timestamp(at.Unix()))
	}
	want := []string{"2026-03-29", "2026-03-29", "2026-03-30", "2026-10-25", "2026-10-25", "2026-10-26"}
	for _, c := range []column{texts, arrowColumn{b.NewArray()}} {
		var got []string
		for _, seconds := range c.instants(timeForm{local: true}, func(row int, reason string) { t.Errorf("%d %s", row, reason) }) {
			got = append(got, time.Unix(seconds, 0).UTC().Format(time.DateOnly))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%T: %q, want %q", c, got, want)
		}
	}
	result, _ := read(t, "layout: outcomes\n"+about+"day: d\nmetrics: [{name: m, proportion: {trials: n, successes: y}}]\n", "d.csv",
		"e,a,d,n,y\nx,blue,2026-03-29T00:00:00+01:00,10,1\nx,blue,2026-03-30T00:00:00+02:00,10,1\n")
	if first := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC).Unix(); len(result.Days) != 2 || result.Days[0]*86400 != first {
		t.Errorf("%v, want two from %d on", result.Days, first/86400)
	}
}

// TestZoneOfTheMapping: what names no zone is of the mapping's, summer and winter; what
// names one is of that. A day stays the one that is written.
func TestZoneOfTheMapping(t *testing.T) {
	form := formOf(mapping.Field{Zone: "America/New_York"}, false)
	for text, want := range map[string]string{
		"2026-03-08 01:59:59": "2026-03-08 06:59:59", "2026-03-08 03:00:00": "2026-03-08 07:00:00", // the clock goes forward
		"2026-11-01 00:59:59": "2026-11-01 04:59:59", "2026-11-01 02:00:00": "2026-11-01 07:00:00", // and back
		"2026-07-01": "2026-07-01 04:00:00", "2026-07-01T12:00:00Z": "2026-07-01 12:00:00", "2026-07-01T12:00:00+09:00": "2026-07-01 03:00:00",
	} {
		seconds, reason := form.parse(text)
		if got := time.Unix(seconds, 0).UTC().Format(time.DateTime); got != want || reason != "" {
			t.Errorf("%s: %s %s, want %s", text, got, reason, want)
		}
	}
	shown := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	at := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Second})
	at.Append(arrow.Timestamp(shown.Unix()))
	zoned := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Second, TimeZone: "UTC"})
	zoned.Append(arrow.Timestamp(shown.Unix()))
	date := array.NewDate32Builder(memory.DefaultAllocator)
	date.Append(arrow.Date32FromTime(shown))
	for _, c := range []struct {
		column
		later time.Duration
	}{{textColumn{"2026-07-01"}, 4 * time.Hour}, {arrowColumn{at.NewArray()}, 4 * time.Hour}, {arrowColumn{date.NewArray()}, 4 * time.Hour}, {arrowColumn{zoned.NewArray()}, 0}} {
		bad := func(row int, reason string) { t.Errorf("%d %s", row, reason) }
		if got := c.instants(form, bad)[0] - shown.Unix(); got != int64(c.later.Seconds()) {
			t.Errorf("%T: %d s after the one in UTC, want %s", c.column, got, c.later)
		}
		if got := c.instants(formOf(mapping.Field{Zone: "America/New_York"}, true), bad)[0]; got != shown.Unix() {
			t.Errorf("%T: the day begins at %d, want %d", c.column, got, shown.Unix())
		}
	}
}
