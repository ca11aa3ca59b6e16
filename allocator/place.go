package allocator

import "github.com/assay-planner/assay/allocator/cohort"

// placeCohorts gives those choices that are tenants of l concrete buckets of it. That
// capacity by week suffices for that is proved at cohort.Place.
func placeCohorts(l Layer, tenants []int, asks []cohort.Ask, choices []Choice) {
	mine := make([]cohort.Ask, len(tenants))
	for i, c := range tenants {
		mine[i] = asks[c]
	}
	placed, err := cohort.Place(l.Buckets, l.Held, mine)
	if err != nil {
		panic(err) // the solver has counted wrongly: a plan that overbooks must not leave
	}
	for i, c := range tenants {
		choices[c].Cohort = placed[i]
	}
}
