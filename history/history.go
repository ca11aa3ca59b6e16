package history

import (
	"context"
	"fmt"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// History is what past experiments said, in one ClickHouse database. It is
// safe for use by many goroutines; imports wait for each other, and mining
// sees an import either not at all or whole.
type History struct {
	conn     driver.Conn
	onShards func(statement) (string, error) // how a cluster is asked; nil: one machine
	piece    uint64                          // users mined at once; 0: usersAtOnce

	alone     bool         // no other process has the database
	importing sync.Mutex   // one import of this History at a time
	publish   sync.RWMutex // held for reading by mining, for writing while an import is put in place

	recent recent
	kept   kept
}

// Alone says that no other process has the database, as of an engine in this one: what
// an import left there that is none of this process's, nobody is working at any more.
func Alone(h *History) { h.alone = true }

// Open brings the schema of conn's database up to date, finishes or clears what
// a killed import left, and returns its history. The caller keeps conn open for
// as long as it uses the History, and closes it.
//
// how may be Alone.
//
// A database that Cluster's schema made is mined on its shards. Open changes
// nothing in it.
func Open(ctx context.Context, conn driver.Conn, how ...func(*History)) (*History, error) {
	h := &History{conn: conn}
	for _, set := range how {
		set(h)
	}
	if on, cluster, err := clusterOf(ctx, conn); err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	} else if on {
		return h, h.onCluster(ctx, cluster)
	}
	if err := migrate(ctx, conn); err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	if err := h.recoverStaging(ctx); err != nil {
		return nil, fmt.Errorf("open history: finish an interrupted import: %w", err)
	}
	return h, nil
}
