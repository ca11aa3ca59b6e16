package allocator

import "errors"

// Check verifies a plan.
func Check(p Problem, plan Plan) error { return errors.New("allocator: not yet") }
