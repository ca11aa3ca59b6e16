package main

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		kind kind
		text string
		want float64
	}{
		{liftKind, "2%", 0.02}, {liftKind, " -2.5 % ", -0.025}, {liftKind, "0.02", 0.02}, {liftKind, "300%", 3}, {liftKind, "1e-3", 0.001},
		{fractionKind, ".5%", 0.005}, {fractionKind, "100%", 1}, {fractionKind, "1", 1}, {fractionKind, "0", 0},
		{userCount, "2,000,000", 2e6}, {userCount, "2M", 2e6}, {userCount, "2 M", 2e6}, {userCount, "1.5k", 1500}, {userCount, "60K", 60e3},
		{userCount, "2B", 2e9}, {userCount, "2G", 2e9}, {userCount, "1,500k", 1.5e6}, {userCount, "1e12", 1e12},
		{anyNumber, "-0.4", -0.4}, {anyNumber, "−4", -4}, {wholeNumber, "3", 3}, {wholeNumber, "1k", 1000},
	} {
		if got, err := c.kind.parse(c.text); err != nil || math.Abs(got-c.want) > 1e-15*math.Abs(c.want) {
			t.Errorf("%s %q is %v (%v), want %v", c.kind, c.text, got, err, c.want)
		}
	}
	for _, c := range []struct {
		kind       kind
		text, want string
	}{
		{liftKind, "2", "2 is +200%: write 2% for two percent"}, {liftKind, "-1", "write -1% for one percent"}, {liftKind, "", "is not a number: write 2% or 0.02"},
		{fractionKind, "80", "80 is 8000%: write 80% or 0.8"}, {fractionKind, "2000", "must lie in 0% to 100%"}, {fractionKind, "-1%", "must lie in"}, {fractionKind, "101%", "must lie in"},
		{userCount, "0.5", "must be at least 1"}, {userCount, "5%", "not a percentage: write 2000000, 2e6 or 2M"}, {userCount, "2m", "is not a number: write 2000000, 2e6 or 2M"},
		{anyNumber, "5%", "is a number, not a percentage: write 0.05 for 5 percent"}, {anyNumber, "0,5", "a decimal point is written as a point"}, {anyNumber, "20,00", "a decimal point"},
		{wholeNumber, "1.5", "must be a whole number"}, {anyNumber, "1e308B", "is not a number"}, {anyNumber, "Inf", "is not a number"}, {anyNumber, "M", "is not a number"},
	} {
		if got, err := c.kind.parse(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q is %v (%v), want %q", c.kind, c.text, got, err, c.want)
		}
	}
}

func FuzzAmount(f *testing.F) {
	for _, text := range []string{"2%", "0.02", "2,000,000", "2M", "-3", "1e400", "٣", "0x1p4", "+5 %", "1_000"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, k := range []kind{anyNumber, userCount, wholeNumber, fractionKind, liftKind} {
			x, err := k.parse(text)
			if err != nil {
				continue
			}
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Fatalf("%q is %v", text, x)
			}
			again, err := k.parse(strconv.FormatFloat(x, 'g', -1, 64))
			if k != liftKind && (err != nil || again != x) {
				t.Fatalf("%q is %v, which is read as %v (%v)", text, x, again, err)
			}
		}
	})
}
