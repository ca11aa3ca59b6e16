package highs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// run is one HiGHS in a memory of its own. The first error stays: after it, calls do
// nothing and return 0.
type run struct {
	ctx    context.Context // has the clock
	module api.Module
	highs  uint64  // the object
	scale  float64 // its costs are the problem's times this
	err    error
}

var errMemory = errors.New("out of memory")

// begin makes a run. Its memory is that of no other run: that is what makes the same
// problem give the same answer.
func begin(ctx context.Context, e engine) (*run, error) {
	module, err := e.runtime.InstantiateModule(ctx, e.module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, err
	}
	r := &run{ctx: ctx, module: module}
	r.call("__wasm_call_ctors")
	r.highs = r.call("Highs_create")
	return r, r.err
}

func (r *run) end() {
	r.module.Close(r.ctx)
}

// call calls a function by its name in C.
func (r *run) call(name string, args ...uint64) uint64 {
	if r.err != nil {
		return 0
	}
	result, err := r.module.ExportedFunction(exports[name]).Call(r.ctx, args...)
	if err != nil {
		r.err = fmt.Errorf("%s: %w", name, err)
		return 0
	}
	if len(result) == 0 {
		return 0
	}
	return result[0]
}

// do calls a function of the object whose result says whether it went well: 0 is yes,
// 1 is a warning, −1 is no.
func (r *run) do(name string, args ...uint64) {
	if status := int32(r.call(name, append([]uint64{r.highs}, args...)...)); r.err == nil && status < 0 {
		r.err = fmt.Errorf("%s: refused", name)
	}
}

// room returns the address of n bytes, for as long as the run lives, and their view,
// which holds until the next call.
func (r *run) room(n int) (uint64, []byte) {
	at := r.call("malloc", uint64(max(n, 1)))
	if r.err == nil && at == 0 {
		r.err = errMemory
	}
	if r.err != nil {
		return 0, make([]byte, n)
	}
	view, ok := r.module.Memory().Read(uint32(at), uint32(n))
	if !ok {
		r.err = errMemory
		return 0, make([]byte, n)
	}
	return at, view
}

func (r *run) floats(values []float64) uint64 {
	at, view := r.room(8 * len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint64(view[8*i:], math.Float64bits(v))
	}
	return at
}

func (r *run) ints(values []int32) uint64 {
	at, view := r.room(4 * len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(view[4*i:], uint32(v))
	}
	return at
}

func (r *run) text(s string) uint64 {
	at, view := r.room(len(s) + 1)
	copy(view, s)
	view[len(s)] = 0
	return at
}

// read returns the n bytes at an address.
func (r *run) read(at uint64, n int) []byte {
	view, ok := r.module.Memory().Read(uint32(at), uint32(n))
	if !ok && r.err == nil {
		r.err = errMemory
	}
	if r.err != nil {
		return make([]byte, n)
	}
	return view
}

func (r *run) readFloats(at uint64, n int) []float64 {
	view := r.read(at, 8*n)
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Float64frombits(binary.LittleEndian.Uint64(view[8*i:]))
	}
	return values
}

func (r *run) setBool(option string, v bool) {
	number := uint64(0)
	if v {
		number = 1
	}
	r.do("Highs_setBoolOptionValue", r.text(option), number)
}

func (r *run) setInt(option string, v int32) {
	r.do("Highs_setIntOptionValue", r.text(option), api.EncodeI32(v))
}

func (r *run) setFloat(option string, v float64) {
	r.do("Highs_setDoubleOptionValue", r.text(option), api.EncodeF64(v))
}

func (r *run) setText(option, v string) {
	r.do("Highs_setStringOptionValue", r.text(option), r.text(v))
}

func (r *run) infoInt(name string) int32 {
	at, _ := r.room(4)
	r.do("Highs_getIntInfoValue", r.text(name), at)
	return int32(binary.LittleEndian.Uint32(r.read(at, 4)))
}

func (r *run) infoInt64(name string) int64 {
	at, _ := r.room(8)
	r.do("Highs_getInt64InfoValue", r.text(name), at)
	return int64(binary.LittleEndian.Uint64(r.read(at, 8)))
}

func (r *run) infoFloat(name string) float64 {
	at, _ := r.room(8)
	r.do("Highs_getDoubleInfoValue", r.text(name), at)
	return math.Float64frombits(binary.LittleEndian.Uint64(r.read(at, 8)))
}
