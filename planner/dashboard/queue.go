package dashboard

import (
	"io"
	"net/url"
	"slices"
	"strconv"

	"github.com/assay-planner/assay/planner"
)

// Filter is what the reader of the queue asked to see; empty fields let
// everything through.
type Filter struct{ Status, Source, Surface, Team string }

// QueueView is one page of the backlog.
type QueueView struct {
	Plan    *planner.Plan // nil before the first one
	All     []planner.Row // the whole backlog: it fills the filter and fixes the axis
	Rows    []planner.Row // of this page
	Total   int           // rows that the filter lets through
	Page    int           // from 1
	PerPage int
	Filter  Filter
}

// Queue draws the backlog.
func Queue(w io.Writer, f Frame, v QueueView) error { return render(w, "queue", "Queue", f, v.draw()) }

type queue struct {
	Empty      bool // there is no hypothesis at all
	Currency   string
	Plan       *planner.Plan
	Axis       axis
	Rows       []queued
	Total      int
	From, To   int
	Prev, Next string // links; empty at the ends
	Filter     Filter
	Filtered   bool
	Choices    []choice
}

type queued struct {
	planner.Row
	Interval *interval
	Best     *planner.Design
}

// choice is one drop-down of the filter.
type choice struct {
	Name, Label, All string
	Options          []option
}

type option struct {
	Value, Label string
	Selected     bool
}

func (v QueueView) draw() queue {
	q := queue{Empty: len(v.All) == 0, Plan: v.Plan, Total: v.Total, Filter: v.Filter, Filtered: v.Filter != Filter{}, Choices: v.choices()}
	best := map[string]*planner.Design{}
	if v.Plan != nil {
		q.Currency = v.Plan.Currency
		for _, e := range v.Plan.Entries {
			best[e.Hypothesis] = e.Best
		}
	}
	q.Axis = axisOf(forecasts(v.All), 150)
	for _, row := range v.Rows {
		r := queued{Row: row, Best: best[row.ID]}
		if row.Forecast != nil {
			drawn := q.Axis.interval(*row.Forecast)
			r.Interval = &drawn
		}
		q.Rows = append(q.Rows, r)
	}
	offset := (v.Page - 1) * v.PerPage
	q.From, q.To = offset+1, offset+len(v.Rows)
	if v.Page > 1 {
		q.Prev = v.link(min(v.Page-1, max(1, (v.Total+v.PerPage-1)/max(1, v.PerPage))))
	}
	if q.To < v.Total && len(v.Rows) > 0 {
		q.Next = v.link(v.Page + 1)
	}
	return q
}

func forecasts(rows []planner.Row) []planner.Forecast {
	var fs []planner.Forecast
	for _, r := range rows {
		if r.Forecast != nil {
			fs = append(fs, *r.Forecast)
		}
	}
	return fs
}

// link is the address of another page of the same filter.
func (v QueueView) link(page int) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("status", v.Filter.Status)
	set("source", v.Filter.Source)
	set("surface", v.Filter.Surface)
	set("team", v.Filter.Team)
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/queue"
	}
	return "/queue?" + q.Encode()
}

// order of statuses in the filter: as a hypothesis lives.
var order = []planner.Status{planner.Starting, planner.Scheduled, planner.Queued, planner.Running, planner.Finished, planner.Measured, planner.Withdrawn}

// choices offers what occurs in the backlog, and what is selected.
func (v QueueView) choices() []choice {
	statuses, sources, surfaces, teams := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range v.All {
		statuses[string(r.Status)], sources[string(r.Source)], surfaces[r.Surface], teams[r.Team] = true, true, true, true
	}
	status := choice{Name: "status", Label: "Status", All: "Any status"}
	for _, s := range order {
		if statuses[string(s)] || v.Filter.Status == string(s) {
			status.Options = append(status.Options, option{string(s), statusName(s), v.Filter.Status == string(s)})
		}
	}
	cs := []choice{
		status,
		choiceOf("source", "Source", "Any source", sources, v.Filter.Source, func(s string) string { return sourceName(planner.Source(s)) }),
		choiceOf("surface", "Surface", "Any surface", surfaces, v.Filter.Surface, nil),
		choiceOf("team", "Team", "Any team", teams, v.Filter.Team, nil),
	}
	return slices.DeleteFunc(cs, func(c choice) bool { return len(c.Options) == 0 })
}

func choiceOf(name, label, all string, values map[string]bool, selected string, say func(string) string) choice {
	c := choice{Name: name, Label: label, All: all}
	if selected != "" {
		values[selected] = true
	}
	for value := range values {
		if value == "" {
			continue
		}
		o := option{value, value, value == selected}
		if say != nil {
			o.Label = say(value)
		}
		c.Options = append(c.Options, o)
	}
	slices.SortFunc(c.Options, func(a, b option) int {
		if a.Value < b.Value {
			return -1
		}
		return 1
	})
	return c
}
