package main

import (
	_ "embed"

	"github.com/spf13/cobra"
)

const exitHelp = `Exit codes:
    0  done
    1  failed, for a reason that none of the others names
    2  usage: an unknown command or flag, a missing argument, a value that cannot be read
    3  bad input: a file, hypothesis or policy was refused, and nothing of it was stored
    4  not found: no such hypothesis, plan or file
    5  the data directory is in use by another process, or another import is running
    6  unavailable: no ClickHouse library, or a server that does not answer
  130  interrupted (Ctrl-C); the message says what was and was not done

Answers go to standard output; progress, notes and errors to standard error.
assay doctor exits with 1 when a check fails.`

// examplePolicy explains itself, so that what `assay help policy` prints is a policy.yaml.
//
//go:embed policy.example.yaml
var examplePolicy string

// topics are pages of help that belong to no single command.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "exit-codes", Short: "What the exit codes mean", Long: exitHelp},
		{Use: "policy", Short: "The fields of policy.yaml, with an example", Long: examplePolicy},
	}
}
