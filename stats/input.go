package stats

import "github.com/assay-planner/assay/stats/internal/input"

// ErrInput is what every error of this package and of those below it wraps: the
// input has no answer.
var ErrInput = input.ErrInput

// InputError names the field that has no answer, its value and what is wrong.
// Elements of slices and maps are named like Go expressions: es[3].SE,
// groups["feed"][0].Value.
type InputError = input.Error
