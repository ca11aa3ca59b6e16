package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// strip is a layer drawn as a line, 10,000 long however many buckets it has: whose they are.
type strip struct {
	Control, Treatment, Others []span
	ControlText, TreatmentText string
	Text                       string
}

// leastDrawn is the width, of 10,000, below which a range could not be seen:
// one of the strip's 160 pixels.
const leastDrawn = planner.Buckets / 160.0

// stripOf draws the cohort of a start. Others are those who hold buckets of
// the same layer when it begins.
func stripOf(s planner.Start, all []planner.Start) strip {
	of := s.Partition().Buckets
	v := strip{Control: spans(s.Control, of), Treatment: spans(s.Treatment, of), ControlText: ranges(s.Control), TreatmentText: ranges(s.Treatment)}
	var others []allocator.Range
	for _, o := range all {
		if o.Segment == s.Segment && o.Layer == s.Layer && o.Experiment != s.Experiment && o.From.Before(s.Until) && s.From.Before(o.Until) && !o.From.After(s.From) {
			others = append(append(others, o.Control...), o.Treatment...)
		}
	}
	v.Others = spans(merged(others), of)
	v.Text = fmt.Sprintf("Control %s; treatment %s; of %s buckets of %s", v.ControlText, v.TreatmentText, thousands(float64(of)), planner.LayerKey(s.Segment, s.Layer))
	return v
}

func spans(rs []allocator.Range, of int) []span {
	var out []span
	for _, r := range rs {
		from, to := float64(r.From)*planner.Buckets/float64(of), float64(r.To)*planner.Buckets/float64(of)
		out = append(out, span{from, max(leastDrawn, to-from)})
	}
	return out
}

// merged joins ranges that touch, so that a full layer is a few rectangles.
func merged(rs []allocator.Range) []allocator.Range {
	slices.SortFunc(rs, func(a, b allocator.Range) int { return a.From - b.From })
	var out []allocator.Range
	for _, r := range rs {
		if n := len(out); n > 0 && r.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, r.To)
			continue
		}
		out = append(out, r)
	}
	return out
}

// ranges prints buckets with the last one included, as people count.
func ranges(rs []allocator.Range) string {
	var parts []string
	for _, r := range rs {
		if r.To == r.From+1 {
			parts = append(parts, fmt.Sprint(r.From))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d–%d", r.From, r.To-1))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
