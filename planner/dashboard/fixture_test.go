package dashboard

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/assay-planner/assay/allocator"
	"github.com/assay-planner/assay/planner"
)

// tonightAt is the night of every plan in these tests.
var tonightAt = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// now is a morning after.
var now = tonightAt.Add(7 * time.Hour)

var (
	surfaces   = []string{"feed", "search", "stories", "marketplace", "video"}
	components = []string{"ranking", "retrieval", "calibration", "auction", "creative", "pacing"}
	ideas      = []string{
		"Sequence model over the last 200 ad clicks", "Calibrate predicted clicks by hour of day", "Two-tower retrieval with hard negatives",
		"Distil the conversion model into a smaller one", "Lower the weight of hides older than a month", "Late fusion of image and text embeddings",
		"Warm-start new campaigns from their advertiser", "Explore 1% of slots by Thompson sampling", "Frequency cap by fatigue, not by count",
		"Multi-task head for click and dwell time", "Score with the second-price gap as a feature", "Prune features that no tree has used for 90 days",
	}
)

// bigPlan is a plan of 500 hypotheses over 8 weeks as a company would have it:
// what the pages must stay readable with.
func bigPlan() (planner.Plan, []planner.Row) {
	r := rand.New(rand.NewPCG(1, 2))
	p := planner.Plan{ID: "2026-11-23T02:00Z", At: tonightAt, Weeks: 8, Currency: "USD", Value: 41_283_400, Bound: 41_574_100,
		Gap: 0.00704, ShipRule: planner.ShipRule{Rule: "posterior-mean"}}
	p.Evidence = planner.Evidence{Experiments: 2000, Effects: 6104, Usable: 5731, Digest: "3f9a1c77e0b2",
		Screened: map[string]int{"sample ratio mismatch": 212, "too few users": 161}}
	free := map[string]int{}
	for i := range 500 {
		p.Entries = append(p.Entries, bigEntry(r, i, free))
	}
	for i := range 6 {
		s := p.Entries[400+i]
		start := bigStart(r, s, 0, free)
		start.From, start.Until = tonightAt.AddDate(0, 0, -3-i), tonightAt.AddDate(0, 0, 11-i)
		p.Entries[400+i].Status = planner.Running
		p.Running = append(p.Running, *start)
	}
	p.Uses = bigUses(r)
	p.Quotas = []planner.QuotaUse{
		{Quota: planner.Quota{Source: planner.AI, Of: "users", Most: new(0.3)}, Unit: allocator.BucketWeek, All: 1_200_000, Held: 66_000, Planned: 294_000, Price: 0.84},
		{Quota: planner.Quota{Team: "north", Of: "gpu_hours", Least: 0.2, Most: new(0.5)}, Unit: allocator.GPUHour, All: 128_000, Held: 9_000, Planned: 16_600, Cost: 12.5},
		{Quota: planner.Quota{Team: "core", Of: "gpu_hours", Least: 0.1}, Unit: allocator.GPUHour, All: 128_000, Planned: 52_000},
		{Quota: planner.Quota{Source: planner.Human, Of: "starts", Least: 25}, Unit: allocator.Start, Planned: 22, Short: 3},
	}
	return p, rowsOf(p)
}

