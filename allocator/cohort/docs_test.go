package cohort

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// The vectors of docs/cohorts.md are those of this package.
func TestDocumentedVectors(t *testing.T) {
	text, err := os.ReadFile("../../docs/cohorts.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `(.*)` \\| (\\d+) \\| `(.*)` \\| `([0-9a-f]{16})` \\| (\\d+) \\|$").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 15 {
		t.Fatalf("only %d vectors were found", len(rows))
	}
	for _, row := range rows {
		buckets, _ := strconv.Atoi(row[2])
		l := Layer{Salt: row[1], Buckets: buckets}
		if hash, bucket := fmt.Sprintf("%016x", l.Hash(row[3])), strconv.Itoa(l.Bucket(row[3])); hash != row[4] || bucket != row[5] {
			t.Errorf("%s: hash %s, bucket %s", row[0], hash, bucket)
		}
	}
}
