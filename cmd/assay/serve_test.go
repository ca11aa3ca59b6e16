package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serving starts `assay serve` as a process of its own on a free port.
func serving(t *testing.T, dir string) (url string, server *exec.Cmd) {
	t.Helper()
	cmd := process(t, "serve", "--addr", "127.0.0.1:0", "--data", dir)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	up := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			if rest, ok := strings.CutPrefix(lines.Text(), "Serving on "); ok {
				url, _, _ := strings.Cut(rest, ";")
				up <- url
			}
		}
	}()
	select {
	case url = <-up:
		return url, cmd
	case <-time.After(time.Minute):
		t.Fatal("the server did not come up within a minute")
		return "", nil
	}
}

func TestCommandsUseARunningServer(t *testing.T) {
	dir := copied(t)
	url, server := serving(t, dir)
	submit := []string{"hypothesis", "submit", "--id", "mine", "--title", "=1+1 in the ranker", "--surface", "feed", "--component", "ranking",
		"--source", "human", "--metric", "rpm", "--server", url}
	s := assay(t, submit...).want(t, exitOK)
	s.contains(t, s.out, "mine", "new")
	s = assay(t, submit...).want(t, exitOK)
	s.contains(t, s.out, "known")
	s = assay(t, "hypothesis", "submit", "--title", "x", "--surface", "nowhere", "--server", url).want(t, exitBadInput)
	s.contains(t, s.err, "nothing was stored", `surface "nowhere"`, "metric")

	s = assay(t, "plan", "--server", url).want(t, exitOK).fits(t)
	s.contains(t, s.out, "value", "bound", "The best")
	s = assay(t, "plan", "show", "--explain", "mine", "--server", url).want(t, exitOK).fits(t)
	s.contains(t, s.out, "because")
	s = assay(t, "hypothesis", "list", "--limit", "0", "-o", "csv", "--server", url).want(t, exitOK)
	s.contains(t, s.out, "mine,'=1+1 in the ranker,feed")
	s = assay(t, "hypothesis", "withdraw", "mine", "--server", url).want(t, exitOK)
	s.contains(t, s.out, "mine withdrawn")
	s = assay(t, submit...).want(t, exitOK)
	s.contains(t, s.out, "withdrawn")
	s.contains(t, s.err, "1 hypothesis was withdrawn, and stays so: mine; assay hypothesis resume ID brings one back")
	s = assay(t, "hypothesis", "resume", "mine", "--server", url).want(t, exitOK)
	s.contains(t, s.out, "mine goes on: =1+1 in the ranker; it is ")
	assay(t, "hypothesis", "withdraw", "mine", "--server", url).want(t, exitOK)
	s = assay(t, "hypothesis", "show", "mine", "--server", url).want(t, exitOK).fits(t)
	s.contains(t, s.out, "withdrawn")
	assay(t, "hypothesis", "show", "nobody", "--server", url).want(t, exitNotFound)
	s = assay(t, "doctor", "--server", url).want(t, exitOK)
	s.contains(t, s.out, "answers")
	files := filepath.Join(dir, sampleDir)
	s = assay(t, "import", "outcomes", filepath.Join(files, "outcomes.parquet"), "--mapping", filepath.Join(files, "outcomes.yaml"), "--server", url).want(t, exitOK)
	s.contains(t, s.out, "imported before and left alone")
	s = assay(t, "import", "outcomes", write(t, "hollow.csv", ""), "--mapping", filepath.Join(files, "outcomes.yaml"), "--server", url).want(t, exitBadInput)
	s.contains(t, s.err, "nothing was imported: hollow.csv: the file is empty")

	// The server holds the directory: what needs the engine says who has it,
	// what does not works beside it.
	s = assay(t, "plan", "--data", dir).want(t, exitInUse)
	s.contains(t, s.err, "in use by process", "--server")
	assay(t, "hypothesis", "list", "--data", dir).want(t, exitOK)
	s = assay(t, "doctor", "--data", dir).want(t, exitOK)
	s.contains(t, s.out, "warn", "in use by process")

	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("an interrupted server ends with %v, want exit code 0", err)
	}
	s = assay(t, "plan", "--dry-run", "--data", dir).want(t, exitOK)
	s.contains(t, s.err, "nothing was stored")
}

func TestInterruptedCommandsSayWhatWasDone(t *testing.T) {
	dir := sampled(t)
	letGo(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	files := filepath.Join(dir, sampleDir)
	for _, c := range []struct{ args, says string }{
		{"plan --data " + dir, "interrupted: no plan was made; the one in force stays"},
		{"import outcomes " + files + "/outcomes.parquet --force --mapping " + files + "/outcomes.yaml --data " + dir, "interrupted: nothing was imported"},
		{"export --out " + t.TempDir() + " --data " + dir, "interrupted: the export is incomplete"},
	} {
		s := assayWith(t, ended, strings.NewReader(""), strings.Fields(c.args)...).want(t, exitInterrupted)
		s.contains(t, s.err, c.says)
	}
}

// A generator that never ends must not make Ctrl-C wait for it.
func TestCtrlCWhileStandardInputIsOpen(t *testing.T) {
	cmd := process(t, "hypothesis", "submit", "-", "--data", sampled(t))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, `{"title":`+strings.Repeat(" ", 1<<20)); err != nil { // larger than a pipe: it is being read
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(stderr)
	err = cmd.Wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != exitInterrupted || !strings.Contains(string(text), "interrupted: nothing was stored") {
		t.Errorf("ended with %v and %q", err, text)
	}
}
