package history

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrCluster is what Import answers on a cluster. An import is all or nothing by
// attaching parts to tables, which Distributed tables do not have; a cluster is
// filled by INSERT … SELECT from one machine's history, or from the tables that
// the user has there already.
var ErrCluster = errors.New("this history lies on a cluster, which is filled by INSERT INTO its tables: see docs/cluster.md")

// clusterOf says whether conn's database is one of a cluster's, and of which.
func clusterOf(ctx context.Context, conn driver.Conn) (on bool, c Cluster, err error) {
	var engine string
	if err := conn.QueryRow(ctx, query("outcomes_engine")).Scan(&engine); err != nil {
		return false, c, fmt.Errorf("outcomes_engine: %w", err)
	}
	name, database := distributedOver(engine)
	return name != "", Cluster{Name: name, Database: database}, nil
}

var distributedEngine = regexp.MustCompile(`^Distributed\('([^']+)', '([^']+)_shard', 'outcomes'`)

// distributedOver finds in the engine of the table outcomes the cluster and the
// database without "_shard"; nothing in any other engine.
func distributedOver(engine string) (cluster, database string) {
	if m := distributedEngine.FindStringSubmatch(engine); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// onCluster makes h mine on the shards of c, whose tables must be up to date.
func (h *History) onCluster(ctx context.Context, c Cluster) (err error) {
	all, err := migrations()
	if err != nil {
		return err
	}
	applied, err := appliedMigrations(ctx, h.conn)
	if err != nil {
		return fmt.Errorf("open history: %w", err)
	}
	for _, m := range all {
		if applied[m.number] != m.checksum {
			return fmt.Errorf("open history: the tables of cluster %s lack migration %s: run once more what `assay schema --cluster '%s' --database %s` prints",
				c.Name, m.name, c.Name, c.Database)
		}
	}
	h.onShards = c.onShards
	return nil
}
