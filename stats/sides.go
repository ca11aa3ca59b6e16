package stats

// Sides says which effects count against "no effect". Every package that asks
// takes empty as TwoSided, and names the ones that it knows if it is given another.
type Sides string

const (
	TwoSided Sides = "two-sided" // either direction: α is split in halves
	OneSided Sides = "one-sided" // of a design: the direction of the effect that it is made for
	Greater  Sides = "greater"   // treatment larger: intervals reach up to +Inf
	Less     Sides = "less"      // treatment smaller: intervals reach down to −Inf
)
