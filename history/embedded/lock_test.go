package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A second process is told who holds the directory, and harms nothing.
func TestSecondProcess(t *testing.T) {
	dir := t.TempDir()
	first := startHolding(t, dir)
	for range 3 {
		out, err := child(t, "open", dir).CombinedOutput()
		if err == nil {
			t.Fatalf("a second process opened the directory\n%s", out)
		}
		for _, want := range []string{fmt.Sprintf("process %d", first.Process.Pid), dir, "--server"} {
			if !strings.Contains(string(out), want) {
				t.Errorf("the refusal does not say %q:\n%s", want, out)
			}
		}
	}
	if err := first.finish(); err != nil {
		t.Errorf("the first process was disturbed: %v", err)
	}
	if out, err := child(t, "open", dir).CombinedOutput(); err != nil {
		t.Errorf("after the first process ended: %v\n%s", err, out)
	}
}

// A pid that kill -9 left behind blocks nobody.
func TestStalePID(t *testing.T) {
	dir := t.TempDir()
	first := startHolding(t, dir)
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if pid, _ := os.ReadFile(filepath.Join(dir, pidFile)); strings.TrimSpace(string(pid)) != fmt.Sprint(first.Process.Pid) {
		t.Errorf("pid file says %q; the test wants the dead process's pid there", pid)
	}
	if out, err := child(t, "open", dir).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A program that is not Assay may hold the directory; the engine's lock tells.
func TestEngineHolder(t *testing.T) {
	dir := t.TempDir()
	if _, held := engineHolder(dir); held {
		t.Error("an empty directory is held")
	}
	f, err := os.Create(filepath.Join(dir, "status"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fmt.Fprintln(f, "PID: 4711\nStarted at: 2026-01-01 00:00:00")
	if _, held := engineHolder(dir); held {
		t.Error("a file without a lock holds the directory")
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Fatal(err)
	}
	if pid, held := engineHolder(dir); !held || pid != 4711 {
		t.Errorf("holder %d, %v; want 4711", pid, held)
	}
}

func TestOpenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := child(t, "open", file).CombinedOutput()
	if err == nil || !strings.Contains(string(out), file) {
		t.Errorf("a file as data directory: %v\n%s", err, out)
	}
}

// holder is a process that keeps a directory open until its stdin ends.
type holder struct {
	*osexec.Cmd
	stdin io.Closer
}

func startHolding(t *testing.T, dir string) holder {
	t.Helper()
	cmd := child(t, "hold", dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "open\n" {
		t.Fatalf("first process: %q, %v", line, err)
	}
	return holder{cmd, stdin}
}

func (h holder) finish() error {
	h.stdin.Close()
	return h.Wait()
}

// hold runs in a child: it writes, waits, and finds what it wrote.
func hold(dir string) error {
	e, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	conn, err := e.Conn("")
	if err != nil {
		return err
	}
	ctx := context.Background()
	for _, sql := range []string{"CREATE TABLE h (n Int64) ENGINE = MergeTree ORDER BY n", "INSERT INTO h SELECT number FROM numbers(1000)"} {
		if err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	fmt.Println("open")
	io.Copy(io.Discard, os.Stdin)
	var n uint64
	err = conn.QueryRow(ctx, "SELECT count() FROM h").Scan(&n)
	if err == nil && n != 1000 {
		err = fmt.Errorf("%d rows, want 1000", n)
	}
	return errors.Join(err, e.Close())
}

// openOnce runs in a child.
func openOnce(dir string) error {
	e, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	return e.Close()
}