func bigEntry(r *rand.Rand, i int, free map[string]int) planner.Entry {
	mean := 0.0025 * r.NormFloat64() * math.Exp(0.5*r.NormFloat64())
	sd := 0.0015 + 0.003*r.Float64()
	e := planner.Entry{
		Rank: i + 1, Hypothesis: fmt.Sprintf("h-%012x", r.Uint64()>>16), Title: ideas[i%len(ideas)], Source: planner.Human,
		Surface: surfaces[r.IntN(len(surfaces))], Component: components[r.IntN(len(components))], Team: []string{"north", "south", "core"}[i%3],
		Forecast: planner.Forecast{Metric: "revenue_per_mille", Mean: mean, SD: sd, Low: mean - 1.28*sd, High: mean + 1.28*sd, ProbPositive: 0.5 * math.Erfc(-mean/sd/math.Sqrt2), Group: "feed/human", Effects: 311, Evidence: 402,
			Q05: mean - 1.64*sd, Q95: mean + 1.64*sd, Least: 0.001, ProbLeast: 0.5 * math.Erfc(-(mean-0.001)/sd/math.Sqrt2), Scale: 0.8,
			Breach: &planner.Breach{Each: map[string]float64{"hide_rate": 0.12}, Any: 0.12, AnyGivenGain: 0.15, Unknown: []string{"latency"}},
			Drivers: []planner.Driver{{Block: "team", Feature: "feed-ads", Effect: 0.0011, SD: 0.0006, Past: 311}, {Block: "source", Feature: "human", Effect: -0.0004, SD: 0.0003, Past: 1420},
				{Block: "others", Feature: "3 features", Effect: 0.0001}}},
		Status: planner.Queued, ReasonKind: "outpriced", ICE: 120,
	}
	if i%3 == 1 {
		e.Source, e.Generator = planner.AI, []string{"muse-2", "quill"}[i%2]
	}
	best := bigDesign(r, e)
	e.Best, e.Value = &best, 2.2e6*math.Exp(-float64(i)/60)*(0.7+0.6*r.Float64())
	e.Reason = "needs 210 buckets of feed-all/ranking in week 0–1 and 120 GPU-hours of a100 in week 0: at tonight's prices $81k for a value of $52k"
	switch {
	case i < 24:
		e.Status, e.ReasonKind, e.Start = planner.Starting, "chosen", bigStart(r, e, 0, free)
		e.Reason = "starts tonight: " + e.Start.Design.Name + " in feed-all/ranking, worth $1.2M for capacity that costs $0.3M at tonight's prices"
	case i < 60:
		e.Status, e.ReasonKind, e.Start = planner.Scheduled, "chosen", bigStart(r, e, 1+i%7, free)
		e.Reason = fmt.Sprintf("foreseen for week %d", e.Start.Week)
	case i > 470:
		e.ReasonKind, e.Best, e.Value = "no_value", nil, 0
		e.Reason = "does not pay: its best design, 1% × 1 week, costs $3,100 for an expected gain of $900"
	}
	return e
}

func bigDesign(r *rand.Rand, e planner.Entry) planner.Design {
	share, weeks := []float64{0.01, 0.02, 0.05, 0.1, 0.2}[r.IntN(5)], []int{1, 2, 4}[r.IntN(3)]
	d := planner.Design{Name: fmt.Sprintf("%g%% × %d weeks", 100*share, weeks), Share: share, Buckets: int(share * planner.Buckets), Weeks: weeks,
		UsersPer: 4e7 * share / 2 * math.Pow(float64(weeks), 0.35), ProbShip: 0.2 + 0.5*r.Float64(), Gain: 1.4e6 * r.Float64(), Cost: 41_000, Pool: "a100"}
	d.SE = 0.9 / math.Sqrt(d.UsersPer)
	d.MDE = 2.8 * d.SE
	for range weeks {
		d.GPUHours = append(d.GPUHours, math.Round(400*r.Float64()))
	}
	if weeks == 1 {
		d.Name = fmt.Sprintf("%g%% × 1 week", 100*share)
	}
	return d
}

func bigStart(r *rand.Rand, e planner.Entry, week int, free map[string]int) *planner.Start {
	d := bigDesign(r, e)
	layer := []string{"ranking", "retrieval", "delivery"}[r.IntN(3)]
	key := fmt.Sprint(e.Surface, layer, week)
	from := free[key]
	if from+d.Buckets > planner.Buckets {
		d.Buckets, from = 100, 0
	}
	free[key] = from + d.Buckets
	at := tonightAt.AddDate(0, 0, 7*week)
	return &planner.Start{Hypothesis: e.Hypothesis, Experiment: e.Hypothesis + "@" + at.Format(time.DateOnly), Design: d, Week: week,
		From: at, Until: at.AddDate(0, 0, 7*d.Weeks), Segment: e.Surface + "-all", Layer: layer, Value: 1.8e6 * r.Float64(),
		Control:   []allocator.Range{{From: from, To: from + d.Buckets/2}},
		Treatment: []allocator.Range{{From: from + d.Buckets/2, To: from + d.Buckets}}}
}

