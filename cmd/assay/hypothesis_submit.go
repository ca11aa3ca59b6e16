package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/planner"
)

func (a *app) hypothesisSubmit() *cobra.Command {
	var h planner.Hypothesis
	var claimed, scored string
	var scores []string
	c := &cobra.Command{
		Use:   "submit [FILE… | -]",
		Short: "Submit hypotheses: one by flags, or many from files or standard input",
		Long: `Submit hypotheses. Either describe one with flags, or name files (JSON, NDJSON, YAML or
CSV); - reads standard input. All are taken or none; every bad field is named. The same idea
again is acknowledged again, not added. An acknowledged hypothesis is on disk. One that
says nearly the same as another, queued or tested in the past, is taken with a warning.

Fields, with those of a file in brackets where they differ from the flag:
  title, surface, component, source, metric   required; so is generator when source is ai
  claim  the author's own forecast of the relative lift: low,mid,high; meant to hold the
         truth four times out of five; 0.5% or 0.005 [claim: {low, mid, high}]
  pool, train-gpu-hours, serve-gpu-hours      compute: GPU-hours to train once, and to
         serve a week per million users in treatment [compute: {pool, train_gpu_hours,
         serve_gpu_hours_per_million_users}]
  ice    impact,confidence,ease, each 1 to 10 [ice: {…}]
  score  what a reviewer or a model says of it, NAME=VALUE, as often as there are some; in
         units of their own, always the same ones [scores: {reviewer: 7.5}; scores.reviewer]
  strong the treatment leaves traces in users: its buckets rest after the test, as long as
         cool_down in the policy says
  ramp   it is shown to 1% of the users for 2 days, say, and to 5% for 5, before all of its own
Forecasts believe claim, ice and each score as far as those of the same name came true
before; one without a record moves nothing.
In CSV the columns are the fields, nested ones with a dot (claim.low), lists with semicolons.`,
		Example: `  assay hypothesis submit --title "Freshness in the feed ranker" --surface feed \
      --component ranking --source human --author Mei --team feed-quality \
      --metric revenue_per_mille --claim=-0.1%,0.3%,0.9% --pool a100 --train-gpu-hours 400
  assay hypothesis submit ideas.yaml
  generate-ideas | assay hypothesis submit - --server http://127.0.0.1:8090`,
		RunE: func(c *cobra.Command, files []string) error {
			drafts, err := a.draftsFrom(c, files, h, claimed, scored, scores)
			if err != nil {
				return err
			}
			return a.submit(c, drafts)
		},
	}
	f := c.Flags()
	f.StringVar(&h.ID, "id", "", "`id`, up to 64 letters, digits and . _ : - (default: derived from the content)")
	f.StringVar(&h.Title, "title", "", "one `line`")
	f.StringVar(&h.Text, "text", "", "because …, if …, then … (`text`)")
	f.StringVar(&h.Surface, "surface", "", "`surface` it acts on, as feed")
	f.StringVar(&h.Component, "component", "", "what it changes (`component`), as ranking")
	f.StringVar(&h.ChangeType, "change-type", "", "how it changes it (`type`), as new-feature")
	f.StringVar(&h.Segment, "segment", "", "`segment` of users (default: the first of its surface)")
	f.StringVar((*string)(&h.Source), "source", "human", "`who` wrote it: human or ai")
	f.StringVar(&h.Author, "author", "", "`name` of the person who wrote it")
	f.StringVar(&h.Generator, "generator", "", "`name` of the system that wrote it")
	f.StringVar(&h.Team, "team", "", "`team` that it belongs to")
	f.StringVar(&h.Metric, "metric", "", "target `metric`")
	f.StringSliceVar(&h.Guardrails, "guardrail", nil, "`metric` that must not get worse; may be repeated")
	f.StringVar(&claimed, "claim", "", "own forecast `low,mid,high`, as -0.1%,0.3%,0.9%")
	f.StringVar(&h.Compute.Pool, "pool", "", "compute `pool`, as a100")
	f.Float64Var(&h.Compute.Train, "train-gpu-hours", 0, "`GPU-hours` to train it once")
	f.Float64Var(&h.Compute.Serve, "serve-gpu-hours", 0, "`GPU-hours` a week per million users in treatment")
	f.StringSliceVar(&h.Conflicts, "conflict", nil, "`id` never to be tested on the same users at once; may be repeated")
	f.StringSliceVar(&h.Requires, "requires", nil, "`id` whose test must have ended before; may be repeated")
	f.BoolVar(&h.Strong, "strong", false, "its treatment leaves traces in users: its buckets rest after the test")
	f.StringVar(&h.Ramp, "ramp", "", "how it comes to all of its users, as `\"1% for 2 days, 5% for 5 days\"`, or none (default: the policy's designs.ramp)")
	f.StringVar(&scored, "ice", "", "`impact,confidence,ease`, each 1 to 10")
	f.StringArrayVar(&scores, "score", nil, "what a reviewer or a model says of it, `NAME=VALUE`, as reviewer=7.5; may be repeated")
	return c
}

// draftsFrom takes the submission from flags or files, never from both.
func (a *app) draftsFrom(c *cobra.Command, files []string, h planner.Hypothesis, claimed, scored string, scores []string) ([]draft, error) {
	if len(files) > 0 {
		if claimed != "" || scored != "" || len(scores) > 0 || !reflect.DeepEqual(h, planner.Hypothesis{Source: "human"}) {
			return nil, usage("a file and flags that describe a hypothesis: what the flags say would be lost").next("write it in the file, or leave the file out")
		}
		return a.allDrafts(c.Context(), files)
	}
	if h.Title == "" {
		return nil, usage("nothing to submit").next("give --title and the other fields, or a file, or - for standard input; see --help")
	}
	if claimed != "" {
		v, err := triple(claimed)
		if err != nil {
			return nil, usage("--claim %q %v", claimed, err).next("write low,mid,high, as --claim=-0.1%%,0.3%%,0.9%%")
		}
		h.Claim = &planner.Claim{Low: v[0], Mid: v[1], High: v[2]}
	}
	if scored != "" {
		v, err := triple(scored)
		if err != nil {
			return nil, usage("--ice %q %v", scored, err).next("write impact,confidence,ease, as --ice 8,5,6")
		}
		h.ICE = &planner.ICE{Impact: v[0], Confidence: v[1], Ease: v[2]}
	}
	var err error
	if h.Scores, err = scoresOf(scores); err != nil {
		return nil, err
	}
	return []draft{{Hypothesis: h}}, nil
}

// scoresOf reads NAME=VALUE of --score.
func scoresOf(flags []string) (all planner.Scores, err error) {
	for _, s := range flags {
		who, value, given := strings.Cut(s, "=")
		score, err := parseFraction(value)
		if !given || err != nil {
			return nil, usage("--score %q is no name with its number", s).next("write NAME=VALUE, as --score reviewer=7.5")
		}
		if _, twice := all[who]; twice {
			return nil, usage("--score %q: %s has two scores", s, who).next("give each name once")
		}
		if all == nil {
			all = planner.Scores{}
		}
		all[who] = score
	}
	return all, nil
}

func triple(s string) (v [3]float64, err error) {
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return v, fmt.Errorf("has %d values, not 3", len(parts))
	}
	for i, part := range parts {
		if v[i], err = parseFraction(part); err != nil {
			return v, fmt.Errorf("holds %q, which %w", part, err)
		}
	}
	return v, nil
}
