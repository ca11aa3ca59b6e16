package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/allocator/form"
	"github.com/assay-planner/assay/allocator/knapsack"
)

// checked is the answer of --check.
type checked struct {
	File    string  `json:"file"`
	Problem int     `json:"problem,omitempty"`
	Plan    string  `json:"plan"`
	OK      bool    `json:"ok"`
	Value   float64 `json:"value"`
	Fault   string  `json:"fault,omitempty"`
}

// checkAllocation verifies a choice against the problem of one file.
func (a *app) checkAllocation(ctx context.Context, files []string, f allocateFlags) error {
	if len(files) != 1 {
		return usage("--check takes one problem file, not %d", len(files)).next("assay allocate FILE --check PLAN")
	}
	file, err := a.readProblems(ctx, files[0], f)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(f.check)
	if err != nil {
		return err
	}
	var all []checked
	if file.Night != nil {
		value, err := checkNight(*file.Night, files[0], text)
		one, err := checkedBy(files[0], f.check, value, err)
		if err != nil {
			return err
		}
		all = append(all, one)
	} else if all, err = checkChoices(files[0], f.check, file.Problems, text); err != nil {
		return err
	}
	return a.answerChecked(all)
}

// checkedBy tells a plan that breaks a rule from one that cannot be read.
func checkedBy(file, plan string, value float64, err error) (checked, error) {
	one := checked{File: file, Plan: plan, OK: err == nil, Value: value}
	choice, night := (*knapsack.PlanError)(nil), (*allocator.PlanError)(nil)
	switch {
	case errors.As(err, &choice), errors.As(err, &night):
		one.Fault = err.Error()
	case err != nil:
		return one, badInput(fmt.Errorf("%s: %w", plan, err)).next("docs/allocate.md describes what --check takes")
	}
	return one, nil
}

// answered is what -o json of assay allocate printed, as far as a check needs it.
type answered struct {
	Problems []answeredProblem `json:"problems"`
}

type answeredProblem struct {
	File    string          `json:"file"`
	Problem int             `json:"problem"`
	Value   *float64        `json:"value"`
	Bound   *float64        `json:"bound"`
	Proved  string          `json:"proved"`
	Choice  []int           `json:"choice"`
	Plan    json.RawMessage `json:"plan"`
}

// about keeps what was answered about a file, or all, if that has another name by now.
func (all answered) about(file string) []answeredProblem {
	var mine []answeredProblem
	for _, one := range all.Problems {
		if bareName(one.File) == bareName(file) {
			mine = append(mine, one)
		}
	}
	if len(mine) == 0 {
		return all.Problems
	}
	return mine
}

// check verifies a choice, and that it is worth what the answer says.
func (one answeredProblem) check(p *knapsack.Problem) (value float64, err error) {
	if one.Choice == nil {
		return 0, &knapsack.PlanError{Rule: "choice", Detail: "there is none in the answer"}
	}
	if value, err = knapsack.Check(p, one.Choice); err != nil {
		return value, err
	}
	return value, one.states(value)
}

// states verifies what an answer says of a choice or plan of some value. An optimum of values
// that are not whole is proved to three parts in 10⁹.
func (one answeredProblem) states(value float64) error {
	rounding := 1e-9 * math.Abs(value)
	switch {
	case one.Value != nil && !(math.Abs(*one.Value-value) <= rounding):
		return &knapsack.PlanError{Rule: "value", Detail: fmt.Sprintf("its items add up to %.15g, not %.15g", value, *one.Value)}
	case one.Bound != nil && !(*one.Bound >= value-rounding):
		return &knapsack.PlanError{Rule: "bound", Detail: fmt.Sprintf("%.15g is less than the value %.15g", *one.Bound, value)}
	case one.Bound != nil && one.Proved == "optimal" && !(*one.Bound <= value+5*rounding):
		return &knapsack.PlanError{Rule: "bound", Detail: fmt.Sprintf("%.15g is above the value %.15g, which is said to be optimal", *one.Bound, value)}
	case one.Proved == "infeasible":
		return &knapsack.PlanError{Rule: "choice", Detail: "there is one, and the problem is said to be infeasible"}
	}
	return nil
}

func checkNight(p allocator.Problem, file string, text []byte) (float64, error) {
	var all answered
	var one answeredProblem
	if err := json.Unmarshal(text, &all); err == nil && len(all.Problems) > 0 {
		mine := all.about(file)
		if len(mine) != 1 || len(mine[0].Plan) == 0 {
			return 0, errors.New("it does not hold the plan of one night")
		}
		one, text = mine[0], mine[0].Plan
	}
	plan, err := readPlan(text)
	if err != nil {
		return 0, fmt.Errorf("it is no plan of a night: %w", err)
	}
	if err := allocator.Check(p, plan); err != nil {
		return 0, err
	}
	return plan.Value, one.states(plan.Value)
}

// readPlan reads the plan of a night and nothing else.
func readPlan(text []byte) (plan allocator.Plan, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&plan); err != nil {
		return plan, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return plan, errors.New("something follows its closing brace")
	}
	return plan, nil
}

// checkChoices takes lines for a file of one problem, or the JSON answer for any file.
func checkChoices(file, plan string, problems []*knapsack.Problem, text []byte) ([]checked, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) {
		if len(problems) != 1 {
			return nil, badInput(fmt.Errorf("%s has %d problems, and %s is a choice for one", file, len(problems), plan)).
				next("check what -o json printed for the whole file")
		}
		choice, err := form.ReadChoice(bytes.NewReader(text), len(problems[0].Classes))
		if err != nil {
			_, err := checkedBy(file, plan, 0, err)
			return nil, err
		}
		value, err := knapsack.Check(problems[0], choice)
		one, err := checkedBy(file, plan, value, err)
		return []checked{one}, err
	}
	var all answered
	if err := json.Unmarshal(text, &all); err != nil {
		_, err := checkedBy(file, plan, 0, err)
		return nil, err
	}
	var out []checked
	for _, answer := range all.about(file) {
		at := max(answer.Problem, 1)
		if at > len(problems) {
			return nil, badInput(fmt.Errorf("%s: problem is %d, and %s has %d", plan, at, file, len(problems))).next("check it against the file that it was made for")
		}
		value, err := answer.check(problems[at-1])
		one, err := checkedBy(file, plan, value, err)
		if err != nil {
			return nil, err
		}
		if len(problems) > 1 {
			one.Problem = at
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		return nil, badInput(fmt.Errorf("%s: problems is empty: there is no choice to check", plan)).next("docs/allocate.md describes what --check takes")
	}
	return out, nil
}
