package cohort

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func tenants() []Tenant {
	return []Tenant{
		{Experiment: "a", Arms: []Arm{{"control", []Range{{0, 2}}}, {"treatment", []Range{{2, 4}}}}, Waiting: []Range{{4, 5}}},
		{Experiment: "b", Resting: []Range{{6, 7}}},
		{Holdout: []Range{{9, 10}}},
	}
}

func TestTable(t *testing.T) {
	l := Layer{"s", 10}
	table, err := NewTable(l, tenants())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"exposed a control", "exposed a control", "exposed a treatment", "exposed a treatment", "waiting a ", "free  ", "resting b ", "free  ", "free  ", "holdout  "}
	seen := map[int]bool{}
	for i := range 1000 {
		a := table.Assign(fmt.Sprint(i))
		if a.Bucket != l.Bucket(fmt.Sprint(i)) {
			t.Fatalf("unit %d is in bucket %d", i, a.Bucket)
		}
		if got := fmt.Sprintf("%s %s %s", a.State, a.Experiment, a.Arm); got != want[a.Bucket] {
			t.Fatalf("bucket %d is %q, want %q", a.Bucket, got, want[a.Bucket])
		}
		seen[a.Bucket] = true
	}
	if len(seen) != 10 {
		t.Errorf("only %d buckets were seen", len(seen))
	}
	if n := testing.AllocsPerRun(100, func() { table.Assign("user-1") }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestTableRefuses(t *testing.T) {
	for _, tc := range []struct {
		more Tenant
		want InputError
	}{
		{Tenant{Experiment: "c", Arms: []Arm{{"x", []Range{{7, 8}, {3, 4}}}}}, InputError{"tenants[3].arms[0].ranges[1]", "3 to 4", "must not share bucket 3 with a"}},
		{Tenant{Experiment: "c", Resting: []Range{{8, 10}}}, InputError{"tenants[3].resting[0]", "8 to 10", "must not share bucket 9 with the holdout"}},
		{Tenant{Experiment: "c", Waiting: []Range{{9, 11}}}, InputError{"tenants[3].waiting[0]", "9 to 11", "must be a range within the 10 buckets of the layer"}},
		{Tenant{Holdout: []Range{{5, 5}}}, InputError{"tenants[3].holdout[0]", "5 to 5", "must be a range within the 10 buckets of the layer"}},
	} {
		_, err := NewTable(Layer{"s", 10}, append(tenants(), tc.more))
		got, ok := errors.AsType[*InputError](err)
		if !ok {
			t.Errorf("%+v: %v", tc.more, err)
		} else if d := cmp.Diff(tc.want, *got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
	if _, err := NewTable(Layer{"", 10}, nil); err == nil {
		t.Error("a layer without a salt has a table")
	}
}
