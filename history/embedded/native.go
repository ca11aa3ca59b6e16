package embedded

import (
	"bufio"
	"bytes"
	"fmt"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// reencode turns Native blocks of revision 0, all that the library writes, into
// blocks of the revision that the client asked for: those carry a block info and,
// from 54454 on, a flag in front of every column. The flag sits between columns
// whose length only their type tells, so each is decoded to find its end. What goes
// on are the engine's own bytes: clickhouse-go does not write all that it reads, of
// a NULL without a type nothing, and the client would lose every row behind it.
func reencode(blocks []byte, revision uint64) ([]byte, error) {
	b := newNativeBlocks(blocks, revision)
	for b.at() < len(blocks) {
		if err := b.copyBlock(); err != nil {
			return nil, serverError(codeUnsupported, "NOT_IMPLEMENTED", "Cannot carry this result in the Native format: "+err.Error())
		}
	}
	return b.out.Buf, nil
}

// nativeBlocks are read from front to back, and copied to out.
type nativeBlocks struct {
	blocks   []byte
	revision uint64
	out      chproto.Buffer

	*chproto.Reader
	ahead *bufio.Reader // what Reader reads from
	rest  *bytes.Reader // what ahead reads from
}

func newNativeBlocks(blocks []byte, revision uint64) *nativeBlocks {
	b := &nativeBlocks{blocks: blocks, revision: revision, rest: bytes.NewReader(blocks)}
	b.out.Buf = make([]byte, 0, len(blocks)+len(blocks)/16+256)
	b.ahead = bufio.NewReaderSize(b.rest, 128<<10) // so large that chproto takes it as it is
	b.Reader = chproto.NewReader(b.ahead)
	return b
}

// at is how many bytes have been read.
func (b *nativeBlocks) at() int { return len(b.blocks) - b.rest.Len() - b.ahead.Buffered() }

func (b *nativeBlocks) copyBlock() error {
	columns, err := b.UVarInt()
	if err != nil {
		return err
	}
	rows, err := b.UVarInt()
	if err != nil {
		return err
	}
	begin := len(b.out.Buf)
	if b.revision > 0 {
		b.putBlockInfo()
	}
	b.out.PutUVarInt(columns)
	b.out.PutUVarInt(rows)
	for range columns {
		if err := b.copyColumn(int(rows)); err != nil {
			return err
		}
	}
	if rows == 0 { // a server answers no rows with nothing
		b.out.Buf = b.out.Buf[:begin]
	}
	return nil
}

// putBlockInfo says that the rows are no overflow of a GROUP BY, and of no bucket.
func (b *nativeBlocks) putBlockInfo() {
	b.out.PutUVarInt(1)
	b.out.PutBool(false)
	b.out.PutUVarInt(2)
	b.out.PutInt32(-1)
	b.out.PutUVarInt(0)
}

func (b *nativeBlocks) copyColumn(rows int) error {
	name, err := b.Str()
	if err != nil {
		return err
	}
	typ, err := b.Str()
	if err != nil {
		return err
	}
	b.out.PutString(name)
	b.out.PutString(typ)
	if b.revision >= proto.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION {
		b.out.PutBool(false)
	}
	if rows == 0 {
		return nil
	}
	begin := b.at()
	if err := b.skipColumn(column.Type(typ), rows); err != nil {
		return fmt.Errorf("column %s of type %s: %w; select toString(%[1]s), or another form of it", name, typ, err)
	}
	b.out.PutRaw(b.blocks[begin:b.at()])
	return nil
}

func (b *nativeBlocks) skipColumn(typ column.Type, rows int) error {
	c, err := typ.Column("", &column.ServerContext{})
	if err != nil {
		return err
	}
	if state, ok := c.(column.CustomSerialization); ok {
		if err := state.ReadStatePrefix(b.Reader); err != nil {
			return err
		}
	}
	return c.Decode(b.Reader, rows)
}
