package embedded

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is the C interface of chDB, as its chdb.h declares it. Handles are C
// pointers and opaque here. One connection runs one statement at a time; calls on
// one handle never overlap.
type library struct {
	version    func() string
	setSignals func(enabled int32)

	connect   func(argc int32, argv unsafe.Pointer) unsafe.Pointer // a pointer to the connection, nil if refused
	closeConn func(connection unsafe.Pointer)                      // takes what connect returned

	query        func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr) unsafe.Pointer
	streamQuery  func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr) unsafe.Pointer
	streamFetch  func(conn, stream unsafe.Pointer) unsafe.Pointer
	streamCancel func(conn, stream unsafe.Pointer)

	insert        func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr) unsafe.Pointer
	insertAppend  func(stream, rows unsafe.Pointer, n uintptr) int32
	insertDone    func(stream unsafe.Pointer) unsafe.Pointer
	insertCancel  func(stream unsafe.Pointer)
	insertError   func(stream unsafe.Pointer) string
	insertDestroy func(stream unsafe.Pointer)

	buffer       func(result unsafe.Pointer) unsafe.Pointer
	length       func(result unsafe.Pointer) uintptr
	failure      func(result unsafe.Pointer) string
	rowsRead     func(result unsafe.Pointer) uint64
	bytesRead    func(result unsafe.Pointer) uint64
	storageRows  func(result unsafe.Pointer) uint64
	storageBytes func(result unsafe.Pointer) uint64
	rowsWritten  func(result unsafe.Pointer) uint64
	bytesWritten func(result unsafe.Pointer) uint64
	destroy      func(result unsafe.Pointer)
}

// symbols are bound by name; the order follows the struct.
func (l *library) symbols() map[string]any {
	return map[string]any{
		"chdb_version":                     &l.version,
		"chdb_set_signal_handlers_enabled": &l.setSignals,
		"chdb_connect":                     &l.connect,
		"chdb_close_conn":                  &l.closeConn,
		"chdb_query_n":                     &l.query,
		"chdb_stream_query_n":              &l.streamQuery,
		"chdb_stream_fetch_result":         &l.streamFetch,
		"chdb_stream_cancel_query":         &l.streamCancel,
		"chdb_stream_insert_n":             &l.insert,
		"chdb_stream_append":               &l.insertAppend,
		"chdb_stream_done":                 &l.insertDone,
		"chdb_stream_cancel_insert":        &l.insertCancel,
		"chdb_stream_insert_error":         &l.insertError,
		"chdb_destroy_insert_stream":       &l.insertDestroy,
		"chdb_result_buffer":               &l.buffer,
		"chdb_result_length":               &l.length,
		"chdb_result_error":                &l.failure,
		"chdb_result_rows_read":            &l.rowsRead,
		"chdb_result_bytes_read":           &l.bytesRead,
		"chdb_result_storage_rows_read":    &l.storageRows,
		"chdb_result_storage_bytes_read":   &l.storageBytes,
		"chdb_result_rows_written":         &l.rowsWritten,
		"chdb_result_bytes_written":        &l.bytesWritten,
		"chdb_destroy_query_result":        &l.destroy,
	}
}

var loaded struct {
	sync.Mutex
	lib *library
}

// load opens the library once per process; it is never unloaded, because the
// engine keeps threads that outlive its last connection.
func load() (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.lib != nil {
		return loaded.lib, nil
	}
	path, err := FindLibrary()
	if err != nil {
		return nil, err
	}
	lib, err := bind(path)
	if err != nil {
		return nil, fmt.Errorf("embedded: load %s: %w", path, err)
	}
	loaded.lib = lib
	return lib, nil
}

func bind(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	lib := &library{}
	for name, fn := range lib.symbols() {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("no function %s, chDB %s is needed: %w", name, LibraryVersion, err)
		}
		purego.RegisterFunc(fn, address)
	}
	// Before anything else: the engine would take the signals that Go's runtime
	// uses for preemption and stack growth.
	lib.setSignals(0)
	return lib, nil
}

// Version loads the library and returns the version it reports.
func Version() (string, error) {
	lib, err := load()
	if err != nil {
		return "", err
	}
	return lib.version(), nil
}
