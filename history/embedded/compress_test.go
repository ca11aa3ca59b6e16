package embedded

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// Frames read back as what they were made of, for every method; a stream that is
// cut inside a frame is an error and never a short insert.
func TestFrames(t *testing.T) {
	data := []byte(strings.Repeat("some rows, ", 250_000)) // 2.6 frames
	for _, method := range []string{"LZ4", "lz4hc", "ZSTD", "NONE"} {
		f, err := newFramer(method)
		if err != nil {
			t.Fatal(err)
		}
		frames, err := f.frame(data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(newDeframer(bytes.NewReader(frames)))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes of %d, %v", method, len(got), len(data), err)
		}
		for _, cut := range []int{1, 10, frameHeader, len(frames) / 2, len(frames) - 1} {
			if _, err := io.ReadAll(newDeframer(bytes.NewReader(frames[:cut]))); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s cut after %d bytes: %v", method, cut, err)
			}
		}
		frames[frameHeader] ^= 1
		if _, err := io.ReadAll(newDeframer(bytes.NewReader(frames))); err == nil {
			t.Errorf("%s: a flipped bit was not seen", method)
		}
	}
}

func FuzzDeframer(f *testing.F) {
	framer, err := newFramer("LZ4")
	if err != nil {
		f.Fatal(err)
	}
	frames, err := framer.frame([]byte("rows"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(frames)
	f.Add(append(frames, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newDeframer(bytes.NewReader(b))
		io.Copy(io.Discard, d)
		if n, err := d.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Fatalf("%d bytes after the end, %v", n, err)
		}
	})
}

func TestChunksOf(t *testing.T) {
	broken := errors.New("broken")
	next := chunksOf(io.MultiReader(strings.NewReader("ab"), errorReader{broken}))
	if rows, err := next(); string(rows) != "ab" || err != nil {
		t.Errorf("%q, %v", rows, err)
	}
	for range 2 { // the error stays
		if rows, err := next(); len(rows) > 0 || !errors.Is(err, broken) {
			t.Errorf("%q, %v", rows, err)
		}
	}
}
