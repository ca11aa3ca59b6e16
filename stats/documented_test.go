package stats

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryExportIsShown: each exported function and method of stats and of the
// packages below it has a comment and an Example with an output.
func TestEveryExportIsShown(t *testing.T) {
	for _, dir := range packages(t) {
		documented, examples := exports(t, dir)
		for name, comment := range documented {
			if comment == "" {
				t.Errorf("%s: %s has no comment", dir, name)
			}
			if !slices.ContainsFunc(examples, func(e string) bool { return shows(e, name) }) {
				t.Errorf("%s: %s has no Example with an output", dir, name)
			}
		}
	}
}

// shows reports whether the Example of this name is about the function F or the
// method T.M, by Go's rule: ExampleF, ExampleT_M, either with a suffix _lower.
func shows(example, name string) bool {
	rest, ok := strings.CutPrefix(example, strings.ReplaceAll(name, ".", "_"))
	return ok && (rest == "" || len(rest) > 1 && rest[0] == '_' && rest[1] >= 'a' && rest[1] <= 'z')
}

// conventional methods say nothing that their interface does not.
var conventional = []string{"String", "Error", "Unwrap", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText"}

func packages(t *testing.T) (dirs []string) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return err
		case d.Name() == "internal" || d.Name() == "testdata":
			return filepath.SkipDir
		}
		dirs = append(dirs, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// exports lists what a package exports with its comments, and its examples.
func exports(t *testing.T, dir string) (documented map[string]string, examples []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	documented = map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name, exported := nameOf(f)
			switch example, isExample := strings.CutPrefix(f.Name.Name, "Example"); {
			case strings.HasSuffix(file, "_test.go"):
				if isExample && hasOutput(parsed, f) {
					examples = append(examples, example)
				}
			case exported && !slices.Contains(conventional, f.Name.Name):
				documented[name] = f.Doc.Text()
			}
		}
	}
	return documented, examples
}

// nameOf is F or T.M, and whether a caller outside can reach it.
func nameOf(f *ast.FuncDecl) (string, bool) {
	if f.Recv == nil {
		return f.Name.Name, f.Name.IsExported()
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	of, ok := receiver.(*ast.Ident)
	return of.Name + "." + f.Name.Name, ok && of.IsExported() && f.Name.IsExported()
}

func hasOutput(file *ast.File, f *ast.FuncDecl) bool {
	return slices.ContainsFunc(file.Comments, func(c *ast.CommentGroup) bool {
		return c.Pos() > f.Pos() && c.End() <= f.End() && strings.Contains(c.Text(), "utput:")
	})
}
