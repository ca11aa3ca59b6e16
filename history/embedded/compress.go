package embedded

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// decodeBody undoes the two compressions a client may use: HTTP's
// Content-Encoding and, inside it, ClickHouse's own frames (decompress=1).
//
// Accept-Encoding is not answered: a result that stays in this process, or on
// loopback, gains nothing, and HTTP allows plain answers.
func decodeBody(r *http.Request) (io.Reader, error) {
	if r.Body == nil {
		return strings.NewReader(""), nil
	}
	body, err := decodeContent(r.Header.Get("Content-Encoding"), r.Body)
	if err != nil {
		return nil, err
	}
	if isTrue(r.URL.Query().Get("decompress")) {
		return newDeframer(body), nil
	}
	return body, nil
}

func decodeContent(encoding string, body io.Reader) (io.Reader, error) {
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip", "deflate", "br", "zstd":
		return &lazyReader{open: func() (io.Reader, error) { return decoder(encoding, body) }}, nil
	}
	return nil, serverError(codeUnsupported, "NOT_IMPLEMENTED", "Unknown content encoding "+encoding+": use gzip, deflate, br or zstd")
}

func decoder(encoding string, body io.Reader) (io.Reader, error) {
	switch encoding {
	case "gzip":
		return gzip.NewReader(body)
	case "deflate":
		return zlib.NewReader(body)
	case "br":
		return brotli.NewReader(body), nil
	}
	d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// lazyReader opens on the first Read: decoders read their header at once, and
// that must not happen before the body is wanted.
type lazyReader struct {
	open func() (io.Reader, error)
	r    io.Reader
}

func (l *lazyReader) Read(p []byte) (int, error) {
	if l.r == nil {
		r, err := l.open()
		if err != nil {
			return 0, err
		}
		l.r = r
	}
	return l.r.Read(p)
}

// frameSize is how much the server puts into one compressed frame.
const frameSize = 1 << 20

// framer wraps results in ClickHouse's compressed frames.
type framer struct{ w *compress.Writer }

func newFramer(method string) (*framer, error) {
	switch strings.ToUpper(method) {
	case "LZ4":
		return &framer{compress.NewWriter(compress.LevelZero, compress.LZ4)}, nil
	case "LZ4HC":
		return &framer{compress.NewWriter(compress.LevelLZ4HCDefault, compress.LZ4HC)}, nil
	case "ZSTD":
		return &framer{compress.NewWriter(compress.LevelZero, compress.ZSTD)}, nil
	case "NONE":
		return &framer{compress.NewWriter(compress.LevelZero, compress.None)}, nil
	}
	return nil, serverError(codeUnsupported, "NOT_IMPLEMENTED", "Unknown compression method "+method+": use LZ4, LZ4HC, ZSTD or NONE")
}

func (f *framer) frame(b []byte) ([]byte, error) {
	var out []byte
	for len(b) > 0 {
		n := min(len(b), frameSize)
		if err := f.w.Compress(b[:n]); err != nil {
			return nil, err
		}
		out = append(out, f.w.Data...)
		b = b[n:]
	}
	return out, nil
}

// deframer undoes ClickHouse's compressed frames. It cuts them out itself and
// lets ch-go check and decompress each: ch-go's reader serves its last frame
// again after an error, and cannot tell the end of the frames from a cut in one.
type deframer struct {
	raw    io.Reader
	frame  bytes.Reader
	data   *compress.Reader // of frame
	rows   []byte           // of the frame, not yet read
	failed error
}

// A frame starts with a checksum (16 bytes), the method (1) and two sizes: of
// the rest of the frame, method and sizes included, and of the data.
const (
	frameHeader   = 25
	frameChecksum = 16
	frameLimit    = 128 << 20
)

func newDeframer(raw io.Reader) *deframer {
	d := &deframer{raw: raw}
	d.data = compress.NewReader(&d.frame)
	return d
}

func (d *deframer) Read(p []byte) (int, error) {
	for len(d.rows) == 0 && d.failed == nil {
		d.rows, d.failed = d.next()
	}
	if len(d.rows) == 0 {
		return 0, d.failed
	}
	n := copy(p, d.rows)
	d.rows = d.rows[n:]
	return n, nil
}

// next returns io.EOF only between two frames.
func (d *deframer) next() ([]byte, error) {
	frame := make([]byte, frameHeader)
	if _, err := io.ReadFull(d.raw, frame); err != nil {
		return nil, err
	}
	size := int(binary.LittleEndian.Uint32(frame[frameChecksum+1:])) + frameChecksum - frameHeader
	data := int(binary.LittleEndian.Uint32(frame[frameChecksum+5:]))
	if size < 0 || size > frameLimit || data > frameLimit {
		return nil, fmt.Errorf("compressed frame of %d bytes for %d bytes of rows: the frame is damaged", size, data)
	}
	frame = append(frame, make([]byte, size)...)
	if _, err := io.ReadFull(d.raw, frame[frameHeader:]); errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	} else if err != nil {
		return nil, err
	}
	d.frame.Reset(frame)
	rows := make([]byte, data)
	if _, err := io.ReadFull(d.data, rows); err != nil {
		return nil, fmt.Errorf("compressed frame: %v", err) // not wrapped: no end of file means the end of rows here
	}
	return rows, nil
}
