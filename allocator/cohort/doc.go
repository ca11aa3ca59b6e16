// Package cohort answers two questions about the users of one layer: in which bucket,
// and so in which experiment and arm, is this unit; and which buckets can a new
// experiment have?
//
// A [Layer] puts each unit (a user, a device, an account) into one of its buckets by
// a salted hash that any language, a shell or SQL can repeat. A [Table] looks up who
// holds the bucket. [Place] gives experiments whole, disjoint ranges of buckets, in
// as few pieces as it can, around what others hold.
//
//	layer := cohort.Layer{Salt: "feed-all/ranking", Buckets: 10_000}
//	table, err := cohort.NewTable(layer, tenants)
//	a := table.Assign("user-1") // a.Bucket, a.State, a.Experiment, a.Arm
//
// The hash is XXH64 with seed 0 of salt, colon and unit:
//
//	bucket = ⌊h · Buckets / 2³²⌋, h = the upper 32 bits of XXH64("salt:unit")
//
// XXH64 was chosen because it takes a few nanoseconds, has published test vectors, and
// is already where assignments are made and checked: xxhsum -H1 in a shell, xxHash64
// in ClickHouse, a library in every language. MurmurHash3 was rejected because its
// variants are easily mixed up, SipHash because few databases have it with a key; what
// SipHash is for, an enemy who picks ids to land in a bucket of his choice, gains
// nothing here. Salt and colon stand before the unit, not in the seed, because those
// tools take no seed. The upper 32 bits and a multiplication stay below 2⁶³, so that
// languages without unsigned numbers agree.
//
// The package is pure: weeks are numbers, and nothing is read or stored. It does not
// know who may see an experiment (segments, targeting), and does not decide how many
// buckets one deserves: that is the allocator's part.
package cohort
