package history

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// An import is all or nothing, without transactions:
//
//  1. It takes the name staging_owner, which only one import can have.
//  2. It gathers checked rows in staging tables, which mining does not read. A
//     kill up to here leaves tables that the next Open drops.
//  3. It writes its rows of imports in state 1, in one block. This decides.
//  4. It attaches the staged parts to the real tables, by hard links. A kill
//     here is made good by the next Open, which attaches them again: rows of
//     one version count once, however often they are there.
//  5. It writes state 2 and drops the staging tables.

// staged are the tables that have a staging table, in the order of publishing:
// an experiment appears when everything about it is there.
var staged = []string{"outcomes", "assignments", "facts", "metric_rules", "arms", "experiments"}

// ErrImporting says that another import holds the database.
var ErrImporting = errors.New("another import is running on this database")

// living are the tokens of this process's own imports. One that has failed after
// its decision is taken out without being released: the next import finishes it.
var living sync.Map

// abandoned is when an owner on another machine, which cannot be asked, is
// taken for dead.
const abandoned = 24 * time.Hour

// ownStaging takes the right to import and makes empty staging tables.
func (h *History) ownStaging(ctx context.Context) (token string, err error) {
	token = rand.Text()
	living.Store(token, true)
	err = exec(ctx, h.conn, "staging_owner")
	if isCode(err, tableExists) {
		if err = h.recoverStaging(ctx); err == nil {
			err = exec(ctx, h.conn, "staging_owner")
		}
	}
	if err != nil {
		living.Delete(token)
		if isCode(err, tableExists) {
			return "", h.whoImports(ctx)
		}
		return "", err
	}
	host, _ := os.Hostname()
	err = exec(ctx, h.conn, "own_staging", param("host", host), param("pid", int64(os.Getpid())), param("token", token))
	for _, table := range staged {
		if err == nil {
			err = exec(ctx, h.conn, "stage_"+table)
		}
	}
	if err != nil {
		return "", errors.Join(err, h.releaseStaging(context.WithoutCancel(ctx), token))
	}
	return token, nil
}

// releaseStaging gives the right to import back.
func (h *History) releaseStaging(ctx context.Context, token string) error {
	defer living.Delete(token)
	return dropStaging(ctx, h.conn)
}

// recoverStaging finishes or clears what an import left whose process is gone.
func (h *History) recoverStaging(ctx context.Context) error {
	exists, err := one(ctx, h.conn, "staging_exists")
	if err != nil || exists == 0 {
		return err
	}
	dead, err := h.ownerDead(ctx)
	if err != nil || !dead {
		return err
	}
	decided, err := unpublished(ctx, h.conn)
	if err != nil {
		return err
	}
	if decided {
		for _, table := range []string{"outcomes", "assignments", "facts", "metric_rules", "experiments"} {
			if err := exec(ctx, h.conn, "widen_"+table); err != nil {
				return err
			}
		}
		if err := h.publishStaging(ctx); err != nil {
			return err
		}
	}
	return dropStaging(ctx, h.conn)
}

// signing is how long an owner may take between taking the name and signing.
const signing = 2 * time.Second

// ownerDead says whether the import that holds the staging area is no more. One
// that has not signed within a while was killed between taking the name and that.
func (h *History) ownerDead(ctx context.Context) (bool, error) {
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		o, err := h.readOwner(ctx)
		if err != nil || o.signed || wait > signing {
			return o.dead || err == nil && !o.signed, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// owner is the import that holds the staging area.
type owner struct {
	signed, dead bool
	host         string
	pid          int64
	since        time.Duration
}

func (h *History) readOwner(ctx context.Context) (o owner, err error) {
	here, _ := os.Hostname()
	err = each(ctx, h.conn, "read_staging_owner", func(rows driver.Rows) error {
		var token string
		var seconds int64
		if err := rows.Scan(&o.host, &o.pid, &token, &seconds); err != nil {
			return err
		}
		o.signed, o.since = true, time.Duration(seconds)*time.Second
		_, ours := living.Load(token)
		switch {
		case ours:
		case h.alone:
			// The process may still be seen: nobody has asked how it ended, or another
			// has its number, as happens where containers start anew.
			o.dead = true
		case o.host != here:
			o.dead = o.since > abandoned
		default:
			o.dead = int(o.pid) == os.Getpid() || !processLives(int(o.pid))
		}
		return nil
	})
	if isCode(err, unknownTable) { // it has ended in the meantime
		return owner{signed: true}, nil
	}
	return o, err
}

// whoImports is ErrImporting, with what is known of the other import and when it can be
// over at the latest.
func (h *History) whoImports(ctx context.Context) error {
	o, err := h.readOwner(ctx)
	if err != nil || o.host == "" {
		return ErrImporting
	}
	text := fmt.Sprintf("process %d on %s, for %s", o.pid, o.host, o.since)
	if here, _ := os.Hostname(); o.host != here {
		text += fmt.Sprintf("; if that machine is gone, the next import after %s clears up behind it", abandoned-o.since)
	}
	return fmt.Errorf("%w: %s", ErrImporting, text)
}

// processLives asks without harm: signal 0 is never delivered. One that was killed keeps
// its number until its parent asks how it ended, which in a container may be never.
func processLives(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // of Linux: "7 (a name) Z …"
	if err == nil && strings.HasPrefix(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " Z") {
		return false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

func unpublished(ctx context.Context, conn driver.Conn) (bool, error) {
	found := false
	err := each(ctx, conn, "unpublished", func(driver.Rows) error { found = true; return nil })
	return found, err
}

// publishStaging puts the staged rows in place and notes that it has.
func (h *History) publishStaging(ctx context.Context) error {
	h.publish.Lock()
	defer h.publish.Unlock()
	for _, table := range staged {
		if err := exec(ctx, h.conn, "publish_"+table); err != nil {
			return err
		}
	}
	return exec(ctx, h.conn, "published")
}

// dropStaging clears the staging tables, the owner's last.
func dropStaging(ctx context.Context, conn driver.Conn) error {
	for _, table := range staged {
		if err := exec(ctx, conn, "drop_"+table); err != nil {
			return err
		}
	}
	return exec(ctx, conn, "release_staging")
}

// Codes of ClickHouse's own list of errors.
const (
	tableExists  = 57
	unknownTable = 60
)

func isCode(err error, code int32) bool {
	var exception *clickhouse.Exception
	return errors.As(err, &exception) && exception.Code == code
}

// sourceChanged says that a file was written to while it was read.
func sourceChanged(path string, before os.FileInfo) error {
	after, err := os.Stat(path)
	if err != nil {
		return err
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return fmt.Errorf("%s changed while it was imported", path)
	}
	return nil
}
