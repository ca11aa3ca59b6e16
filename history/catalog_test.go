package history

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	knownLines = `SELECT concat(experiment, '|', title, '|', decision, '|', toString(toDate(started)), '|', toString(toDate(ended)), '|', toString(planned_users), '|', control, '|', excluded)
FROM experiments FINAL ORDER BY ALL`
	armLines = `SELECT concat(experiment, ' ', arm, '|', title, '|', toString(weight), '|', toString(mapSort(attributes))) FROM arms FINAL ORDER BY ALL`
)

const wellKnown = `
layout: outcomes
experiment: {id: e, title: title, started: started, ended: ended, decision: decision, planned_users: planned}
arm: {id: arm, title: {value: Blue}, weight: {value: 0.5}, attributes: {image: title, size: arm}, claims: {author: share}, set: [size]}
control: {name: off}
metrics: [{name: buys, proportion: {trials: n, successes: y}}]
exclude: [{column: title, equals: Bad, reason: broken}]
`

// TestWhatIsNotMappedStays: of experiments and arms, whatever a mapping does not say is
// as it was, by any layout, also with Replace, and in the order of several files; what it
// does say counts, also where it is empty.
func TestWhatIsNotMappedStays(t *testing.T) {
	const first = "e,title,started,ended,decision,planned,arm,share,n,y\n" +
		"e1,Good,2026-01-01,2026-01-15,shipped,900,off,0.1,400,40\ne1,Good,2026-01-01,2026-01-15,shipped,900,on,0.2,400,60\n" +
		"e2,Bad,2026-01-01,,,900,off,0.1,400,40\n"
	const (
		good, bad     = "e1|Good|shipped|2026-01-01|2026-01-15|900|off|", "e2|Bad||2026-01-01|1970-01-01|900|off|broken"
		off, on, off2 = `e1 off|Blue|0.5|{'assay.claim.author':'0.1','assay.set':'["off"]','image':'Good','size':'off'}`,
			`e1 on|Blue|0.5|{'assay.claim.author':'0.2','assay.set':'["on"]','image':'Good','size':'on'}`,
			`e2 off|Blue|0.5|{'assay.claim.author':'0.1','assay.set':'["off"]','image':'Bad','size':'off'}`
	)
	for name, c := range map[string]struct {
		mapping, text string
		replace       bool
		known, arms   []string
	}{
		"exposures": {mapping: "layout: exposures\nexperiment: {id: e}\narm: {id: arm}\nunit: u\nexposed_at: at\n", text: "e,arm,u,at\ne1,on,u1,2026-01-02\n",
			known: []string{good, bad}, arms: []string{off, on, off2}},
		"users, replacing": {mapping: "layout: users\nexperiment: {id: e}\narm: {id: arm}\nunit: u\nmetrics: [{name: m, value: v}]\n", text: "e,arm,u,v\ne1,on,u1,2\n", replace: true,
			known: []string{good, bad}, arms: []string{on, off2}},
		"outcomes with an empty end": {mapping: "layout: outcomes\nexperiment: {id: e, ended: to}\narm: {id: arm, claims: {author: a}}\nmetrics: [{name: buys, proportion: {trials: n, successes: y}}]\n",
			text:  "e,arm,to,a,n,y\ne1,on,,,500,50\n",
			known: []string{"e1|Good|shipped|2026-01-01|1970-01-01|900|off|", bad}, arms: []string{off, strings.Replace(on, "'assay.claim.author':'0.2',", "", 1), off2}},
		"pairs": {mapping: "layout: pairs\nexperiment: {id: e}\narm: {id: arm, weight: w}\nmetrics: [{name: buys, control: {proportion: {trials: n, successes: y}}, treatment: {proportion: {trials: n, successes: z}}}]\n",
			text:  "e,arm,w,n,y,z\ne1,on,0.9,500,50,60\n",
			known: []string{"e1|Good|shipped|2026-01-01|2026-01-15|900|control|", bad}, arms: []string{"e1 control||0|{}", off, strings.Replace(on, "0.5", "0.9", 1), off2}},
		"experiments": {mapping: "layout: experiments\nexperiment: {id: e, ended: to, decision: d}\n", text: "e,to,d\ne2,2026-02-01,stopped\ne3,2026-02-02,\n",
			known: []string{good, "e2|Bad|stopped|2026-01-01|2026-02-01|900|off|broken", "e3|||1970-01-01|2026-02-02|0|control|"}, arms: []string{off, on, off2}},
		"no exclusions": {mapping: "layout: experiments\nexperiment: {id: e}\nexclude: []\n", text: "e\ne2\n",
			known: []string{good, strings.TrimSuffix(bad, "broken")}, arms: []string{off, on, off2}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHistory(t)
			mustImport(t, h, ImportRequest{Files: []string{write(t, "first.csv", first)}, Mapping: parse(t, wellKnown)})
			same(t, h, knownLines, good, bad)
			same(t, h, armLines, off, on, off2)
			mustImport(t, h, ImportRequest{Files: []string{write(t, "next.csv", c.text)}, Mapping: parse(t, c.mapping), Replace: c.replace})
			same(t, h, knownLines, c.known...)
			same(t, h, armLines, c.arms...)
		})
	}
}

