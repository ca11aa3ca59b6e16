package server

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressed sends pages, plans and lists as gzip to those who take it: a page
// of a plan is a tenth of its size then. Streams stay as they are, since their
// lines are to arrive one by one. No answer holds a secret beside what a
// stranger wrote, so its size gives nothing away.
func compressed(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.EnableZstd(false),
		gzhttp.ContentTypes([]string{"text/html", "text/css", "image/svg+xml", "application/json"}))
	if err != nil {
		return nil, err
	}
	return wrap(h), nil
}
