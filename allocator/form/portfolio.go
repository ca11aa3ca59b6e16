package form

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assay-planner/assay/allocator/knapsack"
)

// gpuRows are the resources whose use a team's minimum share adds up: 0 to 5.
const gpuRows = 6

// portfolio reads the form of the generator of experiment portfolios:
//
//	mmkp 1
//	name NAME                     also seed, variant: a word each
//	size N R TEAMS CONFLICTS
//	res R NAME CAPACITY           one per resource
//	team T QUOTA MINGPU           none or all teams
//	h I TEAM DESIGNS              then for each design a line: VALUE r:use r:use …
//	x I J                         a pair in conflict
//	end
type portfolio struct {
	l         *lexer
	p         *knapsack.Problem
	n         int // hypotheses
	resources int
	teams     int
	conflicts int
	quota     []int32 // row that counts the team's hypotheses; empty: no team lines
	share     []int32 // row that adds up its GPU use; −1 if it has no minimum
	uses      []knapsack.Use
}

func readPortfolio(l *lexer) ([]*knapsack.Problem, error) {
	f := portfolio{l: l, p: &knapsack.Problem{}, n: -1}
	if err := f.word("mmkp"); err != nil {
		return nil, err
	}
	if _, err := l.count(1, 1, "the version of the form"); err != nil {
		return nil, err
	}
	for {
		word := l.next()
		var err error
		if f.n < 0 && (string(word) == "res" || string(word) == "team" || string(word) == "h" || string(word) == "x") {
			return nil, l.fault(word, "must stand below the line size", "the line")
		}
		switch string(word) {
		case "name":
			if word = l.next(); word == nil {
				err = l.fault(nil, "must be a word", "the name")
			}
			f.p.Name = string(word)
		case "seed", "variant":
			field := string(word)
			if word = l.next(); word == nil {
				err = l.fault(nil, "must be a word", "the %s", field)
			}
		case "size":
			err = f.size()
		case "res":
			err = f.resource()
		case "team":
			err = f.team()
		case "h":
			err = f.hypothesis()
		case "x":
			err = f.conflict()
		case "end":
			if err = f.complete(); err == nil {
				err = l.end("the word end")
			}
			if err != nil {
				return nil, err
			}
			// Uses and conflicts are sets: in whatever order they stand, the choice is the same.
			slices.SortFunc(f.p.Conflicts, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
			return []*knapsack.Problem{f.p}, nil
		default:
			err = l.fault(word, "must be name, seed, variant, size, res, team, h, x or end", "the first word of the line")
		}
		if err != nil {
			return nil, err
		}
	}
}

func (f *portfolio) word(want string) error {
	if word := f.l.next(); string(word) != want {
		return f.l.fault(word, fmt.Sprintf("must be %q", want), "the word")
	}
	return nil
}

func (f *portfolio) size() (err error) {
	if f.n >= 0 {
		return f.l.fault(f.l.buf, "must stand once", "the line")
	}
	for _, c := range []struct {
		into *int
		high int
		name string
	}{{&f.n, maxClasses, "hypotheses"}, {&f.resources, maxRows / 2, "resources"}, {&f.teams, maxRows / 4, "teams"}, {&f.conflicts, 1 << 30, "conflicts"}} {
		if *c.into, err = f.l.count(0, c.high, "size: the number of %s", c.name); err != nil {
			return err
		}
	}
	return nil
}

func (f *portfolio) resource() error {
	r, err := f.l.count(0, f.resources-1, "res: the resource")
	if err != nil {
		return err
	}
	if r != len(f.p.Rows) {
		return f.l.fault(f.l.buf, fmt.Sprintf("must be %d: resources stand in order, before teams and hypotheses", len(f.p.Rows)), "res: the resource")
	}
	name := f.l.next()
	if name == nil {
		return f.l.fault(nil, "must be a word", "res %d: the name", r)
	}
	row := knapsack.Row{Name: string(name)}
	most, err := f.units(math.MaxInt64/2, "res %d: the capacity", r)
	row.Most = most
	f.p.Rows = append(f.p.Rows, row)
	return err
}

// units reads a whole number that is not negative.
func (f *portfolio) units(high int64, field string, args ...any) (int64, error) {
	n, err := f.l.amount(field, args...)
	if err == nil && (n.places > 0 || n.digits > high) {
		err = f.l.fault(f.l.buf, fmt.Sprintf("must be a whole number of at most %d", high), field, args...)
	}
	return n.digits, err
}

// team adds the rows of a team's quota and of its minimum share.
func (f *portfolio) team() error {
	t, err := f.l.count(0, f.teams-1, "team: the team")
	if err != nil {
		return err
	}
	switch {
	case t != len(f.quota):
		return f.l.fault(f.l.buf, fmt.Sprintf("must be %d: teams stand in order", len(f.quota)), "team: the team")
	case len(f.p.Rows) < f.resources || len(f.p.Classes) > 0:
		return f.l.fault(f.l.buf, "must stand after all resources and before the hypotheses", "team: the team")
	}
	quota, err := f.units(math.MaxInt64/2, "team %d: the quota", t)
	if err != nil {
		return err
	}
	least, err := f.units(math.MaxInt64/2, "team %d: the minimum share", t)
	if err != nil {
		return err
	}
	f.quota = append(f.quota, int32(len(f.p.Rows)))
	f.p.Rows = append(f.p.Rows, knapsack.Row{Name: fmt.Sprintf("team %d hypotheses", t), Most: quota})
	f.share = append(f.share, -1)
	if least > 0 {
		f.share[t] = int32(len(f.p.Rows))
		f.p.Rows = append(f.p.Rows, knapsack.Row{Name: fmt.Sprintf("team %d GPU", t), Least: least, Most: knapsack.Unlimited})
	}
	return nil
}

func (f *portfolio) hypothesis() error {
	h, err := f.l.count(0, f.n-1, "h: the hypothesis")
	if err != nil {
		return err
	}
	switch {
	case h != len(f.p.Classes):
		return f.l.fault(f.l.buf, fmt.Sprintf("must be %d: hypotheses stand in order", len(f.p.Classes)), "h: the hypothesis")
	case h == 0 && len(f.p.Rows) < f.resources:
		return f.l.fault(f.l.buf, fmt.Sprintf("must stand after all %d resources, and %d are there", f.resources, len(f.p.Rows)), "h: the hypothesis")
	case h == 0 && len(f.quota) != 0 && len(f.quota) != f.teams:
		return f.l.fault(f.l.buf, fmt.Sprintf("must stand after none or all of %d teams, and %d are there", f.teams, len(f.quota)), "h: the hypothesis")
	}
	team, err := f.l.count(0, max(0, f.teams-1), "h %d: the team", h)
	if err != nil {
		return err
	}
	designs, err := f.l.count(0, maxClasses, "h %d: the number of designs", h)
	if err != nil {
		return err
	}
	f.p.AddClass(false)
	for d := range designs {
		if err := f.design(h, d, team); err != nil {
			return err
		}
	}
	return nil
}

// design reads one line: the value, then uses of resources as r:units.
func (f *portfolio) design(h, d, team int) error {
	value, err := f.l.value("h %d, design %d: value", h, d)
	if err != nil {
		return err
	}
	if !f.l.below {
		return f.l.fault(f.l.buf, "must stand on a line of its own", "h %d, design %d: value", h, d)
	}
	f.uses = f.uses[:0]
	gpu := int64(0)
	for {
		word := f.l.next()
		if word == nil || f.l.below {
			if word != nil {
				f.l.back()
			}
			break
		}
		row, units, ok := parseUse(word)
		if !ok || row >= f.resources {
			return f.l.fault(word, fmt.Sprintf("must be resource:units, as 0:12, with a resource from 0 to %d and whole units up to %d", f.resources-1, math.MaxInt32),
				"h %d, design %d: a use", h, d)
		}
		for _, u := range f.uses {
			if int(u.Row) == row {
				return f.l.fault(word, "must not repeat a resource", "h %d, design %d: a use", h, d)
			}
		}
		f.uses = append(f.uses, knapsack.Use{Row: int32(row), Units: units})
		if row < gpuRows {
			gpu += int64(units)
		}
	}
	slices.SortFunc(f.uses, func(a, b knapsack.Use) int { return cmp.Compare(a.Row, b.Row) })
	if len(f.quota) > 0 {
		f.uses = append(f.uses, knapsack.Use{Row: f.quota[team], Units: 1})
		if share := f.share[team]; share >= 0 {
			if gpu > math.MaxInt32 {
				return f.l.fault([]byte(fmt.Sprint(gpu)), fmt.Sprintf("must be at most %d", math.MaxInt32), "h %d, design %d: the sum of GPU uses", h, d)
			}
			f.uses = append(f.uses, knapsack.Use{Row: share, Units: int32(gpu)})
		}
	}
	f.p.AddItem(value, f.uses...)
	return nil
}

// parseUse reads r:units.
func parseUse(word []byte) (row int, units int32, ok bool) {
	i, r := 0, 0
	for ; i < len(word) && word[i] >= '0' && word[i] <= '9' && r < maxRows; i++ {
		r = 10*r + int(word[i]-'0')
	}
	if i == 0 || i+1 >= len(word) || word[i] != ':' {
		return 0, 0, false
	}
	u := int64(0)
	for _, b := range word[i+1:] {
		if b < '0' || b > '9' {
			return 0, 0, false
		}
		if u = 10*u + int64(b-'0'); u > math.MaxInt32 {
			return 0, 0, false
		}
	}
	return r, int32(u), true
}

func (f *portfolio) conflict() error {
	var pair [2]int32
	for k := range pair {
		h, err := f.l.count(0, f.n-1, "x: the hypothesis")
		if err != nil {
			return err
		}
		pair[k] = int32(h)
	}
	if pair[0] == pair[1] {
		return f.l.fault(f.l.buf, "must be another hypothesis", "x: the hypothesis")
	}
	f.p.Conflicts = append(f.p.Conflicts, [2]int32{min(pair[0], pair[1]), max(pair[0], pair[1])})
	return nil
}

// complete fails if less stood in the text than its size says.
func (f *portfolio) complete() error {
	for _, c := range []struct {
		got, want int
		name      string
	}{{len(f.p.Classes), f.n, "hypotheses"}, {len(f.p.Conflicts), f.conflicts, "conflicts"}} {
		if c.got != c.want {
			return &Error{f.l.line, "the number of " + c.name, fmt.Sprint(c.got), fmt.Sprintf("must be %d, as the line size says", c.want)}
		}
	}
	if len(f.p.Rows) < f.resources {
		return &Error{f.l.line, "the number of resources", fmt.Sprint(len(f.p.Rows)), fmt.Sprintf("must be %d, as the line size says", f.resources)}
	}
	return nil
}
