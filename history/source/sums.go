package source

import (
	"bytes"
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/assay-planner/assay/history/mapping"
)

// aboutExperiment are the texts that a view of experiments may have.
var aboutExperiment = []string{"title", "hypothesis", "surface", "component", "change_type", "source", "generator", "team", "author", "decision",
	"analysis", "layer", "overlap"}

// datesOfExperiment are the instants.
var datesOfExperiment = []string{"started", "ended", "planned_end"}

//go:embed sql/sums.sql
var sumsText string

// sumsSQL is a template, because a view is SQL of the user's own: no parameter
// can stand for it. Everything else that varies is one.
var sumsSQL = template.Must(template.New("sums.sql").Delims("[[", "]]").
	Funcs(template.FuncMap{"quote": quote, "second": second, "whole": whole, "lacking": lacking, "seconds": time.Duration.Seconds, "exact": exact}).Parse(withoutHead(sumsText)))

// withoutHead drops the file's comment, which is for its reader only.
func withoutHead(text string) string {
	for strings.HasPrefix(text, "--") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimSpace(text)
}

// second is an instant in whole seconds since 1970, as Assay's own history keeps it.
func second(x string) string {
	return whole("toDateTime64(" + x + ", 6, 'UTC')")
}

// whole is second of a DateTime64(6, 'UTC').
func whole(at string) string { return "intDiv(toUnixTimestamp64Micro(" + at + "), 1000000)" }

// lacking says of a view's row that it names no unit, experiment, arm or time, where it
// must: such a row counts nowhere.
func lacking(columns ...string) string {
	says := []string{"0"}
	for _, name := range columns {
		if name == "timestamp" {
			says = append(says, "v.timestamp IS NULL")
		} else {
			says = append(says, "ifNull(toString(v."+name+"), '') = ''")
		}
	}
	return strings.Join(says, " OR ")
}

// number is a column as a Float64, 0 for NULL. Of a text that may be NULL and is no number,
// toFloat64 makes NULL: of one that may not, it makes an error, as it should.
func (l Look) number(column string) string {
	for _, c := range l.Columns {
		if c.Name == column && strings.Contains(c.Type, "String") {
			return "toFloat64(ifNull(toString(v." + column + "), '0'))"
		}
	}
	return "ifNull(toFloat64(v." + column + "), 0.)"
}

// exact is a sum that is the same in whatever order the server adds up: of whole
// multiples of 2⁻¹¹², as in history/sql/exact.sql, without the lambdas there that older
// servers do not know. What is not below 10³⁰ is added up as it is. So the same rows
// are the same file, and one that was imported before.
func exact(x string) string {
	return "if(max(NOT (abs(" + x + ") < 1e30)) = 1, sum(" + x + "), toFloat64(sum(toInt256(if(abs(" + x + ") < 1e30, " + x + ", 0.) * pow(2, 112)))) * pow(2, -112))"
}

func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

func quoteName(name string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}

// sums is what sums.sql is told: the views, and which of the columns that they
// may have they do have.
type sums struct {
	Assignments, Experiments, Arms, Watermark string
	Facts                                     []ratioFacts
	Seen, Marked                              string // instants of an assignment, and of the watermark, in SQL
	Texts, Instants                           []string
	instants                                  map[string]string // of an experiment, in SQL
	Segment, Ended, Control, Excluded         bool
	ArmTitle, ArmWeight, PlannedUsers, Capped bool
}

type ratioFacts struct {
	Facts
	Ratio                  bool
	At, Value, Denominator string // of a row, in SQL
}

