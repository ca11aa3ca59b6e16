package registry

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/assay-planner/assay/planner"
)

// victim makes the test binary itself the process that is killed.
const victim = "ASSAY_TEST_SUBMIT_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		if err := submitForever(path, os.Getenv("ASSAY_TEST_PREFIX")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// submitForever adds two hypotheses at a time and prints the second's id once
// they are acknowledged.
func submitForever(path, prefix string) error {
	ctx := context.Background()
	r, err := Open(ctx, path)
	if err != nil {
		return err
	}
	for i := 0; ; i += 2 {
		a, b := idea(fmt.Sprintf("%s-%d", prefix, i)), idea(fmt.Sprintf("%s-%d", prefix, i+1))
		if _, err := r.Add(ctx, []planner.Hypothesis{a, b}); err != nil {
			return err
		}
		fmt.Println(b.ID)
	}
}

// What was acknowledged outlives kill -9, and no half of an all-or-none
// submission stays behind. Two processes submit to one file, and this one
// reads it meanwhile.
func TestAcknowledgedSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills 20 processes")
	}
	path := filepath.Join(t.TempDir(), "r.db")
	acknowledged := map[string]bool{}
	for round := range 10 {
		outs := []<-chan []string{
			killed(t, path, fmt.Sprintf("r%da", round)),
			killed(t, path, fmt.Sprintf("r%db", round)),
		}
		for _, out := range outs {
			for _, id := range <-out {
				acknowledged[id] = true
			}
		}
		check(t, path, acknowledged)
	}
	if len(acknowledged) < 20 {
		t.Errorf("only %d submissions were acknowledged in 20 lives: the test shows nothing", len(acknowledged))
	}
	t.Logf("%d submissions acknowledged and found", len(acknowledged))
}

// killed starts a submitter, kills it at a random moment, and returns what it
// had printed by then.
func killed(t *testing.T, path, prefix string) <-chan []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+path, "ASSAY_TEST_PREFIX="+prefix)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan []string, 1)
	go func() {
		var ids []string
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if ids = append(ids, lines.Text()); len(ids) == 1 { // it lives: start the clock
				time.AfterFunc(time.Duration(rand.IntN(100_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Wait() // "signal: killed" is what we asked for
		result <- ids
	}()
	return result
}

func check(t *testing.T, path string, acknowledged map[string]bool) {
	t.Helper()
	r := openAt(t, path)
	defer r.Close()
	hs, err := r.Hypotheses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	for _, h := range hs {
		stored[h.ID] = true
	}
	for id := range acknowledged {
		if !stored[id] {
			t.Errorf("%s was acknowledged and is gone", id)
		}
	}
	if len(hs)%2 != 0 {
		t.Errorf("%d hypotheses are stored: half of a pair", len(hs))
	}
	var lines int
	if err := r.read.QueryRow("SELECT count(*) FROM audit").Scan(&lines); err != nil || lines != len(hs) {
		t.Errorf("%d audit lines for %d hypotheses, %v", lines, len(hs), err)
	}
	var sound string
	if err := r.read.QueryRow("PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("integrity check: %s, %v", sound, err)
	}
}
