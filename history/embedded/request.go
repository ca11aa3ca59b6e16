package embedded

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// request is what an HTTP request to ClickHouse asks for.
type request struct {
	id       string
	database string
	sql      string
	insert   *insertion        // set when sql is an INSERT with rows
	rows     io.Reader         // the rows that follow those in the text
	settings map[string]string // by name, as SET takes them
	params   map[string]string // for {name:Type}, escaped as TSV
	external []externalTable
	format   string // of the result
	revision uint64 // of the Native format; 0 has neither block info nor column flags
	compress string // method of the block frames around the result, "" for none
	wholly   bool   // answer when the query has ended, not before
	readonly bool   // GET changes nothing
	progress bool   // send X-ClickHouse-Progress
}

// reserved are the URL parameters that are not settings, as in the server's HTTP handler.
var reserved = []string{
	"buffer_size", "client_protocol_version", "close_session", "compress", "database", "decompress",
	"default_format", "password", "query", "query_id", "quota_key", "role", "session_check",
	"session_id", "session_timeout", "stacktrace", "user", "wait_end_of_query",
}

func readRequest(r *http.Request) (*request, error) {
	if err := checkUser(r); err != nil {
		return nil, err
	}
	v := r.URL.Query()
	if v.Get("session_id") != "" {
		return nil, serverError(codeUnsupported, "NOT_IMPLEMENTED", "The embedded engine keeps no HTTP sessions: leave out session_id")
	}
	q := &request{
		id:       v.Get("query_id"),
		database: firstOf(v.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		format:   firstOf(v.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
		wholly:   isTrue(v.Get("wait_end_of_query")),
		progress: isTrue(v.Get("send_progress_in_http_headers")),
		readonly: r.Method == http.MethodGet,
	}
	if q.id == "" {
		q.id = uuid.NewString()
	}
	q.revision, _ = strconv.ParseUint(v.Get("client_protocol_version"), 10, 64)
	if isTrue(v.Get("compress")) {
		q.compress = firstOf(v.Get("network_compression_method"), "LZ4")
	}
	q.settings, q.params = settingsOf(v)
	body, err := decodeBody(r)
	if err != nil {
		return nil, err
	}
	if isMultipart(r) {
		if body, err = q.readExternal(r, body); err != nil {
			return nil, err
		}
	}
	return q, q.readStatement(v.Get("query"), body)
}

// readStatement joins the query parameter and the body, as the server does. The
// rows of an INSERT that stands in the parameter are left in the body, unread.
func (q *request) readStatement(param string, body io.Reader) error {
	if ins, ok := splitInsert(param); ok {
		q.sql, q.insert, q.rows = param, &ins, body
		return nil
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	q.sql = string(text)
	if param != "" {
		q.sql = param + "\n" + q.sql
	}
	if ins, ok := splitInsert(q.sql); ok {
		q.insert, q.rows = &ins, strings.NewReader("")
	}
	if stopsProcess(q.sql) {
		return serverError(codeUnsupported, "NOT_IMPLEMENTED", "The embedded engine ends with its process: stop that instead")
	}
	return nil
}

func settingsOf(v url.Values) (settings, params map[string]string) {
	settings, params = map[string]string{}, map[string]string{}
	for name := range v {
		if p, ok := strings.CutPrefix(name, "param_"); ok {
			params[p] = v.Get(name)
		} else if !slices.Contains(reserved, name) {
			settings[name] = v.Get(name)
		}
	}
	return settings, params
}

// prologue returns the statements that give a new session what the request asks
// for. The engine checks every name and value itself.
func (q *request) prologue() []string {
	sets := []string{"implicit_select = 0"} // the library's default takes "SELEKT" for a column
	for _, name := range slices.Sorted(maps.Keys(q.settings)) {
		if name != "readonly" && name != "log_comment" {
			sets = append(sets, quoteName(name)+" = "+quote(q.settings[name]))
		}
	}
	// The engine names its queries itself; the comment is how we find ours again.
	comment := q.id
	if c := q.settings["log_comment"]; c != "" {
		comment += " " + c
	}
	sets = append(sets, "log_comment = "+quote(comment))
	for _, name := range slices.Sorted(maps.Keys(q.params)) {
		sets = append(sets, quoteName("param_"+name)+" = "+quote(q.params[name]))
	}
	statements := []string{"SET " + strings.Join(sets, ", ")}
	if q.database != "" {
		statements = append(statements, "USE "+quoteName(q.database))
	}
	// Last, because it forbids further settings.
	if value := q.settings["readonly"]; value != "" {
		statements = append(statements, "SET readonly = "+quote(value))
	} else if q.readonly {
		statements = append(statements, "SET readonly = 2")
	}
	return statements
}

// checkUser lets in the engine's only user. A password would promise a
// protection that is not there.
func checkUser(r *http.Request) error {
	user := firstOf(r.Header.Get("X-ClickHouse-User"), r.URL.Query().Get("user"))
	password := firstOf(r.Header.Get("X-ClickHouse-Key"), r.URL.Query().Get("password"))
	if name, pass, ok := r.BasicAuth(); ok {
		user, password = name, pass
	}
	if r.URL.User != nil { // in process, before a transport turns it into a header
		user = r.URL.User.Username()
		password, _ = r.URL.User.Password()
	}
	if (user == "" || user == "default") && password == "" {
		return nil
	}
	return serverError(codeAuthentication, "AUTHENTICATION_FAILED",
		user+": Authentication failed: the embedded engine knows one user, default, without a password")
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