func bigUses(r *rand.Rand) []planner.Use {
	var uses []planner.Use
	add := func(name, unit string, capacity, scale float64) {
		for week := range 8 {
			held := capacity * 0.5 * r.Float64() * math.Max(0, 1-float64(week)/3)
			planned := (capacity - held) * math.Min(1, 0.5+0.6*r.Float64()) * (1 - float64(week)/14)
			u := planner.Use{Name: name, Unit: unit, Week: week, Capacity: capacity, Held: math.Floor(held), Planned: math.Floor(planned)}
			if u.Held+u.Planned > 0.8*capacity {
				u.Price = scale * r.Float64()
			}
			uses = append(uses, u)
		}
	}
	add("a100", allocator.GPUHour, 12000, 40)
	add("h100", allocator.GPUHour, 4000, 90)
	for _, s := range surfaces {
		for _, l := range []string{"ranking", "retrieval", "delivery"} {
			add(s+"-all/"+l, allocator.Bucket, planner.Buckets, 4000)
		}
	}
	return uses
}

// rowsOf is the backlog behind a plan.
func rowsOf(p planner.Plan) []planner.Row {
	var rows []planner.Row
	for _, e := range p.Entries {
		f := e.Forecast
		rows = append(rows, planner.Row{
			Hypothesis: planner.Hypothesis{ID: e.Hypothesis, Title: e.Title, Surface: e.Surface, Component: e.Component, ChangeType: "architecture",
				Source: e.Source, Generator: e.Generator, Author: "ana", Team: e.Team, Metric: e.Forecast.Metric, Guardrails: []string{"hide_rate"},
				Text:    "Because people who clicked three times this week click again, a model that sees the order of clicks should rank better.\n\nIf it does, then revenue per thousand impressions rises.",
				Claim:   &planner.Claim{Low: 0.001, Mid: 0.004, High: 0.009},
				Compute: planner.Demand{Pool: "a100", Train: 240, Serve: 130}, ICE: &planner.ICE{Impact: 6, Confidence: 5, Ease: 4}, Scores: planner.Scores{"reviewer": 7.5, "model": 0.62},
				Submitted: tonightAt.AddDate(0, 0, -9)},
			Status: e.Status, Rank: e.Rank, Forecast: &f, Value: e.Value, Start: e.Start, Reason: e.Reason,
		})
	}
	return rows
}

// account is the explanation of one entry.
func account(p planner.Plan, i int) planner.Explanation {
	r := rand.New(rand.NewPCG(3, 4))
	x := planner.Explanation{Plan: p.ID, Entry: p.Entries[i], Capacity: p.Uses[:4]}
	for range 15 {
		d := bigDesign(r, p.Entries[i])
		v, price := 9e5*r.Float64(), 9e5*r.Float64()
		x.Designs = append(x.Designs, planner.DesignAtPrices{Design: d, Layer: "feed-all/ranking", Week: r.IntN(3), Value: v, Price: price, Surplus: v - price})
	}
	return x
}

