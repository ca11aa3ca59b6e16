package embedded

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// externalTable is a table that the client sends along with its query.
type externalTable struct {
	name, structure, format string
	rows                    []byte
}

func isMultipart(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// readExternal reads the parts of a form: files are external tables, the field
// "query" is the statement, which it returns.
func (q *request) readExternal(r *http.Request, body io.Reader) (io.Reader, error) {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, serverError(codeBadArguments, "BAD_ARGUMENTS", "Cannot read the form: "+err.Error())
	}
	var sql []byte
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return bytes.NewReader(sql), nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		name := part.FormName()
		if name == "query" {
			sql = content
			continue
		}
		v := r.URL.Query()
		q.external = append(q.external, externalTable{
			name: name, rows: content,
			structure: v.Get(name + "_structure"),
			format:    firstOf(v.Get(name+"_format"), "TabSeparated"),
		})
		for _, suffix := range []string{"_structure", "_format", "_types"} {
			delete(q.settings, name+suffix)
		}
	}
}

// create fills a temporary table, which lives as long as the session.
func (t externalTable) create(s *session) error {
	if t.structure == "" {
		return serverError(codeBadArguments, "BAD_ARGUMENTS", "External table "+t.name+" has no structure")
	}
	// The structure is SQL by design: "id UInt64, name String".
	if err := s.exec("CREATE TEMPORARY TABLE " + quoteName(t.name) + " (" + t.structure + ")"); err != nil {
		return err
	}
	rows := chunksOf(bytes.NewReader(t.rows))
	return s.insert("INSERT INTO "+quoteName(t.name), t.format, rows, func([]byte, counts) error { return nil })
}
