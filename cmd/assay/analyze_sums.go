package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/analysis"
	"github.com/assay-planner/assay/stats/effect"
)

// statistics reads the one of the forms that the row fills in.
func (c *statCells) statistics(r *statRow) bool {
	var forms []string
	for _, form := range []string{"successes", "mean", "y"} {
		if c.has(form) {
			forms = append(forms, form)
		}
	}
	switch {
	case len(forms) == 0:
		c.wrong("y", "is missing: a row gives n and successes, or n, y (sum) and yy (sum of squares), or n, mean and variance, sd or se")
	case len(forms) > 1:
		c.wrong(forms[1], "and %s are both given: a row gives one of successes, mean, y", c.columns[forms[0]])
	case forms[0] == "mean":
		c.mean(r)
	default:
		c.sums(r, forms[0] == "successes")
	}
	return !c.failed
}

func (c *statCells) mean(r *statRow) {
	n, mean := c.users(), c.number("mean", "")
	variance := math.NaN()
	switch {
	case c.has("variance"):
		variance = c.spread("variance")
	case c.has("sd"):
		sd := c.spread("sd")
		variance = sd * sd
	case c.has("se"):
		se := c.spread("se")
		variance = se * se * float64(n)
	default:
		c.wrong("variance", "is missing: beside a mean stands the variance or sd of users, or the se of the mean")
	}
	r.Moments = effect.Moments{N: n, Means: []float64{mean}, Products: []float64{variance * float64(n-1)}}
}

func (c *statCells) spread(name string) float64 {
	x := c.number(name, "")
	if x < 0 {
		c.wrong(name, "is negative")
	}
	return x
}

// sums reads Σ of every value and Σ of every product of two.
func (c *statCells) sums(r *statRow, counted bool) {
	n := c.users()
	if counted && !c.successes(r, n) {
		return
	}
	values := []string{"y"}
	if c.has("d") {
		if r.Kind = analysis.Ratio; counted {
			c.wrong("d", "makes a ratio, and successes a proportion: a row is one of them")
		}
		values = append(values, "d")
	}
	values = append(values, c.covariates()...)
	var sums, products []float64
	var names []string
	for i, a := range values {
		sums = append(sums, c.number(a, "Σ"+a))
		for _, b := range values[:i+1] {
			name := c.pair(a, b)
			products, names = append(products, c.number(name, fmt.Sprintf("Σ%s over the users", name))), append(names, name)
		}
	}
	if c.failed {
		return
	}
	var err error
	if r.Moments, err = effect.MomentsFromSums(n, sums, products); err != nil {
		c.contradiction(err, names)
	}
}

// successes reads those of n users, which are the sum and the sum of squares.
func (c *statCells) successes(r *statRow, n int) bool {
	r.Kind = analysis.Proportion
	x := c.number("successes", "")
	switch {
	case math.IsNaN(x) || n == 0: // is said already
		return false
	case x < 0:
		c.wrong("successes", "is negative")
	case x > float64(n):
		c.wrong("successes", "is more than its %s of %d", c.columns["n"], n)
	case x != math.Trunc(x):
		c.wrong("successes", "is not a whole number of successes")
	case c.grouped("successes"):
	}
	c.cells["y"], c.cells["yy"] = c.cells["successes"], c.cells["successes"]
	return true
}

// covariates are x, or x1, x2 … as far as the row fills them in.
func (c *statCells) covariates() (names []string) {
	if c.has("x") {
		names = append(names, "x")
	}
	for i := 1; c.has("x" + strconv.Itoa(i)); i++ {
		names = append(names, "x"+strconv.Itoa(i))
	}
	return names
}

// pair is the name of a product, in the order in which the file has it.
func (c *statCells) pair(a, b string) string {
	if c.has(b+a) || a == "d" && !c.has(a+b) {
		return b + a
	}
	return a + b
}

// contradiction reports sums that no users have.
func (c *statCells) contradiction(err error, names []string) {
	e, ok := errors.AsType[*stats.InputError](err)
	if !ok {
		c.wrong("y", "%v", err)
		return
	}
	at := 0
	if _, scanned := fmt.Sscanf(e.Field, "products[%d]", &at); scanned == nil && at < len(names) {
		c.wrong(names[at], "%s", contradicts(names[at], e.Reason))
		return
	}
	c.wrong("y", "%s %s", e.Field, e.Reason)
}

func contradicts(name, reason string) string {
	parts := letters.FindStringSubmatch(name)
	if parts != nil && parts[1] == parts[2] {
		return fmt.Sprintf("is less than (Σ%s)²/n: no values have such sums", parts[1])
	}
	return "is more than the two sums of squares allow: no values have such sums"
}
