package sample

import (
	_ "embed"

	"github.com/assay-planner/assay/planner"
)

// policyYAML states the capacities so that they are scarce.
//
//go:embed policy.yaml
var policyYAML []byte

func policy() planner.Policy {
	p, err := planner.ParsePolicy(policyYAML)
	if err != nil {
		panic("sample: " + err.Error()) // the file is part of the program and under test
	}
	return p
}
