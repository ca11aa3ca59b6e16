package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// InUseError says that another process holds the data directory.
type InUseError struct {
	Dir string
	PID int // 0 when that process did not say
}

func (e *InUseError) Error() string {
	holder := "another process"
	if e.PID != 0 {
		holder = "process " + strconv.Itoa(e.PID)
	}
	return fmt.Sprintf("embedded: data directory %s is in use by %s: stop that process, use another directory, "+
		"or let both use one ClickHouse server with --server", e.Dir, holder)
}

// pidFile carries the lock and, for whoever is refused, the pid of its holder.
// The lock is the kernel's and ends with the process, so a pid left behind by
// kill -9 blocks nobody.
const pidFile = "assay.pid"

func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, pidFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("embedded: lock data directory: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer f.Close()
		return nil, &InUseError{Dir: dir, PID: readPID(f)}
	}
	if err == nil {
		err = writePID(f)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("embedded: lock %s: %w", f.Name(), err)
	}
	return f, nil
}

func writePID(f *os.File) error {
	pid := []byte(strconv.Itoa(os.Getpid()) + "\n")
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(pid, 0)
	return err
}

// readPID waits a little: the holder takes the lock first and writes second.
func readPID(f io.ReaderAt) int {
	for range 20 {
		buf := make([]byte, 32)
		n, _ := f.ReadAt(buf, 0)
		if line, _, ok := bytes.Cut(buf[:n], []byte("\n")); ok {
			if pid, err := strconv.Atoi(string(line)); err == nil {
				return pid
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0
}

// unlockDir empties the file and leaves it: removing it would let a third
// process lock a new file while a second one still waits on the old.
func unlockDir(f *os.File) error {
	return errors.Join(f.Truncate(0), f.Close())
}

// engineHolder reads the engine's own lock, which programs other than Assay take.
func engineHolder(dir string) (pid int, held bool) {
	f, err := os.Open(filepath.Join(dir, "status"))
	if err != nil {
		return 0, false
	}
	defer f.Close()
	if !errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK) {
		return 0, false
	}
	text, _ := io.ReadAll(f)
	fmt.Sscanf(string(text), "PID: %d", &pid)
	return pid, true
}
