package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/assay-planner/assay/planner"
)

// request is one call of the API.
type request struct {
	method, path string
	kind         string // content type of the body
	accept       string // empty: JSON
	body         io.Reader
}

// open sends a request and returns the answer of a success, body open.
func (c *Client) open(ctx context.Context, q request) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, q.body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	if q.accept != "" {
		r.Header.Set("Accept", q.accept)
	}
	if q.kind != "" {
		r.Header.Set("Content-Type", q.kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, refusal(answer)
}

// call sends a request and decodes its answer.
func (c *Client) call(ctx context.Context, q request, into any) error {
	answer, err := c.open(ctx, q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// refusal reads an error answer. What is not in the API's form comes from
// something else at that address: a proxy, or another program.
func refusal(answer *http.Response) error {
	var body struct{ Error *APIError }
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	err := json.NewDecoder(io.LimitReader(answer.Body, 64<<20)).Decode(&body)
	if kind != "application/json" || err != nil || body.Error == nil || body.Error.Code == "" {
		return &APIError{Status: answer.StatusCode, Code: "not_assay", Message: fmt.Sprintf("%s answered %s: it is not an Assay server, or something stands before it", answer.Request.URL.Host, answer.Status)}
	}
	body.Error.Status = answer.StatusCode
	return known(body.Error)
}

// known turns an answer back into the error that the server had.
func known(e *APIError) error {
	switch {
	case len(e.Hypotheses) > 0:
		return planner.DraftErrors(e.Hypotheses)
	case e.Code == "invalid_outcomes":
		return &RejectedError{Message: e.Message, Report: e.Report}
	}
	for _, s := range sentinels {
		if e.Code == s.code {
			return &remoteError{e, s.err}
		}
	}
	if e.Code == "internal" && e.Request != "" {
		e.Message += " under request " + e.Request
	}
	return e
}

// remoteError reads like the server's error and is the same to errors.Is.
type remoteError struct {
	*APIError
	is error
}

func (e *remoteError) Unwrap() []error { return []error{e.APIError, e.is} }

// ImportOutcomes sends files to the server's Importer and returns its report
// as JSON. Refused files give a RejectedError.
func (c *Client) ImportOutcomes(ctx context.Context, o Outcomes) (json.RawMessage, error) {
	for _, file := range o.Files { // before anything is sent
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
	}
	read, write := io.Pipe()
	defer read.Close() // ends the writer if the server answers before it has read all
	form := multipart.NewWriter(write)
	go func() { write.CloseWithError(errors.Join(o.write(form), form.Close())) }()
	var answer struct{ Report json.RawMessage }
	err := c.call(ctx, request{method: "POST", path: "/v1/outcomes", kind: form.FormDataContentType(), body: read}, &answer)
	return answer.Report, err
}

func (o Outcomes) write(form *multipart.Writer) error {
	if err := form.WriteField("max_errors", strconv.Itoa(o.MaxErrors)); err != nil {
		return err
	}
	if err := form.WriteField("mapping", string(o.Mapping)); err != nil {
		return err
	}
	for _, file := range o.Files {
		if err := attach(form, file); err != nil {
			return err
		}
	}
	return nil
}

func attach(form *multipart.Writer, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	part, err := form.CreateFormFile("file", filepath.Base(file))
	if err != nil {
		return err
	}
	_, err = io.Copy(part, f)
	return err
}
