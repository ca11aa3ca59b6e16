package source

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/assay-planner/assay/history/mapping/document"
)

// Source is one warehouse, and what to read there.
type Source struct {
	Name    string // for reports and errors
	Address string // clickhouse://user:password@host:9000/database, or https://…

	// Pre-aggregated: rows that MappingFile, beside the source's own file, describes.
	Outcomes    string
	MappingFile string

	// Or users: who was in which arm, and what they did.
	Assignments string
	Facts       []Facts
	Experiments string // what is known of each experiment; ""; nothing
	Arms        string // and of each arm
	Control     string // name of the control arm where experiments do not say; "" is "control"

	Watermark string        // the column of Experiments or Outcomes that tells what is new; "": all, every time
	Again     time.Duration // what changed so long before the last watermark is read again
}

// Facts are the view of one metric.
type Facts struct {
	Metric, SQL   string
	Cap, CapShare float64 // a unit's sum above it counts as Cap, or as this quantile of all arms' units; zero: all of it

	Window time.Duration // facts count so long from first exposure; zero: to the experiment's end
	Pre    time.Duration // and so long before it as the metric before exposure; zero: none
}

// longest is how many bytes a source's file may have.
const longest = 256 << 10

// Parse reads a source. The file's name is for error messages only; the error has
// all mistakes, in order of line. ${NAME} in the address is what env says.
func Parse(file string, text []byte, env func(string) (string, bool)) (*Source, error) {
	d := decoder{env: env, lines: map[string]int{}}
	s := &Source{}
	if len(text) > longest {
		d.Note(1, "is %d bytes long, a source has at most %d", len(text), longest)
	} else {
		d.Parse(text, "a source", func(n ast.Node) { d.source(n, s) })
	}
	if len(d.Mistakes) == 0 {
		d.check(s)
	}
	if err := d.Err(file); err != nil {
		return nil, err
	}
	return s, nil
}

type decoder struct {
	document.Reader
	env   func(string) (string, bool)
	lines map[string]int // key → line
}

func (d *decoder) source(n ast.Node, s *Source) {
	var mode string
	var all spans  // what holds for facts that say nothing else
	var of []spans // what each of the facts says
	var again *time.Duration
	keys := document.Keys{
		"source": d.Text("source", &s.Name), "clickhouse": d.address(&s.Address),
		"outcomes": d.view("outcomes", &s.Outcomes), "mapping": d.Text("mapping", &s.MappingFile),
		"assignments": d.view("assignments", &s.Assignments), "experiments": d.view("experiments", &s.Experiments), "arms": d.view("arms", &s.Arms),
		"facts": d.List("facts", func(n ast.Node) {
			f, own := d.facts(n)
			s.Facts, of = append(s.Facts, f), append(of, own)
		}),
		"control": d.Text("control", &s.Control), "watermark": d.Text("watermark", &s.Watermark),
		"window": d.span("window", &all.window), "pre": d.span("pre", &all.pre), "again": d.span("again", &again),
		"read_only": func(n ast.Node) {
			if d.Text("read_only", &mode)(n); mode != "true" {
				d.Wrong(n, "read_only is true of every source: Assay never writes to one")
			}
		},
	}
	for name, read := range keys {
		keys[name] = func(n ast.Node) {
			d.lines[name] = document.Line(n)
			read(n)
		}
	}
	d.Section(n, "the source", keys)
	for i, own := range of {
		f := &s.Facts[i]
		f.Window, f.Pre = first(own.window, all.window), first(own.pre, all.pre)
	}
	s.Again = first(again)
}

// spans are nil where nothing is said.
type spans struct{ window, pre *time.Duration }

func first(said ...*time.Duration) time.Duration {
	if span := cmp.Or(said...); span != nil {
		return *span
	}
	return 0
}

var variable = regexp.MustCompile(`\$\{(\w*)\}`)

// address puts in what the environment says, escaped as a user's name and
// password must be in a URL.
func (d *decoder) address(to *string) func(ast.Node) {
	return func(n ast.Node) {
		d.Text("clickhouse", to)(n)
		*to = variable.ReplaceAllStringFunc(*to, func(name string) string {
			name = name[2 : len(name)-1]
			value, ok := d.env(name)
			if !ok {
				d.Wrong(n, "clickhouse names ${%s}, which the environment does not have: export %s=…", name, name)
			}
			return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
		})
	}
}

