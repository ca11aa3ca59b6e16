package highs

import (
	"context"
	"math"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// hostModule is what the file calls the module that it imports from.
const hostModule = "a"

// Error numbers of Emscripten and of WASI, as the functions below return them.
const (
	notFound     = -44 // ENOENT
	notSupported = -52 // ENOSYS
	badFile      = 8   // EBADF
)

// clock is the time as HiGHS sees it: that since its run began, and no calendar. It is
// also how a run is ended, as HiGHS looks at it all the time: at the limit it jumps far
// beyond, upon which HiGHS hands over what it has; when nobody waits any more, it panics.
// (The engine's own way to end a run checks in every loop, and takes 3.6 times as long.)
type clock struct {
	began  time.Time
	effort int64 // looks that are left
}

// never is later than any run ends, in seconds.
const never = 1e9

type clockKey struct{}

// newClock begins a clock that allows so many looks; 0: any number.
func newClock(began time.Time, effort int64) *clock {
	if effort == 0 {
		effort = math.MaxInt64
	}
	return &clock{began, effort}
}

// look returns the seconds since the run began.
func look(ctx context.Context) float64 {
	if ctx.Err() != nil {
		panic(ctx.Err())
	}
	c := ctx.Value(clockKey{}).(*clock)
	if c.effort--; c.effort < 0 {
		return never * float64(-c.effort) // further each time: HiGHS counts from its first look
	}
	return time.Since(c.began).Seconds()
}

// host are the imports of the file, by the names that its build gave them. HiGHS
// computes and tells the time; files, environment and signals are not there.
var host = map[string]any{
	"a": func(context.Context, uint32, uint32, uint32) { panic("C++ exception") },    // __cxa_throw
	"b": func(_ context.Context, code int32) { panic("exit") },                       // exit
	"c": func(ctx context.Context) float64 { return 1000 * look(ctx) },               // emscripten_get_now
	"d": func(context.Context, int32) int32 { return badFile },                       // fd_close
	"e": func(context.Context, int32, int32, int32) int32 { return notSupported },    // __syscall_fcntl64
	"f": discard,                                                                     // fd_write
	"g": func(context.Context, int32, int32, int32, int32) int32 { return badFile },  // fd_read
	"h": func(context.Context, int32, int32, int32) int32 { return notSupported },    // __syscall_ioctl
	"i": func(context.Context, int32, int32, int32, int32) int32 { return notFound }, // __syscall_openat
	"j": func(ctx context.Context) float64 { return 1000 * look(ctx) },               // emscripten_date_now
	"k": func(context.Context) { panic("abort") },                                    // _abort_js
	"l": func(context.Context, int32, float64) int32 { return 0 },                    // _setitimer_js
	"m": noTimeZone,                                                                  // _tzset_js
	"n": func(context.Context, int32, int32) int32 { return 0 },                      // environ_get
	"o": noEnvironment,                                                               // environ_sizes_get
	"p": clockTime,                                                                   // clock_time_get
	"q": growMemory,                                                                  // emscripten_resize_heap
	"r": func(_ context.Context, code int32) { panic("exit") },                       // proc_exit
	"s": func(context.Context) {},                                                    // _emscripten_runtime_keepalive_clear
	"t": func(context.Context, int32, int64, int32, int32) int32 { return badFile },  // fd_seek
}

// provideHost makes the imports known to a runtime.
func provideHost(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(hostModule)
	for name, f := range host {
		b = b.NewFunctionBuilder().WithFunc(f).Export(name)
	}
	_, err := b.Instantiate(ctx)
	return err
}

// discard takes what is written and keeps nothing: HiGHS is told to be quiet, and
// writes only before it is.
func discard(_ context.Context, m api.Module, _, vectors, n, written uint32) uint32 {
	total := uint32(0)
	for i := range n {
		length, _ := m.Memory().ReadUint32Le(vectors + 8*i + 4)
		total += length
	}
	m.Memory().WriteUint32Le(written, total)
	return 0
}

func noTimeZone(_ context.Context, m api.Module, offset, daylight, standardName, daylightName uint32) {
	m.Memory().WriteUint32Le(offset, 0)
	m.Memory().WriteUint32Le(daylight, 0)
	m.Memory().WriteByte(standardName, 0)
	m.Memory().WriteByte(daylightName, 0)
}

func noEnvironment(_ context.Context, m api.Module, count, size uint32) uint32 {
	m.Memory().WriteUint32Le(count, 0)
	m.Memory().WriteUint32Le(size, 0)
	return 0
}

func clockTime(ctx context.Context, m api.Module, _ uint32, _ uint64, at uint32) uint32 {
	m.Memory().WriteUint64Le(at, uint64(math.Round(1e9*look(ctx))))
	return 0
}

// growMemory makes room for size bytes and a fifth more, as there is no way back and
// each growth copies.
func growMemory(_ context.Context, m api.Module, size uint32) uint32 {
	const page = 1 << 16
	have := uint64(m.Memory().Size())
	for _, want := range []uint64{max(uint64(size), have+have/5), uint64(size)} {
		if _, ok := m.Memory().Grow(uint32((want - have + page - 1) / page)); ok {
			return 1
		}
	}
	return 0
}
