package allocator

import "errors"

// Solve returns a plan for p.
func Solve(p Problem, o Options) (Plan, error) { return Plan{}, errors.New("allocator: not yet") }
