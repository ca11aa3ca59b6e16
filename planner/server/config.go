package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/assay-planner/assay/planner"
)

// DefaultAddr is where assay serve listens unless told otherwise: this machine only.
const DefaultAddr = "127.0.0.1:8090"

// ErrConfig is what an unusable Config wraps.
var ErrConfig = errors.New("cannot serve")

// Config says what to serve, where, and to whom.
type Config struct {
	Addr    string          // host:port to listen on; empty: DefaultAddr
	Token   string          // bearer token that callers must show; required unless Addr is loopback
	Service planner.Service // required: what the API and the pages show

	Importer Importer         // takes outcomes in; nil: POST /v1/outcomes answers 501
	Learner  Learner          // learns from the past for the page Insights; nil: there is none
	Ready    map[string]Check // what /readyz asks, by name: "registry", "engine"

	Nightly   string // when to plan, in UTC: "0 2 * * *"; empty: never
	NoCatchUp bool   // do not make up at start for a run that was missed

	// Actor, when not nil, marks a context with who is behind a change ("api",
	// "nightly"), so that a registry can write it down.
	Actor func(ctx context.Context, name string) context.Context
	Log   *slog.Logger      // nil: slog.Default()
	Now   func() time.Time  // nil: time.Now
	OnUp  func(addr string) // when not nil, hears the address once it is open
}

// Check says what keeps a dependency from working, if anything does.
type Check func(ctx context.Context) error

func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Actor == nil {
		c.Actor = func(ctx context.Context, _ string) context.Context { return ctx }
	}
	return c
}

// minToken keeps out what can be guessed: 16 characters of base64 are 96 bits.
const minToken = 16

// check refuses what would serve strangers. It returns the address to listen
// on with its host resolved: what was checked is what is opened.
func (c Config) check() (*net.TCPAddr, error) {
	if c.Service == nil {
		return nil, fmt.Errorf("%w: no service is configured", ErrConfig)
	}
	addr, err := net.ResolveTCPAddr("tcp", c.Addr)
	if err != nil {
		return nil, fmt.Errorf("%w: address %q: %w", ErrConfig, c.Addr, err)
	}
	if c.Token == "" && !addr.IP.IsLoopback() { // a missing host means every address
		return nil, fmt.Errorf("%w: %s can be reached from other machines and no token is set: set ASSAY_TOKEN (say, to the output of `openssl rand -base64 32`), or listen on %s", ErrConfig, c.Addr, DefaultAddr)
	}
	if c.Token != "" && (len(c.Token) < minToken || strings.ContainsFunc(c.Token, notVisible)) {
		return nil, fmt.Errorf("%w: the token must have at least %d characters, none of them blank: `openssl rand -base64 32` makes one", ErrConfig, minToken)
	}
	return addr, nil
}

func notVisible(r rune) bool { return r <= ' ' || r > '~' }

// ReadToken returns the token of the file, or of ASSAY_TOKEN if no file is
// named; empty means that none is set. An empty file is an error: whoever
// names one wants a token.
func ReadToken(file string) (string, error) {
	if file == "" {
		return strings.TrimSpace(os.Getenv("ASSAY_TOKEN")), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%w: token file: %w", ErrConfig, err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("%w: token file %s is empty", ErrConfig, file)
	}
	return token, nil
}
