package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the commands print now into README.md")

// block is one fenced block of the README: commands, and what they print.
var block = regexp.MustCompile("(?s)```(sh|console)\n(.*?)```")

// TestReadme runs every command of the README, in order, and compares what a
// console block shows with what it prints. A line of … stands for any lines.
func TestReadme(t *testing.T) {
	heavy(t)
	readme, err := filepath.Abs("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // what the commands write stays here
	t.Setenv("ASSAY_DATA", "data")
	now := block.ReplaceAllStringFunc(string(text), func(fenced string) string {
		part := block.FindStringSubmatch(fenced)
		if part[1] == "sh" {
			for line := range strings.Lines(part[2]) {
				runLine(t, filepath.Dir(readme), strings.TrimSpace(line))
			}
			return fenced
		}
		command, shown, _ := strings.Cut(part[2], "\n")
		printed := runLine(t, filepath.Dir(readme), strings.TrimPrefix(command, "$ "))
		return "```console\n" + command + "\n" + elide(shown, printed) + "```"
	})
	if now == string(text) {
		return
	}
	if *update {
		if err := os.WriteFile(readme, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("README.md shows what is no longer printed: go test ./cmd/assay -run Readme -update\n%s", firstDifference(string(text), now))
}

// runLine runs one line of the README and returns what it prints.
func runLine(t *testing.T, root, line string) string {
	t.Helper()
	command, _, _ := strings.Cut(line, " #")
	words := strings.Fields(command)
	switch {
	case len(words) == 0 || words[0] == "export":
		return ""
	case words[0] == "make": // running it here would build and test again: its recipe must exist
		if out, err := exec.Command("make", append([]string{"-n", "-C", root}, words[1:]...)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		return ""
	case words[0] != "assay":
		t.Errorf("%s: the test knows only make and assay", line)
		return ""
	case len(words) > 1 && words[1] == "serve":
		_, server := serving(t, os.Getenv("ASSAY_DATA"))
		if err := server.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := server.Wait(); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		return ""
	}
	return assay(t, words[1:]...).want(t, exitOK).out
}

// elide keeps as many lines before and after … as the README shows.
func elide(shown, printed string) string {
	before, after, cut := strings.Cut(shown, "…\n")
	if !cut {
		return printed
	}
	lines := strings.SplitAfter(printed, "\n")
	lines = lines[:len(lines)-1] // what follows the last newline
	head, tail := strings.Count(before, "\n"), strings.Count(after, "\n")
	if head+tail >= len(lines) {
		return printed
	}
	return strings.Join(lines[:head], "") + "…\n" + strings.Join(lines[len(lines)-tail:], "")
}

func firstDifference(old, now string) string {
	a, b := strings.Split(old, "\n"), strings.Split(now, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "- " + a[i] + "\n+ " + b[i]
		}
	}
	return ""
}
