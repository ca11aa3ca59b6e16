package embedded

import (
	"fmt"
	"os"
	osexec "os/exec"
	"testing"
)

// child prepares this test binary to run a task of runChild as another process.
func child(t *testing.T, task, dir string) *osexec.Cmd {
	t.Helper()
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ASSAY_EMBEDDED_CHILD="+task, "ASSAY_EMBEDDED_DIR="+dir)
	return cmd
}

func runChild(task string) int {
	dir := os.Getenv("ASSAY_EMBEDDED_DIR")
	tasks := map[string]func(dir string) error{
		"reopen":   reopen,
		"hold":     hold,
		"open":     openOnce,
		"insert":   insertForever,
		"one slot": oneSlot,
		"close":    closeBusy,
	}
	if err := tasks[task](dir); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}
