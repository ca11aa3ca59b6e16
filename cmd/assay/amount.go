package main

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// amount is a flag that holds a number, and knows whether it was given. Numbers are
// written 2000000, 2e6, 2,000,000 or 2M (k, M, B); fractions 2% or 0.02.
type amount struct {
	value float64
	set   bool
	kind  kind
	text  string // as it was written
}

// kind is what an amount may be.
type kind string

const (
	anyNumber    kind = "number"
	userCount    kind = "users"
	wholeNumber  kind = "count"
	fractionKind kind = "percent" // from 0 to 1
	liftKind     kind = "lift"    // of either sign, relative
)

// Set implements pflag.Value.
func (a *amount) Set(text string) error {
	x, err := a.kind.parse(text)
	if err == nil {
		*a = amount{x, true, a.kind, strings.TrimSpace(text)}
	}
	return err
}

// String implements pflag.Value: empty where nothing was given.
func (a *amount) String() string { return a.text }

// Type implements pflag.Value.
func (a *amount) Type() string { return string(a.kind) }

// grouped is a number with commas between groups of three digits.
var grouped = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$`)

// parse reads a number of this kind.
func (k kind) parse(text string) (float64, error) {
	bare, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	bare = strings.TrimSpace(bare)
	x, err := parseNumber(bare)
	switch {
	case errors.Is(err, errNumber):
		return 0, fmt.Errorf("%w: write %s", err, k.example())
	case err != nil:
		return 0, err
	case percent && k == anyNumber:
		return 0, fmt.Errorf("is a number, not a percentage: write %.6g for %s percent", x/100, bare)
	case percent && k != fractionKind && k != liftKind:
		return 0, fmt.Errorf("is a number, not a percentage: write %s", k.example())
	case percent:
		x /= 100
	}
	return x, k.check(x, bare, percent)
}

// check reports what a number of this kind cannot be.
func (k kind) check(x float64, bare string, percent bool) error {
	switch {
	case k == liftKind && !percent && math.Abs(x) >= 1:
		return fmt.Errorf("%s is %+.6g%%: write %s%% for %s percent", bare, 100*x, bare, spelt(x))
	case k == fractionKind && !percent && x > 1 && x <= 100:
		return fmt.Errorf("%s is %.6g%%: write %s%% or %.6g", bare, 100*x, bare, x/100)
	case k == fractionKind && (x < 0 || x > 1):
		return errors.New("must lie in 0% to 100%")
	case k == wholeNumber && (x != math.Trunc(x) || math.Abs(x) > 1e9):
		return errors.New("must be a whole number")
	case k == userCount && x < 1:
		return errors.New("must be at least 1")
	}
	return nil
}

// example is how a number of this kind is written.
func (k kind) example() string {
	switch k {
	case fractionKind, liftKind:
		return "2% or 0.02"
	case wholeNumber:
		return "a whole number, as 3"
	case anyNumber:
		return "it as 0.5, 2e6 or 2M"
	}
	return "2000000, 2e6 or 2M"
}

// units are the letters that may follow a number.
var units = map[string]float64{"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9}

var errNumber = errors.New("is not a number")

func parseNumber(text string) (float64, error) {
	text = strings.Replace(text, "−", "-", 1) // as it is printed in prose
	unit := 1.0
	if n := len(text); n > 0 && units[text[n-1:]] > 0 {
		unit = units[text[n-1:]]
		text = strings.TrimSpace(text[:n-1])
	}
	if grouped.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case strings.Contains(text, ",") && err != nil:
		return 0, errors.New("a decimal point is written as a point, as in 0.5")
	case err != nil || math.IsNaN(x) || math.IsInf(x*unit, 0) || strings.ContainsAny(text, "xXpP_"):
		return 0, errNumber
	}
	return x * unit, nil
}

// spelt is a small whole number in words, as people say percents.
func spelt(x float64) string {
	words := []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if a := math.Abs(x); a == math.Trunc(a) && a <= 10 {
		return words[int(a)]
	}
	return strconv.FormatFloat(math.Abs(x), 'g', -1, 64)
}

// choice is a flag that holds one of some words; the first part of a word will do.
type choice struct {
	value string
	of    []string
}

// Set implements pflag.Value.
func (c *choice) Set(text string) error {
	for _, word := range c.of {
		if strings.EqualFold(text, word) || len(text) > 2 && strings.HasPrefix(word, strings.ToLower(text)) {
			c.value = word
			return nil
		}
	}
	return fmt.Errorf("must be %s", alternatives(c.of))
}

// String implements pflag.Value.
func (c *choice) String() string { return c.value }

// Type implements pflag.Value.
func (c *choice) Type() string { return "word" }

// alternatives is "a, b or c".
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
