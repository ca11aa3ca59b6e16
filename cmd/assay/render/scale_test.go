package render

import (
	"strings"
	"testing"
)

func TestScale(t *testing.T) {
	for _, c := range []struct {
		name    string
		scale   Scale
		numbers []float64
		want    string
	}{
		{"one decimal for all", Scale{Percent: true}, []float64{0.755, 0.8, 0.845}, "75.5% 80.0% 84.5%"},
		{"none where none is needed", Scale{Percent: true}, []float64{0.8, 0.9, 1}, "80% 90% 100%"},
		{"close together", Scale{Percent: true}, []float64{0.0106, 0.011067, 0.011534}, "1.060% 1.107% 1.153%"},
		{"both sides of 0", Scale{Percent: true, Signed: true}, []float64{-0.005, 0, 0.005}, "-0.5% 0.0% +0.5%"},
		{"thousands", Scale{Signed: true}, []float64{-20000, 0, 20000}, "-20,000 0 +20,000"},
		{"plain", Scale{}, []float64{0.3544, 0.431, 0.5076}, "0.354 0.431 0.508"},
		{"tiny", Scale{}, []float64{1e-12, 2e-12}, "1e-12 2e-12"},
		{"huge", Scale{}, []float64{1e20, 2e20}, "1e+20 2e+20"},
	} {
		text := c.scale.text(c.numbers, c.numbers[1]-c.numbers[0])
		var got []string
		for _, x := range c.numbers {
			got = append(got, text(x))
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTicksOfAFileAreWrittenAlike(t *testing.T) {
	var decimals []int
	for _, tick := range (Scale{Percent: true}).Ticks(0.573, 0.9124) {
		if tick.Label != "" {
			_, after, _ := strings.Cut(tick.Label, ".")
			decimals = append(decimals, len(after))
		}
	}
	if len(decimals) < 3 {
		t.Fatalf("%d labels", len(decimals))
	}
	for _, d := range decimals {
		if d != decimals[0] {
			t.Errorf("decimals differ: %v", decimals)
		}
	}
}
