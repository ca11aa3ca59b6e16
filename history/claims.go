package history

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/assay-planner/assay/history/mapping"
)

// ICEClaim is who makes the claim that is an ICE score, impact × confidence × ease.
const ICEClaim = mapping.ICEClaim

// claim fills in what was claimed of the arms before their tests.
func (h *History) claim(ctx context.Context, effects []Effect) error {
	of, metrics := map[[2]string]map[string]float64{}, map[[2]string]string{}
	err := each(ctx, h.conn, "claims", func(rows driver.Rows) error {
		var experiment, arm, metric string
		var attributes map[string]string
		if err := rows.Scan(&experiment, &arm, &metric, &attributes); err != nil {
			return err
		}
		claims := map[string]float64{}
		for name, value := range attributes {
			if err := addClaim(claims, experiment, arm, strings.TrimPrefix(name, mapping.ClaimAttribute), value); err != nil {
				return err
			}
		}
		of[[2]string{experiment, arm}], metrics[[2]string{experiment, arm}] = claims, metric
		return nil
	}, param("prefix", mapping.ClaimAttribute), param("of", mapping.ClaimsOf))
	for i, e := range effects {
		arm := [2]string{e.Experiment, e.Arm}
		if metric := metrics[arm]; metric == "" || metric == e.Metric {
			effects[i].Claims = of[arm]
		}
	}
	return err
}

func addClaim(to map[string]float64, experiment, arm, who, value string) error {
	lift, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("arm %s of experiment %s: the claim of %s: %w", arm, experiment, who, err)
	}
	to[who] = lift
	return nil
}