// TestExperimentsAlone: rows of layout experiments are new, corrected or unchanged, and
// only experiments of which they say anything new are mined again.
func TestExperimentsAlone(t *testing.T) {
	h, ctx := newHistory(t), context.Background()
	mustImport(t, h, ImportRequest{Mapping: parse(t, simple), Files: []string{write(t, "a.csv", header+
		day("e1", "control", 1, 1000, 100)+day("e1", "b", 1, 1000, 120)+day("e2", "control", 1, 1000, 100)+day("e2", "b", 1, 1000, 130))}})
	if err := h.keep(ctx, nil); err != nil {
		t.Fatal(err)
	}
	m := parse(t, "layout: experiments\nexperiment: {id: e, ended: ended, decision: decision}\n")
	const head = "e,ended,decision\n"
	for _, c := range []struct {
		text         string
		want         FileReport
		again, known int
	}{
		{"e1,2026-01-16,shipped\ne2,2026-01-15,\ne9,2026-01-02,\n", FileReport{Read: 3, Imported: 1, Superseded: 1, Unchanged: 1}, 2, 3},
		{"e1,2026-01-16,shipped\ne2,2026-01-15,\n", FileReport{Read: 2, Unchanged: 2}, 0, 3},
		{"e2,2026-01-15,stopped\n", FileReport{Read: 1, Superseded: 1}, 1, 3},
	} {
		report := mustImport(t, h, ImportRequest{Mapping: m, Files: []string{write(t, "d.csv", head+c.text)}})
		if got := report.Notes; len(got) > 0 {
			t.Errorf("%snotes %q", c.text, got)
		}
		got := report.Files[0]
		got.File, got.SHA256 = "", ""
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s%s", c.text, diff)
		}
		if err := h.keep(ctx, nil); err != nil || h.Mined() != (Mined{c.known, c.again}) {
			t.Errorf("%smined %+v, %v", c.text, h.Mined(), err)
		}
	}
	// A list that says again what it once said is not known already.
	list := func(decision string) FileReport {
		return mustImport(t, h, ImportRequest{Mapping: m, Files: []string{write(t, "list.csv", head+"e2,2026-01-15,"+decision+"\n")}}).Files[0]
	}
	list("shipped")
	if again := list("stopped"); again.Already || again.Superseded != 1 {
		t.Errorf("the list of two nights ago: %+v", again)
	}

	all := effects(t, h, EffectQuery{})
	if len(all) != 2 || all[0].Decision != "shipped" || all[0].Ended.Day() != 16 || all[1].Decision != "stopped" || !all[1].Usable {
		t.Errorf("%+v", all)
	}

	// A later file of one import knows what an earlier one says, also where that is back at what is stored.
	there := write(t, "there.csv", head+"e1,2026-01-20,stopped\n")
	back := write(t, "back.csv", head+"e1,2026-01-16,shipped\n")
	mustImport(t, h, ImportRequest{Mapping: m, Files: []string{there, back}})
	if all := effects(t, h, EffectQuery{}); all[0].Decision != "shipped" || all[0].Ended.Day() != 16 {
		t.Errorf("%+v", all[0])
	}
	if _, err := h.Import(ctx, ImportRequest{Mapping: m, Files: []string{back}, Replace: true}); err == nil || !strings.Contains(err.Error(), "layout experiments") {
		t.Error(err)
	}
	report, err := h.Import(ctx, ImportRequest{Mapping: parse(t, "layout: experiments\nexperiment: {id: e, started: s}\n"), Files: []string{write(t, "late.csv", "e,s\ne1,2026-05-01\n")}})
	if !errors.Is(err, ErrBadRows) || len(report.Problems) != 1 || report.Problems[0].Line != 2 || report.Problems[0].Column != "s" ||
		!strings.Contains(report.Problems[0].Reason, "is after the end of experiment e1, 2026-01-16 00:00:00") {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestWhole: a file that holds all of a metric removes what it lacks of its experiments and
// that metric, and nothing else; what was so before, and then otherwise, is so again.
func TestWhole(t *testing.T) {
	h, m := newHistory(t), parse(t, strings.Replace(simple, "ended: ended", "ended: ended, title: surface", 1))
	other := parse(t, strings.NewReplacer("name: conversion", "name: other").Replace(simple))
	text := header + day("e1", "control", 1, 1000, 100) + day("e1", "control", 2, 1000, 100)
	mustImport(t, h, ImportRequest{Mapping: other, Files: []string{write(t, "other.csv", text)}})
	mustImport(t, h, ImportRequest{Mapping: m, Files: []string{write(t, "e2.csv", header+day("e2", "control", 2, 1000, 100))}})
	const rows = "SELECT concat(experiment, ' ', metric, ' ', toString(toDayOfMonth(at)), ' ', toString(sum_y)) FROM outcomes FINAL ORDER BY ALL"
	kept := []string{"e1 other 1 100", "e1 other 2 100", "e2 conversion 2 100"}
	for i, c := range []struct {
		text    string
		silent  []string
		removed int64
		want    []string
	}{
		{text, nil, 0, []string{"e1 conversion 1 100", "e1 conversion 2 100"}},
		{header + day("e1", "control", 1, 1000, 120), nil, 1, []string{"e1 conversion 1 120"}},
		{text, nil, 0, []string{"e1 conversion 1 100", "e1 conversion 2 100"}},
		{header, []string{"e0", "e1"}, 2, nil},
		{text, nil, 0, []string{"e1 conversion 1 100", "e1 conversion 2 100"}},
	} {
		req := ImportRequest{Mapping: m, Files: []string{write(t, "source.csv", c.text)}, Names: []string{"source"}, Whole: []string{"conversion"}, Silent: c.silent}
		report := mustImport(t, h, req)
		if f := report.Files[0]; f.Already || f.Removed != c.removed {
			t.Errorf("import %d: %+v", i, f)
		}
		const silent = `experiments that have users, but no fact of theirs counts: 2, as "e0"`
		if told := strings.Contains(strings.Join(report.Notes, "\n"), silent); told != (c.silent != nil) {
			t.Errorf("import %d tells %q", i, report.Notes)
		}
		same(t, h, rows, append(c.want, kept...)...)
		if f := mustImport(t, h, req).Files[0]; !f.Already {
			t.Errorf("import %d, again: %+v", i, f)
		}
	}
}
