package embedded

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// exception is an error of the engine, with the text a server would send:
//
//	Code: 60. DB::Exception: Unknown table expression identifier 't'. (UNKNOWN_TABLE)
//
// clickhouse-go makes a *clickhouse.Exception of it on the other side.
type exception struct {
	code int
	text string
}

func (e *exception) Error() string { return e.text }

const (
	codeUnsupported    = 48   // NOT_IMPLEMENTED
	codeBadArguments   = 36   // BAD_ARGUMENTS
	codeReadOnly       = 164  // READONLY
	codeSameID         = 216  // QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
	codeAuthentication = 516  // AUTHENTICATION_FAILED
	codeNoDatabase     = 81   // UNKNOWN_DATABASE
	codeUnknown        = 1002 // UNKNOWN_EXCEPTION
)

var (
	// "Code: 60. DB::Exception: …" and "std::exception. Code: 1001, type: …".
	exceptionCode = regexp.MustCompile(`^(?:[A-Za-z]\w*::\w+\. Code: (\d{1,9}),|Code: (\d{1,9})\.)`)
	// An exception, and what the engine appends where it wraps it in a second one.
	exceptionWrapped = regexp.MustCompile(`(?s)^(.*\([A-Z][A-Z0-9_]+\)) \(version [^\n]*\)\. \([A-Z][A-Z0-9_]+\)$`)
)

// newException reads the engine's error text. Some errors come wrapped in
// themselves ("Code: 115. DB::Exception: Code: 115. DB::Exception: …"); the
// inner one is what a server sends.
func newException(text string) *exception {
	text = strings.TrimSpace(text)
	code := 0
	if m := exceptionCode.FindStringSubmatch(text); m != nil {
		code, _ = strconv.Atoi(m[1] + m[2])
	}
	if code == 0 {
		return serverError(codeUnknown, "UNKNOWN_EXCEPTION", text)
	}
	prefix := "Code: " + strconv.Itoa(code) + ". DB::Exception: "
	if inner := strings.TrimPrefix(text, prefix); strings.HasPrefix(inner, prefix) {
		text = inner
		if m := exceptionWrapped.FindStringSubmatch(text); m != nil {
			text = m[1]
		}
	}
	if !strings.HasPrefix(text, "Code: ") {
		text = prefix + text // clickhouse-go looks for a code at the beginning
	}
	return &exception{code, text}
}

// serverError is an error of this package, worded as one of the engine's.
func serverError(code int, name, message string) *exception {
	return &exception{code, "Code: " + strconv.Itoa(code) + ". DB::Exception: " + message + ". (" + name + ")"}
}

// statusOf follows the server's mapping of the codes that clients tell apart.
func statusOf(code int) int {
	switch code {
	case 6, 26, 27, 36, 38, 41, 53, 62, 70, 72, 117, 130, 386, 456, 457: // not parsed, wrong type, bad argument
		return http.StatusBadRequest
	case codeReadOnly, 291, 497, codeAuthentication: // readonly, access denied
		return http.StatusForbidden
	case 46, 47, 50, 56, 60, 63, 73, 75, 79, 81, 115: // unknown function, identifier, type, table, …
		return http.StatusNotFound
	case 159: // TIMEOUT_EXCEEDED
		return http.StatusRequestTimeout
	case 202: // TOO_MANY_SIMULTANEOUS_QUERIES
		return http.StatusTooManyRequests
	case codeUnsupported:
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}
