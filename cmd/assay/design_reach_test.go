package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestReachFiles(t *testing.T) {
	const line = "proportion --baseline 2% --mde 5% --reach "
	for _, good := range []string{
		"day,users\n1,400000\n7,1000000\n",
		"\ufeffday;users\r\n1;400000\r\n7;1000000\r\n",
		"Segment\tUsers\tDay\nall\t400000\t1\nall\t1,000,000\t7\n",
		"day,users\n1,\"400,000\"\n7,1M\n",
	} {
		s := design(t, line+write(t, "reach.csv", good)+" -o json").want(t, exitOK)
		var got designAnswer
		if err := json.Unmarshal([]byte(s.out), &got); err != nil || got.Traffic == nil || math.Abs(got.Traffic.Users(7)-1e6) > 1 {
			t.Errorf("%q: %v %+v", good, err, got.Traffic)
		}
	}
	for text, want := range map[string]string{
		"":                               ":1: the file is empty",
		"day,users\n":                    ":1: there are no days below the header",
		"date,users\n1,2\n":              ":1: the first line must name the columns day and users, it has \"date,users\"",
		"1,400000\n":                     ":1: the first line must name",
		"day,users\n1,many\n":            ":2: column users: \"many\" is not a number",
		"day,users\n1\n":                 ":2: column users: there is none in this line",
		"day,users\n1,100\n1,200\n":      ":3: column day: 1 must be later than the point before",
		"day,users\n1,100\n2,90\n":       ":3: column users: 90 is below the point before",
		"day,users\n1,-5\n":              ":2: column users: -5 must be 0",
		"day,users\n1,0\n2,0\n":          ":3: column users: 0 nobody was seen",
		"day,users\n1,\"400\n2,500\n":    "extraneous or missing",
		"day;users\n1;400,5\n2;500,25\n": ":2: column users: \"400,5\" a decimal point is written as a point",
	} {
		s := design(t, line+write(t, "reach.csv", text)).want(t, exitBadInput)
		s.contains(t, s.err, want, "reach.csv")
	}
	design(t, line+"no/such/file.csv").want(t, exitNotFound)
}

func FuzzReachFile(f *testing.F) {
	f.Add("day,users\n1,400000\n7,1000000\n")
	f.Add("\ufeffday;users\r\n1;400\r\n")
	f.Add("users\tday\n\"1\n")
	f.Fuzz(func(t *testing.T, text string) {
		points, lines, err := parseReach([]byte(text))
		if err == nil && (len(points) == 0 || len(points) != len(lines)) {
			t.Fatalf("%d points of %d lines", len(points), len(lines))
		}
		if err != nil && !strings.Contains(err.Error(), ":") {
			t.Fatalf("no line in %v", err)
		}
	})
}
