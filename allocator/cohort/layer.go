package cohort

import (
	"fmt"
	"strconv"
	"strings"
)

// Layer is one partition of units into buckets. Layers with different salts are
// independent of each other: where a unit is in one says nothing of the other.
type Layer struct {
	Salt    string `json:"salt"`    // 1 to 200 bytes, no colon
	Buckets int    `json:"buckets"` // 1 to MaxBuckets
}

// DefaultBuckets is how many buckets a layer has if nobody says otherwise: one is a
// hundredth of a percent of the users.
const DefaultBuckets = 10_000

// MaxBuckets bounds the buckets of a layer. Shares of buckets differ by up to
// Buckets/2³², since 2³² hashes do not divide evenly: at most 0.025% of a share.
const MaxBuckets = 1 << 20

// MaxSalt bounds the length of a salt, in bytes.
const MaxSalt = 200

// InputError names what cannot be used, and the way out.
type InputError struct {
	Field string // for example "salt" or "tenants[2].arms[0].ranges[1]"
	Value string // as given
	Want  string // what it should have been
}

func (e *InputError) Error() string {
	return fmt.Sprintf("cohort: %s is %s: %s", e.Field, e.Value, e.Want)
}

func wrong(value, want, field string, args ...any) error {
	return &InputError{Field: fmt.Sprintf(field, args...), Value: value, Want: want}
}

// Check says with an *InputError why no bucket can be told in the layer.
func (l Layer) Check() error {
	switch {
	case l.Salt == "" || len(l.Salt) > MaxSalt:
		return wrong(strconv.Quote(l.Salt), fmt.Sprintf("must have 1 to %d bytes", MaxSalt), "salt")
	case strings.Contains(l.Salt, ":"):
		return wrong(strconv.Quote(l.Salt), "must have no colon, which stands between salt and unit", "salt")
	case l.Buckets < 1 || l.Buckets > MaxBuckets:
		return wrong(strconv.Itoa(l.Buckets), fmt.Sprintf("must be 1 to %d", MaxBuckets), "buckets")
	}
	return nil
}

// Bucket returns the bucket of a unit, 0 ≤ bucket < Buckets. It allocates nothing; for
// many units a Table is faster, since it begins with the salt only once. The layer must have passed its Check. Units are compared byte by byte: "7", "07"
// and " 7" are three.
func (l Layer) Bucket(unit string) int { return bucketOf(l.Hash(unit), l.Buckets) }

func bucketOf(hash uint64, buckets int) int { return int(hash >> 32 * uint64(buckets) >> 32) }

// Hash returns XXH64 with seed 0 of salt, colon and unit, of which Bucket takes the
// upper 32 bits.
func (l Layer) Hash(unit string) uint64 {
	s := saltedWith(l.Salt)
	return s.hash(unit)
}
