package embedded_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/assay-planner/assay/history/embedded"
)

// A program opens one engine, usually on the user's data directory.
func ExampleOpen() {
	engine, err := embedded.Open("", embedded.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	conn, err := engine.Conn("default")
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	ctx := context.Background()
	conn.Exec(ctx, "CREATE TABLE effects (lift Float64, se Float64) ENGINE = MergeTree ORDER BY lift")
	conn.Exec(ctx, "INSERT INTO effects VALUES (0.02, 0.01), (-0.01, 0.02), (0.05, 0.01)")
	var n uint64
	err = conn.QueryRow(ctx, "SELECT count() FROM effects WHERE lift / se > {z:Float64}", clickhouse.Named("z", 1.96)).Scan(&n)
	fmt.Println(n, "effects are significant,", err)
	// Output: 2 effects are significant, <nil>
}
