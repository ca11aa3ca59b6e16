package returns

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/assay-planner/assay/stats"
)

// Table is several rules on the same experiments.
type Table struct {
	Current string `json:"current"` // name of the rule in use
	Rows    []Row  `json:"rows"`    // from the highest total to the lowest; equal ones as given
}

// Row is one rule of a Table.
type Row struct {
	Return
	// Gain is its total less that of the current rule, by differences within each
	// experiment: mostly far more precise than the two totals are. It is exactly 0 for
	// the current rule.
	Gain Amount `json:"gain"`
}

// Compare values the rule in use and others, each as Of does, and their gains over
// it. Where noise is drawn, all rules see the same. Each interval stands for itself:
// for m candidates together take 1 − (1 − level)/m (Bonferroni) as the Level.
//
// The error is an *InputError for invalid input or a name that two rules share, or
// what a Rule.Fit returned.
func Compare(experiments []Experiment, o Options, current Rule, others ...Rule) (Table, error) {
	o = o.withDefaults()
	if err := checked(experiments, o); err != nil {
		return Table{}, err
	}
	t := Table{Current: current.Name}
	var base scores
	seen := map[string]bool{}
	for i, r := range append([]Rule{current}, others...) {
		if seen[r.Name] {
			return Table{}, &stats.InputError{Field: fmt.Sprintf("rules[%d].Name", i), Choice: r.Name, Reason: "another rule has this name"}
		}
		seen[r.Name] = true
		s, err := score(experiments, r, o)
		if err != nil {
			return Table{}, err
		}
		if i == 0 {
			base = s
		}
		t.Rows = append(t.Rows, Row{s.summarise(r.Name, experiments, o), sum(less(s.values, base.values), less(s.left, base.left), s.rerun(base), o.Level)})
	}
	slices.SortStableFunc(t.Rows, func(a, b Row) int { return cmp.Compare(b.Total.Value, a.Total.Value) })
	return t, nil
}

func less(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}
