package server

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/assay-planner/assay/planner"
)

func TestCohortsOfAPlan(t *testing.T) {
	h := newHouse(t)
	for _, bad := range []struct {
		path   string
		status int
		says   string
	}{
		{"/v1/assign?unit=a", 400, "layer is missing"},
		{"/v1/assign?layer=feed-asia/models", 400, "unit is missing"},
		{"/v1/assign?layer=feed-asia/models&unit=", 400, "unit is missing"},
		{"/v1/assign?layer=feed-asia/models" + strings.Repeat("&unit=a", maxUnits+1), 400, "at most 1000"},
		{"/v1/assign?layer=nope&unit=a", 404, `layer \"nope\": not found; the layers are feed-americas/models, `},
		{"/v1/assign?layer=models&unit=a", 404, "write one of feed-americas/models, "},
		{"/v1/assign?layer=feed-asia/models&unit=a&at=soon", 400, `at=\"soon\"`},
		{"/v1/cohorts?layers=x", 400, `unknown parameter \"layers\": use layer, at`},
		{"/v1/cohorts?layer=a&layer=b", 400, "layer is given 2 times"},
		{"/v1/ledger?layer=a", 400, "it takes none"},
	} {
		if status, body, _ := h.call("GET", bad.path, ""); status != bad.status || !strings.Contains(body, bad.says) {
			t.Errorf("%.60s: %d %.300s", bad.path, status, body)
		}
	}
	var held tenancies
	read := func(path string) {
		t.Helper()
		status, body, _ := h.call("GET", path, "")
		if err := json.Unmarshal([]byte(body), &held); err != nil || status != 200 {
			t.Fatalf("%s: %d %s", path, status, body)
		}
	}
	read("/v1/cohorts") // before the first plan the layers are those of the policy
	if len(held.Layers) != len(programme().Policy.Partitions()) || held.Layers[0].Salt != "feed-americas/models" || len(held.Layers[0].Tests) != 0 {
		t.Errorf("%+v", held)
	}
	if _, err := h.c.Service.Submit(t.Context(), ideas(5)); err != nil {
		t.Fatal(err)
	}
	plan, err := h.c.Service.Plan(t.Context(), planner.PlanRequest{})
	if err != nil || len(plan.Firm()) == 0 {
		t.Fatal(plan.Firm(), err)
	}
	start := plan.Firm()[0]
	read("/v1/cohorts?layer=" + planner.LayerKey(start.Segment, start.Layer))
	if len(held.Layers) != 1 || held.Layers[0].Tests[0].Experiment == "" || !held.At.Equal(plan.At) {
		t.Errorf("%+v", held)
	}
}
