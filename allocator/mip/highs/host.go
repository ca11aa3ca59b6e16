package highs

import (
	"context"
	"math"
	"slices"
	"sync/atomic"
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
// also how a run is ended, as HiGHS looks at it all the time: when the work is done that
// was allowed it jumps ahead, upon which HiGHS hands over what it has; when nobody waits
// any more, it panics. (The engine's own way to end a run checks in every loop, and makes
// HiGHS take 3.6 times as long.)
type clock struct {
	began     time.Time
	effort    int64       // looks that are left
	abandoned atomic.Bool // nobody waits any more
}

// never is later than any run ends, in seconds.
const never = 1e7

type clockKey struct{}

// newClock begins a clock that allows so many looks; 0: any number.
func newClock(began time.Time, effort int64) *clock {
	if effort == 0 {
		effort = math.MaxInt64
	}
	return &clock{began: began, effort: effort}
}

// look returns the seconds since the run began.
func look(ctx context.Context) float64 {
	c := ctx.Value(clockKey{}).(*clock)
	if c.abandoned.Load() {
		panic("nobody waits any more")
	}
	if c.effort--; c.effort < 0 {
		return never * float64(min(-c.effort, 100)) // further each time: HiGHS counts from its own first look
	}
	return time.Since(c.began).Seconds()
}

// function is an import of the file: its shape, and what it does with its arguments,
// which lie on the stack and make room there for the result.
type function struct {
	takes, gives []api.ValueType
	do           api.GoModuleFunc
}

const (
	i32 = api.ValueTypeI32
	i64 = api.ValueTypeI64
	f64 = api.ValueTypeF64
)

// words is the shape of a function of n whole numbers.
func words(n int) []api.ValueType { return slices.Repeat([]api.ValueType{i32}, n) }

var (
	nothing []api.ValueType
	word    = []api.ValueType{i32}
	number  = []api.ValueType{f64}
)

// host are the imports of the file, by the names that its build gave them. HiGHS
// computes and tells the time; files, environment and signals are not there.
var host = map[string]function{
	"a": {words(3), nothing, fails("C++ exception")},                        // __cxa_throw
	"b": {words(1), nothing, fails("exit")},                                 // exit
	"c": {nothing, number, milliseconds},                                    // emscripten_get_now
	"d": {words(1), word, answers(badFile)},                                 // fd_close
	"e": {words(3), word, answers(notSupported)},                            // __syscall_fcntl64
	"f": {words(4), word, discard},                                          // fd_write
	"g": {words(4), word, answers(badFile)},                                 // fd_read
	"h": {words(3), word, answers(notSupported)},                            // __syscall_ioctl
	"i": {words(4), word, answers(notFound)},                                // __syscall_openat
	"j": {nothing, number, milliseconds},                                    // emscripten_date_now
	"k": {nothing, nothing, fails("abort")},                                 // _abort_js
	"l": {[]api.ValueType{i32, f64}, word, answers(0)},                      // _setitimer_js
	"m": {words(4), nothing, noTimeZone},                                    // _tzset_js
	"n": {words(2), word, answers(0)},                                       // environ_get
	"o": {words(2), word, noEnvironment},                                    // environ_sizes_get
	"p": {[]api.ValueType{i32, i64, i32}, word, clockTime},                  // clock_time_get
	"q": {words(1), word, growMemory},                                       // emscripten_resize_heap
	"r": {words(1), nothing, fails("exit")},                                 // proc_exit
	"s": {nothing, nothing, func(context.Context, api.Module, []uint64) {}}, // _emscripten_runtime_keepalive_clear
	"t": {[]api.ValueType{i32, i64, i32, i32}, word, answers(badFile)},      // fd_seek
}

// provideHost makes the imports known to a runtime.
func provideHost(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(hostModule)
	for name, f := range host {
		b = b.NewFunctionBuilder().WithGoModuleFunction(f.do, f.takes, f.gives).Export(name)
	}
	_, err := b.Instantiate(ctx)
	return err
}

// answers always gives the same.
func answers(number int32) api.GoModuleFunc {
	return func(_ context.Context, _ api.Module, stack []uint64) { stack[0] = api.EncodeI32(number) }
}

// fails ends the run.
func fails(why string) api.GoModuleFunc {
	return func(context.Context, api.Module, []uint64) { panic(why) }
}

func milliseconds(ctx context.Context, _ api.Module, stack []uint64) {
	stack[0] = api.EncodeF64(1000 * look(ctx))
}

// clockTime writes nanoseconds to its third argument.
func clockTime(ctx context.Context, m api.Module, stack []uint64) {
	m.Memory().WriteUint64Le(uint32(stack[2]), uint64(1e9*look(ctx)))
	stack[0] = 0
}

// discard takes what is written and keeps nothing: HiGHS is told to be quiet.
func discard(_ context.Context, m api.Module, stack []uint64) {
	vectors, n, written := uint32(stack[1]), uint32(stack[2]), uint32(stack[3])
	total := uint32(0)
	for i := range n {
		length, _ := m.Memory().ReadUint32Le(vectors + 8*i + 4)
		total += length
	}
	m.Memory().WriteUint32Le(written, total)
	stack[0] = 0
}

// noTimeZone writes an offset of 0, no daylight saving and two empty names.
func noTimeZone(_ context.Context, m api.Module, stack []uint64) {
	m.Memory().WriteUint32Le(uint32(stack[0]), 0)
	m.Memory().WriteUint32Le(uint32(stack[1]), 0)
	m.Memory().WriteByte(uint32(stack[2]), 0)
	m.Memory().WriteByte(uint32(stack[3]), 0)
}

// noEnvironment writes that there are 0 variables, of 0 bytes.
func noEnvironment(_ context.Context, m api.Module, stack []uint64) {
	m.Memory().WriteUint32Le(uint32(stack[0]), 0)
	m.Memory().WriteUint32Le(uint32(stack[1]), 0)
	stack[0] = 0
}

// growMemory makes room for so many bytes and a fifth more, as there is no way back and
// each growth copies.
func growMemory(_ context.Context, m api.Module, stack []uint64) {
	const page = 1 << 16
	size, have := uint64(uint32(stack[0])), uint64(m.Memory().Size())
	stack[0] = 0
	for _, want := range []uint64{max(size, have+have/5), size} {
		if _, ok := m.Memory().Grow(uint32((want - have + page - 1) / page)); ok {
			stack[0] = 1
			return
		}
	}
}
