package allocator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// money writes a value with three significant digits, whole above a thousand.
func (e explainer) money(v float64) string {
	s := ""
	switch size := math.Abs(v); {
	case size >= 1e15 || size > 0 && size < 1e-4:
		s = strconv.FormatFloat(v, 'g', 3, 64)
	case size >= 999.5:
		s = thousands(int64(math.Round(v)))
	case size == 0:
		s = "0"
	default:
		digits := max(0, 2-int(math.Floor(math.Log10(size))))
		s = strconv.FormatFloat(v, 'f', digits, 64)
	}
	if e.unit != "" {
		s += " " + e.unit
	}
	return s
}

// thousands groups digits by three: 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// limits writes "210 buckets of feed-us/l1 in week 3, where 120 are free", joined by "and".
// Weeks in a row with equal numbers are named together.
func (e explainer) limits(needs []Need) string {
	return e.phrases(needs, func(a, b Need) bool { return a.Needs == b.Needs && a.Free == b.Free },
		func(n Need) string {
			switch n.Free {
			case 0:
				return ", where none is free"
			case 1:
				return ", where 1 is free"
			}
			return fmt.Sprintf(", where %s are free", thousands(n.Free))
		})
}

// spans writes "210 buckets of feed-us/l1 in week 0–1", joined by "and".
func (e explainer) spans(needs []Need) string {
	return e.phrases(needs, func(a, b Need) bool { return a.Needs == b.Needs }, func(Need) string { return "" })
}

func (e explainer) phrases(needs []Need, alike func(a, b Need) bool, suffix func(Need) string) string {
	var parts []string
	for i := 0; i < len(needs); {
		first, last := needs[i], needs[i]
		for i++; i < len(needs) && needs[i].Name == first.Name && needs[i].Unit == first.Unit &&
			needs[i].Week == last.Week+1 && alike(first, needs[i]); i++ {
			last = needs[i]
		}
		if first.Quota {
			parts = append(parts, fmt.Sprintf("%s of the quota of %s%s", countOf(first), first.Name, suffix(first)))
			continue
		}
		weeks := strconv.Itoa(first.Week)
		if last.Week > first.Week {
			weeks += "–" + strconv.Itoa(last.Week)
		}
		parts = append(parts, fmt.Sprintf("%s of %s in week %s%s", countOf(first), first.Name, weeks, suffix(first)))
	}
	return strings.Join(parts, " and ")
}

// countOf writes "1 bucket" or "210 buckets".
func countOf(n Need) string {
	unit := n.Unit
	if n.Needs != 1 {
		unit += "s"
	}
	return thousands(n.Needs) + " " + unit
}

// distinct sorts and removes repeats.
func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// rowOf finds the row that a need of an option speaks of.
func (e explainer) rowOf(o *option, n Need) int {
	if n.Quota {
		for _, u := range e.ofQuotas(o) {
			if row := e.m.rows[u.row]; row.name == n.Name && row.unit == n.Unit {
				return int(u.row)
			}
		}
	}
	if n.Unit == GPUHour {
		return e.m.pools[n.Name] + n.Week
	}
	return e.m.layers[n.Name] + n.Week
}
