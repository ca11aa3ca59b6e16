package mapping

// check finds what is wrong with a mapping as a whole.
func (d *decoder) check(m *Mapping) {
	wrong := func(section, format string, args ...any) {
		d.Note(max(1, d.lines[section]), format, args...)
	}
	need := func(section, name string, given bool) {
		if !given {
			wrong(section, "layout %s needs %s", m.Layout, name)
		}
	}
	if m.Layout == "" {
		wrong("layout", "layout is missing: %s", listed())
		return
	}
	alone := m.Layout == Experiments
	units := m.Layout != Outcomes && m.Layout != Pairs && !alone
	need("experiment", "experiment.id", m.Layout == Events || m.Experiment.ID.Given())
	need("arm", "arm.id", m.Layout == Events || alone || m.Arm.ID.Given())
	need("metrics", "metrics", m.Layout == Exposures || alone || len(m.Metrics) > 0)
	need("unit", "unit", !units || m.Unit.Given())
	need("exposed_at", "exposed_at", m.Layout != Exposures || m.ExposedAt.Given())
	need("at", "at", m.Layout != Events || m.At.Given())
	d.checkPlace(m, wrong)
	if m.Day.Given() && m.Snapshot.Given() {
		wrong("snapshot", "day says that rows add up, snapshot that the last one counts: give one of them")
	}
	if m.Snapshot.Unit != 0 && !m.Experiment.Started.Given() {
		wrong("snapshot", "snapshot.after_start needs experiment.started")
	}
	if m.Layout == Pairs && m.Control != (Control{Name: m.Control.Name}) {
		wrong("control", "layout pairs names its control arm by control.name")
	}
	d.checkSets(m, wrong)
	if m.Layout == Exposures || alone {
		return
	}
	named := map[string]bool{}
	var column *Metric // the first that is named by one
	for i, metric := range m.Metrics {
		if metric.Name.Column != "" {
			if column == nil {
				column = &m.Metrics[i]
			} else if !metric.Reckoning.same(column.Reckoning) {
				wrong("metrics", "metrics %s and %s are named by columns, in which one name may stand: give both the same window, look_back and cap",
					column.Name.Column, metric.Name.Column)
			}
		}
		d.checkMetric(m.Layout, metric, wrong)
		if name := metric.Name.Value; name != "" && named[name] {
			wrong("metrics", "metric %s is given twice: two columns cannot both be its value", name)
		}
		named[metric.Name.Value] = true
	}
}

// checkPlace finds keys that are not for the mapping's layout.
func (d *decoder) checkPlace(m *Mapping, wrong func(section, format string, args ...any)) {
	given := func(section string) bool { _, is := d.lines[section]; return is }
	if m.Layout == Experiments {
		for _, section := range []string{"arm", "control", "metrics", "segment", "unit", "exposed_at", "day", "snapshot", "at", "event"} {
			if given(section) {
				wrong(section, "%s is not for layout experiments, which says what is known of an experiment and nothing of its arms", section)
			}
		}
		return
	}
	for _, section := range []string{"unit", "exposed_at"} {
		if given(section) && (m.Layout == Outcomes || m.Layout == Pairs) {
			wrong(section, "%s is for layout users, not %s", section, m.Layout)
		}
	}
	for _, section := range []string{"day", "snapshot"} {
		if given(section) && m.Layout != Outcomes && m.Layout != Pairs {
			wrong(section, "%s is not for layout %s: its users are added up when they are mined", section, m.Layout)
		}
	}
	for _, section := range []string{"at", "event"} {
		if given(section) && m.Layout != Events {
			wrong(section, "%s is for layout events, not %s", section, m.Layout)
		}
	}
	if given("metrics") && m.Layout == Exposures {
		wrong("metrics", "metrics are not for layout exposures: import what its users did with layout events")
	}
	for _, section := range []string{"experiment", "arm", "control", "segment", "exposed_at", "exclude"} {
		if given(section) && m.Layout == Events {
			wrong(section, "%s is not for layout events: an event counts for every experiment that its unit is in, which layout exposures says", section)
		}
	}
}

func (d *decoder) checkSets(m *Mapping, wrong func(section, format string, args ...any)) {
	if m.Arm.Sets.Given && m.Layout == Pairs {
		wrong("arm.set", "arm.set is for arms that are compared with each other; layout pairs compares with a control")
	}
	for _, name := range m.Arm.Sets.By {
		if _, known := m.Arm.Attributes[name]; !known {
			wrong("arm.set", "arm.set names %s, which is none of arm.attributes", name)
		}
	}
}

func (d *decoder) checkMetric(layout Layout, m Metric, wrong func(section, format string, args ...any)) {
	name := m.Name.Value + m.Name.Column
	stat, sides, value := m.Stat != nil, m.Control != nil && m.Treatment != nil, m.Value != ""
	constant := m.Constant != 0 || m.ConstantDenominator != 0
	users := layout == Users || layout == Events
	switch {
	case layout == Outcomes && !stat:
		wrong("metrics", "metric %s needs one of proportion, mean or sums", name)
	case layout == Pairs && !sides:
		wrong("metrics", "metric %s needs control and treatment, each with proportion, mean or sums", name)
	case layout == Users && constant:
		wrong("metrics", "metric %s counts rows, of which layout users has one for each user: name a column, or import events", name)
	case layout == Users && !value:
		wrong("metrics", "metric %s needs value: the column of the user's own value", name)
	case layout == Users && m.Name.Column != "":
		wrong("metrics", "metric %s needs a constant name: each metric of a user has its own column", name)
	case layout == Events && !value && m.Constant == 0:
		wrong("metrics", "metric %s needs value: a column, or {value: 1} to count rows", name)
	case layout == Events && m.ConstantDenominator < 0:
		wrong("metrics", "metric %s has a negative denominator", name)
	case layout == Events && m.Pre != "":
		wrong("metrics", "metric %s has pre, which is for layout users: of events, look_back says which came before exposure", name)
	case layout == Users && m.Reckoning != nil && (m.Reckoning.Window != 0 || m.Reckoning.LookBack != 0):
		wrong("metrics", "metric %s has window or look_back, which are for layout events: a user's row says how much, not when", name)
	case layout != Outcomes && stat, layout != Pairs && (m.Control != nil || m.Treatment != nil),
		!users && (value || constant || m.Denominator != "" || m.Pre != "" || m.Reckoning != nil):
		wrong("metrics", "metric %s has keys that are not for layout %s", name, layout)
	}
}
