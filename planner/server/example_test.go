package server_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"

	"github.com/assay-planner/assay/planner"
	"github.com/assay-planner/assay/planner/server"
)

// idle is a service that has nothing yet.
type idle struct{ planner.Service }

func (idle) CurrentPlan(context.Context) (planner.Plan, error) {
	return planner.Plan{}, planner.ErrNoPlan
}

// A client's errors are those of the service behind the server.
func ExampleNewClient() {
	handler, err := server.NewHandler(server.Config{Service: idle{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := httptest.NewServer(handler)
	defer srv.Close()

	client, err := server.NewClient(srv.URL, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.CurrentPlan(context.Background())
	fmt.Println(err, errors.Is(err, planner.ErrNoPlan))

	err = server.Run(context.Background(), server.Config{Addr: ":8090", Service: idle{}})
	fmt.Println(errors.Is(err, server.ErrConfig))
	// Output:
	// no plan yet: run assay plan true
	// true
}
