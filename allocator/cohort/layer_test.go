package cohort

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The vectors come from testdata/vectors.py, which shares nothing with this package.
func TestVectors(t *testing.T) {
	f, err := os.Open("testdata/vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 100 {
		t.Fatalf("%d vectors, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		buckets, _ := strconv.Atoi(row[1])
		l := Layer{Salt: row[0], Buckets: buckets}
		if err := l.Check(); err != nil {
			t.Error(err)
		}
		if got := fmt.Sprintf("%016x", l.Hash(row[2])); got != row[3] {
			t.Errorf("XXH64 of %q:%q is %s, want %s", row[0], row[2], got, row[3])
		}
		if got := strconv.Itoa(l.Bucket(row[2])); got != row[4] {
			t.Errorf("bucket of %q in %q is %s, want %s", row[2], row[0], got, row[4])
		}
		table, err := NewTable(l, nil)
		if err != nil {
			t.Error(err)
		} else if got := table.Bucket(row[2]); got != l.Bucket(row[2]) {
			t.Errorf("the table puts %q of %q into %d", row[2], row[0], got)
		}
	}
}

func TestLayerCheck(t *testing.T) {
	for _, tc := range []struct {
		l    Layer
		want string // empty: it is good
	}{
		{Layer{"s", 1}, ""},
		{Layer{strings.Repeat("s", MaxSalt), MaxBuckets}, ""},
		{Layer{"", 10}, `cohort: salt is "": must have 1 to 200 bytes`},
		{Layer{"a:b", 10}, `cohort: salt is "a:b": must have no colon, which stands between salt and unit`},
		{Layer{"s", 0}, `cohort: buckets is 0: must be 1 to 1048576`},
		{Layer{"s", MaxBuckets + 1}, `cohort: buckets is 1048577: must be 1 to 1048576`},
	} {
		err := tc.l.Check()
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || err.Error() != tc.want) {
			t.Errorf("%+v: %v, want %q", tc.l, err, tc.want)
		}
		if _, typed := errors.AsType[*InputError](err); err != nil && !typed {
			t.Errorf("%+v: %T", tc.l, err)
		}
	}
}

func TestBucketAllocatesNothing(t *testing.T) {
	l := Layer{"feed-all/ranking", 10_000}
	for _, unit := range []string{"user-1", strings.Repeat("u", 500)} {
		if n := testing.AllocsPerRun(100, func() { l.Bucket(unit) }); n != 0 {
			t.Errorf("%g allocations for a unit of %d bytes", n, len(unit))
		}
	}
}

var benchUnits = []string{"42", "user-12345678", "550e8400-e29b-41d4-a716-446655440000", strings.Repeat("u", 200)}

func BenchmarkBucket(b *testing.B) {
	l := Layer{"feed-all/ranking", 10_000}
	for _, unit := range benchUnits {
		b.Run(fmt.Sprintf("bytes=%d", len(unit)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Bucket(unit)
			}
		})
	}
}

func BenchmarkAssign(b *testing.B) {
	t, err := NewTable(Layer{"feed-all/ranking", 10_000}, []Tenant{{Experiment: "e", Arms: []Arm{{"control", []Range{{0, 5000}}}, {"treatment", []Range{{5000, 10_000}}}}}})
	if err != nil {
		b.Fatal(err)
	}
	for _, unit := range benchUnits {
		b.Run(fmt.Sprintf("bytes=%d/bucket", len(unit)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t.Bucket(unit)
			}
		})
		b.Run(fmt.Sprintf("bytes=%d", len(unit)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t.Assign(unit)
			}
		})
	}
	units := make([]string, 4096) // whose buckets lie all over the table
	for i := range units {
		units[i] = fmt.Sprintf("user-%08d", 7919*i)
	}
	b.Run("bytes=13/units=4096", func(b *testing.B) {
		i := 0
		for b.Loop() {
			t.Assign(units[i&4095])
			i++
		}
	})
}
