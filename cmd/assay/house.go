package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/assay-planner/assay/allocator/mip/highs"
	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/registry"
	"github.com/assay-planner/assay/planner/sample"
	"github.com/assay-planner/assay/planner/server"
)

// The data directory: policy.yaml is the user's, the rest is ours.
const (
	policyFile   = "policy.yaml"
	registryFile = "registry.db"
	engineDir    = "clickhouse"
	sampleDir    = "sample" // files of the bundled sample; only a demo has it
)

// service is what a command asks, wherever it answers from.
type service struct {
	planner.Service
	currency func(context.Context) string
}

// house is a data directory that this process has open.
type house struct {
	dir      string
	policy   planner.Policy
	registry *registry.Registry
	history  *lazyHistory
	now      func() time.Time
}

// service returns the running server's, or opens the data directory. The
// caller calls done when it has its answer.
func (a *app) service(ctx context.Context) (svc service, done func(), err error) {
	if a.server != "" {
		return a.remote()
	}
	h, err := a.open(ctx)
	if err != nil {
		return service{}, nil, err
	}
	currency := func(context.Context) string { return h.policy.Currency }
	return service{h.planner(), currency}, h.close, nil
}

func (a *app) remote() (service, func(), error) {
	client, err := server.NewClient(a.server, os.Getenv("ASSAY_TOKEN"))
	if err != nil {
		return service{}, nil, usage("--server %q: %v", a.server, err)
	}
	currency := func(ctx context.Context) string {
		p, _ := client.CurrentPlan(ctx) // without a plan there is no value to print
		return p.Currency
	}
	return service{client, currency}, func() {}, nil
}

// open opens the data directory of --data, which must have a policy.
func (a *app) open(ctx context.Context) (*house, error) {
	policy, err := a.readPolicy()
	if err != nil {
		return nil, err
	}
	reg, err := registry.Open(ctx, filepath.Join(a.data, registryFile))
	if err != nil {
		return nil, err
	}
	return &house{dir: a.data, policy: policy, registry: reg, history: a.lazyHistory(), now: a.clock()}, nil
}

func (h *house) planner() *planner.Planner {
	p := planner.New(h.registry, h.history, h.policy, h.now)
	if exact, err := highs.New(highs.CacheDir()); err == nil { // a binary without it plans without it
		p.Exact = exact
	}
	return p
}

func (h *house) close() {
	// All that was promised is on disk by now; there is nobody to tell of a failed close.
	_ = h.history.close()
	_ = h.registry.Close()
}

// clock stands still in a demo: its night is always the sample's night, so
// that planning it today and tomorrow shows the same thing.
func (a *app) clock() func() time.Time {
	if a.isSample() {
		return func() time.Time { return sample.Tonight }
	}
	return a.now
}

func (a *app) isSample() bool {
	info, err := os.Stat(filepath.Join(a.data, sampleDir))
	return err == nil && info.IsDir()
}

// isOwn says that the directory holds a programme of the user's: a demo leaves it alone.
func (a *app) isOwn() bool {
	return !a.isSample() && (exists(filepath.Join(a.data, policyFile)) || exists(filepath.Join(a.data, registryFile)) || a.hasEngine())
}

func (a *app) readPolicy() (planner.Policy, error) {
	path := filepath.Join(a.data, policyFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		f := &fault{code: exitNotFound, err: fmt.Errorf("there is no policy: %s", path)}
		if a.isOwn() {
			return planner.Policy{}, f.next("write it; assay help policy prints one to start from")
		}
		return planner.Policy{}, f.next("try the bundled sample: assay demo --data %s\nor write your own policy; assay help policy prints one to start from", a.data)
	}
	if err != nil {
		return planner.Policy{}, err
	}
	p, err := planner.ParsePolicy(text)
	if err != nil {
		return planner.Policy{}, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// policyIfAny is for what can do without a policy: nil where there is none. One that cannot
// be read is an error all the same, for it may say of which metrics less is better.
func (a *app) policyIfAny() (*planner.Policy, error) {
	policy, err := a.readPolicy()
	if f, ok := errors.AsType[*fault](err); ok && f.code == exitNotFound {
		return nil, nil
	}
	return &policy, err
}
