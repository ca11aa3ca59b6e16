package sequential

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
)

// Every result is the same after it was written as JSON and read again, boundaries
// that are never crossed included; a plan loses its design.
func TestResultsSurviveJSON(t *testing.T) {
	p := plan(t, Design{Sides: stats.OneSided, Futility: SpendFractions(0, 0.2, 1), Efficacy: SpendFractions(0, 0, 1)})
	looks := looksAt(p, []float64{0.3, 1})
	bare := p
	bare.Design = Design{}
	survives(t, bare)
	survives(t, assert.Must(p.Differences(0.01)))
	survives(t, assert.Must(p.At(1)))
	survives(t, assert.Must(p.Monitor(looks...)))
	survives(t, assert.Must(p.Infer(looks...)))
	survives(t, assert.Must(p.Monitor(Look{Information: 1, Z: 3})))
	survives(t, assert.Must(p.Infer(Look{Information: 1, Z: 3})))
}

func survives[T any](t *testing.T, v T) {
	t.Helper()
	text := assert.Must(json.Marshal(v))
	var read T
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(v, read) {
		t.Errorf("%T: %v\n wrote %+v\n  read %+v", v, err, v, read)
	}
	if strings.Contains(string(text), `"warnings":null`) {
		t.Errorf("%s", text)
	}
}

// A plan read from JSON has boundaries but no design to adapt them by.
func TestPlanOfJSONDoesNotMonitor(t *testing.T) {
	var read Plan
	if err := json.Unmarshal(assert.Must(json.Marshal(plan(t, Design{}))), &read); err != nil {
		t.Fatal(err)
	}
	_, err := read.Monitor(Look{Information: 0.4, Z: 9})
	assert.Field(t, err, "Plan.Design")
	_, err = read.Infer(Look{Information: 0.4, Z: 9})
	assert.Field(t, err, "Plan.Design")
	_, err = read.At(0)
	assert.Field(t, err, "Plan.Design")
}

func TestStageReadsItsOwn(t *testing.T) {
	s := Stage{Efficacy: 2, Futility: 1, Power: 0.5}
	if err := json.Unmarshal([]byte(`{"futility": null, "spent": 0.01}`), &s); err != nil || s.Efficacy != 2 || s.Futility > -1e300 || s.Power != 0.5 || s.Spent != 0.01 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, v := range []any{&Stage{}, &Difference{}} {
		if json.Unmarshal([]byte(`{"efficacy": "high"}`), v) == nil {
			t.Errorf("%T reads a word", v)
		}
	}
}
