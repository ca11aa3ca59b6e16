package history

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MiningQuery is effects.sql cut in two where its sums are ready, at the step
// `sided`. What comes before runs on every shard, over the shard's own tables,
// and answers the sums as -State; the initiator puts them together by -Merge,
// and computes lifts and verdicts from them. About 40,000 rows of sums travel
// for a programme of 10,000 experiments, users and facts never do.
//
// A shard holds whole experiments, so that each sum has one state, and the sum
// of one number is that number: merging is exact, bit for bit.
func (c Cluster) MiningQuery() (string, error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	onShard, err := c.shardQuery()
	if err != nil {
		return "", err
	}
	return mergeQuery(fmt.Sprintf("cluster('%s', view(\n%s\n))", c.Name, onShard))
}

// sidedStep is the step of effects.sql that reads the sums.
const sidedStep = "sided"

// shardQuery returns the sums of the experiments on one shard, as states.
func (c Cluster) shardQuery() (string, error) {
	parts, err := cutEffects()
	if err != nil {
		return "", err
	}
	in, err := c.placed()
	if err != nil {
		return "", err
	}
	states := make([]string, parts.sums)
	for i := range states {
		states[i] = fmt.Sprintf("sumState(sums.%d) AS s%d", i+1, i+1)
	}
	// On a shard the query meets another current database than at home.
	table := regexp.MustCompile(`\b(FROM|JOIN)\s+(` + strings.Join(slices.Sorted(maps.Keys(in)), "|") + `)\b`)
	return table.ReplaceAllStringFunc(parts.before+"\nSELECT "+parts.keys+",\n       "+strings.Join(states, ", ")+
		"\nFROM ("+parts.relation+")\nGROUP BY "+parts.keys, func(found string) string {
		name := table.FindStringSubmatch(found)[2]
		return strings.TrimSuffix(found, name) + in[name] + "." + name
	}), nil
}

// mergeQuery returns effects.sql with its sums merged from what shards answer.
func mergeQuery(shards string) (string, error) {
	c, err := cutEffects()
	if err != nil {
		return "", err
	}
	merged := make([]string, c.sums)
	for i := range merged {
		merged[i] = fmt.Sprintf("sumMerge(s%d)", i+1)
	}
	return c.head + "SELECT " + c.keys + ",\n       tuple(" + strings.Join(merged, ", ") + ") AS sums\nFROM " + shards +
		"\nGROUP BY " + c.keys + c.after, nil
}

// cut is effects.sql in two parts.
type cut struct {
	before   string // WITH and all steps before `sided`
	relation string // from which `sided` reads: one row for each of its keys with its sums
	keys     string // experiment, metric, segment, arm, source, and what else tells sums apart
	head     string // WITH and `sided` up to that relation
	after    string // the rest
	sums     int    // how many there are
}

var relationKeys = regexp.MustCompile(`^SELECT ([a-z_, ]+), sums FROM `)

var sumNumber = regexp.MustCompile(`\bsums\.(\d+)`)

// cutEffects finds the place. It knows of effects.sql only that a step `sided`
// reads its sums from the first subquery after FROM.
func cutEffects() (cut, error) {
	text := query("effects")
	start := strings.Index(text, "\n"+sidedStep+" AS (")
	if start < 0 || !strings.HasPrefix(text, "WITH\n") {
		return cut{}, fmt.Errorf("effects.sql has no step %s after WITH, which the form for a cluster begins its merge with", sidedStep)
	}
	body := text[start:]
	from := strings.Index(body, "\n    FROM (")
	if from < 0 {
		return cut{}, fmt.Errorf("the step %s of effects.sql does not read from a subquery", sidedStep)
	}
	open := from + len("\n    FROM (")
	length := closing(body[open:])
	if length < 0 {
		return cut{}, fmt.Errorf("the step %s of effects.sql has a bracket that is not closed", sidedStep)
	}
	c := cut{before: strings.TrimSuffix(strings.TrimSpace(text[:start]), ","), relation: body[open : open+length],
		head: "WITH" + body[:open], after: body[open+length:]}
	for _, m := range sumNumber.FindAllStringSubmatch(body[:open], -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return cut{}, err
		}
		c.sums = max(c.sums, n)
	}
	keys := relationKeys.FindStringSubmatch(c.relation)
	if c.sums == 0 || keys == nil {
		return cut{}, fmt.Errorf("the step %s of effects.sql does not read its sums FROM (SELECT key, …, sums FROM …", sidedStep)
	}
	c.keys = keys[1]
	return c, nil
}

// closing is where the bracket closes that was open before text; -1: nowhere.
// Brackets in quotes and comments do not count.
func closing(text string) int {
	depth := 1
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '(':
			depth++
		case text[i] == ')':
			if depth--; depth == 0 {
				return i
			}
		case text[i] == '\'':
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				return -1
			}
			i += end + 1
		case strings.HasPrefix(text[i:], "--"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return -1
			}
			i += end
		}
	}
	return -1
}
