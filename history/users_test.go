package history

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const byUser = `
layout: users
unit: user
exposed_at: seen
segment: country
experiment: {id: {value: e1}, started: {value: 2026-01-01}, ended: {value: 2026-01-15}}
arm: {id: arm}
metrics:
  - {name: clicks, value: clicks}
  - {name: ctr, value: clicks, denominator: views}
`

// userRows are the rows of users from to to, who each click plus more than their share.
func userRows(from, to, day, plus int, country string) string {
	var text strings.Builder
	text.WriteString("user,arm,seen,country,clicks,views\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&text, "u%d,%s,2026-01-%02d,%s,%d,%d\n", i, []string{"control", "blue"}[i%2], day, country, i*i%7%5+plus, i*11%7+5+plus)
	}
	return text.String()
}

// TestUsersCountOnce: however often a user's row comes in, in which file and
// with which instant of exposure, the newest one counts. What is mined is what a
// fresh import of the last say would give.
func TestUsersCountOnce(t *testing.T) {
	m := parse(t, byUser)
	all := EffectQuery{AllSegments: true}
	cases := map[string]struct{ files, fresh []string }{
		"two files":                     {[]string{userRows(0, 300, 3, 0, "DE"), userRows(300, 600, 3, 0, "DE")}, []string{userRows(0, 600, 3, 0, "DE")}},
		"exposed later than was said":   {[]string{userRows(0, 600, 3, 0, "DE"), userRows(0, 600, 5, 1, "FR")}, []string{userRows(0, 600, 5, 1, "FR")}},
		"exposed earlier":               {[]string{userRows(0, 600, 3, 0, "DE"), userRows(0, 600, 2, 1, "FR")}, []string{userRows(0, 600, 2, 1, "FR")}},
		"corrected, and corrected back": {[]string{userRows(0, 600, 3, 0, "DE"), userRows(0, 600, 5, 1, "FR"), userRows(0, 600, 3, 2, "DE")}, []string{userRows(0, 600, 3, 2, "DE")}},
		"some of them":                  {[]string{userRows(0, 600, 3, 0, "DE"), userRows(0, 100, 5, 1, "DE")}, []string{userRows(0, 100, 5, 1, "DE"), userRows(100, 600, 3, 0, "DE")}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fresh, h := newHistory(t), newHistory(t)
			for _, text := range c.fresh {
				mustImport(t, fresh, ImportRequest{Files: []string{write(t, "fresh.csv", text)}, Mapping: m})
			}
			for _, text := range c.files {
				mustImport(t, h, ImportRequest{Files: []string{write(t, "users.csv", text)}, Mapping: m})
			}
			want := effects(t, fresh, all)
			if len(want) < 4 || want[0].TreatmentUsers != 300 || want[0].ControlUsers != 300 || want[0].Lift == 0 {
				t.Fatalf("%+v", want)
			}
			if diff := cmp.Diff(want, effects(t, h, all), cmpopts.EquateApprox(1e-12, 0)); diff != "" {
				t.Error(diff)
			}
			a, b := summary(t, fresh), summary(t, h)
			if a.Assignments != b.Assignments || a.Facts != b.Facts || b.Assignments != 600 || b.Facts != 1200 {
				t.Errorf("%d assignments and %d facts, want %d and %d", b.Assignments, b.Facts, a.Assignments, a.Facts)
			}
		})
	}
}

// TestUsersCorrectionIsReported: a user whose exposure is corrected is one
// superseded row, not a new one.
func TestUsersCorrectionIsReported(t *testing.T) {
	h, m := newHistory(t), parse(t, byUser)
	mustImport(t, h, ImportRequest{Files: []string{write(t, "a.csv", userRows(0, 100, 3, 0, "DE"))}, Mapping: m})
	f := mustImport(t, h, ImportRequest{Files: []string{write(t, "b.csv", userRows(0, 110, 5, 0, "DE"))}, Mapping: m}).Files[0]
	want := FileReport{File: f.File, SHA256: f.SHA256, Read: 110, Imported: 30, Superseded: 100, Unchanged: 200}
	if diff := cmp.Diff(want, f); diff != "" { // facts say the same again, assignments do not
		t.Error(diff)
	}
}
