package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/cmd/assay/render"
)

// maybe prints a number that may be missing.
func maybe(x *float64, text func(float64) string) string {
	if x == nil {
		return "–"
	}
	return text(*x)
}

// amountText prints a value: whole numbers whole, others with six digits.
func amountText(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return render.Thousands(x)
	}
	return fmt.Sprintf("%.6g", x)
}

func fourPlaces(x float64) string { return fmt.Sprintf("%.4f%%", 100*x) }

func secondsText(x float64) string { return fmt.Sprintf("%.2f s", x) }

// state says in a word how an allocation ended.
func (one allocation) state() string {
	switch {
	case one.Proved != "":
		return one.Proved
	case !one.Feasible:
		return "none found"
	case one.Cut:
		return "cut"
	}
	return "feasible"
}

func (one allocation) name() string {
	if one.Problem > 0 {
		return fmt.Sprintf("%s %d", bareName(one.File), one.Problem)
	}
	return bareName(one.File)
}

var allocationColumns = []render.Column[allocation]{
	{Name: "file", Value: func(o allocation) any { return o.File }},
	{Name: "problem", Value: func(o allocation) any { return o.Problem }},
	{Title: "PROBLEM", Text: allocation.name, Grow: true},
	{Name: "value", Title: "VALUE", Right: true, Value: func(o allocation) any { return plainNumber(o.Value) }, Text: func(o allocation) string { return maybe(o.Value, amountText) }},
	{Name: "bound", Title: "BOUND", Right: true, Value: func(o allocation) any { return plainNumber(o.Bound) }, Text: func(o allocation) string { return maybe(o.Bound, amountText) }},
	{Name: "gap", Title: "GAP", Right: true, Value: func(o allocation) any { return plainNumber(o.Gap) }, Text: func(o allocation) string { return maybe(o.Gap, fourPlaces) }},
	{Name: "seconds", Title: "TIME", Right: true, Value: func(o allocation) any { return o.Seconds }, Text: func(o allocation) string { return secondsText(o.Seconds) }},
	{Name: "state", Title: "STATE", Value: func(o allocation) any { return o.state() }},
}