// view reads a SELECT. It will stand in a bracket, so it ends without semicolon.
func (d *decoder) view(name string, to *string) func(ast.Node) {
	return func(n ast.Node) {
		d.Text(name, to)(n)
		*to = strings.TrimRight(*to, "; \t\r\n")
		if first := firstWord(*to); !strings.EqualFold(first, "SELECT") && !strings.EqualFold(first, "WITH") {
			d.Wrong(n, "%s must be a SELECT, but begins with %q", name, first)
		}
	}
}

var leading = regexp.MustCompile(`(?s)^(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*(\w*)`)

// firstWord is the first one behind comments and open brackets.
func firstWord(sql string) string { return leading.FindStringSubmatch(sql)[1] }

func (d *decoder) facts(n ast.Node) (f Facts, own spans) {
	d.Section(n, "facts", document.Keys{"metric": d.Text("facts.metric", &f.Metric), "sql": d.view("facts.sql", &f.SQL),
		"cap": d.Cap("facts.cap", &f.Cap, &f.CapShare), "window": d.span("facts.window", &own.window), "pre": d.span("facts.pre", &own.pre)})
	if f.Metric == "" || f.SQL == "" {
		d.Wrong(n, "facts need a metric and its sql")
	}
	return f, own
}

// longest of a span: with it, no instant of the warehouse overflows.
const longestSpan = 10_000 * 24 * time.Hour

func (d *decoder) span(name string, to **time.Duration) func(ast.Node) {
	return func(n ast.Node) {
		*to = new(time.Duration)
		text, _ := document.Scalar(n)
		if text == "none" {
			return
		}
		before := len(d.Mistakes)
		if d.Span(name, *to)(n); len(d.Mistakes) == before && (**to < 0 || **to > longestSpan || **to%time.Second != 0) {
			d.Wrong(n, "%s must be whole seconds, from 0s to 10000d, or none, not %q", name, text)
		}
	}
}

// check finds what is wrong with a source as a whole.
func (d *decoder) check(s *Source) {
	wrong := func(key, format string, args ...any) { d.Note(max(1, d.lines[key]), format, args...) }
	if s.Name == "" {
		wrong("source", "source is missing: the name of the warehouse, for reports and errors")
	}
	if s.Address == "" {
		wrong("clickhouse", "clickhouse is missing: the address, as https://reader:${PASSWORD}@host:8443/database")
	}
	switch {
	case (s.Outcomes == "") == (s.Assignments == ""):
		wrong("outcomes", "a source gives either outcomes, or assignments and facts")
	case s.Outcomes != "":
		if s.MappingFile == "" {
			wrong("outcomes", "outcomes need a mapping: the file that says what their columns mean, as for a file of outcomes")
		}
		for key, given := range map[string]bool{"facts": s.Facts != nil, "experiments": s.Experiments != "", "arms": s.Arms != "",
			"control": s.Control != "", "window": d.lines["window"] > 0, "pre": d.lines["pre"] > 0} {
			if given {
				wrong(key, "%s goes with assignments, not with outcomes", key)
			}
		}
	default:
		if s.Facts == nil {
			wrong("assignments", "assignments need facts: what their units did, for each metric")
		}
		if s.MappingFile != "" {
			wrong("mapping", "mapping goes with outcomes; the columns of assignments have fixed names")
		}
		if s.Watermark != "" && s.Experiments == "" {
			wrong("watermark", "watermark is a column of experiments, which are missing")
		}
	}
	if s.Again != 0 && s.Watermark == "" {
		wrong("again", "again goes with watermark")
	}
	seen := map[string]bool{}
	for _, f := range s.Facts {
		if seen[f.Metric] {
			wrong("facts", "metric %s is given twice: write one SELECT with UNION ALL", f.Metric)
		}
		seen[f.Metric] = true
	}
}

// marked is how an import of a source with a watermark is called in the history.
const marked = "2006-01-02T15:04:05.000000Z"

// FileName is what the history calls an import that has come as far as the
// watermark. Names of one source sort by it.
func (s *Source) FileName(watermark time.Time) string {
	if s.Watermark == "" {
		return "source " + s.Name
	}
	return s.FileBeginning() + watermark.UTC().Format(marked)
}

// FileBeginning is what all names of a source with a watermark begin with.
func (s *Source) FileBeginning() string { return "source " + s.Name + " until " }

// Since is the watermark in a FileName; zero for any other name.
func (s *Source) Since(file string) time.Time {
	rest, ok := strings.CutPrefix(file, s.FileBeginning())
	t, err := time.Parse(marked, rest)
	if !ok || err != nil {
		return time.Time{}
	}
	return t
}
