package forecast

import (
	"encoding/json"
	"errors"

	"github.com/assay-planner/assay/stats/mixed"
)

// stored is a Model in JSON.
type stored struct {
	Spec   Spec              `json:"spec"`
	Trials []Trial           `json:"trials,omitempty"`
	N      int               `json:"n"`
	Blocks []block           `json:"blocks"`
	Spread spread            `json:"spread"`
	Usual  float64           `json:"usual_variance"`
	Same   map[string]string `json:"same,omitempty"`
	Unmade []unmade          `json:"unmade_claims,omitempty"`
	Fit    mixed.Fit         `json:"fit"`
}

// MarshalJSON writes all that Forecast needs.
func (m *Model) MarshalJSON() ([]byte, error) {
	return json.Marshal(stored{m.Spec, m.Trials, m.N, m.blocks, m.spread, m.usual, m.same, m.unmade, m.fit})
}

var errStored = errors.New("forecast: no stored model")

// UnmarshalJSON reads what MarshalJSON wrote; forecasts are the same, to the last bit.
func (m *Model) UnmarshalJSON(text []byte) error {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	if len(s.Fit.Blocks) != len(s.Blocks) {
		return errStored
	}
	for b := range s.Blocks {
		if n := len(s.Blocks[b].counts().names); len(s.Blocks[b].Scale) != n || len(s.Blocks[b].Usual) != n {
			return errStored
		}
		s.Blocks[b].ready()
	}
	for _, t := range s.Spread.Traits {
		if len(t.Log) != len(t.Levels) {
			return errStored
		}
	}
	*m = Model{Spec: s.Spec, Trials: s.Trials, N: s.N, fit: s.Fit, blocks: s.Blocks, spread: s.Spread, same: s.Same, usual: s.Usual, unmade: s.Unmade}
	return nil
}