// plainNumber is a CSV cell of a number that may be missing.
func plainNumber(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// answerAllocations prints answers; one alone also with its choice.
func (a *app) answerAllocations(all []allocation) error {
	v := struct {
		Problems []allocation `json:"problems"`
	}{all}
	if err := answer(a, v, allocationColumns, all); err != nil || render.Format(a.output) != render.TableFormat || len(all) != 1 {
		return err
	}
	one := all[0]
	if one.Choice != nil {
		fmt.Fprintf(a.out, "\nChoice, by class from 0 (%s):\n", render.Plural(len(one.Choice), "class", "classes"))
		for _, line := range render.Wrap(choiceText(one.Choice), render.Width) {
			fmt.Fprintln(a.out, line)
		}
	}
	if one.Plan != nil {
		fmt.Fprintf(a.out, "\n%s chosen:\n", render.Plural(len(one.Plan.Choices), "candidate is", "candidates are"))
		for _, c := range one.Plan.Choices {
			fmt.Fprintf(a.out, "  %s: %s from week %d for %s\n", render.Clean(c.Candidate), render.Clean(c.Design), c.Start, render.Plural(c.Weeks, "week", "weeks"))
		}
		for i, q := range one.Plan.Quotas {
			if i == 0 {
				fmt.Fprint(a.out, "\nQuotas:\n")
			}
			fmt.Fprintf(a.out, "  %s\n", shareText(q))
		}
	}
	a.printPrices(one)
	return nil
}

// printPrices tells of each capacity that has a price what one more of it would add.
func (a *app) printPrices(one allocation) {
	const most = 40 // a page
	var lines []string
	for _, p := range one.Prices {
		if p.Price != 0 {
			lines = append(lines, p.text())
		}
	}
	if one.Plan != nil {
		for _, p := range one.Plan.Prices {
			if p.Price != 0 {
				lines = append(lines, fmt.Sprintf("%s in week %d: %.6g for one more %s; %s of %s used",
					render.Clean(p.Name), p.Week, p.Price, p.Unit, amountText(float64(p.Used)), amountText(float64(p.Capacity))))
			}
		}
	}
	for i, line := range lines[:min(len(lines), most)] {
		if i == 0 {
			fmt.Fprint(a.out, "\nPrices:\n")
		}
		fmt.Fprintf(a.out, "  %s\n", line)
	}
	if n := len(lines) - most; n > 0 {
		fmt.Fprintf(a.out, "  … and %s more (all with -o json)\n", render.Thousands(float64(n)))
	}
}

func (p rowPrice) text() string {
	text := fmt.Sprintf("%s: %.6g for one more; %s", render.Clean(p.Row), p.Price, amountText(p.Used))
	if p.Most != nil {
		text += " of " + amountText(*p.Most)
	}
	text += " used"
	if p.Least > 0 {
		text += ", at least " + amountText(p.Least) + " demanded"
	}
	return text
}

// shareText tells what a group has of its quota.
func shareText(q allocator.Share) string {
	text := fmt.Sprintf("%s: %ss %s", render.Clean(q.Group), q.Unit, render.Thousands(float64(q.Used)))
	if q.Least > 0 {
		text += ", at least " + render.Thousands(float64(q.Least))
	}
	if q.Most != nil {
		text += ", at most " + render.Thousands(float64(*q.Most))
	}
	if q.Short > 0 {
		text += fmt.Sprintf("; %s short", render.Thousands(float64(q.Short)))
	}
	return text
}

// choiceText lists the chosen items as class:item, at most two thousand of them.
func choiceText(choice []int) string {
	const most = 2_000
	shown, taken := 0, 0
	var b []byte
	for c, k := range choice {
		if k < 0 {
			continue
		}
		if taken++; shown < most {
			shown++
			b = fmt.Appendf(b, "%d:%d ", c, k)
		}
	}
	text := string(b)
	switch {
	case taken == 0:
		return "none"
	case taken > shown:
		return text + fmt.Sprintf("… and %s more (all with -o json or --solutions)", render.Thousands(float64(taken-shown)))
	}
	return text
}

var checkedColumns = []render.Column[checked]{
	{Name: "file", Title: "FILE", Value: func(c checked) any { return bareName(c.File) }, Grow: true},
	{Name: "problem", Value: func(c checked) any { return c.Problem }},
	{Name: "ok", Title: "OK", Value: func(c checked) any { return c.OK }},
	{Name: "value", Title: "VALUE", Right: true, Value: func(c checked) any { return c.Value }, Text: func(c checked) string { return amountText(c.Value) }},
	{Name: "fault", Title: "FAULT", Value: func(c checked) any { return c.Fault }, Grow: true},
}

func (a *app) answerChecked(all []checked) error {
	v := struct {
		Checked []checked `json:"checked"`
	}{all}
	if err := answer(a, v, checkedColumns, all); err != nil {
		return err
	}
	for _, c := range all {
		if !c.OK {
			return badInput(errors.New(c.Fault)).next("the problem's own rules are in its file; assay allocate %s finds a choice that keeps them", c.File)
		}
	}
	return nil
}

// behind is how far a value lies below another, as a share of that.
func behind(value, other *float64) *float64 {
	if value == nil || other == nil || *other == 0 && *value != 0 {
		return nil
	}
	if *value == *other {
		return new(float64)
	}
	x := (*other - *value) / math.Abs(*other)
	return &x
}

var benchColumns = []render.Column[benched]{
	{Name: "file", Value: func(b benched) any { return b.File }},
	{Name: "problem", Value: func(b benched) any { return b.Problem }},
	{Title: "INSTANCE", Grow: true, Text: func(b benched) string { return allocation{File: b.File, Problem: b.Problem}.name() }},
	{Name: "value", Title: "VALUE", Right: true, Value: func(b benched) any { return plainNumber(b.Value) }, Text: func(b benched) string { return maybe(b.Value, amountText) }},
	{Name: "best_known", Title: "BEST KNOWN", Right: true, Value: func(b benched) any { return plainNumber(b.BestKnown) }, Text: func(b benched) string { return maybe(b.BestKnown, amountText) }},
	{Name: "upper_bound", Title: "UPPER BOUND", Right: true, Value: func(b benched) any { return plainNumber(b.UpperBound) }, Text: func(b benched) string { return maybe(b.UpperBound, amountText) }},
	{Name: "gap_to_best", Title: "TO BEST", Right: true, Value: func(b benched) any { return plainNumber(behind(b.Value, b.BestKnown)) }, Text: func(b benched) string { return maybe(behind(b.Value, b.BestKnown), fourPlaces) }},
	{Name: "gap_to_upper", Title: "TO UPPER", Right: true, Value: func(b benched) any { return plainNumber(behind(b.Value, b.UpperBound)) }, Text: func(b benched) string { return maybe(behind(b.Value, b.UpperBound), fourPlaces) }},
	{Name: "bound", Title: "OWN BOUND", Right: true, Value: func(b benched) any { return plainNumber(b.Bound) }, Text: func(b benched) string { return maybe(b.Bound, amountText) }},
	{Name: "seconds", Title: "TIME", Right: true, Value: func(b benched) any { return b.Seconds }, Text: func(b benched) string { return secondsText(b.Seconds) }},
}

func (a *app) answerBench(all []benched) error {
	v := struct {
		Instances []benched `json:"instances"`
	}{all}
	if err := answer(a, v, benchColumns, all); err != nil || render.Format(a.output) != render.TableFormat {
		return err
	}
	_, err := fmt.Fprintf(a.out, "\n%s\n", benchSummary(all))
	return err
}

// benchSummary says how the values compare on the whole.
func benchSummary(all []benched) string {
	var reached, compared, proved int
	var own, toUpper, bestToUpper, toBest, worst float64
	uppers, owns := 0, 0
	for _, b := range all {
		if b.Proved != "" {
			proved++
		}
		if gap := behind(b.Value, b.Bound); gap != nil {
			own += *gap
			owns++
		}
		if gap := behind(b.Value, b.BestKnown); gap != nil {
			compared++
			toBest += *gap
			worst = max(worst, *gap)
			if *gap <= 0 {
				reached++
			}
			if u, best := behind(b.Value, b.UpperBound), behind(b.BestKnown, b.UpperBound); u != nil && best != nil {
				toUpper += *u
				bestToUpper += *best
				uppers++
			}
		}
	}
	text := fmt.Sprintf("%s, %d proved; mean gap to our own bound %s", render.Plural(len(all), "instance", "instances"), proved, fourPlaces(own/float64(max(owns, 1))))
	if compared > 0 {
		text += fmt.Sprintf("\nbest known reached or beaten on %d of %d; mean gap to it %s, at worst %s below", reached, compared, fourPlaces(toBest/float64(compared)), fourPlaces(worst))
	}
	if uppers > 0 {
		text += fmt.Sprintf("\nmean gap to the upper bound %s; of the best known values %s", fourPlaces(toUpper/float64(uppers)), fourPlaces(bestToUpper/float64(uppers)))
	}
	return text
}
