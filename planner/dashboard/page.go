package dashboard

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/assay-planner/assay/planner"
)

// Frame is what every page shows around its content.
type Frame struct {
	Now      time.Time
	Path     string // of the page, to mark its place in the navigation
	SignedIn bool   // a session exists that can be ended
	Notices  []Notice
}

// Notice is a line above the content that nobody should miss.
type Notice struct {
	Kind NoticeKind
	Text string
}

// NoticeKind says how urgent a notice is.
type NoticeKind string

const (
	Info  NoticeKind = "info"
	Alarm NoticeKind = "alarm"
)

//go:embed templates/*.html
var files embed.FS

// templates holds one set per page: the frame, the shared parts, the page.
var templates = parse("tonight", "queue", "cohorts", "whatif", "insights", "hypothesis", "login", "problem")

func parse(names ...string) map[string]*template.Template {
	sets := map[string]*template.Template{}
	for _, name := range names {
		sets[name] = template.Must(template.New("frame.html").Funcs(functions).
			ParseFS(files, "templates/frame.html", "templates/parts.html", "templates/"+name+".html"))
	}
	return sets
}

var functions = template.FuncMap{
	"asset":   assetPath,
	"lift":    lift,
	"percent": percent,
	"count":   counted,
	"money":   planner.Money,
	"people":  people,
	"day":     day,
	"moment":  moment,
	"plural":  plural,
	"source":  sourceName,
	"status":  statusName,
	"table":   tableOf,
	"short":   short,
	"priceOf": priceOf,
	"slope":   slope,
}

// content is what a template sees.
type content struct {
	Frame
	Title string
	View  any
}

func render(w io.Writer, name, title string, f Frame, view any) error {
	if err := templates[name].Execute(w, content{f, title, view}); err != nil {
		return fmt.Errorf("draw page %s: %w", name, err)
	}
	return nil
}

// LoginView is the form that asks for the token.
type LoginView struct {
	Next  string // where to go afterwards, a path of this server
	Wrong bool   // the token before was wrong
}

// Login draws the form.
func Login(w io.Writer, f Frame, v LoginView) error { return render(w, "login", "Sign in", f, v) }

// ProblemView is a request that could not be answered.
type ProblemView struct {
	Status  int
	Message string
	Request string // to find it in the log
}

// Problem draws an error page.
func Problem(w io.Writer, f Frame, v ProblemView) error {
	return render(w, "problem", v.Heading(), f, v)
}

// Heading says in plain words what kind of problem it is.
func (v ProblemView) Heading() string {
	switch {
	case v.Status == 404:
		return "Not found"
	case v.Status >= 500:
		return "Something went wrong"
	default:
		return "This did not work"
	}
}

func sourceName(s planner.Source) string {
	if s == planner.AI {
		return "AI"
	}
	return "Human"
}

// statusName says a status in words that need no legend.
func statusName(s planner.Status) string {
	switch s {
	case planner.Queued:
		return "Waiting"
	case planner.Starting:
		return "Starts tonight"
	case planner.Scheduled:
		return "Foreseen"
	case planner.Running:
		return "Running"
	case planner.Finished:
		return "Awaits outcome"
	case planner.Measured:
		return "Measured"
	case planner.Withdrawn:
		return "Withdrawn"
	}
	return string(s)
}
