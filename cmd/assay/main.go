// Command assay plans experiments: it reads what past ones returned, forecasts
// the backlog, and says every night which hypotheses to test next. This package
// only parses, wires and prints; `assay help` is its documentation.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the first Ctrl-C ends the work cleanly, the second ends the process
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
