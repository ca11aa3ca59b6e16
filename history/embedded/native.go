package embedded

import (
	"bytes"
	"errors"
	"io"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// reencode turns Native blocks of revision 0, all that the library writes, into
// blocks of the revision that the client asked for: those carry a block info and,
// from 54454 on, a flag in front of every column. The flag sits between columns
// whose length only their type tells, so the blocks are decoded and written anew.
func reencode(blocks []byte, revision uint64) ([]byte, error) {
	in := bytes.NewReader(blocks)
	r := chproto.NewReader(in)
	out := chproto.Buffer{Buf: make([]byte, 0, len(blocks)+len(blocks)/16+256)}
	for {
		block := proto.NewBlock()
		err := block.Decode(r, 0)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && in.Len() == 0 && len(block.Columns) == 0 {
			return out.Buf, nil
		}
		if err != nil {
			return nil, serverError(codeUnsupported, "NOT_IMPLEMENTED", "Cannot carry this result in the Native format: "+err.Error())
		}
		if block.Rows() == 0 {
			continue // clickhouse-go reads and writes empty columns differently
		}
		if err := block.Encode(&out, revision); err != nil {
			return nil, serverError(codeUnsupported, "NOT_IMPLEMENTED", "Cannot carry this result in the Native format: "+err.Error())
		}
	}
}
