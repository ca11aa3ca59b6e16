package dashboard

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"path"
	"strings"
)

//go:embed assets
var assetFiles embed.FS

type file struct {
	body []byte
	kind string
}

// byPath and pathOf map the name that a page links to, which holds a hash of
// the content, to the file and back.
var byPath, pathOf = load()

var kinds = map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

func load() (map[string]file, map[string]string) {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // embedded: it is there or the program does not build
	}
	files, paths := map[string]file{}, map[string]string{}
	for _, e := range entries {
		body, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		hashed := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		files[hashed] = file{body, kinds[ext]}
		paths[e.Name()] = hashed
	}
	return files, paths
}

// Asset returns a file by the name that pages link to under /assets/.
func Asset(name string) (body []byte, contentType string, ok bool) {
	f, ok := byPath[name]
	return f.body, f.kind, ok
}

func assetPath(name string) string { return "/assets/" + pathOf[name] }
