package analysis

import (
	"errors"
	"slices"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/health"
)

// countUsers finds the users of each arm, and checks their split: at every day,
// if rows have days. Users are those of the metric with the most of them.
func (r *Report) countUsers(t Test, all []series) error {
	var widest series
	var cells byArm
	most := -1
	for _, s := range all {
		total, err := s.total()
		if err != nil {
			return err
		}
		n := 0
		for _, c := range total {
			n += c.users()
		}
		// A sketch's events may be many to a user.
		if sums := s.rows[0].Sketch == nil; most < 0 || sums && (widest.rows[0].Sketch != nil || n > most) || n > most && widest.rows[0].Sketch != nil {
			widest, cells, most = s, total, n
		}
	}
	weights, sum := t.weights()
	for i, a := range t.Arms {
		users := cells[a.Name].users()
		r.Arms = append(r.Arms, ArmUsers{Name: a.Name, Control: a.Control, Users: users, Share: float64(users) / float64(max(1, most)), Planned: weights[i] / sum})
	}
	counts, err := widest.counts(t)
	if err != nil || len(counts) == 0 {
		return err
	}
	report, err := health.Check(health.Experiment{Counts: counts, Weights: weights})
	if err != nil {
		if !errors.Is(err, stats.ErrInput) {
			return err
		}
		r.Warnings = append(r.Warnings, "the split of users was not checked: "+reason(err))
		return nil
	}
	for _, f := range report.Findings {
		r.Findings = append(r.Findings, Finding{Finding: f})
	}
	return nil
}

func (t Test) weights() (weights []float64, sum float64) {
	for _, a := range t.Arms {
		w := a.Weight
		if w == 0 {
			w = 1
		}
		weights, sum = append(weights, w), sum+w
	}
	return weights, sum
}

// counts are users by day and arm, cumulative; one line of them without days.
func (s series) counts(t Test) ([][]int, error) {
	instants := s.instants()
	if len(instants) == 0 {
		instants = []float64{0}
	}
	var counts [][]int
	for _, day := range instants {
		cells, err := s.until(s.everybody(), day)
		if err != nil {
			return nil, err
		}
		line := make([]int, len(t.Arms))
		for i, a := range t.Arms {
			line[i] = cells[a.Name].users()
		}
		if slices.Max(line) > 0 {
			counts = append(counts, line)
		}
	}
	return counts, nil
}

// addHealth adds what the days and the distribution of one comparison say. The same
// message about two metrics (the test is no whole weeks) is said once.
func (r *Report) addHealth(c *Comparison, e health.Experiment) {
	report, err := health.Check(e)
	if err != nil {
		c.Warnings = append(c.Warnings, "its course over days was not checked: "+reason(err))
		return
	}
	for _, f := range report.Findings {
		same := slices.IndexFunc(r.Findings, func(known Finding) bool { return known.Name == f.Name && known.Message == f.Message })
		if same >= 0 {
			r.Findings[same].Metric, r.Findings[same].Treatment = "", ""
			continue
		}
		r.Findings = append(r.Findings, Finding{Metric: c.Metric, Treatment: c.Treatment, Finding: f})
	}
}

// bins are a histogram's bars, the largest values first, where it has their sums.
func bins(c cell) []health.Bin {
	h, ok := histogram(c)
	if !ok {
		return nil
	}
	var out []health.Bin
	for i := len(h.Counts) - 1; i >= 0; i-- {
		out = append(out, health.Bin{Users: int(h.Counts[i]), Sum: h.Sums[i], Squares: h.Squares[i]})
	}
	return out
}
