package planner

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSettings(t *testing.T) {
	half := 0.5
	p := smallPolicy()
	p.Quotas = []Quota{{Source: AI, Of: "gpu_hours", Most: &half}}
	ideas := []Hypothesis{idea("h.1")}
	for _, tc := range []struct {
		text     string
		was, now string
		look     func(scenario) bool
	}{
		{"pools.a100=+10%", "300.9", "330.99", func(s scenario) bool { return s.policy.Pools[0].GPUHours > 330 }},
		{"pools.a100=-0.9", "300.9", "300", func(s scenario) bool { return s.policy.Pools[0].GPUHours == 300 }},
		{" pools.l4 = 70 ", "50", "70", func(s scenario) bool { return s.policy.Pools[1].GPUHours == 70 }},
		{"segments.feed-eu=-20%", "500000", "400000", func(s scenario) bool { return s.policy.Segments[1].WeeklyUsers == 4e5 }},
		{"metrics.rpm.search=2e9", "5e+08", "2e+09", func(s scenario) bool { return s.policy.Metrics[0].Worth["search"] == 2e9 }},
		{"hypotheses.h.1=-25%", "1", "0.75", func(s scenario) bool { return s.gains["h.1"] == 0.75 }},
		{"change_cost=0", "0.05", "0", func(s scenario) bool { return s.policy.changeCost() == 0 }},
		{"quotas.ai.gpu_hours.most=40%", "0.5", "0.4", func(s scenario) bool { return *s.policy.Quotas[0].Most == 0.4 }},
		{"quotas.ai.gpu_hours.most=none", "0.5", "none", func(s scenario) bool { return len(s.policy.Quotas) == 0 }},
		{"quotas.team.a.users.least=0.1", "none", "0.1", func(s scenario) bool { return s.policy.Quotas[1].Team == "team.a" && s.policy.Quotas[1].Least == 0.1 }},
	} {
		sc, set, err := p.settings([]string{tc.text}, ideas)
		key, _, _ := strings.Cut(tc.text, "=")
		if d := cmp.Diff([]Setting{{strings.TrimSpace(key), tc.was, tc.now}}, set); err != nil || d != "" || !tc.look(sc) {
			t.Errorf("%s: %v (-want +got):\n%s", tc.text, err, d)
		}
	}
	if p.Metrics[0].Worth["search"] != 5e8 || p.Pools[0].GPUHours != 300.9 || *p.Quotas[0].Most != 0.5 || p.ChangeCost != nil {
		t.Errorf("the policy itself has changed: %+v", p)
	}
	for text, says := range map[string]string{
		"":                              "nothing is set",
		"pools.a100":                    "write KEY=VALUE",
		"pools.b200=+1%":                `no pool "b200"; there is a100, l4`,
		"pools.a100=many":               `"many" is no number`,
		"pools.a100=20%":                "write +20% to add that share",
		"pools.a100=-400":               "gpu_hours_per_week is -99.1",
		"segments.mars=1":               `no segment "mars"`,
		"metrics.rpm.mars=1":            `no surface "mars"`,
		"metrics.luck.feed=1":           `no metric "luck"`,
		"hypotheses.x=+1%":              `no hypothesis "x"`,
		"hypotheses.h.1=1e6":            "change it by a share",
		"hypotheses.h.1=":               "change it by a share",
		"quotas.ai.users.most=+10%":     "no such quota to change",
		"quotas.ai.users.greatest=1":    "write quotas.WHO.OF.least",
		"quotas.ai.luck.most=0.5":       "it must be gpu_hours, users or starts",
		"change_cost=-1":                "change_cost is -0.95",
		"weather.tomorrow=fine":         `no key "weather.tomorrow"`,
		"metrics.rpm.feed=NaN":          "is no number",
		"segments.feed-us.layers.any=3": `no segment "feed-us.layers.any"`,
	} {
		texts := []string{text}
		if text == "" {
			texts = nil
		}
		if _, _, err := p.settings(texts, ideas); !errors.Is(err, ErrRequest) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}
