package history

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// MiningQueries are the statements by which Effects mines on one machine, by what
// they answer. Their parameters stand in their text, as {metric:String}.
func MiningQueries() []string {
	all := make([]string, 0, len(mining)+1)
	for _, s := range mining {
		all = append(all, s.sql())
	}
	return append(all, query("effects"))
}

// MiningQueries are those for a cluster. The ones that add up run on every shard, over
// the shard's own tables, and answer their sums as -State; the initiator puts them
// together by -Merge. About 100,000 rows of sums travel for a programme of 10,000
// experiments, users and facts never do. The last one compares arms, by the sums.
//
// A shard holds whole experiments, so that each sum has one state, and the sum
// of one number is that number: merging is exact, bit for bit.
func (c Cluster) MiningQueries() ([]string, error) {
	var all []string
	for _, s := range mining {
		sql, err := c.onShards(s)
		if err != nil {
			return nil, err
		}
		all = append(all, sql)
	}
	return append(all, query("effects")), nil
}

// onShards is the statement as the initiator asks it.
func (c Cluster) onShards(s statement) (string, error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	onShard, err := c.onShard(s)
	if err != nil {
		return "", err
	}
	return s.merged(fmt.Sprintf("cluster('%s', view(\n%s\n))", c.Name, onShard)), nil
}

// onShard returns the statement's answer for the experiments on one shard, sums as
// states.
func (c Cluster) onShard(s statement) (string, error) {
	in, err := c.placed()
	if err != nil {
		return "", err
	}
	// On a shard the query meets another current database than at home.
	table := regexp.MustCompile(`\b(FROM|JOIN)\s+(` + strings.Join(slices.Sorted(maps.Keys(in)), "|") + `)\b`)
	sql := table.ReplaceAllStringFunc(s.sql(), func(found string) string {
		name := table.FindStringSubmatch(found)[2]
		return strings.TrimSuffix(found, name) + in[name] + "." + name
	})
	if len(s.sums) == 0 {
		return sql, nil
	}
	keys := strings.Join(s.keys, ", ")
	return "SELECT " + keys + ", " + listed("sumState(%[1]s) AS state_%[1]s", s.sums) + "\nFROM (\n" + sql + "\n)\nGROUP BY " + keys, nil
}

// merged puts together what shards answer.
func (s statement) merged(shards string) string {
	keys := strings.Join(s.keys, ", ")
	if len(s.sums) == 0 {
		return "SELECT " + keys + " FROM " + shards
	}
	return "SELECT " + keys + ", " + listed("sumMerge(state_%[1]s) AS %[1]s", s.sums) + "\nFROM " + shards + "\nGROUP BY " + keys
}

// listed writes each name into a form, as a list.
func listed(form string, names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = fmt.Sprintf(form, name)
	}
	return strings.Join(all, ", ")
}
