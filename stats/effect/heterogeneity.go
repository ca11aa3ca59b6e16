package effect

import (
	"math"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/gamma"
	"github.com/assay-planner/assay/stats/internal/input"
)

// Heterogeneity is Cochran's test that all segments have the same effect.
type Heterogeneity struct {
	Q  float64 `json:"q"`  // Σw(d − d̄)², w = 1/SE², d̄ the mean weighted by w
	DF int     `json:"df"` // segments that vary − 1; at least 0
	P  float64 `json:"p"`  // of Q against χ² with DF degrees of freedom
	I2 float64 `json:"i2"` // max(0, (Q − DF)/Q): the share of Q beyond chance, a fraction
}

// heterogeneity fills in Cochran's Q of differences and of lifts.
func (s *Segments) heterogeneity() error {
	var differences, lifts []stats.Estimate
	for _, r := range s.Segments {
		if r.Difference.SE > 0 {
			differences = append(differences, stats.Estimate{Value: r.Difference.Value, SE: r.Difference.SE})
		}
		if r.Lift != nil && r.Lift.SE > 0 {
			lifts = append(lifts, stats.Estimate{Value: r.Lift.Value, SE: r.Lift.SE})
		}
	}
	var err error
	if s.Difference, err = cochran(differences); err != nil {
		return err
	}
	if len(lifts) < len(differences) {
		return nil
	}
	h, err := cochran(lifts)
	s.Lift = &h
	return err
}

// cochran scales by the smallest SE, so that no weight overflows.
func cochran(es []stats.Estimate) (Heterogeneity, error) {
	smallest := math.Inf(1)
	for _, e := range es {
		smallest = math.Min(smallest, e.SE)
	}
	sum, mean, q := 0.0, 0.0, 0.0
	for _, e := range es {
		w := smallest / e.SE * (smallest / e.SE)
		sum += w
		mean += w / sum * (e.Value - mean)
	}
	for _, e := range es {
		z := (e.Value - mean) / e.SE
		q += z * z
	}
	h := Heterogeneity{Q: q, DF: max(0, len(es)-1), P: 1}
	if err := input.Check(!math.IsInf(q, 0) && !math.IsNaN(q), "segments", float64(len(es)), "an effect over its standard error overflows"); err != nil {
		return h, err
	}
	if h.DF > 0 {
		h.P = gamma.ChiSquareTail(q, h.DF)
	}
	if q > float64(h.DF) {
		h.I2 = (q - float64(h.DF)) / q
	}
	return h, nil
}
