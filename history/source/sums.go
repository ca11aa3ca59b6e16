package source

import (
	"bytes"
	_ "embed"
	"strconv"
	"strings"
	"text/template"

	"github.com/assay-planner/assay/history/mapping"
)

// aboutExperiment are the texts that a view of experiments may have.
var aboutExperiment = []string{"title", "hypothesis", "surface", "component", "change_type", "source", "generator", "team", "author", "decision"}

//go:embed sql/sums.sql
var sumsText string

// sumsSQL is a template, because a view is SQL of the user's own: no parameter
// can stand for it. Everything else that varies is one.
var sumsSQL = template.Must(template.New("sums.sql").Delims("[[", "]]").
	Funcs(template.FuncMap{"quote": quote, "name": quoteName}).Parse(withoutHead(sumsText)))

// withoutHead drops the file's comment, which is for its reader only.
func withoutHead(text string) string {
	for strings.HasPrefix(text, "--") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimSpace(text)
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
	Texts, Instants                           []string
	Segment, Ended, Control, Excluded         bool
	ArmTitle, ArmWeight, Window, Capped       bool
}

type ratioFacts struct {
	Facts
	Ratio bool
}

// sums reads from the looks at all views, in order, what sums.sql must be told.
func (s *Source) sums(looks []Look) sums {
	out := sums{Assignments: s.Assignments, Experiments: s.Experiments, Arms: s.Arms, Watermark: s.Watermark, Window: s.Window > 0}
	out.Segment = looks[0].has("segment")
	for i, f := range s.Facts {
		out.Facts = append(out.Facts, ratioFacts{f, looks[1+i].has("denominator")})
		out.Capped = out.Capped || f.Cap > 0 || f.CapShare > 0
	}
	for _, l := range looks[1+len(s.Facts):] {
		switch l.View {
		case "experiments":
			for _, name := range append(aboutExperiment[:len(aboutExperiment):len(aboutExperiment)], "control") {
				if l.has(name) {
					out.Texts = append(out.Texts, name)
				}
			}
			for _, name := range []string{"started", "ended"} {
				if l.has(name) {
					out.Instants = append(out.Instants, name)
				}
			}
			out.Ended, out.Control, out.Excluded = l.has("ended"), l.has("control"), l.has("excluded")
		case "arms":
			out.ArmTitle, out.ArmWeight = l.has("title"), l.has("weight")
		}
	}
	return out
}

// Names, Caps and Shares are arrays of SQL, one element for each metric.
func (p sums) Names() string {
	return p.array(func(f Facts) string { return quote(f.Metric) })
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
	m := &mapping.Mapping{Layout: mapping.Outcomes, Segment: column("segment"), Control: mapping.Control{Name: s.Control}}
	m.Experiment.ID, m.Arm.ID = column("experiment"), column("arm")
	columns := map[string]string{}
	for _, name := range []string{"n", "y", "yy", "d", "dd", "yd"} {
		columns[name] = name
	}
	if s.Pre > 0 {
		for _, name := range []string{"x", "xx", "xy", "xd"} {
			columns[name] = name
		}
	}
	m.Metrics = []mapping.Metric{{Name: column("metric"), Stat: &mapping.Statistic{Kind: mapping.Sums, Columns: columns}}}
	e := &m.Experiment
	fields := map[string]*mapping.Field{"title": &e.Title, "hypothesis": &e.Hypothesis, "surface": &e.Surface, "component": &e.Component,
		"change_type": &e.ChangeType, "source": &e.Source, "generator": &e.Generator, "team": &e.Team, "author": &e.Author,
		"decision": &e.Decision, "started": &e.Started, "ended": &e.Ended}
	for _, name := range append(p.Texts[:len(p.Texts):len(p.Texts)], p.Instants...) {
		if f := fields[name]; f != nil {
			*f = column(name)
		}
	}
	if p.Control {
		m.Control = mapping.Control{Equals: &mapping.Rule{Column: "is_control", Equals: []string{"1"}}}
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
