package backtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fold is one step of a backtest: what is learned from, and what is then forecast.
type Fold struct {
	Name        string
	Past, Block []Case
}

// Walk cuts history into blocks of about as many experiments each, by when they
// started. At each cut the past is what had ended by then; the block is what started
// from there to the next cut. The first third of the experiments is past only.
func Walk(cases []Case, blocks int) ([]Fold, error) {
	starts := starts(cases)
	if len(starts) < 3 {
		return nil, fmt.Errorf("3 experiments or more are needed, there are %d", len(starts))
	}
	if !starts[0].at.Before(starts[len(starts)-1].at) {
		return nil, fmt.Errorf("all %d experiments started at one time, so that none can be learned from before another", len(starts))
	}
	first := (len(starts) + 2) / 3
	blocks = max(1, min(blocks, len(starts)-first))
	var cuts []time.Time
	for k := range blocks {
		cut := starts[first+k*(len(starts)-first)/blocks].at
		if len(cuts) == 0 || cut.After(cuts[len(cuts)-1]) {
			cuts = append(cuts, cut)
		}
	}
	var folds []Fold
	for k, cut := range cuts {
		f := Fold{Name: cut.Format(time.DateOnly)}
		for _, c := range cases {
			switch {
			case !c.Ended.IsZero() && !c.Ended.After(cut):
				f.Past = append(f.Past, c)
			case !c.Started.Before(cut) && (k == len(cuts)-1 || c.Started.Before(cuts[k+1])):
				f.Block = append(f.Block, c)
			}
		}
		if len(f.Past) > 0 && len(f.Block) > 0 {
			folds = append(folds, f)
		}
	}
	if len(folds) == 0 {
		return nil, fmt.Errorf("no experiment had ended before another started")
	}
	return folds, nil
}

// At cuts once: the past had ended by then, the block started then or later.
func At(cases []Case, cut time.Time) (Fold, error) {
	f := Fold{Name: cut.Format(time.DateOnly)}
	for _, c := range cases {
		switch {
		case !c.Ended.IsZero() && !c.Ended.After(cut):
			f.Past = append(f.Past, c)
		case !c.Started.Before(cut):
			f.Block = append(f.Block, c)
		}
	}
	return f, f.check()
}

// Share takes the first experiments by start, as given by the share in (0, 1), as the
// past and the others as the block. Experiments that started at one instant are
// ordered by name.
func Share(cases []Case, share float64) (Fold, error) {
	starts := starts(cases)
	n := int(share * float64(len(starts)))
	past := map[string]bool{}
	for _, s := range starts[:n] {
		past[s.experiment] = true
	}
	f := Fold{Name: fmt.Sprintf("first %.4g%%", 100*share)}
	for _, c := range cases {
		if past[c.Experiment] {
			f.Past = append(f.Past, c)
		} else {
			f.Block = append(f.Block, c)
		}
	}
	return f, f.check()
}

// Folds deals whole experiments, in order of name, into k parts, and forecasts each
// from the others: for a history without dates. Where ideas change with time it
// promises too much.
func Folds(cases []Case, k int) ([]Fold, error) {
	names := map[string]int{}
	for _, s := range slices.SortedFunc(slices.Values(starts(cases)), func(a, b start) int { return strings.Compare(a.experiment, b.experiment) }) {
		names[s.experiment] = len(names) % k
	}
	folds := make([]Fold, k)
	for i := range folds {
		folds[i].Name = fmt.Sprintf("part %d", i+1)
	}
	for _, c := range cases {
		for i := range folds {
			if names[c.Experiment] == i {
				folds[i].Block = append(folds[i].Block, c)
			} else {
				folds[i].Past = append(folds[i].Past, c)
			}
		}
	}
	for _, f := range folds {
		if err := f.check(); err != nil {
			return nil, err
		}
	}
	return folds, nil
}

func (f Fold) check() error {
	switch {
	case len(f.Past) == 0:
		return fmt.Errorf("at the cut %q nothing can be learned from: no experiment had ended", f.Name)
	case len(f.Block) == 0:
		return fmt.Errorf("after the cut %q nothing is left to forecast: no experiment started", f.Name)
	}
	return nil
}

// start is when an experiment started.
type start struct {
	experiment string
	at         time.Time
}

// starts lists experiments by start and name.
func starts(cases []Case) []start {
	at := map[string]time.Time{}
	for _, c := range cases {
		at[c.Experiment] = c.Started
	}
	var all []start
	for experiment, t := range at {
		all = append(all, start{experiment, t})
	}
	slices.SortFunc(all, func(a, b start) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.experiment, b.experiment)) })
	return all
}
