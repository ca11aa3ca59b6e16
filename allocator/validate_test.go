package allocator_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-planner/assay/allocator"
)

func TestInputErrors(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(p *allocator.Problem)
		want  string
	}{
		{"no weeks", func(p *allocator.Problem) { p.Weeks = 0 }, `allocator: weeks is 0: must be 1 to 520`},
		{"pool twice", func(p *allocator.Problem) { p.Pools = append(p.Pools, p.Pools[0]) }, `allocator: pools[1].name is "gpu": is given twice`},
		{"pool without a name", func(p *allocator.Problem) { p.Pools[0].Name = "" }, `allocator: pools[0].name is "": must not be empty`},
		{"too many candidates", func(p *allocator.Problem) { p.Candidates = make([]allocator.Candidate, 1<<20+1) },
			`allocator: number of candidates is 1048577: must be at most 2^20`},
		{"capacity beyond reason", func(p *allocator.Problem) { p.Pools[0].GPUHours[1] = 1<<40 + 1 },
			`allocator: pools["gpu"].gpu_hours[1] is 1099511627777: must be 0 to 2^40`},
		{"layers that read the same", func(p *allocator.Problem) {
			p.Layers = append(p.Layers, allocator.Layer{Segment: "feed/x", Name: "l"}, allocator.Layer{Segment: "feed", Name: "x/l"})
		}, `allocator: layers[3] is "feed/x/l": is given twice`},
		{"hours of wrong length", func(p *allocator.Problem) { p.Pools[0].GPUHours = []int64{1} },
			`allocator: number of pools["gpu"].gpu_hours is 1: must be one for each of the 3 weeks`},
		{"negative capacity", func(p *allocator.Problem) { p.Pools[0].GPUHours[1] = -5 }, `allocator: pools["gpu"].gpu_hours[1] is -5: must be 0 to 2^40`},
		{"layer twice", func(p *allocator.Problem) { p.Layers = append(p.Layers, p.Layers[0]) }, `allocator: layers[2] is "feed/l1": is given twice`},
		{"negative buckets", func(p *allocator.Problem) { p.Layers[1].Buckets = -1 }, `allocator: layers["feed/l2"].buckets is -1: must be 0 to 2^30`},
		{"hold outside", func(p *allocator.Problem) { p.Layers[0].Held[0].Ranges[0].To = 1001 },
			`allocator: layers["feed/l1"].held[0].ranges[0] is {0 1001}: must be a range within the 1000 buckets`},
		{"hold empty", func(p *allocator.Problem) { p.Layers[0].Held[0].Ranges[0].To = 0 },
			`allocator: layers["feed/l1"].held[0].ranges[0] is {0 0}: must be a range within the 1000 buckets`},
		{"holds overlap", func(p *allocator.Problem) {
			p.Layers[0].Held = append(p.Layers[0].Held, allocator.Hold{Until: 3, Ranges: []allocator.Range{{From: 399, To: 500}}})
		}, `allocator: layers["feed/l1"].held is {399 500}: overlaps another range that is held`},
		{"hold until when", func(p *allocator.Problem) { p.Layers[0].Held[0].Until = -1 },
			`allocator: layers["feed/l1"].held[0].until is -1: must be a week, 0 or later`},
		{"no id", func(p *allocator.Problem) { p.Candidates[1].ID = "" }, `allocator: candidates[1].id is "": must not be empty`},
		{"id twice", func(p *allocator.Problem) { p.Candidates[1].ID = "a" }, `allocator: candidate "a": id is "a": is given twice`},
		{"conflict with itself", func(p *allocator.Problem) { p.Candidates[0].Conflicts = []string{"a"} },
			`allocator: candidate "a": conflicts[0] is "a": must not name the candidate itself`},
		{"requires itself", func(p *allocator.Problem) { p.Candidates[0].Requires = []string{"b", "a"} },
			`allocator: candidate "a": requires[1] is "a": must not name the candidate itself`},
		{"not a number", func(p *allocator.Problem) { p.Candidates[1].Options[0].Value = math.NaN() },
			`allocator: candidate "b": options[0].value is NaN: must be a number of magnitude at most 1e100`},
		{"infinite", func(p *allocator.Problem) { p.Candidates[1].Options[0].Value = math.Inf(-1) },
			`allocator: candidate "b": options[0].value is -Inf: must be a number of magnitude at most 1e100`},
		{"starts too late", func(p *allocator.Problem) { p.Candidates[1].Options[0].Start = 3 },
			`allocator: candidate "b": options[0].start is 3: must be a week of the horizon, 0 to 2`},
		{"no duration", func(p *allocator.Problem) { p.Candidates[1].Options[0].Weeks = 0 },
			`allocator: candidate "b": options[0].weeks is 0: must be 1 to 520`},
		{"rests for how long", func(p *allocator.Problem) { p.Candidates[1].Options[0].Cool = -1 },
			`allocator: candidate "b": options[0].cool is -1: must be 0 to 520 weeks`},
		{"negative users", func(p *allocator.Problem) { p.Candidates[0].Options[0].Buckets = -1 },
			`allocator: candidate "a": options[0].buckets is -1: must be 0 to 2^30`},
		{"unknown layer", func(p *allocator.Problem) { p.Candidates[0].Options[0].Layer = "l3" },
			`allocator: candidate "a": options[0].layer is "feed/l3": must be one of the problem's layers`},
		{"layer of another segment", func(p *allocator.Problem) {
			p.Layers = append(p.Layers, allocator.Layer{Segment: "feed/x", Name: "l", Buckets: 10})
			p.Candidates[0].Options[0].Layer = "x/l"
		}, `allocator: candidate "a": options[0].layer is "feed/x/l": must be one of the problem's layers`},
		{"unknown pool", func(p *allocator.Problem) { p.Candidates[1].Options[0].Compute[0].Pool = "tpu" },
			`allocator: candidate "b": options[0].compute[0].pool is "tpu": must be one of the problem's pools`},
		{"negative hours", func(p *allocator.Problem) { p.Candidates[1].Options[0].Compute[0].GPUHours[0] = -1 },
			`allocator: candidate "b": options[0].compute[0].gpu_hours[0] is -1: must be 0 to 2^40, also in sum`},
		{"hours beyond reason", func(p *allocator.Problem) {
			p.Candidates[1].Options[0].Compute = []allocator.Compute{{Pool: "gpu", GPUHours: []int64{1 << 40}}, {Pool: "gpu", GPUHours: []int64{1}}}
		}, `allocator: candidate "b": options[0].compute[1].gpu_hours[0] is 1: must be 0 to 2^40, also in sum`},
		{"quota of nobody", func(p *allocator.Problem) { p.Quotas = []allocator.Quota{{Unit: allocator.Start}} },
			`allocator: quotas[0].group is "": must not be empty`},
		{"quota of what", func(p *allocator.Problem) { p.Quotas = []allocator.Quota{{Group: "team red", Unit: "users"}} },
			`allocator: quotas["team red"].unit is "users": must be "GPU-hour", "bucket-week" or "start"`},
		{"quota twice", func(p *allocator.Problem) {
			p.Quotas = []allocator.Quota{{Group: "team red", Unit: "start"}, {Group: "team red", Unit: "GPU-hour"}, {Group: "team red", Unit: "start"}}
		}, `allocator: quotas["team red"].unit is "start": is given twice`},
		{"least below 0", func(p *allocator.Problem) {
			p.Quotas = []allocator.Quota{{Group: "source ai", Unit: "start", Least: -1}}
		}, `allocator: quotas["source ai"].least is -1: must be 0 to 2^42`},
		{"most below 0", func(p *allocator.Problem) {
			p.Quotas = []allocator.Quota{{Group: "source ai", Unit: "start", Most: new(int64(-2))}}
		}, `allocator: quotas["source ai"].most is -2: must be 0 to 2^42`},
		{"most below least", func(p *allocator.Problem) {
			p.Quotas = []allocator.Quota{{Group: "source ai", Unit: "start", Least: 3, Most: new(int64(2))}}
		}, `allocator: quotas["source ai"].most is 2: must not be less than the least, 3`},
		{"cycle", func(p *allocator.Problem) {
			p.Candidates[0].Requires = []string{"b"}
			p.Candidates[1].Requires = []string{"gone", "c"}
			p.Candidates[2].Requires = []string{"b"}
		}, `allocator: candidate "b": requires is b → c → b: must not lead back to itself`},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := desk(allocator.Candidate{ID: "a", Options: []allocator.Option{users("l1", 0, 1, 1, 1)}},
				allocator.Candidate{ID: "b", Options: []allocator.Option{hours(0, 1, 1)}}, allocator.Candidate{ID: "c"})
			test.spoil(&p)
			_, err := allocator.Solve(context.Background(), p, allocator.Options{})
			var input *allocator.InputError
			if !errors.As(err, &input) {
				t.Fatalf("got %v, want an InputError", err)
			}
			if d := cmp.Diff(test.want, err.Error()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if err := allocator.Check(p, allocator.Plan{}); !errors.As(err, &input) {
				t.Errorf("Check says %v", err)
			}
		})
	}
}

