package main

import (
	"cmp"
	"fmt"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/stats/duration"
	"github.com/assay-planner/assay/stats/power"
)

// designInputs is what was asked, with its defaults filled in and what was found.
type designInputs struct {
	Metric        string             `json:"metric"`
	Values        map[string]float64 `json:"values"`
	MDE           float64            `json:"mde"`
	Margin        float64            `json:"margin"`
	Relative      bool               `json:"relative"`
	Alpha         float64            `json:"alpha"`
	Power         float64            `json:"power"`
	Sides         string             `json:"sides"`
	Test          string             `json:"test"`
	Strict        bool               `json:"strict"`
	LowerIsBetter bool               `json:"lower_is_better"`
	Treatments    int                `json:"treatments"`
	Allocation    float64            `json:"allocation"`
	Correction    string             `json:"correction"`
	Goal          string             `json:"goal"`
	ClusterSize   float64            `json:"cluster_size"`
	ICC           float64            `json:"icc"`
	ClusterCV     float64            `json:"cluster_cv"`
	CUPED         float64            `json:"cuped"`
	Population    float64            `json:"population"`
	Reference     string             `json:"reference"`
	Users         float64            `json:"users"` // in control, as given; 0: found
	Share         float64            `json:"share"`
	Monitoring    string             `json:"monitoring"` // once, looks or continuous
	Spending      string             `json:"spending,omitempty"`
	Futility      string             `json:"futility,omitempty"`
}

func (q designQuestion) inputs(d power.Design) designInputs {
	in := designInputs{
		Metric: q.metric, Values: metricValues(d.Metric), MDE: d.MDE, Margin: d.Margin, Relative: d.Relative, Alpha: d.Alpha, Power: d.Power,
		Sides: string(d.Sides), Test: string(d.Test), Strict: d.Strict, LowerIsBetter: d.LowerIsBetter, Treatments: d.Treatments,
		Allocation: d.Allocation, Correction: string(d.Correction), Goal: string(d.Goal), ClusterSize: d.Cluster.Size, ICC: d.Cluster.ICC,
		ClusterCV: d.Cluster.CV, CUPED: d.Correlation, Population: d.Population, Reference: string(d.Reference),
		Users: q.control, Share: cmp.Or(q.test.Share, 1), Monitoring: "once",
	}
	if plan := q.test.Monitoring.Plan; plan != nil {
		in.Monitoring, in.Spending, in.Futility = "looks", q.spending, q.futility
	} else if !q.once() {
		in.Monitoring = "continuous"
	}
	return in
}

func metricValues(m power.Metric) map[string]float64 {
	switch m := m.(type) {
	case power.Mean:
		return map[string]float64{"mean": m.Mean, "sd": m.SD, "treatment_sd": cmp.Or(m.TreatmentSD, m.SD)}
	case power.Proportion:
		return map[string]float64{"baseline": m.Baseline}
	case power.Ratio:
		return map[string]float64{"numerator": m.Numerator, "denominator": m.Denominator, "numerator_variance": m.NumeratorVariance,
			"denominator_variance": m.DenominatorVariance, "covariance": m.Covariance}
	case power.Count:
		return map[string]float64{"rate": m.Rate, "exposure": cmp.Or(m.Exposure, 1), "dispersion": cmp.Or(m.Dispersion, 1)}
	}
	return nil
}

// designRow is a row of the table by week, or by users where there are no weeks.
type designRow struct {
	duration.Week
	fits bool // marked
}

func (ans designAnswer) rows() []designRow {
	var rows []designRow
	marked := false
	for _, w := range ans.Weeks {
		first := w.Enough && !marked
		marked = marked || first
		rows = append(rows, designRow{w, first})
	}
	for _, p := range ans.ByUsers {
		enough := p.Control >= ans.Sizing.Control*(1-1e-12)
		rows = append(rows, designRow{duration.Week{Point: p, Enough: enough}, enough && !marked})
		marked = marked || enough
	}
	return rows
}

func (a *app) printDesign(ans designAnswer) error {
	if a.output != string(render.TableFormat) {
		return answer(a, ans, ans.columns(), ans.rows())
	}
	s := a.styles()
	for _, line := range render.Wrap(ans.Statement, a.width()) {
		fmt.Fprintln(a.out, s.Paint(render.Bold, line))
	}
	fmt.Fprintln(a.out)
	a.card("", ans.card())
	for _, w := range ans.Warnings {
		for i, line := range render.Wrap(w, a.width()-14) {
			name := "warning"
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(a.out, "  %s%s\n", s.Paint(render.Warn, fmt.Sprintf("%-12s", name)), line)
		}
	}
	if len(ans.Looks) > 0 {
		fmt.Fprintln(a.out)
		if err := render.Table(a.out, s, a.width(), ans.lookColumns(a.width()), ans.Looks); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.out)
	if err := render.Table(a.out, s, a.width(), ans.columns(), ans.rows()); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	return ans.chart().Text(a.out, s, a.width())
}
