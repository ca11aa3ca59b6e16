package history

// measured is a metric of an experiment.
type measured struct{ experiment, metric string }

// filled are the sums that count: of each experiment and metric those of the finest
// source that speaks of it, since the others were made of it; and of users every arm,
// segment and day that has some, also where nobody did anything.
func filled(all []sumRow) []sumRow {
	type place struct {
		measured
		segment, arm string
		day          uint32
	}
	source, ratio := map[measured]uint8{}, map[measured]bool{}
	for _, r := range all {
		if m := (measured{r.experiment, r.metric}); r.source != everybody {
			source[m] = max(source[m], r.source)
		}
	}
	for _, r := range all {
		if m := (measured{r.experiment, r.metric}); r.source != everybody && r.source == source[m] {
			ratio[m] = ratio[m] || r.ratio == 1
		}
	}
	ofUsers := map[string][]measured{} // by experiment
	for m, s := range source {
		if s != fromOutcomes {
			ofUsers[m.experiment] = append(ofUsers[m.experiment], m)
		}
	}
	var out []sumRow
	at := map[place]int{}
	for _, r := range all {
		if m := (measured{r.experiment, r.metric}); r.source != everybody && r.source == source[m] {
			at[place{m, r.segment, r.arm, r.day}] = len(out)
			out = append(out, r)
		}
	}
	for _, n := range all {
		if n.source != everybody {
			continue
		}
		for _, m := range ofUsers[n.experiment] {
			i, did := at[place{m, n.segment, n.arm, n.day}]
			if !did {
				i = len(out)
				out = append(out, n)
				out[i].metric, out[i].source = m.metric, source[m]
			}
			out[i].fill(n.sums[0], ratio[m])
		}
	}
	return out
}

// fill gives the row its number of users. A mean is a ratio whose d is 1 for everybody.
func (r *sumRow) fill(users float64, ratio bool) {
	const n, y, d, dd, yd, x, xd = 0, 1, 3, 4, 5, 6, 9 // in sumOf
	s := &r.sums
	s[n] = users
	if r.ratio = flag(ratio); !ratio {
		s[d], s[dd], s[yd], s[xd] = users, users, s[y], s[x]
	}
}

// isRatio says whether d differs from 1 for some user.
func (r *sumRow) isRatio() bool {
	s := &r.sums
	return r.ratio == 1 || s[3] != s[0] || s[4] != s[0] || s[5] != s[1]
}