func TestEdges(t *testing.T) {
	huge, small := 1e100, 5e-324
	for name, p := range map[string]allocator.Problem{
		"nothing":       {Weeks: 1},
		"no capacities": {Weeks: 2, Candidates: []allocator.Candidate{{ID: "a", Options: []allocator.Option{{Start: 1, Weeks: 9, Value: 1}}}}},
		"huge values":   desk(allocator.Candidate{ID: "a", Options: []allocator.Option{hours(0, huge, 60)}}, allocator.Candidate{ID: "b", Options: []allocator.Option{hours(0, huge, 60)}}),
		"small values":  desk(allocator.Candidate{ID: "a", Options: []allocator.Option{hours(0, small, 60)}}, allocator.Candidate{ID: "b", Options: []allocator.Option{hours(0, small, 60)}}),
		"both":          desk(allocator.Candidate{ID: "a", Options: []allocator.Option{hours(0, huge, 60)}}, allocator.Candidate{ID: "b", Options: []allocator.Option{hours(0, small, 60)}}),
		"beyond the horizon": desk(allocator.Candidate{ID: "a", Options: []allocator.Option{
			{Start: 2, Weeks: 500, Value: 1, Segment: "feed", Layer: "l1", Buckets: 1000, Compute: []allocator.Compute{{Pool: "gpu", GPUHours: []int64{100, 999}}}}}}),
	} {
		t.Run(name, func(t *testing.T) {
			plan := solve(t, p)
			if err := allocator.Check(p, plan); err != nil {
				t.Error(err)
			}
			if want := len(p.Candidates) > 0; (len(plan.Choices) > 0) != want || (plan.Value > 0) != want {
				t.Errorf("choices %v", plan.Choices)
			}
			toJSON(t, plan)
		})
	}
}
