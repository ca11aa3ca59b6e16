package allocator

import "fmt"

// InputError says what is wrong with a Problem, and where.
type InputError struct {
	Candidate string // the candidate at fault; empty if it is a pool, a layer or the problem itself
	Field     string // for example "options[3].value"
	Value     string // as given
	Want      string // what it should have been
}

func (e *InputError) Error() string {
	where := ""
	if e.Candidate != "" {
		where = fmt.Sprintf("candidate %q: ", e.Candidate)
	}
	return fmt.Sprintf("allocator: %s%s is %s: %s", where, e.Field, e.Value, e.Want)
}

// PlanError says which rule a Plan breaks.
type PlanError struct {
	Rule   string // for example "capacity", "cohort", "conflict"
	Detail string
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("allocator: plan breaks rule %s: %s", e.Rule, e.Detail)
}

// wrong builds an InputError that is not about a candidate.
func wrong(value any, want, field string, args ...any) error {
	return &InputError{Field: fmt.Sprintf(field, args...), Value: fmt.Sprint(value), Want: want}
}

// breach builds a PlanError.
func breach(rule, format string, args ...any) error {
	return &PlanError{Rule: rule, Detail: fmt.Sprintf(format, args...)}
}
