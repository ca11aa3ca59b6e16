// Package importer reads files of experiment outcomes, in any of four formats
// and two compressions, through a mapping, into checked columns.
//
// A reader must know Read, which streams one file; the Sink that receives its
// columns in batches; and Problem, one thing wrong with the file, with its
// line, column, value and reason.
//
//	result, err := importer.Read(ctx, path, mapping, sink, importer.Options{})
//
// One row becomes one row of each metric: its sums over users. All work is done
// a column at a time, so that a Parquet column of floats is checked and passed
// on without touching single cells. The package keeps nothing: what is already
// stored, and duplicates in a file of any size, are questions for ClickHouse.
package importer
