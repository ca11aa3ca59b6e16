package importer

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/assay-planner/assay/history/mapping"
)

// instantFormats are tried in turn when the mapping gives none. Instants
// without a zone are UTC.
var instantFormats = []string{
	time.RFC3339, time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04",
}

// counts are the formats of instants that are numbers since 1970, by the numbers in a
// second. Units are apart by a thousand, so that a number that counts one of them is no
// instant of today in another.
var counts = map[string]float64{"seconds": 1, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}

// timeForm is how the instants of a column are written.
type timeForm struct {
	format string         // as in the mapping
	zone   *time.Location // of what names none; nil: UTC
	local  bool           // what the clocks there showed counts, as if it had been in UTC
}

func formOf(f mapping.Field, local bool) timeForm {
	zone, _ := time.LoadLocation(f.Zone) // which the mapping has checked; of "" it is UTC
	return timeForm{f.Format, zone, local}
}

// naive makes instants of what clocks in the zone showed.
func (as timeForm) naive(shown func(row int) int64) func(row int) int64 {
	if as.local || as.zone == nil || as.zone == time.UTC {
		return shown
	}
	return func(row int) int64 {
		t := time.Unix(shown(row), 0).UTC()
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, as.zone).Unix()
	}
}

func (as timeForm) parse(text string) (seconds int64, reason string) {
	format, zone := as.format, as.zone
	if zone == nil {
		zone = time.UTC
	}
	text = strings.TrimSpace(text)
	if unit := counts[format]; unit > 0 {
		n, err := strconv.ParseFloat(text, 64)
		switch s := math.Floor(n / unit); {
		case err != nil:
			return 0, "is not a number of " + format + " since 1970"
		case s >= mapping.FirstCounted && s <= mapping.LastInstant:
			return int64(s), ""
		}
		return 0, "lies outside the years 1973 to 2105 in " + format + " since 1970" + otherwise(n)
	}
	formats := instantFormats
	if format != "" {
		formats = []string{format}
	}
	for _, f := range formats {
		if t, err := time.ParseInLocation(f, text, zone); err == nil {
			if as.local {
				t = time.Unix(clock(t), 0)
			}
			seconds, reason := inRange(t.Unix())
			if t.Unix() > mapping.LastInstant {
				reason += "; if it means that there is none, name it in null:"
			}
			return seconds, reason
		}
	}
	if format != "" {
		return 0, "is not a date of the form " + format
	}
	n, _ := strconv.ParseFloat(text, 64)
	return 0, "is not a date such as 2026-01-31 or 2026-01-31T18:00:00Z" + otherwise(n)
}

// clock is what the clock showed there and then, as if it had been in UTC.
func clock(t time.Time) int64 {
	_, ahead := t.Zone()
	return t.Unix() + int64(ahead)
}

// otherwise says in which unit a number is an instant of our days.
func otherwise(n float64) string {
	for format, unit := range counts {
		if s := n / unit; s >= mapping.FirstCounted && s <= mapping.LastInstant {
			return fmt.Sprintf("; if it counts %[1]s since 1970, the mapping says so by format: %[1]s", format)
		}
	}
	return ""
}

func inRange(seconds int64) (int64, string) {
	if seconds <= 0 || seconds > mapping.LastInstant {
		return 0, "lies outside the years 1970 to 2105"
	}
	return seconds, ""
}
