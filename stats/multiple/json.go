package multiple

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/assay-planner/assay/stats/internal/input"
)

// stored is the JSON form of a stream.
type stored struct {
	Options Options `json:"options"`
	State   state   `json:"state"`
}

// MarshalJSON writes the whole state of the stream. Its receiver is a value, so that
// a field that is no pointer is stored as well.
func (o Online) MarshalJSON() ([]byte, error) {
	o.ready()
	return json.Marshal(stored{o.options, o.s})
}

// UnmarshalJSON reads what MarshalJSON wrote. It refuses, with an *InputError, a
// state that no stream can be in; the stream is then as it was.
func (o *Online) UnmarshalJSON(text []byte) error {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("read a stream of tests: %w", err)
	}
	options, err := s.Options.filled()
	if err == nil {
		err = s.State.check(options)
	}
	if err != nil {
		return err
	}
	*o = Online{options: options, rule: rules[options.Method], s: s.State}
	return nil
}

// check refuses states whose counts contradict each other.
func (s state) check(o Options) error {
	between := func(field string, x, low, high int) error {
		return input.Check(low <= x && x <= high, field, float64(x), "contradicts the other counts of the state")
	}
	r := rules[o.Method]
	err := input.First(
		between("state.Started", s.Started, 0, math.MaxInt32),
		between("state.Rejected", s.Rejected, 0, s.Started-len(s.Running)),
		between("state.Costly", s.Costly, len(s.Running), s.Started),
		between("state.Last", s.Last, 0, s.Started),
		between("state.Before", s.Before, 0, max(0, s.Last-1)),
		input.Check(r.late || s.Before == 0, "state.Before", float64(s.Before), "this method has none"),
		between("len(state.Running)", len(s.Running), 0, s.Started),
		input.Check(r.asynchronous || len(s.Running) == 0, "len(state.Running)", float64(len(s.Running)), "this method runs one test at a time"),
		checkWealth("state.Wealth", s.Wealth, r), checkWealth("state.AtLast", s.AtLast, r),
	)
	if err == nil {
		err = s.checkRejections(r)
	}
	if err == nil {
		err = s.checkRunning()
	}
	return err
}

// checkWealth allows for a wealth that rounding left below 0, and at most α for
// each rejection.
func checkWealth(field string, w float64, r rule) error {
	if !r.pays {
		return input.Check(w == 0, field, w, "this method has none")
	}
	return input.Check(w >= -1e-9 && w <= math.MaxInt32, field, w, "lies outside of what any stream can have")
}

func (s state) checkRejections(r rule) error {
	total, known := 0, 1
	for j, x := range s.Rejections {
		if err := input.Check(x.Known >= known && x.Known <= s.Started && x.Costly >= 0 && x.Costly <= s.Costly &&
			s.Costly-x.Costly <= s.Started-x.Known && x.Count > 0 && x.Count <= s.Rejected-total,
			fmt.Sprintf("state.Rejections[%d]", j), float64(x.Costly), "contradicts the other counts of the state"); err != nil {
			return err
		}
		total, known = total+x.Count, x.Known
	}
	return input.Check(total == s.Rejected || !r.remembers && total == 0, "state.Rejections", float64(total), "must add up to state.Rejected")
}

func (s state) checkRunning() error {
	last := 0
	for j, t := range s.Running {
		if err := input.Check(t.Number > last && t.Number <= s.Started && t.Level >= 0 && t.Level <= 1,
			fmt.Sprintf("state.Running[%d]", j), float64(t.Number), "is no test of this stream"); err != nil {
			return err
		}
		last = t.Number
	}
	return nil
}
