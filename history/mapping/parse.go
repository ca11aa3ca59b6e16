package mapping

import "github.com/goccy/go-yaml/ast"

// Parse reads a mapping. The name of the file is for error messages only; the
// error has all mistakes, in order of line.
func Parse(file string, text []byte) (*Mapping, error) {
	d := decoder{}
	m := d.parse(text)
	if len(d.Mistakes) == 0 {
		d.check(m)
	}
	if err := d.Err(file); err != nil {
		return nil, err
	}
	return m, nil
}

// longest is how many bytes a mapping may have; it needs far fewer.
const longest = 32 << 10

// parse turns text into a Mapping and notes what it cannot understand.
func (d *decoder) parse(text []byte) *Mapping {
	m := &Mapping{}
	if len(text) > longest {
		d.Note(1, "is %d bytes long, a mapping has at most %d", len(text), longest)
		return m
	}
	d.Parse(text, "a mapping", func(n ast.Node) { d.mapping(n, m) })
	return m
}
