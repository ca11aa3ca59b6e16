package importer

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-planner/assay/history/mapping"
)

// attributesOf are the attributes of the arm of row i: the mapping's own, and what
// it says of sets and claims.
func (r *reader) attributesOf(a attributes, i int) map[string]string {
	if len(a.extra) == 0 && len(a.claims) == 0 && !r.m.Arm.Sets.Given {
		return nil
	}
	all := map[string]string{}
	for name, cells := range a.extra {
		all[name] = strings.Clone(cells[i])
	}
	if s := r.m.Arm.Sets; s.Given {
		all[mapping.SetAttribute] = setOf(s, all)
	}
	return all
}

// claimed enters what row i says of an arm that earlier rows did not: in a file of one row
// for each metric, a claim may stand in that of its own metric alone.
func (a *Arm) claimed(of attributes, i int) {
	for who, lifts := range of.claims {
		if lift := lifts[i]; lift == lift {
			if name := mapping.ClaimAttribute + who; a.Attributes[name] == "" {
				a.Attributes[name] = strconv.FormatFloat(lift, 'g', -1, 64)
			}
		}
	}
	if of.claimsOf != nil && of.claimsOf[i] != "" && a.Attributes[mapping.ClaimsOf] == "" {
		a.Attributes[mapping.ClaimsOf] = strings.Clone(of.claimsOf[i])
	}
}

// setOf names the set of an arm within its experiment: the values of the attributes
// that its arms agree in, as a JSON list, which no two lists of values share.
func setOf(s mapping.Sets, attributes map[string]string) string {
	values := make([]string, len(s.By))
	for k, name := range s.By {
		values[k] = attributes[name]
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic("importer: " + err.Error()) // texts always marshal
	}
	return string(text)
}

// claims are forecasts of a lift, NaN where a cell is empty.
func (r *reader) claims(f mapping.Field) []float64 {
	texts := r.texts(f, false)
	lifts := textColumn(texts).numbers(func(row int, reason string) { r.report(row, f.Column, texts[row], reason) })
	for i, lift := range lifts {
		if math.IsInf(lift, 0) {
			r.report(i, f.Column, texts[i], "is not finite")
		}
	}
	return lifts
}

// ice are products of the factors of a score, NaN where a cell is empty; nil where none is mapped.
func (r *reader) ice(s mapping.ICE) (scores []float64) {
	for k, f := range s.Factors() {
		factor := r.claims(f)
		if k == 0 {
			scores = slices.Clone(factor)
			continue
		}
		for i, x := range factor {
			scores[i] *= x
		}
	}
	return scores
}
