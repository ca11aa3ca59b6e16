// Package highs is the HiGHS solver, of the University of Edinburgh, as a [mip.Solver]:
// a real branch-and-cut solver without cgo, a C compiler or a library to install.
//
//	s, err := highs.New(highs.CacheDir()) // ErrMissing: a build without it
//	found, err := s.Solve(ctx, problem, mip.Options{TimeLimit: 10 * time.Second, Gap: 1e-4})
//
// It is the WebAssembly file of npm's package highs, pinned in package-lock.json and
// copied into wasm/ by `make setup`, from where it is embedded. The wazero runtime
// compiles it to machine code when it is first used (engine.go), each Solve is a run in
// fresh memory (run.go, solve.go), and host.go has what the file needs of an operating
// system, which is little but a clock. It takes about four times as long as HiGHS in C++
// does, and no more than 2 GiB.
//
// The file has no wish to be called from Go: its functions have short names that change
// at each release (exports.go). The package does not offer HiGHS's options, bases or
// callbacks: only what a [mip.Problem] needs.
package highs
