package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// readText reads a file, or standard input for "-", and undoes gzip and zstd.
func readText(ctx context.Context, path string, stdin io.Reader) (name string, text []byte, err error) {
	if name, text, err = readInput(ctx, path, stdin, "nothing was analysed"); err != nil {
		return name, nil, err
	}
	if text, err = decompressed(text); err != nil {
		return name, nil, badInput(fmt.Errorf("%s: %w", name, err)).next("is the file whole? nothing was analysed")
	}
	if len(text) > maxDraftFile {
		return name, nil, badInput(fmt.Errorf("%s is larger than %d MB: sufficient statistics are not", name, maxDraftFile>>20)).
			next("add the users up first, or import the file (assay import outcomes)")
	}
	return name, bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), nil
}

func decompressed(text []byte) ([]byte, error) {
	var in io.Reader
	switch {
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		unzip, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("read gzip: %w", err)
		}
		in = unzip
	case bytes.HasPrefix(text, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		unzip, err := zstd.NewReader(bytes.NewReader(text), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30))
		if err != nil {
			return nil, err
		}
		defer unzip.Close()
		in = unzip
	default:
		return text, nil
	}
	plain, err := io.ReadAll(io.LimitReader(in, maxDraftFile+1))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return plain, nil
}

var yamlKey = regexp.MustCompile(`^[ \t]*("?[A-Za-z_]+"?[ \t]*:|\{|---)`)

// parseTests reads a table or a document, by name or by its first line.
func parseTests(name string, text []byte) (fileTests, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return fileTests{}, mistakes{{File: name, Line: 1, Reason: "the file is empty"}}
	}
	if reason := notText(text); reason != "" {
		return fileTests{}, mistakes{{File: name, Line: 1, Reason: reason}}
	}
	base := strings.ToLower(filepath.Base(name))
	for _, zip := range []string{".gz", ".zst", ".zstd"} {
		base = strings.TrimSuffix(base, zip)
	}
	switch filepath.Ext(base) {
	case ".yaml", ".yml", ".json":
		return documentTests(name, text)
	case ".csv", ".tsv", ".tab", ".txt":
		return csvTests(name, text)
	case ".parquet", ".arrow", ".feather", ".ndjson", ".jsonl":
		return fileTests{}, badInput(fmt.Errorf("%s: without a mapping only CSV, TSV, YAML and JSON documents are read", name)).
			next("add --mapping M.yaml, which says what the columns mean; docs/mapping.md explains it")
	}
	for line := range bytes.Lines(text) {
		if first := bytes.TrimSpace(line); len(first) == 0 || first[0] == '#' {
			continue
		}
		if yamlKey.Match(line) {
			return documentTests(name, text)
		}
		break
	}
	return csvTests(name, text)
}

// notText says what a file is that is no UTF-8, as far as its first bytes tell.
func notText(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return "is a zip archive, as spreadsheets are: save the sheet as CSV"
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return "is UTF-16: save it as UTF-8"
	case bytes.HasPrefix(text, []byte("PAR1")), bytes.HasPrefix(text, []byte("ARROW1")):
		return "is a table of columns: add --mapping M.yaml, which says what they mean; docs/mapping.md explains it"
	case !utf8.Valid(text):
		return "is not UTF-8 text: save it as UTF-8"
	}
	return ""
}
