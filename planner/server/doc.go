// Package server puts Assay on the network: the HTTP API, the pages, and the
// nightly run. It translates between HTTP and planner.Service and decides
// nothing itself.
//
// Run serves until its context ends; Config says where, to whom, and when the
// nightly plan is made. Client is the other end: a planner.Service that asks a
// running server, with the same errors, so that a program does not care which
// of the two it talks to.
//
//	err := server.Run(ctx, server.Config{Addr: server.DefaultAddr, Service: p, Nightly: "0 2 * * *"})
//
//	c, err := server.NewClient("http://127.0.0.1:8090", token)
//	receipts, err := c.Submit(ctx, drafts)
//
// Who may call: without a token only this machine, under its own names, so that
// no web page can reach the API through the user's browser; with one, whoever
// has it. The server speaks plain HTTP; TLS belongs to the proxy in front of it.
//
// docs/api.md is the reference of the API; a test runs its examples.
package server
