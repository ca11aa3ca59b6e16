// Package embedded runs ClickHouse inside this process and answers the question
// "where does the history live when the user runs no server?".
//
// An [Engine] is the real engine, the chDB library, with one data directory. It
// is an [net/http.RoundTripper] that speaks ClickHouse's HTTP protocol, so that
// clickhouse-go is the only client and the SQL is the same in both places:
//
//	engine, err := embedded.Open(dir, embedded.Options{})
//	if err != nil {
//		return err // names what to install, or which process holds dir
//	}
//	defer engine.Close()
//	conn, err := engine.Conn("history") // a driver.Conn, as from a server
//
// A server the user runs is reached with [Dial]: same driver.Conn, no engine.
//
// Every request gets a session of its own, as over HTTP without a session_id:
// the database, settings and parameters it sets end with it. Results and inserts
// stream block by block. A cancelled context kills the query in the engine; an
// insert that was cut off leaves nothing of the block in flight.
//
// The library allows one data directory per process at a time, and a second
// process on the same directory gets an [InUseError] with the first one's pid.
//
// What it does not do: no cgo, no port unless a test mounts [Engine.Handler],
// no HTTP sessions, no users but "default". As over HTTP, clickhouse-go reports
// no progress callbacks; counts arrive in the X-ClickHouse-Summary header. The
// SQL function queryID() shows the engine's own id, not the caller's, which is
// found in system.processes as Settings['log_comment'].
package embedded
