package planner

import (
	"slices"
	"strings"
)

// breakCircles blocks every candidate whose prerequisites lead, sooner or later,
// into a circle: none of them can ever start. Two ideas can require each other,
// since an idea may name one that is submitted after it, and such a pair must
// not cost everybody else the plan: the allocator takes no circles.
func breakCircles(cs []candidate) {
	place := make(map[string]int, len(cs))
	for i, c := range cs {
		place[c.ID] = i
	}
	left := stuck(cs, place)
	for i := range left {
		if cs[i].blocked == nil {
			cs[i].blocked = unplannable("prerequisite", "can never start, as its prerequisites lead in a circle: %s",
				strings.Join(circle(cs, place, left, i), " requires "))
		}
		cs[i].ways = nil
	}
	for i := range left {
		cs[i].requires = nil
	}
}

// stuck returns the places of those that are left when whatever waits for
// nothing else in the queue is taken away, again and again.
func stuck(cs []candidate, place map[string]int) map[int]bool {
	left := make(map[int]bool, len(cs))
	waits := make([]int, len(cs))    // for how many others
	behind := make([][]int, len(cs)) // who waits for it
	var free []int
	for i, c := range cs {
		for _, id := range c.requires {
			if j, ok := place[id]; ok {
				waits[i]++
				behind[j] = append(behind[j], i)
			}
		}
		if left[i] = true; waits[i] == 0 {
			free = append(free, i)
		}
	}
	for len(free) > 0 {
		i := free[len(free)-1]
		free = free[:len(free)-1]
		delete(left, i)
		for _, j := range behind[i] {
			if waits[j]--; waits[j] == 0 {
				free = append(free, j)
			}
		}
	}
	return left
}

// circle walks from one that is stuck until it meets an id again, or has named
// as many as anybody reads.
func circle(cs []candidate, place map[string]int, left map[int]bool, i int) []string {
	path := []string{cs[i].ID}
	for len(path) < 6 {
		id := cs[i].requires[slices.IndexFunc(cs[i].requires, func(id string) bool {
			j, ok := place[id]
			return ok && left[j]
		})]
		again := slices.Contains(path, id)
		if path = append(path, id); again {
			return path
		}
		i = place[id]
	}
	return append(path, "…")
}
