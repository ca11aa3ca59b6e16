// Package mapping says which column of a user's file is what: a small YAML
// file turns any table of experiment outcomes into the shapes history stores.
//
// A reader must know Mapping, the whole file, and Field, one value of it: a
// column, or a constant, or a column whose values are renamed.
//
//	m, err := mapping.Parse("upworthy.yaml", yaml) // every mistake, with its line
//	m.Digest()                                     // same meaning, same digest
//
// The package reads no data: it does not know whether the columns exist.
// docs/mapping.md is the reference of all keys.
package mapping