// sums reads from the looks at all views, in order, what sums.sql must be told.
func (s *Source) sums(views []view, looks []Look) sums {
	out := sums{Assignments: s.Assignments, Experiments: s.Experiments, Arms: s.Arms, Watermark: s.Watermark, instants: map[string]string{}}
	out.Seen = views[0].instant(looks[0].Columns, "timestamp")
	out.Segment = looks[0].has("segment")
	for i, f := range s.Facts {
		l := looks[1+i]
		out.Facts = append(out.Facts, ratioFacts{f, l.has("denominator"), views[1+i].instant(l.Columns, "timestamp"), l.number("value"), l.number("denominator")})
		out.Capped = out.Capped || f.Cap > 0 || f.CapShare > 0
	}
	for i := 1 + len(s.Facts); i < len(looks); i++ {
		switch l := looks[i]; l.View {
		case "experiments":
			for _, name := range append(aboutExperiment[:len(aboutExperiment):len(aboutExperiment)], "control") {
				if l.has(name) {
					out.Texts = append(out.Texts, name)
				}
			}
			for _, name := range datesOfExperiment {
				if l.has(name) {
					out.Instants = append(out.Instants, name)
					out.instants[name] = views[i].instant(l.Columns, name)
				}
			}
			out.Ended, out.Control, out.Excluded = l.has("ended"), l.has("control"), l.has("excluded")
			out.PlannedUsers = l.has("planned_users")
			out.Marked = views[i].instant(l.Columns, s.Watermark)
		case "arms":
			out.ArmTitle, out.ArmWeight = l.has("title"), l.has("weight")
		}
	}
	return out
}

// Instant of an experiment, in SQL.
func (p sums) Instant(name string) string { return p.instants[name] }

// Names, Caps and Shares are arrays of SQL, one element for each metric. Before the first
// name stands that of no metric.
func (p sums) Names() string {
	return "arrayConcat([''], " + p.array(func(f Facts) string { return quote(f.Metric) }) + ")"
}

func (p sums) Caps() string   { return p.array(func(f Facts) string { return decimal(f.Cap) }) }
func (p sums) Shares() string { return p.array(func(f Facts) string { return decimal(f.CapShare) }) }

func (p sums) array(of func(Facts) string) string {
	items := make([]string, len(p.Facts))
	for i, f := range p.Facts {
		items[i] = of(f.Facts)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// decimal writes a Float64 so that the server reads the same one.
func decimal(x float64) string { return "toFloat64('" + strconv.FormatFloat(x, 'g', -1, 64) + "')" }

func (p sums) sql() (string, error) {
	var text bytes.Buffer
	err := sumsSQL.Execute(&text, p)
	return text.String(), err
}

// mapping says what the columns of sums.sql mean.
func (p sums) mapping(s *Source) *mapping.Mapping {
	column := func(name string) mapping.Field { return mapping.Field{Column: name} }
	m := &mapping.Mapping{Layout: mapping.Outcomes, Segment: column("segment"), Day: column("day"), Control: mapping.Control{Name: s.Control}}
	m.Experiment.ID, m.Arm.ID = column("experiment"), column("arm")
	columns := map[string]string{}
	for _, name := range []string{"n", "y", "yy", "d", "dd", "yd"} {
		columns[name] = name
	}
	if slices.ContainsFunc(s.Facts, func(f Facts) bool { return f.Pre > 0 }) {
		for _, name := range []string{"x", "xx", "xy", "xd"} {
			columns[name] = name
		}
	}
	m.Metrics = []mapping.Metric{{Name: column("metric"), Stat: &mapping.Statistic{Kind: mapping.Sums, Columns: columns}}}
	e := &m.Experiment
	fields := map[string]*mapping.Field{"title": &e.Title, "hypothesis": &e.Hypothesis, "surface": &e.Surface, "component": &e.Component,
		"change_type": &e.ChangeType, "source": &e.Source, "generator": &e.Generator, "team": &e.Team, "author": &e.Author,
		"decision": &e.Decision, "started": &e.Started, "ended": &e.Ended,
		"planned_end": &e.PlannedEnd, "analysis": &e.Analysis, "layer": &e.Layer, "overlap": &e.Overlap}
	for _, name := range append(p.Texts[:len(p.Texts):len(p.Texts)], p.Instants...) {
		if f := fields[name]; f != nil {
			*f = column(name)
		}
	}
	if p.Control {
		m.Control = mapping.Control{Equals: &mapping.Rule{Column: "is_control", Equals: []string{"1"}}}
	}
	if p.PlannedUsers {
		e.PlannedUsers = column("planned_users")
	}
	if p.Excluded {
		m.Exclude = []mapping.Rule{{Column: "excluded", Equals: []string{"1", "true"}, Reason: "the source says so"}}
	}
	if p.ArmTitle {
		m.Arm.Title = column("arm_title")
	}
	if p.ArmWeight {
		m.Arm.Weight = column("weight")
	}
	return m
}
