package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestDesignPlots(t *testing.T) {
	path := filepath.Join(t.TempDir(), "power.svg")
	s := design(t, "proportion --baseline 2% --mde 5% --weekly-users 2M --plot "+path).want(t, exitOK)
	s.contains(t, s.err, "wrote "+path)
	if text, err := os.ReadFile(path); err != nil || !bytes.Contains(text, []byte("Power by week")) {
		t.Error(err)
	}
}
