package history

import (
	"context"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// screened is what screens.sql finds wrong with an experiment, or with one of its
// metrics.
type screened struct{ verdict, seenBy string }

// screens are keyed by experiment and metric; metric "" is all of them.
type screens map[[2]string]screened

// screen judges experiments by what no effect tells alone. Everybody's effects are
// sent along, so that a store that may not be written to is screened like any other.
func (h *History) screen(ctx context.Context, everybody []Effect) (screens, error) {
	mined, err := ext.NewTable("mined", ext.Column("experiment", "String"), ext.Column("metric", "String"), ext.Column("control", "String"),
		ext.Column("control_users", "Float64"), ext.Column("treatment_users", "Float64"), ext.Column("baseline", "Float64"),
		ext.Column("lift", "Float64"), ext.Column("se", "Float64"))
	if err != nil {
		return nil, err
	}
	for _, e := range everybody {
		if err := mined.Append(e.Experiment, e.Metric, e.Control, e.ControlUsers, e.TreatmentUsers, e.Baseline, e.Lift, e.SE); err != nil {
			return nil, err
		}
	}
	found := screens{}
	ctx = clickhouse.Context(ctx, clickhouse.WithExternalTable(mined))
	err = each(ctx, h.conn, "screens", func(rows driver.Rows) error {
		var at [2]string
		var s screened
		err := rows.Scan(&at[0], &at[1], &s.verdict, &s.seenBy)
		found[at] = s
		return err
	})
	return found, err
}

// of returns what an effect is left out for, if for anything.
func (s screens) of(e Effect) (screened, bool) {
	for _, at := range [][2]string{{e.Experiment, ""}, {e.Experiment, e.Metric}} {
		if found, ok := s[at]; ok && !graver(e.Verdict) {
			return found, true
		}
	}
	return screened{}, false
}

// graver verdicts stand before those of the screens: there is no test to screen.
func graver(verdict string) bool {
	return strings.HasPrefix(verdict, "excluded: ") ||
		slices.Contains([]string{"still running", noControl, sampleRatio}, verdict)
}

// judge gives effects the verdicts of the screens.
func (s screens) judge(effects []Effect) []Effect {
	for i := range effects {
		if found, ok := s.of(effects[i]); ok {
			effects[i].Verdict, effects[i].Usable = found.verdict, false
		}
	}
	return effects
}
