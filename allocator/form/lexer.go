package form

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// lexer cuts a text into words between white space, and knows in which line it is.
// A file of a million hypotheses has some hundred million bytes: no word is copied.
type lexer struct {
	in    *bufio.Reader
	line  int  // of the word that was read last
	below bool // the word began a new line
	buf   []byte
	held  bool // the word is to be read once more
	err   error
}

const maxWord = 256

func newLexer(in *bufio.Reader) *lexer { return &lexer{in: in, line: 1} }

// next returns the next word, valid until the next call, or nil at the end.
func (l *lexer) next() []byte {
	if l.held {
		l.held = false
		return l.buf
	}
	if l.err != nil {
		return nil
	}
	l.buf, l.below = l.buf[:0], false
	for {
		b, err := l.in.ReadByte()
		switch {
		case err != nil:
			l.err = err
			if len(l.buf) == 0 {
				return nil
			}
			return l.buf
		case b == ' ' || b == '\t' || b == '\r' || b == '\n':
			if len(l.buf) > 0 {
				_ = l.in.UnreadByte() // the line of a word is where it stands, not where the next one does
				return l.buf
			}
			if b == '\n' {
				l.line++
				l.below = true
			}
		case len(l.buf) == maxWord:
			l.err = &Error{l.line, "a word", string(l.buf[:32]) + "…", fmt.Sprintf("must be no longer than %d bytes", maxWord)}
			return nil
		default:
			l.buf = append(l.buf, b)
		}
	}
}

// back makes the next call return the same word again.
func (l *lexer) back() { l.held = true }

// fault is an error about the word that was read last: missing if it was nil.
func (l *lexer) fault(word []byte, want, field string, args ...any) error {
	if word == nil && l.err != nil && !errors.Is(l.err, io.EOF) {
		if e := (*Error)(nil); errors.As(l.err, &e) {
			return e
		}
		return fmt.Errorf("line %d: %w", l.line, l.err)
	}
	return &Error{l.line, fmt.Sprintf(field, args...), string(word), want}
}

// end fails if there is more to read.
func (l *lexer) end(after string) error {
	if word := l.next(); word != nil {
		return l.fault(word, "nothing may follow "+after+"; check the counts at the beginning", "one more word")
	}
	if !errors.Is(l.err, io.EOF) {
		return l.fault(nil, "", "")
	}
	return nil
}
