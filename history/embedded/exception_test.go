package embedded

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"testing"
)

// The texts are those of ClickHouse 26.7.
func TestNewException(t *testing.T) {
	for _, c := range []struct {
		text string
		code int
		want string // "" means text itself
	}{
		{text: "Code: 60. DB::Exception: Unknown table expression identifier 'a.nope' in scope SELECT x FROM a.nope. Maybe you meant system.one?. (UNKNOWN_TABLE)", code: 60},
		{text: "Code: 62. DB::Exception: Syntax error: failed at position 8 ((): (. Unmatched parentheses: (. (SYNTAX_ERROR)\n", code: 62,
			want: "Code: 62. DB::Exception: Syntax error: failed at position 8 ((): (. Unmatched parentheses: (. (SYNTAX_ERROR)"},
		{text: "Code: 115. DB::Exception: Code: 115. DB::Exception: Unknown setting 'nope'. (UNKNOWN_SETTING) (version 26.7.2.1). (UNKNOWN_SETTING)", code: 115,
			want: "Code: 115. DB::Exception: Unknown setting 'nope'. (UNKNOWN_SETTING)"},
		{text: "Code: 48. DB::Exception: Code: 48. DB::Exception: Not\nsupported. (NOT_IMPLEMENTED) (version 26.7.2.1 (official build)). (NOT_IMPLEMENTED)", code: 48,
			want: "Code: 48. DB::Exception: Not\nsupported. (NOT_IMPLEMENTED)"},
		{text: "Code: 395. DB::Exception: Code: 1. of mine: while executing. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)", code: 395},
		{text: "Code: 117. DB::Exception: Expected end of line: (at row 2)\n: \nRow 1:\n. (INCORRECT_DATA) (version 26.7.2.1)", code: 117},
		{text: "std::exception. Code: 1001, type: std::bad_alloc, e.what() = out (version 26.7.2.1)", code: 1001,
			want: "Code: 1001. DB::Exception: std::exception. Code: 1001, type: std::bad_alloc, e.what() = out (version 26.7.2.1)"},
		{text: "Unexpected null connection", code: 1002, want: "Code: 1002. DB::Exception: Unexpected null connection. (UNKNOWN_EXCEPTION)"},
		{text: "", code: 1002, want: "Code: 1002. DB::Exception: . (UNKNOWN_EXCEPTION)"},
		{text: "Code: 99999999999. DB::Exception: no int", code: 1002,
			want: "Code: 1002. DB::Exception: Code: 99999999999. DB::Exception: no int. (UNKNOWN_EXCEPTION)"},
	} {
		if c.want == "" {
			c.want = c.text
		}
		if ex := newException(c.text); ex.code != c.code || ex.text != c.want {
			t.Errorf("%q:\n got %d %q\nwant %d %q", c.text, ex.code, ex.text, c.code, c.want)
		}
	}
}

// Whatever the engine says, the client finds a code in it, and the same one in
// the text and in the header.
func FuzzNewException(f *testing.F) {
	f.Add("Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)")
	f.Add("Code: 115. DB::Exception: Code: 115. DB::Exception: x. (A_B) (version 26.7.2.1). (A_B)")
	f.Add("Poco::Exception. Code: 1000, e.code() = 2, \x00\xff")
	f.Add("Code: 000. DB::Exception: ")
	prefix := regexp.MustCompile(`^Code: (\d+)\.`)
	f.Fuzz(func(t *testing.T, text string) {
		ex := newException(text)
		m := prefix.FindStringSubmatch(ex.text)
		if m == nil {
			t.Fatalf("%q became %q", text, ex.text)
		}
		if code, err := strconv.Atoi(m[1]); err != nil || code != ex.code {
			t.Fatalf("code %d, text %q", ex.code, ex.text)
		}
		if ex.code <= 0 {
			t.Fatalf("code %d from %q", ex.code, text)
		}
		if again := newException(ex.text); again.code != ex.code {
			t.Fatalf("read twice: %d, then %d", ex.code, again.code)
		}
		resp, err := refusal(&http.Request{URL: &url.URL{}}, "id", ex)
		if err != nil || resp.StatusCode < 400 || resp.Header.Get("X-ClickHouse-Exception-Code") != strconv.Itoa(ex.code) {
			t.Fatalf("response %+v, %v", resp, err)
		}
		if body, _ := io.ReadAll(resp.Body); int64(len(body)) != resp.ContentLength {
			t.Fatalf("length %d of %q", resp.ContentLength, body)
		}
	})
}

func TestRefusalOfOtherErrors(t *testing.T) {
	if resp, err := refusal(nil, "", io.ErrUnexpectedEOF); resp != nil || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, %v; want the error itself", resp, err)
	}
}
