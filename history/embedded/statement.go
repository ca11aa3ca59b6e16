package embedded

import (
	"strings"
)

// insertion is an INSERT that carries rows, taken apart the way chDB wants it.
type insertion struct {
	head   string // INSERT INTO t (a, b) SETTINGS …
	format string // of the rows
	rows   string // those that stand in the text itself
}

// splitInsert takes an INSERT with rows apart. It reports false for every other
// statement, INSERT … SELECT included.
//
// chDB would run such a text too, but then it also looks at the standard input of
// the process for more rows, and fails when it finds any.
func splitInsert(sql string) (insertion, bool) {
	sc := scanner{text: sql}
	if !sc.next() || !sc.is("INSERT") {
		return insertion{}, false
	}
	sc.next() // INTO
	if sc.is("INTO") {
		sc.next()
	}
	if sc.is("TABLE") || sc.is("FUNCTION") {
		sc.next()
	}
	for sc.next() { // starts after the table's first name: it may be called "values"
		switch {
		case sc.depth > 0 || sc.afterDot:
		case sc.is("SELECT"), sc.is("WITH"), sc.is("INFILE"):
			return insertion{}, false
		case sc.is("VALUES"):
			return insertion{head: sql[:sc.start], format: "Values", rows: sql[sc.end:]}, true
		case sc.is("FORMAT"):
			head := sql[:sc.start]
			if !sc.next() {
				return insertion{}, false
			}
			return insertion{head: head, format: sc.token(), rows: inlineRows(sql[sc.end:])}, true
		}
	}
	return insertion{}, false
}

// inlineRows drops what may stand between a format's name and its first row:
// spaces and one line break.
func inlineRows(s string) string {
	s = strings.TrimLeft(s, " \t\r")
	if s == ";" {
		return ""
	}
	return strings.TrimPrefix(s, "\n")
}

// outputFormat returns the format that a FORMAT clause at the end of the
// statement asks for, or "".
func outputFormat(sql string) string {
	format, expect := "", false
	for sc := (scanner{text: sql}); sc.next(); {
		switch {
		case sc.depth > 0:
		case expect:
			format, expect = sc.token(), false
		case sc.is("FORMAT"):
			format, expect = "", true
		case sc.is("SETTINGS"):
			return format // nothing but settings follows
		case sc.token() != ";":
			format = "" // FORMAT was somebody's column name
		}
	}
	return format
}

// stopsProcess recognises the statement that ends a server, and would end us.
func stopsProcess(sql string) bool {
	sc := scanner{text: sql}
	return sc.next() && sc.is("SYSTEM") && sc.next() && (sc.is("SHUTDOWN") || sc.is("KILL"))
}

// scanner walks over the tokens of a statement: words, quoted texts and single
// signs; it skips spaces and comments.
type scanner struct {
	text       string
	start, end int
	depth      int  // open parentheses, brackets and braces before the token
	afterDot   bool // the token is a part of a dotted name
}

func (sc *scanner) token() string { return sc.text[sc.start:sc.end] }

func (sc *scanner) is(keyword string) bool { return strings.EqualFold(sc.token(), keyword) }

func (sc *scanner) next() bool {
	switch last := sc.token(); last {
	case "(", "[", "{":
		sc.depth++
	}
	sc.afterDot = sc.token() == "."
	i := skipSpace(sc.text, sc.end)
	if i >= len(sc.text) {
		sc.start, sc.end = i, i
		return false
	}
	sc.start, sc.end = i, tokenEnd(sc.text, i)
	switch sc.token() {
	case ")", "]", "}":
		sc.depth--
	}
	return true
}

func tokenEnd(s string, i int) int {
	switch c := s[i]; {
	case c == '\'' || c == '"' || c == '`':
		return quoteEnd(s, i)
	case isWord(c):
		for i < len(s) && isWord(s[i]) {
			i++
		}
		return i
	}
	return i + 1
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// quoteEnd steps over backslash escapes; a doubled quote reads as two texts,
// which ends at the same place.
func quoteEnd(s string, i int) int {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(s)
}

func skipSpace(s string, i int) int {
	for i < len(s) {
		rest := s[i:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", s[i]) >= 0:
			i++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
			i += lineEnd(rest)
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return len(s)
			}
			i += 2 + end + 2
		default:
			return i
		}
	}
	return i
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i + 1
	}
	return len(s)
}

// quote writes s as a string literal.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`).Replace(s) + "'"
}

// quoteName writes s as an identifier.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}
