package highs

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/assay-planner/assay/allocator/mip"
)

// The directory always has the licence, so that this builds without the file too.
//
//go:embed wasm
var files embed.FS

// ErrMissing is returned by [New] if the binary was built without HiGHS.
var ErrMissing = errors.New("highs: this binary was built without the solver; build it with `make build`, which fetches it from npm")

// Solver is HiGHS. It compiles itself when it is first used, or by [Solver.Prepare];
// each Solve then runs in a memory of its own. It may be used by many at once.
type Solver struct {
	code []byte
	dir  string

	mu     sync.Mutex
	ready  bool
	engine engine
}

// engine is the compiled file.
type engine struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// ErrVersion is returned by [New] if the file is not the one that this package is made for.
var ErrVersion = errors.New("highs: the solver in this binary is of another release than the code that calls it; run `make setup` and build again")

// New makes a Solver. It keeps the compiled code in cacheDir, which nobody else must be
// able to write, as what lies there is run; empty: in memory only. A directory that
// cannot be used is none: the code is compiled again.
func New(cacheDir string) (*Solver, error) {
	code, err := files.ReadFile("wasm/highs.wasm")
	if err != nil {
		return nil, ErrMissing
	}
	if sum := sha256.Sum256(code); hex.EncodeToString(sum[:]) != pinned {
		return nil, ErrVersion
	}
	return &Solver{code: code, dir: cacheDir}, nil
}

// CacheDir is the directory for compiled code in the user's cache; empty if there is none.
func CacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "assay", "highs")
}

// Prepare compiles, which takes some seconds the first time and tenths of one after
// that. It is for those who have other work to do meanwhile.
func (s *Solver) Prepare(ctx context.Context) error {
	_, err := s.compiled(ctx)
	return err
}

// compiled returns the compiled file, and compiles it if that is not done yet.
func (s *Solver) compiled(ctx context.Context) (engine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return s.engine, nil
	}
	if err := ctx.Err(); err != nil {
		return engine{}, err
	}
	e, err := compileCached(s.code, s.dir)
	if err != nil {
		return engine{}, fmt.Errorf("%w: compile HiGHS: %w", mip.ErrSolver, err)
	}
	s.engine, s.ready = e, true
	return e, nil
}

// compileCached compiles with the cache in dir. If that fails for any reason (no
// permission, a full disk, a file that was cut short) it empties the cache and tries
// once more, and then does without.
func compileCached(code []byte, dir string) (engine, error) {
	if dir == "" {
		return compile(code, wazero.NewCompilationCache())
	}
	for range 2 {
		if cache, err := wazero.NewCompilationCacheWithDir(dir); err == nil {
			if e, err := compile(code, cache); err == nil {
				return e, nil
			}
		}
		for _, old := range entries(dir) {
			os.Remove(old)
		}
	}
	return compile(code, wazero.NewCompilationCache())
}

// entries lists the files that wazero keeps in dir, of all its versions.
func entries(dir string) []string {
	found, _ := filepath.Glob(filepath.Join(dir, "wazero-*", "*"))
	return found
}

func compile(code []byte, cache wazero.CompilationCache) (engine, error) {
	ctx := context.Background() // not the caller's: what is made here outlives the call
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache))
	err := provideHost(ctx, r)
	if err == nil {
		var module wazero.CompiledModule
		if module, err = r.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), code); err == nil {
			return engine{r, module}, nil
		}
	}
	return engine{}, errors.Join(err, r.Close(ctx), cache.Close(ctx))
}

// Close frees the compiled code. No Solve may be running; a later one compiles again.
func (s *Solver) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready {
		return nil
	}
	s.ready = false
	return s.engine.runtime.Close(context.Background())
}