// otherwise is the difference that more of a pool would make.
func otherwise(p planner.Plan) WhatIfView {
	was := planner.Place{Design: "5% × 2 weeks", Segment: "feed-all", Layer: "ranking", From: tonightAt, Until: tonightAt.AddDate(0, 0, 14), Value: 41_000}
	is := was
	is.Layer, is.Value = "retrieval", 44_000
	d := func(i int, was, is *planner.Place) planner.Difference {
		return planner.Difference{Hypothesis: p.Entries[i].Hypothesis, Title: p.Entries[i].Title, Was: was, Now: is, Reason: p.Entries[i].Reason}
	}
	return WhatIfView{Plan: &p, Asked: []Asked{{"pools.a100", "+20%"}, {"hypotheses.h-99", "+50%"}}, Answer: &planner.WhatIf{
		Plan: p.ID, At: p.At, Currency: p.Currency, Set: []planner.Setting{{Key: "pools.a100", Was: "12000", Now: "14400"}, {Key: "hypotheses.h-99", Was: "1", Now: "1.5"}},
		Was: planner.Worth{Value: p.Value, Bound: p.Bound, Gap: p.Gap, Tests: 60}, Now: planner.Worth{Value: p.Value * 1.04, Bound: p.Bound * 1.05, Gap: 0.012, Tests: 63},
		In: []planner.Difference{d(3, nil, &is), d(2, nil, &was)}, Out: []planner.Difference{d(1, &was, nil)}, Moved: []planner.Difference{}, Changed: true,
		Prices: []planner.PriceChange{{Name: "a100", Unit: allocator.GPUHour, Was: 14.2, Now: 0}, {Name: "feed-all/ranking", Unit: allocator.Bucket, Was: 220, Now: 271}}}}
}

// likes is what is like a hypothesis: an arm that was shipped, one that nothing can
// be learned from, and an idea of the queue.
func likes() *planner.Nearest {
	shrunk, sd := 0.0021, 0.0011
	return &planner.Nearest{
		Past: []planner.Precedent{
			{Experiment: "E-1208", Arm: "blue", Title: ideas[0], Likeness: 0.91, Metric: "revenue_per_mille", Verdict: "usable", Decision: "shipped",
				Lift: &planner.PastLift{Lift: 0.0034, SE: 0.0014, Low: 0.00066, High: 0.00614, Shrunk: &shrunk, ShrunkSD: &sd}},
			{Experiment: "E-0077", Arm: "blue", Title: ideas[3], Likeness: 0.42, Metric: "revenue_per_mille", Verdict: "sample ratio mismatch"},
		},
		Duplicates: []planner.Duplicate{{Experiment: "E-1208", Title: ideas[0], Likeness: 0.91}, {Hypothesis: "h-2", Title: ideas[0] + " again", Likeness: 0.88}},
	}
}

// evilLikes is the same from strangers.
func evilLikes() *planner.Nearest {
	n := likes()
	for i := range n.Past {
		p := &n.Past[i]
		p.Experiment, p.Title, p.Verdict, p.Decision = "<script>", `"><img src=x onerror=a>`, "<b>", "<i>"
	}
	n.Duplicates[0].Title, n.Duplicates[0].Experiment, n.Duplicates[1].Hypothesis = "<script>", "<u>", `"><script>`
	return n
}

// bookOf is the ledger of a plan: what runs, with a ramp and a holdout, a rest, and what
// starts.
func bookOf(p planner.Plan) planner.Ledger {
	seen := map[string]bool{}
	for _, s := range append(p.Firm(), p.Running...) {
		if part := s.Partition(); !seen[part.Key()] {
			seen[part.Key()] = true
			part.Holdout = []allocator.Range{{From: 9800, To: planner.Buckets}}
			p.Layers = append(p.Layers, part)
		}
	}
	before := planner.Plan{At: p.Running[0].From, Layers: p.Layers}
	for _, s := range p.Running {
		s.Design.Ramp = []planner.Stage{{Share: 0.005, Days: 3, Buckets: 50}, {Share: 0.01, Days: 4, Buckets: 100}}
		s.Week = 0
		before.Entries = append(before.Entries, planner.Entry{Start: &s})
	}
	last := p.Running[0]
	p.Resting = []planner.Rest{{Experiment: "h-9@2026-11-02", Hypothesis: "h-9", Segment: last.Segment, Layer: last.Layer, Ranges: []allocator.Range{{From: 9000, To: 9400}},
		From: tonightAt.AddDate(0, 0, -7), Until: tonightAt.AddDate(0, 0, 8), Reason: "its outcome has not come back"}}
	book := planner.Ledger{}
	book = append(book, book.Planned(before)...)
	return append(book, book.Planned(p)...)
}
