package history

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// TestRulesConcernFew: a rule that changes has only those experiments mined again that
// have the metric, or that its events may reach by the new rule.
func TestRulesConcernFew(t *testing.T) {
	h, ctx := newHistory(t), context.Background()
	var users, log strings.Builder
	users.WriteString("e,arm,u,at,spend\n")
	log.WriteString("e,arm,u,at\n")
	for u := range 20 {
		arm := []string{"control", "blue"}[u%2]
		fmt.Fprintf(&users, "told,%s,u%d,2026-01-02,%d\n", arm, u, u)
		fmt.Fprintf(&log, "early,%s,u%d,2026-01-02\nlate,%[1]s,u%d,2026-03-02\n", arm, u, u)
	}
	for _, req := range []ImportRequest{
		{Files: []string{write(t, "users.csv", users.String())}, Mapping: parse(t, "layout: users\nexperiment: {id: e, ended: {value: 2026-01-20}}\narm: {id: arm}\nunit: u\nexposed_at: at\nmetrics: [{name: spend, value: spend}]\n")},
		{Files: []string{write(t, "log.csv", log.String())}, Mapping: parse(t, "layout: exposures\nexperiment: {id: e}\narm: {id: arm}\nunit: u\nexposed_at: at\n")},
		{Files: []string{write(t, "ends.csv", "e,ended\nearly,2026-01-20\nlate,2026-03-20\n")}, Mapping: parse(t, "layout: experiments\nexperiment: {id: e, ended: ended}\n")},
	} {
		mustImport(t, h, req)
	}
	for i, c := range []struct {
		at, what, rule string
		again          int
	}{
		{"2026-03-05", "visits", "", 3},                  // everybody's first mining
		{"2026-06-05", "visits", ", cap: 5", 1},          // late has visits; nobody else was there at the time, of which look_back says nothing
		{"2026-06-06", "visits", ", look_back: 7d", 1},   // nor a week before
		{"2026-06-07", "visits", ", window: 120d", 3},    // but early and told are, four months after
		{"2026-06-08", "spend", ", cap: 5", 1},           // told alone has spend; its events of June reach nobody
		{"2026-06-09", "nothing like it", ", cap: 5", 0}, // nor do these
		{"2026-06-10", "visits", ", window: none", 3},    // taken back from those who had it
		{"2026-06-11", "visits", ", cap: 7", 1},
	} {
		text := fmt.Sprintf("u,at,what,n\nu3,%s,%s,1\n", c.at, c.what)
		mustImport(t, h, ImportRequest{Files: []string{write(t, "events.csv", text)}, Mapping: parse(t, "layout: events\nunit: u\nat: at\nmetrics: [{name: {column: what}, value: n"+c.rule+"}]\n")})
		if err := h.keep(ctx, nil); err != nil || h.Mined().Again != c.again {
			t.Errorf("%d, %s%s: %+v, %v", i, c.what, c.rule, h.Mined(), err)
		}
	}
}
